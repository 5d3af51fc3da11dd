"""Fixtures for every test that needs a database: each runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.core.brand import Brand
from storage.database import Database, open_database
from storage.migrate import migrate
from storage.turns import Patience
from tests import postgres
from tests.fakes import Clock, Tokens

SERVER_KEY = b"a key for tests, of 32 bytes ..."
_numbers = itertools.count(1)

OpenStorage = Callable[..., Database]
"""`open_storage(owner="b", **more)`: another process's storage on the same database."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server started for this test run (one a worker), with the template `balcao`.

    Without one the tests that need it are skipped, saying so; in CI they fail.
    """
    try:
        with postgres.running() as url:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute("CREATE DATABASE balcao")
            migrate(_database(url, "balcao"))
            yield url
    except postgres.NoPostgres as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "balcao.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    file = tmp_path / "balcao.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE balcao")  # type: ignore[call-overload]
        yield _database(postgres_server, name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, migrated; the test runs once on each kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def brand() -> Brand:
    return Brand(id="curral", name="Curral Fibra")


@pytest.fixture
async def open_storage(database_url: str, clock: Clock, brand: Brand) -> AsyncIterator[OpenStorage]:
    """Opens the database as one process more; all are closed at the end."""
    opened: list[Database] = []
    tokens = Tokens()

    def open_it(owner: str, **more: Any) -> Database:
        settings: dict[str, Any] = {
            "server_key": SERVER_KEY,
            "clock": clock,
            "brands": {brand.id: brand},
            "owner": owner,
            "token": tokens,
            "jitter": lambda: 0.0,
            "patience": Patience(first=0.001, most=0.01),
        }
        opened.append(open_database(database_url, **settings | more))
        return opened[-1]

    yield open_it
    for database in opened:
        await database.close()


@pytest.fixture
def storage(open_storage: OpenStorage) -> Database:
    return open_storage(owner="first")


def _database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
