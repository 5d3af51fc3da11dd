"""What the demo page asks of a mailbox: the mails that were caught, and those still arriving."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.message import Document


@dataclass(frozen=True, slots=True)
class MailSummary:
    """A mail as the list shows it. `id` grows with each mail that arrives; the first is 1."""

    id: int
    at: datetime
    """When it was caught; aware, UTC."""
    sender: str
    """The From header, decoded: `Fibra Sul <faturas@example.com>`."""
    to: str
    """The To header, decoded."""
    subject: str
    attachments: int = 0
    """How many files one can open."""


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file of a mail, without its content."""

    name: str
    media_type: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A whole mail, decoded."""

    summary: MailSummary
    headers: Sequence[tuple[str, str]]
    """Every header as it came, decoded, in order."""
    text: str | None
    """The text/plain part, or None."""
    html: str | None
    """The text/html part, or None; its `cid:` pictures already written in as `data:` URLs."""
    attachments: Sequence[MailAttachment]
    """The files in order; `Mailbox.attachment` counts them from 0."""


class Mailbox(Protocol):
    """Caught mails. Nothing here leaves the machine."""

    def list(self) -> Sequence[MailSummary]:
        """Every mail kept, newest first."""
        ...

    def get(self, id: int) -> MailMessage | None:
        """One mail, or None if it is not kept."""
        ...

    def attachment(self, id: int, n: int) -> Document | None:
        """File `n` (from 0) of a mail, or None."""
        ...

    def subscribe(self, after: int) -> AsyncGenerator[MailSummary, None]:
        """The mails kept with an id above `after`, oldest first, then each one as it arrives.

        Never ends by itself; an async generator, so that closing it unsubscribes.
        """
        ...
