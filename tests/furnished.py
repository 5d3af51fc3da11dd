"""What every test of a folder writes into its empty database first: written once a worker, then copied.

The rows are copied as the database holds them, past the storage under test.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg

from storage.tables import metadata
from tests import kept

R = TypeVar("R")
TABLES = tuple(table.name for table in metadata.sorted_tables)
"""Each after those it refers to."""


class Rows(Protocol):
    """The rows of a test's database, seen from beside the storage under test."""

    def filled(self) -> set[str]:
        """The tables that have any."""
        ...

    def keep(self, name: str, tables: Sequence[str]) -> None:
        """Copy those of some tables to a place of this name."""
        ...

    def put(self, name: str, tables: Sequence[str]) -> None:
        """Write them into those tables, which are empty."""
        ...


class FileRows:
    """Those of a SQLite file; the copies are files beside one another."""

    def __init__(self, file: Path, copies: Path) -> None:
        self._file = file
        self._copies = copies

    def filled(self) -> set[str]:
        with closing(sqlite3.connect(self._file)) as file:
            return {t for t in TABLES if file.execute(f'SELECT 1 FROM "{t}" LIMIT 1').fetchone()}

    def keep(self, name: str, tables: Sequence[str]) -> None:
        with closing(sqlite3.connect(self._file)) as file:
            file.execute("VACUUM INTO ?", [str(self._copies / name)])

    def put(self, name: str, tables: Sequence[str]) -> None:
        with closing(sqlite3.connect(self._file)) as file:
            file.execute("ATTACH ? AS copy", [str(self._copies / name)])
            with file:
                for table in tables:
                    file.execute(f'INSERT INTO main."{table}" SELECT * FROM copy."{table}"')


class ServerRows:
    """Those of a PostgreSQL database; the copies are schemas of it.

    Deleting is a hundred times faster than making a database, and ten times faster still over a
    connection that has done it before: a new one learns the tables and their references first.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._server = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self._server.close()

    def delete(self) -> None:
        """No row is left, and no connection but those that wait to be lent again."""
        try:
            self._server.execute("SELECT")
        except psycopg.OperationalError:  # a test may have cut every connection
            self._server.close()
            self._server = psycopg.connect(self.url, autocommit=True)
        self._server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND pid <> ALL(%s)",
            [kept.idle_pids()],
        )
        self._run([f'DELETE FROM public."{table}"' for table in reversed(TABLES)])

    def filled(self) -> set[str]:
        any_row = " UNION ALL ".join(
            f"(SELECT '{table}' FROM public.\"{table}\" LIMIT 1)" for table in TABLES
        )
        return {table for (table,) in self._server.execute(any_row.encode())}

    def keep(self, name: str, tables: Sequence[str]) -> None:
        copies = [f'CREATE TABLE "{name}"."{t}" AS TABLE public."{t}"' for t in tables]
        self._run([f'CREATE SCHEMA "{name}"', *copies])

    def put(self, name: str, tables: Sequence[str]) -> None:
        # The sequences are beyond these ids since they were drawn.
        self._run(
            [
                f'INSERT INTO public."{t}" OVERRIDING SYSTEM VALUE SELECT * FROM "{name}"."{t}"'
                for t in tables
            ]
        )

    def _run(self, statements: Sequence[str]) -> None:
        """All in one transaction."""
        self._server.execute("; ".join(statements).encode())


class Furnished:
    """Databases as some work left them, by a key that names all that the work depends on."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[str, list[str], Any]] = {}

    def once(self, rows: Rows, key: Hashable, work: Callable[[], R]) -> R:
        """Do the work, which fills empty tables, or copy what it wrote when it was done for this key.

        Gives what the work returned, each time a copy of its own.
        """
        key = type(rows), key
        if key in self._known:
            name, tables, result = self._known[key]
            rows.put(name, tables)
        else:
            before = rows.filled()
            result = work()
            filled = rows.filled() - before - {"lane"}  # which dispatchers write, when they like
            tables = [table for table in TABLES if table in filled]
            name = f"copy-{len(self._known)}"
            rows.keep(name, tables)
            self._known[key] = name, tables, result
        return deepcopy(result)  # type: ignore[no-any-return]
