"""Calls to gateways in the ledger: lanes of their own, held up by no chat and holding up none."""

from __future__ import annotations

import pytest

from bot.core.brand import Brand
from bot.core.message import Address, Call, Inbound, Notice, _
from bot.core.ports import LaneLimits, Settled, State, Turn
from storage.database import Database
from tests.conftest import OpenStorage
from tests.fakes import Clock

LIMITS = LaneLimits(100.0, 100)
LOOK = Call("main", "look", {"ref": "pay_1"}, 900)


def posted(tx: Turn, *dedups: str, due_for: str = "web") -> list[int | None]:
    """A notice to a chat behind calls that its turn asked for."""
    event = Inbound(f"e-{dedups[0]}", Address(due_for, "ana"), text="oi")
    tx.record(event)
    visitor, session = tx.open(event)
    tx.save(session)
    ids = [tx.post(LOOK, dedup=each, address=visitor.address) for each in dedups]
    return [*ids, tx.post(Notice(_("Hello.")), dedup=f"n{dedups[0]}", address=visitor.address)]


async def test_a_call_comes_back_as_it_was_posted(storage: Database, brand: Brand) -> None:
    (id, _notice) = await storage.play(brand.id, lambda tx: posted(tx, "c1"))

    (row,) = await storage.ledger.claim("gateway:main", LIMITS, 5)

    assert (row.id, row.kind, row.lane, row.body) == (id, "call", "gateway:main", LOOK)
    assert row.attempts == 1


async def test_a_call_is_posted_once_for_its_key(storage: Database, brand: Brand) -> None:
    first = await storage.play(brand.id, lambda tx: tx.post(LOOK, dedup="evt_1"))
    again = await storage.play(brand.id, lambda tx: tx.post(LOOK, dedup="evt_1"))
    assert first is not None
    assert again is None


async def test_calls_and_chats_do_not_wait_for_each_other(storage: Database, brand: Brand) -> None:
    ids = await storage.play(brand.id, lambda tx: posted(tx, "c1", "c2"))

    calls = await storage.ledger.claim("gateway:main", LIMITS, 5)
    notices = await storage.ledger.claim("web", LIMITS, 5)

    assert [row.id for row in calls] == ids[:2]
    assert [row.id for row in notices] == ids[2:]


async def test_a_call_of_a_chat_that_is_gone_is_performed_all_the_same(
    storage: Database, brand: Brand
) -> None:
    *_call, notice = await storage.play(brand.id, lambda tx: posted(tx, "c1"))
    (row,) = await storage.ledger.claim("web", LIMITS, 5)
    await storage.ledger.settle([Settled(row.id, State.FAILED, error="blocked", flag=True)])
    assert row.id == notice

    assert len(await storage.ledger.claim("gateway:main", LIMITS, 5)) == 1


async def test_what_a_dead_process_held_is_claimed_again(
    storage: Database, brand: Brand, clock: Clock, open_storage: OpenStorage
) -> None:
    await storage.play(brand.id, lambda tx: tx.post(LOOK, dedup="c1"))
    assert len(await storage.ledger.claim("gateway:main", LIMITS, 5)) == 1
    assert await storage.ledger.claim("gateway:main", LIMITS, 5) == []
    clock.forward(minutes=2)

    other = open_storage(owner="next")
    await other.ledger.sweep()

    (row,) = await other.ledger.claim("gateway:main", LIMITS, 5)
    assert row.attempts == 2


@pytest.mark.parametrize("burst", [1, 2])
async def test_a_lane_of_calls_has_its_limit(storage: Database, brand: Brand, burst: int) -> None:
    for n in range(3):
        await storage.play(brand.id, lambda tx, n=n: tx.post(LOOK, dedup=f"c{n}"))
    assert len(await storage.ledger.claim("gateway:main", LaneLimits(0.1, burst), 5)) == burst
