"""Which faults of a database pass if one plays again, and how to keep people's data out of their words."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from bot.core.errors import BalcaoError, StaleSession

_SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
"""Primary result codes (sqlite.org/rescode.html) that tell of the file, the disk or a lock."""

_POSTGRES_PASSING_CLASSES = {"08", "53", "57", "58"}
"""Connection, resources (disk full), operator intervention, system: PostgreSQL manual, appendix A."""
_POSTGRES_PASSING = {"40001", "40P01", "40003", "55P03", "25P03", "25006"}
"""Serialisation, deadlock, completion unknown, lock not available, idle too long, a standby."""
_POSTGRES_OURS = {"57014"}
"""Cancelled for taking too long: it would take as long again."""


class TransactionEnded(BalcaoError):
    """An action ended the transaction of its turn, or went on after its database refused a statement."""


def origin(error: BaseException) -> BaseException:
    """What the driver raised, without SQLAlchemy's wrapping."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error


def passes(error: BaseException) -> bool:
    """Whether it is no fault of our own code, so that the turn is played again.

    Locked, deadlock, serialisation, connection, disk; and a session that another turn saved first.
    """
    if isinstance(error, StaleSession):
        return True
    driver_error = origin(error)
    if isinstance(driver_error, sqlite3.Error):
        # The extended codes keep the primary one in their lowest byte.
        return getattr(driver_error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    if not is_psycopg(driver_error):
        return False
    state: str | None = getattr(driver_error, "sqlstate", None)
    if state is None:  # raised on this side of the wire: the connection is lost or was never made
        return type(driver_error).__name__ in {"OperationalError", "InterfaceError"} or (
            "Timeout" in type(driver_error).__name__
        )
    if state in _POSTGRES_OURS:
        return False
    return state in _POSTGRES_PASSING or state[:2] in _POSTGRES_PASSING_CLASSES


def is_psycopg(error: BaseException) -> bool:
    """Whether psycopg raised it; told by the name, for who has SQLite alone never imports psycopg."""
    return type(error).__module__.partition(".")[0] == "psycopg"


def discreet(error: BaseException) -> None:
    """Take the values out of an error's words, before anybody logs them.

    PostgreSQL's DETAIL and CONTEXT quote keys and whole rows ("Key (tax_id)=(…) already exists").
    """
    driver_error = origin(error)
    if not is_psycopg(driver_error):
        return
    for told in (driver_error, error):
        if told.args and isinstance(told.args[0], str):
            told.args = (told.args[0].partition("\n")[0], *told.args[1:])
