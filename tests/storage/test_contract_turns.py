"""A turn is a transaction: all of it or nothing, once, and nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text

from bot.core.brand import Brand
from bot.core.errors import StaleSession, Unavailable
from bot.core.message import Address, Inbound, Outbound
from bot.core.ports import Read, Turn
from bot.core.session import Run
from storage.database import Database
from storage.faults import TransactionEnded
from storage.tables import customer, message
from storage.transactions import Transaction
from storage.turns import Patience
from tests.conftest import OpenStorage
from tests.fakes import Clock

from .telling import (
    BRAND,
    HERE,
    Gate,
    answer,
    count_up,
    counted,
    directly,
    events,
    mail,
    notice,
    said,
)


class Oops(Exception):
    """A mistake in a flow."""


class Unwound(BaseException):
    """How a suspended flow is unwound."""


def number_of_messages(read: Read) -> int:
    return int(read.scalar(select(func.count()).select_from(message)) or 0)


async def together(storage: Database, *works: Callable[[Turn], object]) -> list[object]:
    """Play them all, queued while the thread is busy, so that on SQLite they are one group."""
    gate = Gate()
    first = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    rest = [asyncio.ensure_future(storage.play(BRAND, work)) for work in works]
    await asyncio.sleep(0)
    gate.let_go()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


def visits(n: int) -> list[Callable[[Turn], int | None]]:
    return [count_up(said(f"e{i}", at=Address("web", str(i)))) for i in range(n)]


async def test_an_event_that_comes_again_does_nothing(storage: Database) -> None:
    first = await storage.play(BRAND, count_up(said("e1")))
    again = await storage.play(BRAND, count_up(said("e1")))

    assert (first, again) == (1, None)
    assert await storage.play(BRAND, counted()) == 1
    assert await storage.read(BRAND, number_of_messages) == 1


async def test_the_same_event_twice_at_once_is_played_once(open_storage: OpenStorage) -> None:
    stores = [open_storage(owner=f"o{n}") for n in range(2)]

    played = await asyncio.gather(
        *(store.play(BRAND, count_up(said("e1"))) for store in stores for _ in range(4))
    )

    assert sorted(played, key=str) == [1] + [None] * 7
    assert await stores[0].read(BRAND, number_of_messages) == 1


async def test_the_same_id_of_another_account_is_another_event(storage: Database) -> None:
    await storage.play(BRAND, count_up(said("e1")))

    other = await storage.play(BRAND, count_up(said("e1", at=Address("telegram", "somebody"))))

    assert other == 1


async def test_a_turn_that_raises_leaves_nothing_and_its_neighbours_stay(storage: Database) -> None:
    def fail(tx: Turn) -> None:
        count_up(said("bad", at=Address("web", "bad")))(tx)
        raise Oops

    before, after = visits(4)[:2], visits(4)[2:]
    played = await together(storage, *before, fail, *after)

    assert [type(p) for p in played] == [int, int, Oops, int, int]
    assert await events(storage) == 4
    assert await storage.read(BRAND, number_of_messages) == 4


@pytest.mark.parametrize("raised", [Unwound, StopIteration, KeyError("k")])
async def test_whatever_a_turn_raises_comes_to_its_awaiter(
    storage: Database, raised: BaseException
) -> None:
    def fail(tx: Turn) -> None:
        tx.record(said("e1"))
        raise raised

    with pytest.raises((Unwound, RuntimeError, KeyError)):
        await storage.play(BRAND, fail)
    assert await events(storage) == 0
    assert await storage.play(BRAND, count_up(said("e1"))) == 1


async def test_work_that_rolls_back_by_itself_harms_only_itself(storage: Database) -> None:
    def end(tx: Turn) -> None:
        count_up(said("bad", at=Address("web", "bad")))(tx)
        assert isinstance(tx, Transaction)
        tx.run(text("ROLLBACK"))

    played = await together(storage, *visits(2), end, *visits(4)[2:])

    assert [type(p) for p in played] == [int, int, TransactionEnded, int, int]
    assert await events(storage) == 4
    assert await storage.read(BRAND, number_of_messages) == 4


async def test_work_that_goes_on_after_a_refused_statement_is_no_success(storage: Database) -> None:
    def swallow(tx: Turn) -> str:
        tx.record(said("e1"))
        try:
            tx.run(insert(customer).values(brand=BRAND))
        except Exception:  # noqa: BLE001  what a careless action does
            return "fine"
        return "never"

    try:
        played = await storage.play(BRAND, swallow)
    except TransactionEnded:  # PostgreSQL: its transaction was lost, and says so
        assert await events(storage) == 0
    else:
        assert played == "fine"
        assert await events(storage) == 1


@pytest.mark.parametrize("recorded", [True, False], ids=["an event", "no event"])
async def test_eight_writers_on_one_address_lose_nothing_and_play_nothing_twice(
    open_storage: OpenStorage, recorded: bool
) -> None:
    stores = [open_storage(owner=f"o{n}") for n in range(2)]
    await stores[0].play(BRAND, lambda tx: tx.open(said("first")))
    plays = []

    async def write(n: int) -> None:
        for i in range(5):
            event = said(f"{n}.{i}")

            def turn(tx: Turn, event: Inbound = event) -> None:
                plays.append(1)
                if recorded:
                    tx.record(event)
                _visitor, session = tx.open(event)
                run = session.run or Run("r", "counting", answers={"n": 0})
                run.answers["n"] += 1
                session.stack = [run]
                tx.save(session)

            await stores[n % 2].play(BRAND, turn)

    await asyncio.gather(*(write(n) for n in range(8)))

    assert await stores[0].play(BRAND, counted()) == 40
    assert len(plays) == 40


async def test_a_session_saved_by_another_turn_first_is_played_again(storage: Database) -> None:
    await storage.play(BRAND, count_up(said("e1")))
    await storage.play(BRAND, count_up(said("e2")))
    plays = []

    def lose_the_first_race(tx: Turn) -> None:
        _visitor, session = tx.open(said("e3"))
        plays.append(session.revision)
        session.revision -= 1 if len(plays) == 1 else 0
        tx.save(session)

    await storage.play(BRAND, lose_the_first_race)

    assert plays == [2, 2]


async def test_a_new_session_made_by_another_turn_first_is_stale(storage: Database) -> None:
    await storage.play(BRAND, count_up(said("e1")))
    seen = []

    def take_it_for_new(tx: Turn) -> None:
        _visitor, session = tx.open(said("e2"))
        session.revision = 0
        try:
            tx.save(session)
        except StaleSession as stale:
            seen.append(stale)
            raise

    with pytest.raises(Unavailable):
        await storage.play(BRAND, take_it_for_new)
    assert len(seen) == Patience().plays


async def test_awaiters_that_give_up_leave_whole_turns_or_none(storage: Database) -> None:
    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    tasks = [asyncio.ensure_future(storage.play(BRAND, work)) for work in visits(8)]
    await asyncio.sleep(0)
    busy.cancel()
    for task in tasks[::2]:
        task.cancel()
    await asyncio.sleep(0)
    gate.let_go()
    played = await asyncio.gather(*tasks, return_exceptions=True)

    assert [p for p in played if not isinstance(p, asyncio.CancelledError)] == [1] * 4
    assert await events(storage) == 4
    assert await storage.read(BRAND, number_of_messages) == 4
    assert await storage.play(BRAND, count_up(said("later"))) == 1


async def test_a_turn_given_up_while_it_is_played_is_committed_whole(
    open_storage: OpenStorage,
) -> None:
    storage, other = open_storage(owner="o"), open_storage(owner="other")
    gate = Gate()

    def slow(tx: Turn) -> None:
        count_up(said("e1"))(tx)
        gate(tx)

    task = asyncio.ensure_future(storage.play(BRAND, slow))
    await asyncio.to_thread(gate.entered.wait)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gate.let_go()
    await storage.close()

    assert task.cancelled()
    assert await events(other) == 1
    assert await other.play(BRAND, counted()) == 1


async def test_what_waits_is_played_before_closing_and_nothing_after(
    open_storage: OpenStorage,
) -> None:
    storage = open_storage(owner="closing")
    waiting = [asyncio.ensure_future(storage.play(BRAND, work)) for work in visits(20)]
    await asyncio.sleep(0)

    await storage.close()

    assert await asyncio.gather(*waiting) == [1] * 20
    with pytest.raises(Unavailable):
        await storage.play(BRAND, visits(1)[0])
    assert await events(open_storage(owner="next")) == 20


async def test_reading_does_not_wait_behind_a_long_write(storage: Database) -> None:
    await storage.play(BRAND, answer(said("e1"), "one"))
    gate = Gate()

    def long(tx: Turn) -> None:
        answer(said("e2"), "two")(tx)
        gate(tx)

    writing = asyncio.ensure_future(storage.play(BRAND, long))
    await asyncio.to_thread(gate.entered.wait)
    meanwhile = await storage.read(BRAND, number_of_messages)
    gate.let_go()
    await writing

    assert meanwhile == 1
    assert await storage.read(BRAND, number_of_messages) == 2


async def test_a_reader_sees_one_moment(storage: Database) -> None:
    """What is committed while someone reads does not change what they read."""
    await storage.play(BRAND, answer(said("e1"), "one"))
    looked, committed = threading.Event(), threading.Event()

    def look_twice(read: Read) -> tuple[int, int]:
        before = number_of_messages(read)
        looked.set()
        assert committed.wait(30)
        return before, number_of_messages(read)

    reading = asyncio.ensure_future(storage.read(BRAND, look_twice))
    await asyncio.to_thread(looked.wait)
    await storage.play(BRAND, answer(said("e2"), "two"))
    committed.set()

    assert await reading == (1, 1)


async def test_who_reads_cannot_write(storage: Database) -> None:
    def sneak(read: Read) -> object:
        return read.all(insert(message).values(kind="mail").returning(message.c.id))

    with pytest.raises(TypeError):
        await storage.read(BRAND, sneak)
    with pytest.raises(Unavailable):
        await storage.read(BRAND, lambda read: read.all(text("DELETE FROM inbound")))
    with pytest.raises(TypeError):
        await storage.play(BRAND, sneak)
    assert not hasattr(await storage.read(BRAND, lambda read: read), "run")


async def test_a_turn_has_one_instant_and_the_brands_date(
    open_storage: OpenStorage, brand: Brand
) -> None:
    ticking = Clock(datetime(2026, 11, 21, 1, tzinfo=UTC))
    storage = open_storage(owner="o", clock=lambda: ticking.forward(seconds=1))

    def look(tx: Turn) -> tuple[object, ...]:
        return tx.now, tx.now, tx.today, tx.brand

    first, second, today, whose = await storage.play(BRAND, look)

    assert first == second
    assert str(today) == "2026-11-20"  # in São Paulo it is still yesterday
    assert whose is brand


async def test_lanes_are_woken_after_the_commit_and_only_by_what_stayed(
    storage: Database, database_url: str
) -> None:
    woken: list[tuple[str, int]] = []

    def wake(lane: str) -> None:
        with directly(database_url) as connection:
            there = connection.execute(select(func.count()).select_from(message)).scalar_one()
        woken.append((lane, there))

    def post(tx: Turn) -> None:
        visitor, _session = tx.open(said("e1"))
        tx.post(mail(purpose="codes"), dedup="m")
        tx.post(notice(), dedup="n", address=visitor.address)
        tx.post(mail(), dedup="later", due=tx.now + timedelta(days=1))

    def fail(tx: Turn) -> None:
        tx.post(mail(purpose="invoices"), dedup="x")
        raise Oops

    storage.ledger.on_posted(wake)
    await together(storage, fail, post)

    assert woken == [("mail:codes", 3), ("web", 3)]


async def test_a_wake_that_fails_harms_no_turn(storage: Database) -> None:
    def fail(lane: str) -> None:
        raise Oops

    storage.ledger.on_posted(fail)

    def post(tx: Turn) -> str:
        tx.post(mail(), dedup="m")
        return "committed"

    assert await storage.play(BRAND, post) == "committed"


async def test_a_reply_is_told_in_the_order_it_was_said(storage: Database) -> None:
    posted = await storage.play(BRAND, answer(said("e1"), "one", "two", "three"))

    assert [p.body for p in posted] == [Outbound("one"), Outbound("two"), Outbound("three")]
    assert [p.id for p in posted] == sorted(p.id for p in posted)
    assert {p.at for p in posted} == {HERE}
