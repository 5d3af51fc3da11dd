"""Mail servers on loopback: a real one (aiosmtpd), and one that says what a test tells it to say."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

CERTS = Path(__file__).parent / "certs"
CA = CERTS / "ca.pem"
USER, PASSWORD = "balcao", "quatro-palavras-sem-sentido"


def server_tls(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTS / certificate)
    return context


@dataclass
class Inbox:
    """What a mail server accepted, and whether it asks for login. Its hooks are aiosmtpd's."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    secured: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.content)
        parsed = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.recipients += envelope.rcpt_tos
        self.secured.append(session.ssl is not None)
        return "250 2.0.0 accepted"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        user, password = login.login.decode(), login.password.decode()
        self.users.append(user)
        return AuthResult(success=(user, password) == (USER, PASSWORD), handled=False)


@contextlib.asynccontextmanager
async def mail_server(
    *,
    tls: bool = False,
    starttls: bool = False,
    login: bool = False,
    certificate: str = "server.pem",
) -> AsyncIterator[Inbox]:
    """A real mail server on a free port of loopback: plain, with STARTTLS, or with TLS at once."""
    loop = asyncio.get_running_loop()
    inbox = Inbox()

    class Counted(SMTP):
        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            inbox.left.set()

    def connected() -> SMTP:
        inbox.connections += 1
        with warnings.catch_warnings():
            if tls:  # of TLS at once it knows nothing, and warns of logins in clear
                warnings.simplefilter("ignore")
            return Counted(
                inbox,
                hostname="mail.example.org",
                tls_context=server_tls(certificate) if starttls else None,
                require_starttls=starttls,
                auth_required=login,
                auth_require_tls=starttls,
                authenticator=inbox.authenticate if login else None,
                loop=loop,
            )

    server = await loop.create_server(
        connected, "127.0.0.1", 0, ssl=server_tls(certificate) if tls else None
    )
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Script:
    """What a server answers to each verb, first come first said; the last one stays. "" hangs up."""

    port: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    connections: int = 0
    hold: asyncio.Event | None = None
    """While it is not set, verbs in `held` get no answer."""
    held: str = ""

    def says(self, **answers: str | list[str]) -> Script:
        """`says(RCPT="550 5.1.1 no such user")`, or a list of answers for one call after another."""
        for verb, said in answers.items():
            self.answers[verb] = [said] if isinstance(said, str) else list(said)
        return self

    def _answer(self, verb: str, usual: str) -> str:
        said = self.answers.get(verb)
        if not said:
            return usual
        return said.pop(0) if len(said) > 1 else said[0]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        usual = {"EHLO": "250-mail.example.org\r\n250 SIZE 1000000", "DATA": "354 go on"}
        said, verb = self._answer("GREETING", "220 mail.example.org"), "GREETING"
        while said:
            writer.write(said.encode() + b"\r\n")
            await writer.drain()
            if said.startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                verb = "END"
            else:
                line = await reader.readline()
                verb = line[:4].decode().strip().upper()
                if not verb:
                    return
                self.heard.append(line.decode().strip())
            if self.hold and verb == self.held:
                await self.hold.wait()
            said = self._answer(verb, usual.get(verb, "221 bye" if verb == "QUIT" else "250 OK"))


@contextlib.asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[Script]:
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        if script.hold:  # from Python 3.12 on the server waits for those who are still held
            script.hold.set()
        server.close()
        await server.wait_closed()
