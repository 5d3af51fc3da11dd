"""One driver as its provider and a customer treat it, and the ears of the machine behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from bot.core.errors import Unavailable
from bot.core.message import Address, Button, Document, DocumentRef, Inbound, Look, Outbound
from bot.core.ports import Channel

PATIENCE = 10.0
"""Seconds until a test gives up waiting; nothing waits that long when all is well."""

Refusal: TypeAlias = Literal["gone", "busy", "broken"]
"""The chat is gone for good · too many messages, come back later · a fault of the provider's own."""

PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865406134.825802BR5913Fibra Exemplo6009Sao Paulo62190515FAT20261100010463049954"
)
PDF = Document("fatura 2026-11.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40)
NEVER_MARKUP = (
    "*bold* _italic_ ~gone~ `code` ```block```",
    "**not bold** __nor this__ ||nor hidden||",
    "<b>Zé</b> <script>alert(1)</script> &amp; &lt;",
    "[a link](https://example.com) [red]not red[/red]",
    "{{ value }} {% if %} %s %(name)s {name}",
    ":smile: \\n \\* @everyone #tag /menu",
    "- item\n1. item\n> quote\n# title",
    "ação, coração, João 🦜 ﷽ \u200f",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the customer sees it."""

    text: str
    buttons: tuple[str, ...] = ()
    """The labels that can be pressed now."""
    bold: tuple[str, ...] = ()
    document: Document | None = None


class Door(Protocol):
    """One driver as its provider and a customer treat it."""

    @property
    def channel(self) -> Channel: ...

    async def someone(self) -> Address:
        """A person who can be written to; another one each time, where people are several."""
        ...

    async def types(self, at: Address, words: str) -> None:
        """The person writes words."""
        ...

    async def presses(self, at: Address, label: str) -> None:
        """The person presses the button with this label, on the newest message that has it."""
        ...

    async def repeats(self) -> None:
        """The provider delivers its last event once more."""
        ...

    async def refuses(self, how: Refusal) -> None:
        """The provider will refuse the next message."""
        ...

    def posted(self, at: Address, id: int, message: Outbound, document: Document | None) -> None:
        """The ledger has this row: called before it is sent."""
        ...

    async def seen(self, at: Address) -> Sequence[Seen]:
        """The messages the person has before them, oldest first."""
        ...


@dataclass
class Ears:
    """What the machine hears: every event that was handed in."""

    events: list[Inbound] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """The id of every event that was handed in, committed or not."""
    unavailable: int = 0
    """How many events will find the database away."""
    gate: asyncio.Event | None = None
    """If set, events wait for it before they are committed."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: asyncio.Queue[Inbound] = field(default_factory=asyncio.Queue)

    async def receive(self, event: Inbound) -> None:
        self.began.set()
        self.tried.append(event.id)
        if self.gate:
            await self.gate.wait()
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable
        self.events.append(event)
        self._heard.put_nowait(event)

    async def next(self) -> Inbound:
        """The next event, greetings of the channel left out."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self._heard.get()
                if event.text is None or not event.text.startswith("/start"):
                    return event


class Sender:
    """Sends as the delivery does: from ledger rows with growing ids."""

    def __init__(self) -> None:
        self._last = 0

    async def send(
        self, door: Door, at: Address, message: Outbound, document: Document | None = None
    ) -> tuple[int, str | None]:
        """The row's id and the provider's."""
        self._last += 1
        if document:
            ref = DocumentRef("test", self._last, document.name, document.media_type)
            message = Outbound(message.text, message.bold, document=ref)
        door.posted(at, self._last, message, document)
        return self._last, await door.channel.send(at, message, document, id=self._last)


def question(words: str, nonce: str, labels: Sequence[str]) -> Outbound:
    buttons = tuple(Button(label, f"{nonce}:{n}") for n, label in enumerate(labels, 1))
    return Outbound(words, look=Look.BUTTONS, buttons=buttons, nonce=nonce)
