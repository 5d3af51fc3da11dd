"""The demo's mail server: catches every mail on this machine and keeps it as a file."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.core.message import Document

KEPT = 200
"""Mails kept; the oldest go first."""
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Summary:
    """A mail as a list shows it (`bot.web.ports.MailSummary`)."""

    id: int
    at: datetime
    sender: str
    to: str
    subject: str
    attachments: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail, without its content."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """A whole mail, decoded (`bot.web.ports.MailMessage`)."""

    summary: Summary
    headers: Sequence[tuple[str, str]]
    text: str | None
    html: str | None
    attachments: Sequence[Attachment]


class _Catcher(SMTP):
    """One connection of a mail client."""

    def __init__(self, handler: CaughtMail, open_ones: set[_Catcher]) -> None:
        super().__init__(
            handler,
            hostname="localhost",
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._open_ones = open_ones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open_ones.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_ones.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


class CaughtMail:
    """A mailbox for every address, filled by an SMTP server on loopback; nothing leaves the machine.

    A mail is the file `<id>.eml` in the folder, written before the server says 250: what it has
    accepted survives a restart.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._open = set[_Catcher]()
        self._arrived = asyncio.Event()
        self._summaries: dict[int, Summary] = {}
        self._newest = 0

    # ------------------------------------------------------------------ the server

    async def start(self) -> None:
        """Read what is kept, and listen on a free port of loopback."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.glob("*.eml"), key=_number):
            if _number(path):
                self._summaries[_number(path)] = _summary(_number(path), path)
        self._newest = max(self._summaries, default=0)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Catcher(self, self._open), _HOST, 0)

    @property
    def port(self) -> int:
        """Where it listens, once started."""
        if self._server is None:
            raise RuntimeError("the mailbox is not started")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Listen no more, and hang up on who is still there; the mails stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in tuple(self._open):
            connection.hang_up()

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail; called by the SMTP server."""
        content = envelope.content
        if not isinstance(content, bytes):
            return "501 no content"
        self._newest += 1
        path = self._path(self._newest)
        partial = path.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(path)
        self._summaries[self._newest] = _summary(self._newest, path)
        for old in sorted(self._summaries)[:-KEPT]:
            del self._summaries[old]
            self._path(old).unlink(missing_ok=True)
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()
        return "250 OK"

    # ------------------------------------------------------------------ the mailbox

    def list(self) -> Sequence[Summary]:
        """Every mail kept, newest first."""
        return [self._summaries[id] for id in sorted(self._summaries, reverse=True)]

    def get(self, id: int) -> Message | None:
        """One mail, or None if it is not kept."""
        mail = self._parsed(id)
        if mail is None:
            return None
        return Message(
            self._summaries[id],
            [(name, str(value)) for name, value in mail.items()],
            _body(mail, "plain"),
            _pictured(mail, _body(mail, "html")),
            [
                Attachment(_name(part), part.get_content_type(), len(_content(part)))
                for part in mail.iter_attachments()
            ],
        )

    def attachment(self, id: int, n: int) -> Document | None:
        """File `n` (from 0) of a mail, or None."""
        mail = self._parsed(id)
        parts = list(mail.iter_attachments()) if mail else []
        if not 0 <= n < len(parts):
            return None
        return Document(_name(parts[n]), parts[n].get_content_type(), _content(parts[n]))

    async def subscribe(self, after: int) -> AsyncGenerator[Summary, None]:
        """The mails kept with an id above `after`, oldest first, then each one as it arrives."""
        while True:
            arrived = self._arrived
            for id in sorted(id for id in self._summaries if id > after):
                after = id
                with suppress(KeyError):  # gone meanwhile: many newer ones came
                    yield self._summaries[id]
            await arrived.wait()

    def _path(self, id: int) -> Path:
        return self._folder / f"{id:06}.eml"

    def _parsed(self, id: int) -> EmailMessage | None:
        return _parse(self._path(id)) if id in self._summaries else None


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(EmailMessage, policy=policy.default).parse(file)


def _summary(id: int, path: Path) -> Summary:
    mail = _parse(path)
    return Summary(
        id,
        datetime.fromtimestamp(path.stat().st_mtime, UTC),
        str(mail["From"] or ""),
        str(mail["To"] or ""),
        str(mail["Subject"] or ""),
        len(list(mail.iter_attachments())),
    )


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return None if part is None else _words(part)


def _words(part: Any) -> str:
    """A text part in whatever charset, known or not."""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return _content(part).decode("utf-8", "replace")


def _pictured(mail: EmailMessage, html: str | None) -> str | None:
    """The HTML with its `cid:` pictures (RFC 2392) written in: a page cannot ask a mail for them."""
    if html is None or "cid:" not in html:
        return html
    pictures = {
        str(part["Content-ID"]).strip("<> "): part for part in mail.walk() if part["Content-ID"]
    }

    def written_in(match: re.Match[str]) -> str:
        part = pictures.get(match[1])
        if part is None or part.get_content_maintype() != "image":
            return match[0]
        content = base64.b64encode(_content(part)).decode("ascii")
        return f"data:{part.get_content_type()};base64,{content}"

    return re.sub(r"cid:([^\s\"'<>)]+)", written_in, html)


def _content(part: Any) -> bytes:
    """The bytes of a file, as they were before they were encoded for the mail."""
    content = part.get_payload(decode=True)
    # A mail in a mail has no bytes of its own, only its message.
    return content if isinstance(content, bytes) else bytes(part.get_payload(0))


def _name(part: Any) -> str:
    return part.get_filename() or f"file{mimetypes.guess_extension(part.get_content_type()) or ''}"
