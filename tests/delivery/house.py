"""A dispatcher with a ledger in memory and one chat channel, for the stories of these tests."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Sequence

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import (
    Address,
    Document,
    DocumentRef,
    Limits,
    Look,
    Notice,
    NoticeButton,
    Outbound,
    Text,
)
from bot.delivery.dispatcher import Dispatcher, Pace
from tests.delivery.fakes import FakeChannel, FakeLedger
from tests.fakes import Clock

ANA, BIA = Address("web", "ana"), Address("web", "bia")
PDF = DocumentRef("invoice-pdf", 7, "fatura.pdf", "application/pdf")
NEVER = 3600.0


class Words:
    """Renders a notice as its source words, its locale and its buttons."""

    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> Sequence[Outbound]:
        labels = ",".join(f"m{token}:{n}" for n, _button in enumerate(notice.buttons, 1))
        look = Look.BUTTONS if labels else Look.NONE
        words = f"{notice.text.source} [{locale}] {labels}".strip()
        return [Outbound(words, look=look, document=notice.document)]


async def render(brand: str, ref: DocumentRef, locale: str) -> Document:
    if ref.id == 0:
        raise Permanent("gone")
    return Document(ref.name, ref.media_type, b"%PDF " + b"x" * ref.id)


class House:
    """A dispatcher with its ledger and channel."""

    def __init__(self, ledger: FakeLedger, channel: FakeChannel, pace: Pace) -> None:
        self.clock = ledger.clock
        self.ledger = ledger
        self.channel = channel
        self.dispatcher = Dispatcher(
            ledger,
            {channel.account: channel},
            None,
            brands={"fibra": Brand("fibra", "Fibra", locale="pt_BR")},
            words={"fibra": Words()},
            render=render,
            notice_token=lambda id: f"t{id}",
            clock=ledger.clock,
            rng=random.Random(7),
            pace=pace,
        )

    async def turn(self, at: Address, *messages: Outbound | str) -> list[int]:
        """A turn's replies, handed over after its commit, and delivered."""
        ids = self.hand_over(at, *messages)
        await self.dispatcher.idle()
        return ids

    def hand_over(self, at: Address, *messages: Outbound | str) -> list[int]:
        posted = self.ledger.reply(at, *messages)
        self.dispatcher.deliver(posted)
        return [each.id for each in posted]

    async def later(self, **time: float) -> None:
        """Time passes, and the lane looks."""
        self.clock.forward(**time)
        self.dispatcher.wake(self.channel.account)
        await self.dispatcher.idle()


@contextlib.asynccontextmanager
async def open_house(
    ledger: FakeLedger | None = None, channel: FakeChannel | None = None, **pace: float
) -> AsyncIterator[House]:
    settings = {"poll": NEVER, "sweep": NEVER, "again": 0.0} | pace
    house = House(
        ledger or FakeLedger(Clock()),
        channel or FakeChannel(),
        Pace(**settings),  # type: ignore[arg-type]
    )
    await house.dispatcher.start()
    try:
        yield house
    finally:
        await house.dispatcher.stop()


def notice(words: str, *, buttons: int = 0, document: DocumentRef | None = None) -> Notice:
    labels = tuple(NoticeButton(Text(f"b{n}"), "flow") for n in range(buttons))
    return Notice(Text(words), labels, document=document)
