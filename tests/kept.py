"""Engines and connections that outlive a test: what is dear is made once a worker.

A new engine compiles every statement anew, and a new connection to PostgreSQL learns the tables anew:
together more work than most tests are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL

from storage.engines import postgresql_engine, sqlite_engine

DATABASE = "balcao"
"""The one database of a server whose connections are kept."""
_idle: list[psycopg.Connection] = []
"""Every connection that waits to be lent again."""


@contextmanager
def engines_kept() -> Iterator[None]:
    """While this lasts, storage opened twice at one place has the same engines.

    They hold nothing but compiled statements, for nothing is pooled.
    """
    with pytest.MonkeyPatch.context() as instead:
        instead.setattr("storage.database.sqlite_engine", kept_sqlite_engine)
        instead.setattr("storage.database.postgresql_engine", kept_postgresql_engine)
        yield
    _known_sqlite_engine.cache_clear()
    kept_postgresql_engine.cache_clear()
    while _idle:
        _idle.pop().close()


def kept_sqlite_engine(url: URL, **how: Any) -> Engine:
    """The same engine for the same words, if they name one file wherever one stands."""
    absolute = Path(url.database or "").is_absolute()
    return _known_sqlite_engine(url, **how) if absolute else sqlite_engine(url, **how)


_known_sqlite_engine = lru_cache(maxsize=16)(sqlite_engine)


@cache
def kept_postgresql_engine(url: URL, **how: Any) -> Engine:
    """The same engine for the same words; its connections are lent again where the server goes on."""
    engine = postgresql_engine(url, **how)
    if url.database == DATABASE:
        _keep_connections(engine)
    return engine


def idle_pids() -> list[int]:
    """The server's processes behind the connections that wait."""
    return [each.info.backend_pid for each in _idle]


def _keep_connections(engine: Engine) -> None:
    own: list[psycopg.Connection] = []
    dialect: Any = engine.dialect
    end: Callable[[psycopg.Connection], None] = dialect.do_close

    def put_by(connection: psycopg.Connection) -> None:
        if connection.info.transaction_status is not TransactionStatus.IDLE:
            return end(connection)  # broken, or in the midst of something
        own.append(connection)
        _idle.append(connection)

    dialect.do_close = dialect.do_terminate = put_by

    @event.listens_for(engine, "do_connect")
    def lend(*_asked: object) -> psycopg.Connection | None:
        while own:
            connection = own.pop()
            _idle.remove(connection)
            # What a test set for its session is no matter of the next one's; a lost one shows itself.
            if connection.pgconn.exec_(b"RESET ALL").status == ExecStatus.COMMAND_OK:
                return connection
            end(connection)
        return None
