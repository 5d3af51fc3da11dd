"""What a row of a file would change in its record, and what of it the customer keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from bot.core.ports import Read
from storage.among import is_among
from storage.changes import Unsettled
from storage.staging import Record

CHANGED_HERE = "the customer changed it here"
ERASED = (
    "this customer was erased, so the row is left out; take it out of the export"
    " (a customer again? `balcao erase --lift`)"
)
MAIN_ERASED = (
    "that customer was erased, so this one goes in without a matriz; take it out of the export"
    " (a customer again? `balcao erase --lift`)"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why the database cannot take a row."""

    field: str
    reason: str


@dataclass(slots=True)
class Compared:
    """A row of a file beside the record it means."""

    given: Record
    id: int | None = None
    """The record's row id; None: it will be added."""
    was: dict[str, Any] = field(default_factory=dict)
    """The record as it stands."""
    changed: dict[str, Any] = field(default_factory=dict)
    """What it becomes, by field."""
    kept: dict[str, str] = field(default_factory=dict)
    """Fields that stay as they are here whatever the file says, and why."""
    settled: list[int] = field(default_factory=list)
    """Changes at the counter that this row confirms, or is younger than."""
    conflicts: list[Conflict] = field(default_factory=list)
    left_out: str = ""
    """Why nothing of the row is taken, though the rest of the file is."""

    @property
    def outcome(self) -> str:
        """added · changed · unchanged · left out"""
        if self.left_out:
            return "left out"
        if self.id is None:
            return "added"
        return "changed" if self.changed else "unchanged"

    @property
    def needed(self) -> bool:
        """Whether the database is changed by it."""
        if self.left_out:
            return False
        return self.id is None or bool(self.changed or self.settled)

    def add(self, fields: Collection[str]) -> None:
        """Take the fields of a record that is not there yet."""
        self.changed |= {
            name: value
            for name, value in self.given.items()
            if value is not None and name in fields
        }

    def look(self, name: str, given: Any, unsettled: Unsettled | None = None) -> None:
        """Take one field of the file into account."""
        is_now = self.was.get(name)
        if unsettled is not None:
            if unsettled.keeps(as_text(given)):
                if not same(given, is_now):
                    self.kept[name] = CHANGED_HERE
                return
            self.settled += unsettled.ids
        if not same(given, is_now):
            self.changed[name] = given


def rows_of(
    read: Read, statement: Select[Any], lookups: Mapping[Any, Sequence[str]], *, lock: bool = False
) -> list[Any]:
    """The rows of a brand in which one of these columns holds one of its values, each row once.

    A query a column: for one with OR, SQLite walks through the whole brand.
    """
    found = dict[int, Any]()
    if lock:  # of PostgreSQL's rows; nothing of the kind is there on SQLite
        statement = statement.with_for_update(key_share=True)
    for column, values in lookups.items():
        if values:
            whose = statement.where(
                column.table.c.brand == read.brand.id, is_among(column, sorted(set(values)))
            ).order_by(column.table.c.id)
            found |= {row.id: row for row in read.all(whose)}
    return list(found.values())


def plain(value: Any) -> Any:
    """A value of a row as a file's record has it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def as_text(value: Any) -> str:
    """A value as `record_change` writes it."""
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def same(given: Any, is_now: Any) -> bool:
    """Whether nothing differs; of lists the first counts, and what the others are, not their order."""
    if isinstance(given, list) and isinstance(is_now, list):
        return given[:1] == is_now[:1] and set(given) == set(is_now)
    return bool(given == is_now)


def day(value: str | None) -> date | None:
    """A date of a record, for a column."""
    return None if value is None else date.fromisoformat(value)


def text_of(record: Mapping[str, Any], name: str) -> str | None:
    """A field that names something, or None where it is empty or missing."""
    value = record.get(name)
    return str(value) if value else None
