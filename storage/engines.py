"""How each database is reached: drivers, pragmas, and how a transaction begins."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool


def _untyped(_value: datetime) -> NoReturn:
    raise TypeError("an instant reached SQLite without its column type: name the bindparam's type_")


# The driver would write it in a form of its own, which does not sort with that of `Instant`.
sqlite3.register_adapter(datetime, _untyped)


def database_url(url: str) -> URL:
    """A URL with the driver we use. Raises ValueError for another database, or SQLite in memory."""
    where = make_url(url)
    match where.get_backend_name():
        case "sqlite" if where.database and where.database != ":memory:":
            return where.set(drivername="sqlite")
        case "sqlite":
            raise ValueError("a SQLite database needs a file: sqlite:///balcao.sqlite3")
        case "postgresql":
            return where.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"no database of ours: {other} (sqlite:///… or postgresql://…)")


def sqlite_engine(url: URL, *, read_only: bool = False, lock_seconds: float = 1.0) -> Engine:
    """An engine that writes with `BEGIN IMMEDIATE`, or reads a snapshot and never waits for a writer.

    The driver's own transaction modes are off: they commit at RELEASE, or take the write lock so
    late that it can no longer be waited for.
    """
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": lock_seconds, "cached_statements": 256},
    )
    begin = "BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(begin)  # a third of what `exec_driver_sql` costs, for each group

    return engine


def postgresql_engine(url: URL, *, read_only: bool = False, lock_seconds: float = 1.0) -> Engine:
    """An engine whose connections speak UTC and wait for no lock longer than `lock_seconds`."""
    options = ["timezone=UTC", f"lock_timeout={int(lock_seconds * 1000)}"]
    if read_only:
        options += ["default_transaction_read_only=on"]
        options += ["default_transaction_isolation=repeatable\\ read"]
    given = url.query.get("options", "")
    return create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"options": f"{given} -c {' -c '.join(options)}", "connect_timeout": 5},
    )
