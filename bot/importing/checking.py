"""From a file's rows to checked records in the staging file; whatever is wrong is remarked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from bot.core.ports import Read
from bot.importing.columns import COLUMNS, Column, Refused, What, finish, folded, names_of
from bot.importing.files import Row, Source, Unreadable
from bot.importing.report import Remark, Report, shown
from storage import import_customers, import_invoices
from storage.comparing import MAIN_ERASED, Compared
from storage.erased_keys import Erased
from storage.staging import Claim, Record, Staged, Staging

_STRIDE = 500
_REMEMBERED = 500
"""Different cells of a column that are kept as they were read; one with more is read cell by cell."""
UNIQUE = {"customers": ("external_id", "tax_id"), "invoices": ("external_id", "number")}


class Field:
    """One header of a file: its column, and cells of it that were read before."""

    __slots__ = ("_read", "column")

    def __init__(self, column: Column) -> None:
        self.column = column
        self._read: dict[str, Any] | None = None if column.many else {}

    def read(self, value: Any) -> Any:
        """What a cell holds. Cities, plans and dates come again and again: those are read once."""
        if self._read is None or not isinstance(value, str):
            return self.column.read(value)
        known = self._read.get(value)
        if known is None:
            known = self.column.read(value)
            if len(self._read) >= _REMEMBERED:
                self._read = None
            else:
                self._read[value] = known
        return known


class Columns:
    """The columns of one file: header → column, and what nobody knows."""

    def __init__(self, what: What, header: Sequence[str]) -> None:
        """Raises Unreadable if a needed column is missing."""
        self.what = what
        self.needed = tuple(column.name for column in COLUMNS[what] if column.needed)
        self._known = names_of(what)
        self._by_header = dict[str, Field | None]()
        found = [field.column for name in header if (field := self.of(name))]
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

    def of(self, header: str) -> Field | None:
        """The field that a header names; None if nobody knows it."""
        try:
            return self._by_header[header]
        except KeyError:
            column = self._known.get(folded(header))
            field = self._by_header[header] = None if column is None else Field(column)
            return field


def stage(source: Source, columns: Columns, staging: Staging, report: Report) -> Iterator[int]:
    """Read the whole file into the staging file; yields how many bytes were read, now and then."""
    unique = UNIQUE[columns.what]
    while rows := list(islice(source.rows, _STRIDE)):
        sound = list[tuple[int, Record, list[Claim]]]()
        for row in rows:
            record = _record(row, columns, report)
            if record is not None:
                claims = [(name, value) for name in unique if (value := record.get(name))]
                sound.append((row.line, record, claims))
        for each in staging.put(sound):
            name, value = each.claim
            held = shown(value, tax_id=name == "tax_id")
            report.add(Remark(each.line, name, held, f"the same as in line {each.before}"))
        yield source.position()


def _record(row: Row, columns: Columns, report: Report) -> Record | None:
    """A row as a record; None if something in it is wrong."""
    if row.broken:
        report.add(Remark(row.line, "", "", row.broken))
        return None
    record: Record = {}
    sound = True
    for header, value in row.cells:
        field = columns.of(header)
        if field is None:
            continue
        column = field.column
        empty = value is None or value == [] or (isinstance(value, str) and not value.strip())
        if empty:
            if column.clears and not column.needed and column.name not in record:
                record[column.name] = [] if column.many else None
            continue
        try:
            read = field.read(value)
        except ValueError as error:
            sound = False
            held = shown(value, tax_id=column.tax_id)
            report.add(Remark(row.line, header, held, str(error)))
            continue
        if column.many and record.get(column.name):
            read = list(dict.fromkeys([*record[column.name], *read]))
        record[column.name] = read
    if not sound:
        return None
    missing = [name for name in columns.needed if name not in record]
    if missing:
        report.add(Remark(row.line, missing[0], "", "is empty; every row has it"))
        return None
    try:
        return finish(columns.what, record)
    except Refused as refused:
        held = shown(record.get(refused.column))
        report.add(Remark(row.line, refused.column, held, refused.why))
        return None


def beside(what: What, rows: Sequence[Staged], erased: Erased, read: Read) -> list[Compared]:
    """Rows beside what the database holds."""
    records = [row.record for row in rows]
    if what == "customers":
        return import_customers.compare(read, records, erased)
    return import_invoices.compare(read, records, erased)


def leave_out_mains(staging: Staging, rows: Sequence[Staged], erased: Erased) -> list[Remark]:
    """A filial of a matriz that was erased goes in without it: neither may keep the other's file away.

    Whatever group it is in here stays, as if the file did not say.
    """
    if not erased.hashes:
        return []
    remarks = []
    for row in rows:
        name = row.record.get("main")
        if not name or _is_erased(row.record, erased):  # who is left out whole needs no word of it
            continue
        in_file = staging.claimed("external_id", name) or staging.claimed("tax_id", name)
        named = {"external_id": name, "tax_id": name}
        if _is_erased(named, erased) or (in_file and _is_erased(in_file.record, erased)):
            del row.record["main"]
            staging.amend(row)
            held = shown(name, tax_id=name.isdigit())
            remarks.append(Remark(row.line, "main", held, MAIN_ERASED, result="left out"))
    return remarks


def _is_erased(record: Record, erased: Erased) -> bool:
    return any((id, record.get(id)) in erased for id in ("external_id", "tax_id"))


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
    """Tell what the database cannot take of a row, what the customer keeps, and who was erased."""
    given: Any = compared.given
    if compared.left_out:
        report.add(Remark(line, "", "", compared.left_out, result="left out"))
        return
    for conflict in compared.conflicts:
        held = shown(given.get(conflict.field), tax_id=conflict.field == "tax_id")
        report.add(Remark(line, conflict.field, held, conflict.reason))
    for name, why in compared.kept.items():
        value = given[name]
        held = shown(", ".join(value) if isinstance(value, list) else value)
        report.add(Remark(line, name, held, why, result="kept"))
