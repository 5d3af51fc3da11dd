"""Rows of an invoices' file beside the invoices there are, and into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.core.brand import Brand
from bot.core.ports import Read
from storage.begun import Begun
from storage.comparing import Compared, Conflict, day, plain, rows_of, text_of
from storage.import_runs import note
from storage.staging import Record
from storage.tables import customer, invoice, invoice_line
from storage.transactions import Reading

COLUMNS = (
    "external_id", "number", "period", "issued_on", "due_on", "amount", "state", "paid_on",
    "paid_amount", "cancelled_on", "barcode", "pix_code",
)  # fmt: skip
_STORED = (*COLUMNS, "customer")
_DAYS = ("issued_on", "due_on", "paid_on", "cancelled_on")
_AMOUNTS = ("amount", "paid_amount")
_UPDATE = (
    update(invoice)
    .where(invoice.c.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _STORED})
)


def compare(read: Read, records: Sequence[Record], *, lock: bool = False) -> list[Compared]:
    """What each row would change. `lock`: their invoices stay as they are until the commit."""
    rows = _found(read, records, lock=lock)
    by_external = {row.external_id: row for row in rows if row.external_id}
    by_number = {row.number: row for row in rows}
    lines = _lines(read, sorted({row.id for row in rows}))
    customers = _customers(read, records)
    compared = []
    for record in records:
        each = Compared(record)
        compared.append(each)
        external = text_of(record, "external_id")
        row = by_external.get(external) if external else None
        holder = by_number.get(record["number"])
        if row is None and holder is not None:
            if external and holder.external_id:
                each.conflicts.append(Conflict("number", "another invoice here has this number"))
            row = holder
        elif row is not None and holder is not None and holder.id != row.id:
            each.conflicts.append(Conflict("number", "another invoice here has this number"))
        if row is not None:
            each.id = row.id
            each.was = {name: plain(getattr(row, name)) for name in _STORED}
            described = lines[row.id]
            each.was["description"] = described[0][0] if len(described) == 1 else None
        for name in COLUMNS:
            if name in record and not (name == "external_id" and external is None):
                each.look(name, record[name])
        if record.get("description"):
            each.look("description", record["description"])
        _find_customer(each, customers)
    return compared


def _find_customer(each: Compared, customers: dict[str, Any]) -> None:
    external, tax = text_of(each.given, "customer"), text_of(each.given, "tax_id")
    by_external = customers.get(f"e:{external}") if external else None
    by_tax = customers.get(f"t:{tax}") if tax else None
    if external and by_external is None:
        each.conflicts.append(Conflict("customer", "no customer here has this external id"))
    elif tax and by_tax is None:
        each.conflicts.append(Conflict("tax_id", "no customer here has this tax id"))
    elif by_external and by_tax and by_external.id != by_tax.id:
        each.conflicts.append(Conflict("tax_id", "is not the tax id of the customer named"))
    else:
        found = by_external or by_tax
        each.look("customer", found.id if found else None)


def merge(begun: Begun, brand: Brand, records: Sequence[Record]) -> None:
    """Write rows that were checked; one that has come into conflict since is noted and left out."""
    read = Reading(begun, brand)
    compared = compare(read, records, lock=True)
    sound = [each for each in compared if not each.conflicts]
    new = [each for each in sound if each.id is None]
    changed = [each for each in sound if each.id is not None and each.changed]
    if new:
        made = begun.connection.execute(
            insert(invoice).returning(invoice.c.id, sort_by_parameter_order=True),
            [_stored(each) | {"brand": brand.id, "created_at": begun.now} for each in new],
        )
        for each, (id,) in zip(new, made, strict=True):
            each.id = id
    rows = [
        {f"new_{name}": value for name, value in _stored(each).items()} | {"of": each.id}
        for each in changed
        if each.changed.keys() != {"description"}
    ]
    if rows:
        begun.connection.execute(_UPDATE, rows)
    _describe(
        begun, read, new, [e for e in changed if {"description", "amount"} & e.changed.keys()]
    )
    note(
        begun, brand.id, "invoice.imported",
        [
            (f"invoice:{each.id}", {name: each.was[name] for name in each.changed}, each.changed)
            for each in changed
        ],
    )  # fmt: skip
    late = [each.given for each in compared if each.conflicts]
    note(begun, brand.id, "import.left_out", [("invoices", None, record) for record in late])


def _describe(
    begun: Begun, read: Read, new: Sequence[Compared], changed: Sequence[Compared]
) -> None:
    """One line that says what it is for: as the file does, else the customer's plan, else the number."""
    if changed:
        begun.execute(
            delete(invoice_line).where(invoice_line.c.invoice.in_([each.id for each in changed]))
        )
    both = [*new, *changed]
    if not both:
        return
    whose = sorted({(each.was | each.changed)["customer"] for each in both})
    plans = read.all(select(customer.c.id, customer.c.plan).where(customer.c.id.in_(whose)))
    plan = {row.id: row.plan for row in plans}
    rows = []
    for each in both:
        is_now = each.was | each.changed
        words = is_now.get("description") or plan.get(is_now["customer"]) or is_now["number"]
        rows.append(
            {"invoice": each.id, "position": 1, "description": words,
             "amount": Decimal(is_now["amount"])}
        )  # fmt: skip
    begun.connection.execute(insert(invoice_line), rows)


def _stored(each: Compared) -> dict[str, Any]:
    """The whole row, as it becomes."""
    is_now: dict[str, Any] = dict.fromkeys(_STORED) | each.was | each.changed
    is_now["period"] = is_now["period"] or is_now["due_on"][:7]
    is_now["issued_on"] = is_now["issued_on"] or is_now["due_on"]
    is_now["state"] = is_now["state"] or "open"
    row = {name: is_now[name] for name in _STORED}
    row |= {name: day(row[name]) for name in _DAYS}
    row |= {name: Decimal(row[name]) if row[name] is not None else None for name in _AMOUNTS}
    return row


def _found(read: Read, records: Sequence[Record], *, lock: bool) -> list[Any]:
    statement = select(*(invoice.c[name] for name in ("id", *_STORED)))
    numbers = [record["number"] for record in records]
    externals = [e for record in records if (e := text_of(record, "external_id"))]
    lookups = {invoice.c.number: numbers, invoice.c.external_id: externals}
    return rows_of(read, statement, lookups, lock=lock)


def _lines(read: Read, ids: Sequence[int]) -> dict[int, list[tuple[str, Decimal]]]:
    found = defaultdict[int, list[tuple[str, Decimal]]](list)
    if ids:
        rows = read.all(
            select(invoice_line.c.invoice, invoice_line.c.description, invoice_line.c.amount)
            .where(invoice_line.c.invoice.in_(ids))
            .order_by(invoice_line.c.invoice, invoice_line.c.position)
        )
        for row in rows:
            found[row.invoice].append((row.description, row.amount))
    return found


def _customers(read: Read, records: Sequence[Record]) -> dict[str, Any]:
    """The customers that rows name: "e:" and the external id, "t:" and the tax id."""
    externals = [e for record in records if (e := text_of(record, "customer"))]
    taxes = [t for record in records if (t := text_of(record, "tax_id"))]
    statement = select(customer.c.id, customer.c.external_id, customer.c.tax_id)
    rows = rows_of(read, statement, {customer.c.external_id: externals, customer.c.tax_id: taxes})
    found = {f"t:{row.tax_id}": row for row in rows}
    return found | {f"e:{row.external_id}": row for row in rows if row.external_id}
