"""Instants are written in one form, whatever statement writes them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.core.ports import Settled, State
from storage.database import Database
from storage.tables import message

from .telling import BRAND, answer, said


def test_an_instant_without_its_column_type_never_reaches_sqlite() -> None:
    with sqlite3.connect(":memory:") as driver, pytest.raises(TypeError, match="column type"):
        driver.execute("SELECT ?", (datetime.now(UTC),))
    driver.close()


async def test_every_instant_of_a_message_sorts_with_every_other(storage: Database) -> None:
    (posted, _two) = await storage.play(BRAND, answer(said("e1"), "one", "two"))
    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="r1")])
    columns = ("due_at", "created_at", "sent_at", "lease_until")

    def raw(read: Any) -> list[Any]:
        rows = read.all(text(f"SELECT {', '.join(columns)} FROM message"))
        return [value for row in rows for value in row if value is not None]

    written = await storage.read(BRAND, raw)
    typed = await storage.read(BRAND, lambda read: read.all(select(message.c.sent_at)))
    assert any(row.sent_at for row in typed)
    if all(isinstance(value, str) for value in written):  # SQLite: text of one width
        assert {len(value) for value in written} == {len("2026-11-20T15:00:00.000000+00:00")}
        assert all(value[10] == "T" for value in written)
