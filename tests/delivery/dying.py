"""A process that stands still at a point of a second copy's way, to be killed there: see test_killed."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from typing import Any

from bot.core.brand import Brand
from bot.core.message import Address, Outbound
from bot.core.ports import Posted, Turn
from storage.database import open_database
from tests.delivery.ledger_house import SECOND_COPY, House, played
from tests.fakes import SERVER_KEY, Clock

BRAND = Brand(id="curral", name="Curral Fibra")
WAY = (
    "before the turn's commit",
    "after the turn's commit",
    "claimed",
    "accepted",
    "settled",
    "told",
)
"""Each commit of the way has a point before it and one after it."""


def stand_still() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    threading.Event().wait()


def hold(point: str, house: House) -> None:
    """Stand still where the house comes to a point of its way."""
    send, settle, tell = house.mailer.send, house.storage.ledger.settle, house.chat.send

    async def sending(*what: Any) -> None:
        if point == "claimed":
            stand_still()
        await send(*what)
        if point == "accepted":
            stand_still()

    async def settling(outcomes: Sequence[Any]) -> None:
        await settle(outcomes)
        if point == "settled" and any(outcome.tell for outcome in outcomes):  # the mail's own
            stand_still()

    async def telling(at: Address, message: Outbound, *rest: Any, **more: Any) -> str | None:
        ref = await tell(at, message, *rest, **more)
        if point == "told" and message.text == "It was sent.":
            stand_still()
        return ref

    house.mailer.send = sending  # type: ignore[method-assign]
    house.storage.ledger.settle = settling  # type: ignore[method-assign]
    house.chat.send = telling  # type: ignore[method-assign]


async def main(url: str, port: int, point: str) -> None:
    clock = Clock()
    storage = open_database(
        url, server_key=SERVER_KEY, clock=clock, brands={BRAND.id: BRAND}, owner="dying"
    )
    house = House(storage, BRAND, clock, port)
    hold(point, house)

    def work(tx: Turn) -> Sequence[Posted]:
        posted = played("e1", ["On its way."], SECOND_COPY, tx)
        if point == "before the turn's commit":
            stand_still()
        return posted

    replies = await storage.play(BRAND.id, work)
    if point == "after the turn's commit":
        stand_still()
    await house.dispatcher.start()
    house.dispatcher.deliver(replies)
    await house.dispatcher.idle()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
