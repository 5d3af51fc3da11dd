"""One connection to one account's mail server: opened when needed, reused, closed when idle."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPStatus,
    SMTPTimeoutError,
)

from bot.core.errors import DeliveryError, Permanent, Temporary
from bot.delivery.compose import Envelope

if TYPE_CHECKING:
    from bot.delivery.smtp import SmtpAccount

_ENHANCED = re.compile(r"\b[245]\.(\d{1,3})\.(\d{1,3})\b")
_CLOSING = 421
"""RFC 5321: the server ends the connection, as many do after some idle time."""
_TOO_LARGE = 552


class AccountFault(Temporary):
    """The mail account itself is in trouble, whatever the mail: every mail of it waits."""

    def __init__(self, code: str, detail: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(code, detail, after=after)
        self.detail = detail
        """For the operator: reply codes and reasons, never an address."""


class Connection:
    """Sends the mails of one account, one after the other, over one connection."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._lock = asyncio.Lock()
        self._client: SMTP | None = None
        self._tls: ssl.SSLContext | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def send(self, envelope: Envelope) -> None:
        """Returns when the server has accepted the mail. Raises as `Mailer.send` tells."""
        async with self._in_use():
            reused = self._client is not None and self._client.is_connected
            client = await self._opened()
            try:
                try:
                    await _offer(client, envelope)
                except (SMTPException, OSError) as error:
                    if not (reused and _ended(error)):
                        raise
                    # It had grown old; nothing of the mail was handed over yet.
                    self._drop()
                    client = await self._opened()
                    await _offer(client, envelope)
                await _hand_over(client, envelope.content, self._account.timeout)
            except SMTPResponseException as error:
                await self._reset()
                raise _refusal(error) from None  # a server's words hold the address
            except SMTPTimeoutError:
                self._drop()
                raise Temporary("timeout") from None
            except (SMTPException, OSError):
                self._drop()
                raise Temporary("disconnected") from None

    async def probe(self) -> None:
        """Open a connection as for a mail, and ask for a sign of life."""
        async with self._in_use():
            await self._quit()
            client = await self._opened()
            try:
                await client.noop()
            except (SMTPException, OSError) as error:
                self._drop()
                raise _trouble(error) from None

    async def close(self) -> None:
        """Take leave of the server, if it is there."""
        async with self._lock:
            if self._idle:
                self._idle.cancel()
            await self._quit()

    @contextlib.asynccontextmanager
    async def _in_use(self) -> AsyncIterator[None]:
        async with self._lock:
            if self._idle:
                self._idle.cancel()
            try:
                yield
            except (DeliveryError, GeneratorExit):
                raise
            except BaseException:
                # Cancelled or failed in the middle: nobody knows what the server would say next.
                self._drop()
                raise
            finally:
                if self._client is not None:
                    loop = asyncio.get_running_loop()
                    self._idle = loop.call_later(self._account.idle_close, self._leave)

    def _leave(self) -> None:
        self._leaving = asyncio.get_running_loop().create_task(self.close())

    async def _opened(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        account = self._account
        try:
            # In all, since a server can be slow at each of greeting, TLS and login.
            async with asyncio.timeout(account.timeout):
                client = SMTP(
                    hostname=account.host,
                    port=account.port or None,
                    use_tls=account.security == "tls",
                    start_tls=account.security == "starttls",
                    tls_context=await self._trusted(),
                    username=account.user or None,
                    password=account.password or None,
                    timeout=account.timeout,
                    local_hostname=account.domain,
                )
                try:
                    await client.connect()
                    await _greet(client)
                except BaseException:
                    client.close()  # half open: nobody else knows of it
                    raise
        except (SMTPException, OSError) as error:
            raise _trouble(error) from None
        self._client = client
        return client

    async def _trusted(self) -> ssl.SSLContext | None:
        """Who may vouch for the server; reading the system's certificates takes some 20 ms."""
        if self._account.security == "none":
            return None
        if self._tls is None:
            file = self._account.ca_file
            make = ssl.create_default_context
            try:
                self._tls = await asyncio.to_thread(make, cafile=str(file) if file else None)
            except OSError as error:  # also what holds no certificate (SSLError)
                raise AccountFault("tls_refused", "ca_file cannot be read") from error
        return self._tls

    async def _reset(self) -> None:
        """Forget the refused mail at the server, so that the connection can be used again."""
        if self._client is None:
            return
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            self._drop()

    async def _quit(self) -> None:
        if self._client is not None and self._client.is_connected:
            with contextlib.suppress(SMTPException, OSError):  # it is being left anyway
                await self._client.quit()
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


async def _greet(client: SMTP) -> None:
    """After TLS and login the server knows us already; else EHLO, or HELO for a very old one."""
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()


async def _offer(client: SMTP, envelope: Envelope) -> None:
    """Whom it is from and to; until the content is handed over, the mail may be offered again."""
    sized = client.supports_extension("size")
    await client.mail(envelope.sender, options=[f"SIZE={len(envelope.content)}"] if sized else [])
    await client.rcpt(envelope.to)


async def _hand_over(client: SMTP, content: bytes, seconds: float) -> None:
    """The content, and the server's word on it (RFC 5321 4.1.1.4).

    `SMTP.data` would look at every line for its end, which takes as long as composing the mail; an
    `Envelope` has the right ones. Raises what `SMTP.data` raises.
    """
    begun = await client.execute_command(b"DATA", timeout=seconds)
    if begun.code != SMTPStatus.start_input:
        raise SMTPDataError(begun.code, begun.message)
    protocol = client.protocol
    if protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    stuffed = b"\r\n" + content.removesuffix(b"\r\n")
    stuffed = stuffed.replace(b"\r\n.", b"\r\n..")  # RFC 5321 4.5.2
    protocol.write(stuffed[2:] + b"\r\n.\r\n")
    answer = await protocol.read_response(timeout=seconds)
    if answer.code != SMTPStatus.completed:
        raise SMTPDataError(answer.code, answer.message)


def _ended(error: Exception) -> bool:
    if isinstance(error, SMTPResponseException):
        return error.code == _CLOSING
    return not isinstance(error, TimeoutError)


def _refusal(error: SMTPResponseException) -> DeliveryError:
    """What a server's no to one mail means (RFC 5321 4.2.1; its enhanced code, RFC 3463)."""
    subject, detail = _enhanced(error)
    if not 500 <= error.code <= 599:
        return Temporary("deferred", _words(error))
    if (subject, detail) == (2, 2) or (
        isinstance(error, SMTPRecipientRefused) and error.code == _TOO_LARGE
    ):
        return Temporary("mailbox_full", _words(error))
    if isinstance(error, SMTPSenderRefused) and (
        error.code in (530, 535) or subject == 7 or (subject, detail) in ((1, 7), (1, 8))
    ):
        return AccountFault("sender_refused", _words(error))
    if error.code == _TOO_LARGE or (subject, detail) == (3, 4):
        return Permanent("too_large", _words(error))
    # 5.1 is the address, 5.2 the mailbox; a policy (5.7) or a server (5.3, 5.4) tells nothing of it.
    if isinstance(error, SMTPRecipientRefused) and subject in (0, 1, 2):
        return Permanent("bad_address", _words(error), flag=True)
    return Permanent("refused", _words(error))


def _trouble(error: Exception) -> AccountFault:
    """Why a connection could not be opened."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            words = getattr(cause, "verify_message", "") or cause.reason or "handshake failed"
            return AccountFault("tls_refused", words)
        cause = cause.__cause__
    match error:
        case SMTPAuthenticationError() if error.code >= 500:
            return AccountFault("login_refused", _words(error))
        case SMTPAuthenticationError():
            return AccountFault("deferred", _words(error))
        case SMTPConnectResponseError() | SMTPHeloError():
            return AccountFault("unreachable", _words(error))
        case SMTPResponseException():
            return AccountFault("tls_refused", _words(error))
        case TimeoutError():
            return AccountFault("unreachable", "no answer in time")
        case OSError():
            return AccountFault("unreachable", type(error.__cause__ or error).__name__)
        case SMTPException() if "STARTTLS extension" in error.message:
            return AccountFault("tls_refused", "the server offers no STARTTLS")
        case _:
            return AccountFault("login_refused", "the server offers no login we know")


def _enhanced(error: SMTPResponseException) -> tuple[int, int]:
    found = _ENHANCED.search(error.message)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _words(error: SMTPResponseException) -> str:
    """The reply code and the enhanced one; a server's own words may hold the address."""
    found = _ENHANCED.search(error.message)
    return f"{error.code} {found[0]}" if found else str(error.code)
