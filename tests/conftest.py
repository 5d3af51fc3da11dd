"""Fixtures for every test that needs a database: each runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from bot.core.brand import Brand
from storage.database import Database, open_database
from storage.migrate import migrate
from storage.tables import metadata
from storage.turns import Patience
from tests import kept, postgres
from tests.fakes import SERVER_KEY, Clock, Tokens

_numbers = itertools.count(1)

OpenStorage = Callable[..., Database]
"""`open_storage(owner="b", **more)`: another process's storage on the same database."""


def database_at(server: str, name: str) -> str:
    """The URL of another database of a server."""
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session", autouse=True)
def _kept_engines() -> Iterator[None]:
    with kept.engines_kept():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server started for this test run (one a worker), its database `balcao` migrated.

    Without one the tests that need it are skipped, saying so; in CI they fail.
    """
    try:
        with postgres.running() as url:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute("CREATE DATABASE balcao")
            migrate(database_at(url, "balcao"))
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


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test of a worker finds its file: in one place, so that one engine serves them all."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture
def sqlite_file(sqlite_template: Path, sqlite_place: Path) -> Path:
    """A fresh SQLite database, alone in its folder."""
    for left in sqlite_place.iterdir():
        left.unlink()
    return Path(shutil.copyfile(sqlite_template, sqlite_place / "balcao.sqlite3"))


@pytest.fixture
def sqlite_url(sqlite_file: Path) -> str:
    """A fresh SQLite database."""
    return f"sqlite:///{sqlite_file}"


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Empties the database; gives its URL.

    Deleting is a hundred times faster than making a database, and ten times faster still over a
    connection that has done it before: a new one learns the tables and their references first.
    """
    url = database_at(postgres_server, "balcao")
    tables = (sql.Identifier(table.name) for table in reversed(metadata.sorted_tables))
    deletes = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(each) for each in tables)
    with ExitStack() as stack:
        servers = list[psycopg.Connection]()

        def empty_it() -> str:
            if not servers or _is_lost(servers[-1]):  # a test may have cut every connection
                servers.append(stack.enter_context(psycopg.connect(url, autocommit=True)))
            servers[-1].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND pid <> ALL(%s)",
                [kept.idle_pids()],
            )
            servers[-1].execute(deletes)
            return url

        yield empty_it


def _is_lost(server: psycopg.Connection) -> bool:
    try:
        server.execute("SELECT")
    except psycopg.OperationalError:
        return True
    return False


@pytest.fixture
def postgres_url(empty_postgres: Callable[[], str]) -> str:
    """A PostgreSQL database without a row."""
    return empty_postgres()


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database without a table, for who makes its own."""
    name = sql.Identifier(f"new_{next(_numbers)}")
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield database_at(postgres_server, name.as_string().strip('"'))
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


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


def storage_at(url: str, now: Clock, brand: Brand, *, owner: str, **more: Any) -> Database:
    """A database opened for a test: impatient, and nothing in it is left to chance."""
    settings: dict[str, Any] = {
        "server_key": SERVER_KEY,
        "clock": now,
        "brands": {brand.id: brand},
        "token": Tokens(owner),
        "jitter": lambda: 0.0,
        "patience": Patience(first=0.001, most=0.01),
    }
    return open_database(url, owner=owner, **settings | more)


@pytest.fixture
async def open_storage(database_url: str, clock: Clock, brand: Brand) -> AsyncIterator[OpenStorage]:
    """Opens the database as one process more; all are closed at the end."""
    opened: list[Database] = []

    def open_it(owner: str, **more: Any) -> Database:
        opened.append(storage_at(database_url, clock, brand, owner=owner, **more))
        return opened[-1]

    yield open_it
    for database in opened:
        await database.close()


@pytest.fixture
def storage(open_storage: OpenStorage) -> Database:
    """The storage of one process."""
    return open_storage(owner="first")
