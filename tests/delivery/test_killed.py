"""kill -9 before and after every commit of a second copy's way, with a real mail server at its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.core.brand import Brand
from tests.conftest import OpenStorage
from tests.delivery.dying import WAY
from tests.delivery.ledger_house import SECOND_COPY, House
from tests.delivery.mail_server import mail_server
from tests.fakes import Clock

ROOT = Path(__file__).parents[2]
TWICE = "accepted"
"""The one instant in which nobody can know: the server has it, and the ledger does not yet."""


async def killed_at(point: str, url: str, port: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.delivery.dying", url, str(port), point,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    while line := await process.stdout.readline():
        if line == b"here\n":
            break
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("point", WAY)
async def test_no_mail_is_lost_and_a_second_one_is_the_same_mail(
    point: str, open_storage: OpenStorage, database_url: str, brand: Brand, clock: Clock
) -> None:
    async with mail_server() as inbox:
        await killed_at(point, database_url, inbox.port)
        clock.forward(seconds=61)  # the leases of the dead end

        house = House(open_storage(owner="next"), brand, clock, inbox.port)
        await house.dispatcher.start()
        # Whoever brought the event was told nothing before the commit, and may bring it again after.
        await house.turn("e1", "On its way.", mail=SECOND_COPY)
        await house.later(seconds=1)
        await house.dispatcher.stop()

    assert len(inbox.mails) == (2 if point == TWICE else 1)
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    assert sorted(await house.states()) == [
        ("mail", "sent", None), ("notice", "sent", None), ("reply", "sent", None),
    ]  # fmt: skip
    assert house.chat.said_to("ana").count("It was sent.") == 1
