"""A process that stands still at a point of a turn, to be killed there: `python -m tests.storage.dying`."""

from __future__ import annotations

import asyncio
import sys
import threading

from bot.core.brand import Brand
from bot.core.ports import LaneLimits, Turn
from storage.database import open_database
from tests.fakes import SERVER_KEY, Clock

from .telling import BRAND, count_up, mail, said


def stand_still() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    threading.Event().wait()


async def main(url: str, point: str) -> None:
    brands = {BRAND: Brand(id=BRAND, name="Curral Fibra")}
    storage = open_database(url, server_key=SERVER_KEY, clock=Clock(), brands=brands, owner="dying")

    def work(tx: Turn) -> None:
        count_up(said("e1"))(tx)
        visitor = tx.reopen()
        tx.post(mail(), dedup="second-copy", address=visitor.address)
        tx.post(mail(purpose="codes"), dedup="once", address=visitor.address, repeatable=False)
        if point == "before commit":
            stand_still()

    await storage.play(BRAND, work)
    if point == "after commit":
        stand_still()
    await storage.ledger.claim("mail:other", LaneLimits(), 10)
    await storage.ledger.claim("mail:codes", LaneLimits(), 10)
    if point == "before settle":
        stand_still()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
