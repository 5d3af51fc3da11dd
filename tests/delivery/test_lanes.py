"""One lane's loop: what is posted close together is claimed together, and a full lane does not pause."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.message import Mail
from bot.core.ports import LaneLimits, Posted
from bot.delivery.lanes import Lane
from tests.delivery.fakes import FakeLedger
from tests.fakes import Clock

MAIL = Mail("second-copy", "maria@example.org", "pt_BR", purpose="invoices")


def a_lane(ledger: FakeLedger, claims: list[int], *, slots: int) -> Lane:
    """A lane that tells how many rows each look brought, and is done with them a moment later."""

    def take(lane: Lane, claimed: Sequence[Posted]) -> None:
        claims.append(len(claimed))
        for _ in claimed:
            asyncio.get_running_loop().call_soon(lane.done)

    return Lane(
        "mail:invoices", LaneLimits(per_second=100, burst=100), ledger, take,
        slots=slots, poll=3600.0, clock=ledger.clock,
    )  # fmt: skip


async def turns_of_the_loop() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_what_is_posted_just_after_a_look_waits_and_is_claimed_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.delivery.lanes.GATHER_SECONDS", 3600.0)
    ledger, claims = FakeLedger(Clock()), list[int]()
    lane = a_lane(ledger, claims, slots=32)
    looked = asyncio.Event()
    serving = asyncio.create_task(lane.run(looked.set))
    await looked.wait()  # there was nothing yet
    for _ in range(3):
        ledger.post(MAIL)
        lane.wake()
        await turns_of_the_loop()
    assert claims == []
    assert lane.busy
    serving.cancel()

    monkeypatch.setattr("bot.delivery.lanes.GATHER_SECONDS", 0.0)  # the pause is over
    looked.clear()
    serving = asyncio.create_task(lane.run(looked.set))
    await looked.wait()
    assert claims == [3]
    serving.cancel()


async def test_a_lane_that_was_full_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.lanes.GATHER_SECONDS", 3600.0)
    ledger, claims = FakeLedger(Clock()), list[int]()
    for _ in range(5):
        ledger.post(MAIL)
    lane = a_lane(ledger, claims, slots=2)
    serving = asyncio.create_task(lane.run(lambda: None))
    while sum(claims) < 5:
        await asyncio.sleep(0)
    assert claims == [2, 2, 1]
    serving.cancel()
