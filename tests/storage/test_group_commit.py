"""SQLite's group commit: turns that wait share one transaction, and none pays for another."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from bot.core.brand import Brand
from bot.core.errors import Unavailable
from bot.core.message import Address
from bot.core.ports import Turn
from storage import turns
from storage.begun import Begun
from storage.database import GROUP, Database
from storage.tables import message_body
from storage.transactions import Transaction
from storage.turns import Patience
from tests.conftest import storage_at
from tests.fakes import Clock

from .telling import BRAND, Gate, count_up, counted, events, said, states


@pytest.fixture
async def storage(sqlite_url: str, clock: Clock, brand: Brand) -> AsyncIterator[Database]:
    database = storage_at(
        sqlite_url, clock, brand, owner="o", patience=Patience(plays=3, first=0.001, most=0.001)
    )
    yield database
    await database.close()


def at(n: int) -> Address:
    return Address("web", str(n))


class Watched:
    """Visits that note each time they are played."""

    def __init__(self) -> None:
        self.plays: list[int] = []

    def visit(self, n: int) -> Callable[[Turn], int | None]:
        count = count_up(said(f"e{n}", at=at(n)))

        def work(tx: Turn) -> int | None:
            self.plays.append(n)
            return count(tx)

        return work


def transaction_of(tx: Turn) -> object:
    """SQLAlchemy's own object for the transaction that the turn is part of."""
    assert isinstance(tx, Transaction)
    return tx._begun.connection.get_transaction()


def raw(tx: Turn) -> Any:
    assert isinstance(tx, Transaction)
    return tx._begun.connection.connection.dbapi_connection


async def in_one_group(storage: Database, *works: Callable[[Turn], Any]) -> list[Any]:
    """Play these while the storage thread is kept busy until all of them wait."""
    gate = Gate()
    first = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    waiting = [asyncio.ensure_future(storage.play(BRAND, work)) for work in works]
    await asyncio.sleep(0)
    gate.let_go()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


def break_the_commit(tx: Turn) -> None:
    """A turn whose mistake shows only when its group commits."""
    count_up(said("bad", at=at(99)))(tx)
    tx.run(text("PRAGMA defer_foreign_keys=ON"))
    tx.run(insert(message_body).values(message=12345, body={}))


async def test_turns_that_wait_share_one_commit(storage: Database) -> None:
    transactions = await in_one_group(storage, *[transaction_of] * 20)

    assert len(transactions) == 20
    assert len(set(transactions)) == 1


