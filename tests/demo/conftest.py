"""The demo's brand over an empty database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.demo.brand import brand
from tests.nouns.desk import Desk


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    opened = Desk(sqlite_url, brand())
    yield opened
    opened.close()


@pytest.fixture
def either_desk(database_url: str) -> Iterator[Desk]:
    """On SQLite, and on PostgreSQL."""
    opened = Desk(database_url, brand())
    yield opened
    opened.close()
