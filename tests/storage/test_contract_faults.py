"""Faults of the database: what passes is played again, what does not pass is told, nothing is half done."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from bot.core.brand import Brand
from bot.core.errors import Unavailable
from bot.core.ports import Turn
from storage.database import Database
from storage.faults import passes
from storage.tables import customer, lane
from storage.transactions import Transaction
from storage.turns import Patience
from tests.conftest import OpenStorage, storage_at
from tests.fakes import Clock

from .telling import BRAND, count_up, directly, events, said

TAX_ID = "52998224725"


@contextmanager
def locked(url: str) -> Iterator[Callable[[], None]]:
    """Another program holds what every turn needs; call it to let go."""
    connection = directly(url)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE")
    try:
        yield connection.rollback
    finally:
        connection.rollback()
        connection.close()


async def test_a_lock_that_is_not_let_go_makes_it_unavailable_and_nothing_is_recorded(
    open_storage: OpenStorage, database_url: str
) -> None:
    storage = open_storage(owner="o", patience=Patience(plays=2, first=0.001, lock=0.01))

    with locked(database_url):
        played = await asyncio.gather(
            *(storage.play(BRAND, count_up(said(f"e{n}"))) for n in range(3)),
            return_exceptions=True,
        )

    assert [type(p) for p in played] == [Unavailable] * 3
    assert await events(storage) == 0
    assert await storage.play(BRAND, count_up(said("e0"))) == 1


async def test_a_lock_that_is_let_go_in_time_costs_nobody_anything(
    open_storage: OpenStorage, database_url: str
) -> None:
    with locked(database_url) as let_go:

        def jitter() -> float:  # asked for between the first play and the second
            let_go()
            return 0.0

        storage = open_storage(owner="o", jitter=jitter, patience=Patience(first=0.001, lock=0.01))
        assert await storage.play(BRAND, count_up(said("e1"))) == 1
    assert await events(storage) == 1


async def test_pauses_between_plays_grow_and_have_an_end() -> None:
    patience = Patience(plays=9, first=0.01, most=0.1)

    pauses = [patience.pause(plays, 1.0) for plays in range(1, 7)]

    assert pauses == [0.01, 0.02, 0.04, 0.08, 0.1, 0.1]
    assert patience.pause(1, 0.0) == 0.005


async def test_a_mistake_in_a_statement_is_told_at_once(open_storage: OpenStorage) -> None:
    storage = open_storage(owner="o")
    plays = []

    def wrong(tx: Turn) -> None:
        plays.append(tx.record(said("e1")))
        tx.run(text("SELECT nonsense FROM nowhere"))

    with pytest.raises(DBAPIError):
        await storage.play(BRAND, wrong)

    assert plays == [True]
    assert await events(storage) == 0


async def test_an_error_tells_no_values(open_storage: OpenStorage) -> None:
    """What is logged of an error must hold no tax id: not as a parameter, not in PostgreSQL's DETAIL."""
    storage = open_storage(owner="o")

    def twice(tx: Turn) -> None:
        row: dict[str, Any] = {
            "brand": BRAND, "kind": "PF", "name": "Ana Secreta", "tax_id": TAX_ID, "due_day": 10,
            "created_at": tx.now,
        }  # fmt: skip
        tx.run(insert(customer).values(row))
        tx.run(insert(customer).values(row))

    with pytest.raises(IntegrityError) as caught:
        await storage.play(BRAND, twice)

    told = "".join(traceback.format_exception(caught.value))
    assert "customer" in told
    assert TAX_ID not in told
    assert "Secreta" not in told


async def test_giving_up_tells_no_values_either(open_storage: OpenStorage) -> None:
    storage = open_storage(owner="o", patience=Patience(plays=1))

    def fail(tx: Turn) -> None:
        assert isinstance(tx, Transaction)
        kind = "sqlite" if tx._begun.dialect == "sqlite" else "postgresql"
        raise (
            sqlite3_full() if kind == "sqlite" else psycopg.errors.DiskFull("x\nDETAIL: " + TAX_ID)
        )

    with pytest.raises(Unavailable) as caught:
        await storage.play(BRAND, fail)
    assert TAX_ID not in "".join(traceback.format_exception(caught.value))


def sqlite3_full() -> sqlite3.Error:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.OperationalError("connection failed"), True),
        (psycopg.errors.ConnectionTimeout(), True),
        (psycopg.errors.UniqueViolation(), False),
        (psycopg.errors.UndefinedTable(), False),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.DataError("text fields cannot contain NUL"), False),
        (sqlite3_full(), True),
        (sqlite3.OperationalError("no such table"), False),
        (sqlite3.IntegrityError("unique"), False),
        (ProgrammingError("select", None, psycopg.errors.DeadlockDetected()), True),
        (ValueError("ours"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_only_what_passes_is_played_again(error: Exception, again: bool) -> None:
    assert passes(error) is again


# ------------------------------------------------------------------ PostgreSQL alone


@pytest.fixture
async def server_storage(postgres_url: str, clock: Clock, brand: Brand) -> AsyncIterator[Database]:
    """Only a server has connections to lose, and deadlocks to detect."""
    database = storage_at(postgres_url, clock, brand, owner="o")
    yield database
    await database.close()


@pytest.mark.postgresql
async def test_a_lost_connection_is_made_anew_and_the_turn_is_played_once(
    server_storage: Database, postgres_url: str
) -> None:
    plays = []

    def cut_off_first(tx: Turn) -> int | None:
        number = count_up(said("e1"))(tx)
        plays.append(number)
        if len(plays) == 1:
            pid = tx.scalar(text("SELECT pg_backend_pid()"))
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            tx.scalar(text("SELECT 1"))
        return number

    assert await server_storage.play(BRAND, cut_off_first) == 1
    assert plays == [1, 1]
    assert await events(server_storage) == 1


@pytest.mark.postgresql
async def test_a_connection_lost_while_idle_costs_no_turn(
    server_storage: Database, postgres_url: str
) -> None:
    await server_storage.play(BRAND, count_up(said("e1")))
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert await server_storage.play(BRAND, count_up(said("e2"))) == 2
    assert await events(server_storage) == 2


@pytest.mark.postgresql
async def test_a_deadlock_is_played_again(server_storage: Database) -> None:
    """Two turns lock the same two rows in opposite order: both are done, one of them twice."""
    plays = []
    both = threading.Barrier(2)

    def lock_both(first: str, second: str) -> Callable[[Turn], None]:
        def work(tx: Turn) -> None:
            plays.append(first)
            for name in (first, second):
                tx.run(update(lane).where(lane.c.name == name).values(tokens=lane.c.tokens + 1))
                if name == first and len(plays) <= 2:
                    both.wait(30)

        return work

    def make(tx: Turn) -> None:
        rows = [{"name": name, "tokens": 0.0, "refilled_at": tx.now} for name in ("a", "b")]
        tx.run(insert(lane).values(rows))

    await server_storage.play(BRAND, make)
    await asyncio.gather(
        server_storage.play(BRAND, lock_both("a", "b")),
        server_storage.play(BRAND, lock_both("b", "a")),
    )

    assert len(plays) == 3
    tokens = await server_storage.read(BRAND, lambda read: read.all(select(lane.c.tokens)))
    assert [row.tokens for row in tokens] == [2.0, 2.0]
