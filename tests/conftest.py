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
import structlog
from psycopg import sql

from bot.core.brand import Brand
from storage.database import Database, open_database
from storage.migrate import migrate
from storage.turns import Patience
from tests import kept, postgres
from tests.fakes import SERVER_KEY, Clock, Tokens
from tests.furnished import FileRows, Furnished, Rows, ServerRows

_numbers = itertools.count(1)

OpenStorage = Callable[..., Database]
"""`open_storage(owner="b", **more)`: another process's storage on the same database."""


def database_at(server: str, name: str) -> str:
    """The URL of another database of a server."""
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(autouse=True)
def _lanes_gather_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second between two looks at a lane would be half of what many tests take."""
    monkeypatch.setattr("bot.delivery.lanes.GATHER_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _logs_of_one_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that runs in this process sets logging up for good, where the next test listens."""
    configure = structlog.configure
    forgetting = {"cache_logger_on_first_use": False}
    monkeypatch.setattr(structlog, "configure", lambda **how: configure(**how | forgetting))
    yield
    structlog.reset_defaults()


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
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(kept.DATABASE)))
            migrate(database_at(url, kept.DATABASE))
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
def copy_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Copies a database to the place of the test's own, alone in its folder.

    It is one place for all tests of a worker, so that one engine serves them all.
    """
    place = tmp_path_factory.mktemp("sqlite")

    def copy(template: Path) -> Path:
        for left in place.iterdir():
            left.unlink()
        return Path(shutil.copyfile(template, place / "balcao.sqlite3"))

    return copy


@pytest.fixture
def sqlite_file(sqlite_template: Path, copy_sqlite: Callable[[Path], Path]) -> Path:
    """A fresh SQLite database, alone in its folder."""
    return copy_sqlite(sqlite_template)


@pytest.fixture
def sqlite_url(sqlite_file: Path) -> str:
    """A fresh SQLite database."""
    return f"sqlite:///{sqlite_file}"


@pytest.fixture(scope="session")
def postgres_rows(postgres_server: str) -> Iterator[ServerRows]:
    """The server's database, to be emptied and filled."""
    rows = ServerRows(database_at(postgres_server, kept.DATABASE))
    yield rows
    rows.close()


@pytest.fixture
def postgres_url(postgres_rows: ServerRows) -> str:
    """A PostgreSQL database without a row."""
    postgres_rows.delete()
    return postgres_rows.url


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
def database_rows(database_url: str, request: pytest.FixtureRequest) -> Rows:
    """The rows of the test's database, seen from beside."""
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///"))
        return FileRows(file, request.getfixturevalue("sqlite_copies"))
    rows: ServerRows = request.getfixturevalue("postgres_rows")
    return rows


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copies")


@pytest.fixture(scope="session")
def furnished() -> Furnished:
    """What tests write into their empty databases first, done once."""
    return Furnished()


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
