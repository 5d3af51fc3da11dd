"""From a file's rows to checked records in the staging file; whatever is wrong is remarked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.core.ports import Read
from bot.importing.columns import COLUMNS, Column, Refused, What, finish, folded, names_of
from bot.importing.files import Row, Source, Unreadable
from bot.importing.report import Remark, Report, shown
from storage import import_customers, import_invoices
from storage.comparing import Compared
from storage.staging import Record, Staged, Staging

_STRIDE = 500
_REMEMBERED = 5000
"""Cells kept as they were read."""
UNIQUE = {"customers": ("external_id", "tax_id"), "invoices": ("external_id", "number")}


class Columns:
    """The columns of one file: header → column, and what nobody knows."""

    def __init__(self, what: What, header: Sequence[str]) -> None:
        """Raises Unreadable if a needed column is missing."""
        self.what = what
        self._known = names_of(what)
        self._by_header = dict[str, Column | None]()
        self._read = dict[tuple[str, str], Any]()
        found = [column for name in header if (column := self.of(name))]
        self.unknown = [name for name in header if name and self.of(name) is None]
        names = {column.name for column in found}
        missing = [c for c in COLUMNS[what] if c.needed and c.name not in names]
        if missing:
            told = "; ".join(f"{c.name} (or {', '.join(c.aliases[:3])})" for c in missing)
            raise Unreadable(f"has no column {told}")
        if what == "invoices" and not names & {"customer", "tax_id"}:
            raise Unreadable("has no column that names the customer: customer or tax_id")
        twice = {c.name for c in found if not c.many and found.count(c) > 1}
        if twice:
            raise Unreadable(f"has two columns for {', '.join(sorted(twice))}")

    def of(self, header: str) -> Column | None:
        if header not in self._by_header:
            self._by_header[header] = self._known.get(folded(header))
        return self._by_header[header]

    def read(self, column: Column, value: Any) -> Any:
        """What a cell holds. Cities, plans and dates come again and again: those are read once."""
        if not isinstance(value, str) or column.many:
            return column.read(value)
        key = column.name, value
        if (known := self._read.get(key)) is not None:
            return known
        if len(self._read) >= _REMEMBERED:
            self._read.clear()
        read = self._read[key] = column.read(value)
        return read


def stage(source: Source, columns: Columns, staging: Staging, report: Report) -> Iterator[int]:
    """Read the whole file into the staging file; yields how many bytes were read, now and then."""
    for count, row in enumerate(source.rows, 1):
        record = _record(row, columns, report)
        if record is not None:
            position = staging.put(row.line, record)
            for name in UNIQUE[columns.what]:
                value = record.get(name)
                if value and (line := staging.claim(name, value, position)) is not None:
                    held = shown(value, tax_id=name == "tax_id")
                    report.add(Remark(row.line, name, held, f"the same as in line {line}"))
        if count % _STRIDE == 0:
            yield source.position()


def _record(row: Row, columns: Columns, report: Report) -> Record | None:
    """A row as a record; None if something in it is wrong."""
    if row.broken:
        report.add(Remark(row.line, "", "", row.broken))
        return None
    record: Record = {}
    sound = True
    for header, value in row.cells:
        column = columns.of(header)
        if column is None:
            continue
        empty = value is None or value == [] or (isinstance(value, str) and not value.strip())
        if empty:
            if column.clears and not column.needed and column.name not in record:
                record[column.name] = [] if column.many else None
            continue
        try:
            read = columns.read(column, value)
        except ValueError as error:
            sound = False
            held = shown(value, tax_id=column.tax_id)
            report.add(Remark(row.line, header, held, str(error)))
            continue
        if column.many and record.get(column.name):
            read = list(dict.fromkeys([*record[column.name], *read]))
        record[column.name] = read
    for column in COLUMNS[columns.what]:
        if sound and column.needed and column.name not in record:
            sound = False
            report.add(Remark(row.line, column.name, "", "is empty; every row has it"))
    if not sound:
        return None
    try:
        return finish(columns.what, record)
    except Refused as refused:
        held = shown(record.get(refused.column))
        report.add(Remark(row.line, refused.column, held, refused.why))
        return None


def beside(what: What, rows: Sequence[Staged], read: Read) -> list[Compared]:
    """Rows beside what the database holds."""
    records = [row.record for row in rows]
    if what == "customers":
        return import_customers.compare(read, records)
    return import_invoices.compare(read, records)


def check_mains(staging: Staging, rows: Sequence[Staged], read: Read) -> list[Remark]:
    """A filial's matriz is in the file or in the database, and is no filial itself."""
    naming = [row for row in rows if row.record.get("main")]
    if not naming:
        return []
    remarks = []
    mains = import_customers.mains_of(read, [row.record for row in naming])
    filiais = import_customers.filiais_among(read, sorted(set(mains.values())))
    for row in naming:
        name = row.record["main"]
        in_file = staging.claimed("external_id", name) or staging.claimed("tax_id", name)
        if in_file is None and name not in mains:
            why = "no customer has this external id or tax id, here or in the file"
        elif in_file is not None and "main" in in_file.record:
            why = "that customer is a filial itself" if in_file.record["main"] else ""
        else:
            why = "that customer is a filial itself" if mains.get(name) in filiais else ""
        if why:
            remarks.append(Remark(row.line, "main", shown(name, tax_id=name.isdigit()), why))
    return remarks


def remark(compared: Compared, line: int, report: Report) -> None:
    """Tell what the database cannot take of a row, and what the customer keeps."""
    given: Any = compared.given
    for conflict in compared.conflicts:
        held = shown(given.get(conflict.field), tax_id=conflict.field == "tax_id")
        report.add(Remark(line, conflict.field, held, conflict.reason))
    for name in compared.kept:
        value = given[name]
        held = shown(", ".join(value) if isinstance(value, list) else value)
        report.add(Remark(line, name, held, "the customer changed it here", result="kept"))
