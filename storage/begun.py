"""A transaction that has begun: runs statements, fixes the instant, notes what its end must know."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult

from storage.faults import TransactionEnded, discreet, passes
from storage.prepared import Bound, Prepared

_IDLE, _OPEN = 0, 2
"""libpq's PQTRANS_IDLE and PQTRANS_INTRANS; 3 is a transaction in which a statement failed."""


class Begun:
    """What work in a storage thread holds: one open transaction, or its part of a group's."""

    __slots__ = ("_driver", "_fault", "_refused", "_used", "connection", "dialect", "lanes", "now")

    def __init__(self, connection: Connection, now: datetime, *, under_way: bool = False) -> None:
        """`under_way`: the transaction has had a statement (of another turn in the group)."""
        self.connection = connection
        self.dialect = connection.dialect.name
        self.now = now
        """UTC, the same all through."""
        self.lanes: set[str] = set()
        """Lanes that will have rows due once this is committed."""
        self._driver: Any = connection.connection.dbapi_connection
        self._fault: BaseException | None = None
        self._refused: BaseException | None = None
        self._used = under_way

    def execute(self, statement: Any) -> CursorResult[Any]:
        """Run a statement through SQLAlchemy."""
        self._used = True
        try:
            return self.connection.execute(statement)
        except Exception as error:  # whatever it is, it is only looked at
            self._note(error)
            raise

    def run(self, prepared: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a prepared statement on the driver."""
        self._used = True
        try:
            return prepared.rows(self._driver, self.dialect, values)
        except Exception as error:  # whatever it is, it is only looked at
            self._note(error)
            raise

    def look(self, bound: Bound) -> list[Any]:
        """Run a prepared SELECT on the driver; its rows by name."""
        self._used = True
        try:
            return bound.statement.named(self._driver, self.dialect, bound.values)
        except Exception as error:  # whatever it is, it is only looked at
            self._note(error)
            raise

    def run_many(self, prepared: Prepared, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared statement once for each set of values."""
        self._used = True
        try:
            prepared.many(self._driver, self.dialect, values)
        except Exception as error:  # whatever it is, it is only looked at
            self._note(error)
            raise

    @property
    def alive(self) -> bool:
        """Whether the transaction is still open and would commit."""
        # psycopg begins with the first statement.
        wanted = _OPEN if self._used or self.dialect == "sqlite" else _IDLE
        return _status(self._driver) == wanted

    def check(self) -> None:
        """Raise what would make a commit a lie, even if the work swallowed it.

        A fault that passes is raised again; TransactionEnded if the work ended the transaction, or
        went on after PostgreSQL had refused a statement (its COMMIT would silently roll back).
        """
        if self._fault is not None:
            raise self._fault
        if not self.alive:
            raise TransactionEnded from self._refused

    def _note(self, error: BaseException) -> None:
        discreet(error)
        self._refused = error
        if passes(error):
            self._fault = error


def idle(connection: Connection) -> bool:
    """Whether no transaction is open on a connection; after a COMMIT that failed, SQLite's still is."""
    return _status(connection.connection.dbapi_connection) == _IDLE


def _status(driver: Any) -> int:
    if isinstance(driver, sqlite3.Connection):
        return _OPEN if driver.in_transaction else _IDLE
    return int(driver.info.transaction_status)
