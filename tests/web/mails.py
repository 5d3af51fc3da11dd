"""A mailbox in memory, as the demo's catcher is one, for the demo page's tests."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.message import Document
from bot.web.ports import MailAttachment, MailMessage, MailSummary


@dataclass
class Mails:
    """A `Mailbox` one can put mails into."""

    kept: dict[int, MailMessage] = field(default_factory=dict)
    files: dict[int, list[Document]] = field(default_factory=dict)
    _subscribers: set[asyncio.Queue[MailSummary]] = field(default_factory=set)

    def arrive(
        self,
        subject: str,
        *,
        text: str | None = "",
        html: str | None = None,
        files: Sequence[Document] = (),
    ) -> MailSummary:
        id = max(self.kept, default=0) + 1
        summary = MailSummary(
            id,
            datetime.now(UTC),
            "Fibra do Vale <faturas@example.com>",
            "marina@example.com",
            subject,
            len(files),
        )
        headers = [
            ("From", summary.sender),
            ("To", summary.to),
            ("Subject", subject),
            ("Message-ID", f"<{id}@example.com>"),
        ]
        described = [MailAttachment(f.name, f.media_type, len(f.content)) for f in files]
        self.kept[id] = MailMessage(summary, headers, text, html, described)
        self.files[id] = list(files)
        for queue in self._subscribers:
            queue.put_nowait(summary)
        return summary

    def list(self) -> Sequence[MailSummary]:
        return [self.kept[id].summary for id in sorted(self.kept, reverse=True)]

    def get(self, id: int) -> MailMessage | None:
        return self.kept.get(id)

    def attachment(self, id: int, n: int) -> Document | None:
        files = self.files.get(id, [])
        return files[n] if n < len(files) else None

    async def subscribe(self, after: int) -> AsyncGenerator[MailSummary, None]:
        queue: asyncio.Queue[MailSummary] = asyncio.Queue()
        self._subscribers.add(queue)
        try:
            for id in sorted(self.kept):
                if id > after:
                    yield self.kept[id].summary
            while True:
                yield await queue.get()
        finally:
            self._subscribers.discard(queue)
