"""Group commit on PostgreSQL: threads part the turns that wait, and a refused one harms no neighbour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.core.brand import Brand
from bot.core.ports import Turn
from storage.database import Database
from storage.tables import message_body
from tests.conftest import storage_at
from tests.fakes import Clock

from .telling import BRAND, Gate, count_up, counted, events, said, states
from .test_group_commit import Watched, at, in_one_group, transaction_of

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def storage(postgres_url: str, clock: Clock, brand: Brand) -> AsyncIterator[Database]:
    database = storage_at(postgres_url, clock, brand, owner="o", threads=1)
    yield database
    await database.close()


def be_refused(tx: Turn) -> None:
    """A turn whose statement the server refuses."""
    count_up(said("bad", at=at(99)))(tx)
    tx.run(insert(message_body).values(message=12345, body={}))


async def test_turns_that_wait_share_one_commit(storage: Database) -> None:
    transactions = await in_one_group(storage, *[transaction_of] * 8)

    assert len(transactions) == 8
    assert len(set(transactions)) == 1


async def test_a_refused_turn_falls_alone_and_its_neighbours_happen_once(storage: Database) -> None:
    watched = Watched()

    played = await in_one_group(storage, watched.visit(1), be_refused, watched.visit(2))

    assert [type(each).__name__ for each in played] == ["int", "IntegrityError", "int"]
    assert await events(storage) == 2
    assert await states(storage) == ["sending"] * 2
    assert [await storage.play(BRAND, counted(at(n))) for n in (1, 2, 99)] == [1, 1, 0]


async def test_a_turn_that_raises_is_rolled_back_without_its_neighbours(storage: Database) -> None:
    def mistake(tx: Turn) -> None:
        count_up(said("bad", at=at(99)))(tx)
        raise ValueError("a mistake")

    watched = Watched()
    played = await in_one_group(storage, watched.visit(1), mistake, watched.visit(2))

    assert [type(each).__name__ for each in played] == ["int", "ValueError", "int"]
    assert watched.plays == [1, 1, 2]
    assert [await storage.play(BRAND, counted(at(n))) for n in (1, 2, 99)] == [1, 1, 0]


async def test_threads_part_the_turns_that_wait(
    postgres_url: str, clock: Clock, brand: Brand
) -> None:
    """Both threads are held; what waited meanwhile is not one thread's alone."""
    storage = storage_at(postgres_url, clock, brand, owner="o", threads=2)
    gates = [Gate(), Gate()]
    held = [asyncio.ensure_future(storage.play(BRAND, gate)) for gate in gates]
    for gate in gates:
        await asyncio.to_thread(gate.entered.wait)

    def backend(tx: Turn) -> Any:
        tx.scalar(text("SELECT pg_sleep(0.01)"))
        return tx.scalar(text("SELECT pg_backend_pid()"))

    waiting = [asyncio.ensure_future(storage.play(BRAND, backend)) for _ in range(8)]
    await asyncio.sleep(0)
    for gate in gates:
        gate.let_go()
    await asyncio.gather(*held)
    backends = await asyncio.gather(*waiting)

    assert len(set(backends)) == 2
    await storage.close()
