"""An office that imports into a real database, on both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.brand import Brand
from storage.database import Database
from tests.importing.office import Office
from tests.nouns.desk import Desk


@pytest.fixture
def office(storage: Database, database_url: str, brand: Brand, tmp_path: Path) -> Iterator[Office]:
    desk = Desk(database_url, brand)
    yield Office(storage, desk, tmp_path)
    desk.close()
