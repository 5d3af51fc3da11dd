"""A counter for each story: at each of the three doors, on a copy of the town."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.brand import Brand
from tests.conftest import storage_at
from tests.fakes import Clock

from .counter import DOORS, Counter, Door, Visitor
from .town import BRAND, Town, furnish

OpenCounter = Callable[..., Counter]


@pytest.fixture(scope="session")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Town]:
    """A database in which everybody lives, to copy; and their ids."""
    file = tmp_path_factory.mktemp("town") / "balcao.sqlite3"
    shutil.copyfile(sqlite_template, file)

    async def settle() -> Town:
        database = storage_at(f"sqlite:///{file}", Clock(), BRAND, owner="town")
        try:
            return await database.play(BRAND.id, furnish)
        finally:
            await database.close()

    return file, asyncio.run(settle())


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> Door:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def open_counter(
    door: Door,
    town: tuple[Path, Town],
    copy_sqlite: Callable[[Path], Path],
    clock: Clock,
    tmp_path: Path,
) -> Iterator[OpenCounter]:
    """Open the counter, as another brand perhaps: `open_counter(features=…)`."""
    template, people = town
    file = copy_sqlite(template)
    with ExitStack() as stack:

        def open_it(brand: Brand = BRAND, **changes: Any) -> Counter:
            opened = Counter(
                door, f"sqlite:///{file}", replace(brand, **changes), people, clock, tmp_path
            )
            stack.callback(opened.close)
            return opened

        yield open_it


@pytest.fixture
def counter(open_counter: OpenCounter) -> Counter:
    return open_counter()


@pytest.fixture
def ana(counter: Counter) -> Visitor:
    """Ana, who has just proved who she is."""
    ana = counter.visitor()
    ana.identifies("ana")
    return ana
