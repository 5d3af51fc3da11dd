"""Brings a database to the tables of this program: at start on SQLite, by `balcao migrate` on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from bot.core.errors import BalcaoError
from storage.engines import database_url, postgresql_engine, sqlite_engine

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x62616C63616F
"""The advisory lock of a migration on PostgreSQL: "balcao" in ASCII."""
_WAIT_SECONDS = 120.0
"""How long a start waits for another process to finish migrating."""


class NewerDatabase(BalcaoError):
    """This database was made by a newer Balcão; start that version, or restore a copy from before."""


class BrokenReferences(BalcaoError):
    """A migration left rows that refer to nothing; it was undone."""


def revisions() -> list[str]:
    """Every revision of this program, oldest first: they are numbered, and each is one file."""
    return sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def pending(url: str) -> list[str]:
    """Revisions that the database at `url` still needs, oldest first; creates nothing.

    Raises NewerDatabase if it has one that this program does not know.
    """
    where = database_url(url)
    if where.get_backend_name() == "sqlite":
        if _is_new(_file(where)):
            return revisions()
        engine = sqlite_engine(where, read_only=True)
    else:
        engine = postgresql_engine(where, read_only=True)
    with engine.connect() as connection:
        return _missing(connection)


def migrate(url: str) -> list[str]:
    """Bring the database at `url` to this program's revision; the revisions that were applied.

    One process does it while others wait. All of it is one transaction. An existing SQLite file is
    copied first, to `<file>.before-<revision>`; a new one can be read by its owner alone. Raises
    NewerDatabase.
    """
    where = database_url(url)
    if where.get_backend_name() == "sqlite":
        return _migrate_sqlite(where)
    engine = postgresql_engine(where, lock_seconds=_WAIT_SECONDS)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        return _upgrade(connection)


def draft(message: str) -> Path:
    """Write the next revision from what storage/tables says now; to be read and mended before it is kept."""
    from tempfile import TemporaryDirectory

    from alembic import command

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.sqlite3"
        migrate(url)
        number = f"{int(revisions()[-1]) + 1:04}"
        with sqlite_engine(database_url(url)).connect() as connection, connection.begin():
            script = command.revision(
                _config(connection), message, autogenerate=True, rev_id=number
            )
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no revision")
    return Path(script.path)


def _migrate_sqlite(where: URL) -> list[str]:
    file = _file(where)
    if _is_new(file):
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    elif not pending(str(where)):
        return []
    engine = sqlite_engine(where, lock_seconds=_WAIT_SECONDS)
    with engine.connect() as connection:
        # Batch mode rebuilds tables; dropping the old one must not touch the rows that refer to it.
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():  # BEGIN IMMEDIATE: who waited here finds nothing left to do
            missing = _missing(connection)
            if missing and _tables(connection):
                _copy(file, file.with_name(f"{file.name}.before-{missing[-1]}"))
            applied = _upgrade(connection)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise BrokenReferences
    return applied


def _copy(file: Path, copy: Path) -> None:
    """A copy of what is committed, made by SQLite itself, so that it is whole."""
    unfinished = copy.with_name(copy.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    shutil.copymode(file, unfinished)
    unfinished.replace(copy)


def _upgrade(connection: Connection) -> list[str]:
    missing = _missing(connection)
    if missing:
        from alembic import command  # 0.9 s of import, and most starts have nothing to migrate

        command.upgrade(_config(connection), "head")
    return missing


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _missing(connection: Connection) -> list[str]:
    known = revisions()
    if "alembic_version" not in _tables(connection):
        return known
    at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if at is None:
        return known
    if at not in known:
        raise NewerDatabase(f"revision {at}")
    return known[known.index(at) + 1 :]


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def _file(where: URL) -> Path:
    return Path(where.database or "")


def _is_new(file: Path) -> bool:
    return not file.exists() or file.stat().st_size == 0


if __name__ == "__main__":
    sys.stdout.write(f"{draft(sys.argv[1])}\n")
