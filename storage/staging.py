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

Claim = tuple[str, str]
"""A column, and the value that only one row may have in it."""

_CACHE_KIB = 4_000
_written = json.JSONEncoder(separators=(",", ":")).encode
_SCHEMA = """
    PRAGMA journal_mode=OFF;
    PRAGMA synchronous=OFF;
    CREATE TABLE row (position INTEGER PRIMARY KEY, line INT, record TEXT);
    CREATE TABLE needed (rank INT, position INT, PRIMARY KEY (rank, position)) WITHOUT ROWID;
    CREATE TABLE claim (what TEXT, value TEXT, position INT, PRIMARY KEY (what, value)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """One row of the file."""

    position: int
    line: int
    record: Record


@dataclass(frozen=True, slots=True)
class Needed:
    """A row that the database must be changed for, its record as JSON."""

    rank: int
    position: int
    record: str


@dataclass(frozen=True, slots=True)
class Twice:
    """A claim of a row that an earlier one has made."""

    claim: Claim
    line: int
    before: int
    """The earlier one's line."""


class Staging:
    """Rows in the order of the file, what they claim (names that must be unique), and which are needed."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._sql.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._sql.executescript(_SCHEMA)
        self._sql.execute("BEGIN")
        self._count = 0

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
        return self._count

    def put(self, rows: Sequence[tuple[int, Record, Sequence[Claim]]]) -> list[Twice]:
        """Keep rows, each (line, record, what it claims); the claims that were made before."""
        staged, claims = list[tuple[int, int, str]](), list[tuple[str, str, int]]()
        for line, record, claimed in rows:
            self._count += 1
            staged.append((self._count, line, _written(record)))
            claims += [(what, value, self._count) for what, value in claimed]
        self._sql.executemany("INSERT INTO row VALUES (?, ?, ?)", staged)
        before = self._sql.total_changes
        self._sql.executemany("INSERT OR IGNORE INTO claim VALUES (?, ?, ?)", claims)
        if self._sql.total_changes - before == len(claims):
            return []
        return list(self._twice(claims))

    def _twice(self, claims: Iterable[tuple[str, str, int]]) -> Iterator[Twice]:
        query = (
            "SELECT claim.position, first.line, later.line FROM claim"
            " JOIN row first USING (position), row later"
            " WHERE what = ? AND value = ? AND later.position = ?"
        )
        for what, value, position in claims:
            holder, first, later = self._sql.execute(query, (what, value, position)).fetchone()
            if holder != position:
                yield Twice((what, value), later, first)

    def amend(self, row: Staged) -> None:
        """Keep a row's record as it is now; its claims stay."""
        self._sql.execute(
            "UPDATE row SET record = ? WHERE position = ?", (_written(row.record), row.position)
        )

    def claimed(self, what: str, value: str) -> Staged | None:
        """The row that has claimed a name."""
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

    def needed(self, after: Needed | None, most: int) -> list[Needed]:
        """Some of those rows, in order, behind one of them."""
        query = (
            "SELECT rank, position, record FROM needed JOIN row USING (position)"
            " WHERE (rank, position) > (?, ?) ORDER BY rank, position LIMIT ?"
        )
        behind = (after.rank, after.position) if after else (-1, 0)
        return [Needed(*row) for row in self._sql.execute(query, (*behind, most))]

    def count_needed(self) -> int:
        count: int = self._sql.execute("SELECT count(*) FROM needed").fetchone()[0]
        return count


def _staged(rows: Iterable[tuple[int, int, str]]) -> Iterator[Staged]:
    return (Staged(position, line, json.loads(record)) for position, line, record in rows)
