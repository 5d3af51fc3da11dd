"""The rows of one file while they are checked: a temporary SQLite database, never in memory whole.

SQLite makes it without a name (sqlite.org/inmemorydb.html, "temporary databases"), in SQLITE_TMPDIR,
TMPDIR or /var/tmp: whatever ends the process, nothing of it is left behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Record = dict[str, Any]
"""Fields by name, as `bot.importing` reads them: text, whole numbers, lists of text, None."""

_CACHE_KIB = 16_000


@dataclass(frozen=True, slots=True)
class Staged:
    """One row of the file."""

    position: int
    line: int
    record: Record


class Staging:
    """Rows in the order of the file, what they claim (names that must be unique), and which are needed."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._sql.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._sql.execute("PRAGMA journal_mode=OFF")
        self._sql.execute("PRAGMA synchronous=OFF")
        self._sql.execute("CREATE TABLE row (position INTEGER PRIMARY KEY, line INT, record TEXT)")
        self._sql.execute(
            "CREATE TABLE needed (rank INT, position INT, PRIMARY KEY (rank, position))"
        )
        self._sql.execute(
            "CREATE TABLE claim (what TEXT, value TEXT, position INT, PRIMARY KEY (what, value))"
            " WITHOUT ROWID"
        )
        self._sql.execute("BEGIN")
        self._next = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._sql.close()

    def __len__(self) -> int:
        return self._next - 1

    def put(self, line: int, record: Record) -> int:
        """Keep a row; its position, from 1."""
        position, self._next = self._next, self._next + 1
        self._sql.execute("INSERT INTO row VALUES (?, ?, ?)", (position, line, json.dumps(record)))
        return position

    def claim(self, what: str, value: str, position: int) -> int | None:
        """Take a name for a row; the line of the row that has taken it before, or None."""
        try:
            self._sql.execute("INSERT INTO claim VALUES (?, ?, ?)", (what, value, position))
        except sqlite3.IntegrityError:
            query = "SELECT line FROM claim JOIN row USING (position) WHERE what = ? AND value = ?"
            line: int = self._sql.execute(query, (what, value)).fetchone()[0]
            return line
        return None

    def claimed(self, what: str, value: str) -> Staged | None:
        """The row that has taken a name."""
        query = (
            "SELECT position, line, record FROM claim JOIN row USING (position)"
            " WHERE what = ? AND value = ?"
        )
        return next(_staged(self._sql.execute(query, (what, value))), None)

    def page(self, after: int, most: int) -> list[Staged]:
        """Rows behind a position."""
        query = "SELECT position, line, record FROM row WHERE position > ? ORDER BY 1 LIMIT ?"
        return list(_staged(self._sql.execute(query, (after, most))))

    def need(self, positions: Sequence[tuple[int, int]]) -> None:
        """Rows that the database must be changed for, each as (rank, position): low ranks first."""
        self._sql.executemany("INSERT INTO needed VALUES (?, ?)", positions)

    def needed(self, after: int, most: int) -> list[tuple[int, Record]]:
        """Some of those rows, in order, each with its number from 1, behind a number."""
        query = (
            "SELECT record FROM needed JOIN row USING (position)"
            " ORDER BY rank, position LIMIT ? OFFSET ?"
        )
        rows = self._sql.execute(query, (most, after))
        return [(after + n, json.loads(record)) for n, (record,) in enumerate(rows, 1)]

    def count_needed(self) -> int:
        count: int = self._sql.execute("SELECT count(*) FROM needed").fetchone()[0]
        return count


def _staged(rows: Iterable[tuple[int, int, str]]) -> Iterator[Staged]:
    return (Staged(position, line, json.loads(record)) for position, line, record in rows)