async def test_a_group_that_took_long_takes_no_more(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No write lock is held for 200 ms because others were waiting."""
    monkeypatch.setattr(turns, "GROUP_SECONDS", -1.0)

    transactions = await in_one_group(storage, *[transaction_of] * 5)

    assert len(set(transactions)) == 5


async def test_what_was_put_back_is_played_in_the_order_it_came(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GROUP_SECONDS", -1.0)
    watched = Watched()

    await in_one_group(storage, *(watched.visit(n) for n in range(GROUP + 8)))

    assert watched.plays == list(range(GROUP + 8))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)],
)
async def test_a_commit_is_on_the_disk_and_references_hold(
    storage: Database, pragma: str, value: object
) -> None:
    assert await storage.play(BRAND, lambda tx: tx.scalar(text(f"PRAGMA {pragma}"))) == value


async def test_a_lone_turn_waits_for_no_others(storage: Database) -> None:
    first = await storage.play(BRAND, transaction_of)
    second = await storage.play(BRAND, transaction_of)

    assert first is not second


async def test_a_turn_that_falls_falls_alone_and_the_others_still_share_one_commit(
    storage: Database,
) -> None:
    """They are played once more, for what it had changed stood in their transaction."""

    def mistake(tx: Turn) -> None:
        count_up(said("bad", at=at(99)))(tx)
        raise ValueError("a mistake")

    watched = Watched()
    played = await in_one_group(
        storage, transaction_of, watched.visit(1), mistake, watched.visit(2), transaction_of
    )

    assert [type(p) for p in played[1:4]] == [int, ValueError, int]
    assert played[0] is played[4]
    assert watched.plays == [1, 1, 2]
    assert [await storage.play(BRAND, counted(at(n))) for n in (1, 2, 99)] == [1, 1, 0]


async def test_a_commit_that_fails_is_played_again_one_by_one_with_effects_once(
    storage: Database,
) -> None:
    watched = Watched()

    played = await in_one_group(
        storage, watched.visit(1), watched.visit(2), break_the_commit, watched.visit(3)
    )

    assert [type(p) for p in played] == [int, int, IntegrityError, int]
    assert watched.plays == [1, 2, 3, 1, 2, 3]
    assert await events(storage) == 3
    assert await states(storage) == ["sending"] * 3
    assert [await storage.play(BRAND, counted(at(n))) for n in (1, 2, 3, 99)] == [1, 1, 1, 0]


async def test_a_commit_by_the_work_itself_plays_no_neighbour_twice(storage: Database) -> None:
    """What was committed behind our back is a repeat when it is played again."""

    def commit(tx: Turn) -> None:
        tx.run(text("COMMIT"))

    watched = Watched()
    played = await in_one_group(storage, watched.visit(1), commit, watched.visit(2))

    assert isinstance(played[1], Exception)
    assert await states(storage) == ["sending"] * 2
    assert [await storage.play(BRAND, counted(at(n))) for n in (1, 2)] == [1, 1]


async def test_a_full_disk_records_nothing_and_says_unavailable(storage: Database) -> None:
    def fill(tx: Turn) -> None:
        driver = raw(tx)
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count={pages}")
        tx.record(said("e1"))
        tx.run(text("CREATE TABLE big AS SELECT zeroblob(1000000) AS bytes"))

    played = await in_one_group(storage, count_up(said("n1")), fill, count_up(said("n2", at=at(2))))

    assert [type(p) for p in played] == [int, Unavailable, int]
    assert await events(storage) == 2


async def test_after_a_fault_of_the_file_it_is_opened_anew(storage: Database) -> None:
    connections = []

    def fault_first(tx: Turn) -> None:
        connections.append(raw(tx))
        if len(connections) == 1:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
            raise error

    await storage.play(BRAND, fault_first)

    assert len(connections) == 2
    assert connections[0] is not connections[1]


async def test_a_full_disk_cannot_be_swallowed(storage: Database) -> None:
    def careless(tx: Turn) -> str:
        driver = raw(tx)
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count={pages}")
        tx.record(said("e1"))
        try:
            tx.run(text("CREATE TABLE big AS SELECT zeroblob(1000000) AS bytes"))
        except Exception:  # noqa: BLE001  what a careless action does
            return "fine"
        return "never"

    with pytest.raises(Unavailable):
        await storage.play(BRAND, careless)
    assert await events(storage) == 0


def transaction(begun: Begun) -> object:
    return begun.connection.get_transaction()


async def test_outcomes_of_deliveries_join_the_next_group(storage: Database) -> None:
    """Less than one commit a turn: what became of messages is written with the turns that come."""
    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    joining = storage._turns.submit(transaction, joining=True)
    turns = [storage._turns.submit(transaction) for _ in range(2)]
    gate.let_go()
    await busy

    assert {await joining} == {await turn for turn in turns}


async def test_a_turn_that_is_alone_waits_for_nobodys_outcomes(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.turns.JOIN_SECONDS", 3600.0)
    joining = storage._turns.submit(transaction, joining=True)
    await storage._turns.submit(transaction)
    assert not joining.done()

    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    turns = [storage._turns.submit(transaction) for _ in range(2)]
    gate.let_go()
    await busy
    assert {await joining} == {await turn for turn in turns}


async def test_outcomes_do_not_wait_for_a_turn_that_never_comes(storage: Database) -> None:
    await asyncio.wait_for(storage._turns.submit(lambda _begun: None, joining=True), 10)


async def test_a_mistake_of_the_machine_itself_leaves_nobody_waiting(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake in the machine")

    monkeypatch.setattr(storage._turns, "_play_each", broken)

    with pytest.raises(RuntimeError, match="a mistake"):
        await storage.play(BRAND, count_up(said("e1")))
    monkeypatch.undo()
    assert await storage.play(BRAND, count_up(said("e1"))) == 1
