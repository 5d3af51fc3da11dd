"""Rows of an invoices' file beside the invoices there are, and into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from bot.core.brand import Brand
from bot.core.ports import Read
from storage.among import is_among
from storage.begun import Begun
from storage.comparing import ERASED, Compared, Conflict, day, plain, rows_of, text_of
from storage.erased_keys import NONE, Erased
from storage.import_runs import note
from storage.prepared import Prepared
from storage.staging import Record
from storage.tables import customer, invoice, invoice_line
from storage.transactions import Reading

COLUMNS = (
    "external_id", "number", "period", "issued_on", "due_on", "amount", "state", "paid_on",
    "paid_amount", "cancelled_on", "barcode", "pix_code",
)  # fmt: skip
PAID_HERE = "it was paid here"
TABLES = (customer, invoice, invoice_line)
"""That grow by a merge, or are asked at each row."""
_FIELDS = frozenset((*COLUMNS, "description"))
_PAYMENT = frozenset(("state", "paid_on", "paid_amount", "cancelled_on"))
_NOTHING = frozenset[str]()
_STORED = (*COLUMNS, "customer", "paid_here_at")
_READ = ("id", *_STORED)
_DAYS = ("issued_on", "due_on", "paid_on", "cancelled_on")
_AMOUNTS = ("amount", "paid_amount")


class Found(NamedTuple):
    """What the database holds of the invoices that rows mean, and of their customers."""

    rows: list[Any]
    lines: list[Any]
    customers: list[Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows, what was found of them, and what follows if it is still so."""

    records: Sequence[Record]
    found: Found
    compared: Sequence[Compared]
    erased: Erased


def compare(read: Read, records: Sequence[Record], erased: Erased = NONE) -> list[Compared]:
    """What each row would change; nothing, if it is of one who was erased and is not here any more."""
    return _judged(_find(read, records), records, erased)


def plan(read: Read, records: Sequence[Record], erased: Erased = NONE) -> list[Plan]:
    """What `merge` will write, thought out before it holds a lock."""
    found = _find(read, records)
    return [Plan(records, found, _judged(found, records, erased), erased)]


def _find(read: Read, records: Sequence[Record], *, lock: bool = False) -> Found:
    """`lock`: their invoices stay as they are until the commit."""
    statement = select(*(invoice.c[name] for name in _READ))
    numbers = [record["number"] for record in records]
    externals = [e for record in records if (e := text_of(record, "external_id"))]
    lookups = {invoice.c.number: numbers, invoice.c.external_id: externals}
    rows = rows_of(read, statement, lookups, lock=lock)
    ids = sorted(row.id for row in rows)
    return Found(rows, _lines(read, ids) if ids else [], _customers(read, records))


def _judged(found: Found, records: Sequence[Record], erased: Erased) -> list[Compared]:
    stand = _standing(found)
    by_external = {was["external_id"]: was for was in stand if was["external_id"]}
    by_number = {was["number"]: was for was in stand}
    owners = {f"t:{row.tax_id}": row for row in found.customers}
    owners |= {f"e:{row.external_id}": row for row in found.customers if row.external_id}
    compared = []
    for record in records:
        each = Compared(record)
        compared.append(each)
        external = text_of(record, "external_id")
        was = by_external.get(external) if external else None
        holder = by_number.get(record["number"])
        if was is None and holder is not None:
            if external and holder["external_id"]:
                each.conflicts.append(Conflict("number", "another invoice here has this number"))
            was = holder
        elif was is not None and holder is not None and holder is not was:
            each.conflicts.append(Conflict("number", "another invoice here has this number"))
        if was is None:
            each.add(_FIELDS)
        else:
            each.id, each.was = was["id"], was
            kept = _PAYMENT if _paid_here(each) else _NOTHING
            for name, given in record.items():
                if was.get(name) != given and name in _FIELDS and name not in kept:
                    each.look(name, given)
        _find_customer(each, owners, erased)
    return compared


def _paid_here(each: Compared) -> bool:
    """Whether its payment stays as the counter's own record has it.

    A file that says itself that the invoice is paid is believed again, from then on.
    """
    if each.was.get("paid_here_at") is None or each.was["state"] != "paid":
        return False
    if each.given.get("state") == "paid":
        each.look("paid_here_at", None)
        return False
    if "state" in each.given:
        each.kept["state"] = PAID_HERE
    return True


def _find_customer(each: Compared, owners: dict[str, Any], erased: Erased) -> None:
    external, tax = text_of(each.given, "customer"), text_of(each.given, "tax_id")
    by_external = owners.get(f"e:{external}") if external else None
    by_tax = owners.get(f"t:{tax}") if tax else None
    gone = ("external_id", external) in erased or ("tax_id", tax) in erased
    if gone and by_external is None and by_tax is None:
        each.left_out = ERASED  # of one whose row is here still, what is paid goes on counting
    elif external and by_external is None:
        each.conflicts.append(Conflict("customer", "no customer here has this external id"))
    elif tax and by_tax is None:
        each.conflicts.append(Conflict("tax_id", "no customer here has this tax id"))
    elif by_external and by_tax and by_external.id != by_tax.id:
        each.conflicts.append(Conflict("tax_id", "is not the tax id of the customer named"))
    else:
        found = by_external or by_tax
        each.look("customer", found.id if found else None)


def _standing(found: Found) -> list[dict[str, Any]]:
    """The invoices as records have them."""
    words = dict[int, str | None]()
    for id, description in found.lines:  # of several lines none is what the file says
        words[id] = None if id in words else description
    stand = []
    for row in found.rows:
        was = dict(zip(_READ, row, strict=True))
        for name in (*_DAYS, *_AMOUNTS):
            was[name] = plain(was[name])
        was["description"] = words.get(was["id"])
        stand.append(was)
    return stand


def merge(begun: Begun, brand: Brand, plans: Sequence[Plan]) -> None:
    """Write rows that were checked; one that has come into conflict since is noted and left out."""
    for each in plans:
        # What a turn has changed since the plan was made is looked at anew.
        found = _find(Reading(begun, brand), each.records, lock=True)
        compared = (
            each.compared if found == each.found else _judged(found, each.records, each.erased)
        )
        _write(begun, brand, compared, {row.id: row.plan for row in found.customers})


def _write(
    begun: Begun, brand: Brand, compared: Sequence[Compared], plans: dict[int, str | None]
) -> None:
    sound = [each for each in compared if not each.conflicts and not each.left_out]
    new = [each for each in sound if each.id is None]
    changed = [each for each in sound if each.id is not None and each.changed]
    if new:
        begun.run_many(_ADD, [_stored(each) | {"of": brand.id, "now": begun.now} for each in new])
    rows = [
        _stored(each) | {"of": each.id} for each in changed if set(each.changed) != {"description"}
    ]
    if rows:
        begun.run_many(_UPDATE, rows)
    again = [each for each in changed if {"description", "amount"} & each.changed.keys()]
    if again:
        ids = [each.id for each in again if each.id is not None]
        begun.execute(delete(invoice_line).where(is_among(invoice_line.c.invoice, ids)))
    if new or again:
        _describe(begun, brand, [*new, *again], plans)
    note(
        begun, brand.id, "invoice.imported",
        [
            (f"invoice:{each.id}", {n: plain(each.was[n]) for n in each.changed}, each.changed)
            for each in changed
        ],
    )  # fmt: skip
    late = [each.given for each in compared if each.conflicts]
    note(begun, brand.id, "import.left_out", [("invoices", None, record) for record in late])


def _describe(
    begun: Begun, brand: Brand, which: Sequence[Compared], plans: dict[int, str | None]
) -> None:
    """One line that says what it is for: as the file does, else the customer's plan, else the number."""
    numbers = [each.given["number"] for each in which]
    rows = begun.execute(
        select(invoice.c.number, invoice.c.id).where(
            invoice.c.brand == brand.id, is_among(invoice.c.number, numbers)
        )
    )
    ids = {row.number: row.id for row in rows}
    lines = []
    for each in which:
        is_now = each.was | each.changed
        number = is_now["number"]
        words = is_now.get("description") or plans.get(is_now["customer"]) or number
        lines.append({"of": ids[number], "words": words, "reais": Decimal(is_now["amount"])})
    begun.run_many(_ADD_LINE, lines)


def _stored(each: Compared) -> dict[str, Any]:
    """The whole row, as it becomes."""
    is_now: dict[str, Any] = _EMPTY | each.was | each.changed
    is_now["period"] = is_now["period"] or is_now["due_on"][:7]
    is_now["issued_on"] = is_now["issued_on"] or is_now["due_on"]
    row = {f"new_{name}": is_now[name] for name in COLUMNS}
    row["new_customer"] = is_now["customer"]
    for name in _DAYS:
        row[f"new_{name}"] = day(is_now[name])
    for name in _AMOUNTS:
        row[f"new_{name}"] = None if is_now[name] is None else Decimal(is_now[name])
    row["new_paid_here_at"] = is_now["paid_here_at"]
    return row


def _lines(read: Read, ids: Sequence[int]) -> list[Any]:
    return list(
        read.all(
            select(invoice_line.c.invoice, invoice_line.c.description)
            .where(is_among(invoice_line.c.invoice, ids))
            .order_by(invoice_line.c.invoice, invoice_line.c.position)
        )
    )


def _customers(read: Read, records: Sequence[Record]) -> list[Any]:
    """The customers that rows name, by external id or by tax id."""
    externals = [e for record in records if (e := text_of(record, "customer"))]
    taxes = [t for record in records if (t := text_of(record, "tax_id"))]
    statement = select(*(customer.c[name] for name in ("id", "external_id", "tax_id", "plan")))
    return rows_of(read, statement, {customer.c.external_id: externals, customer.c.tax_id: taxes})


# ------------------------------------------------------------------ statements, compiled once

_EMPTY: dict[str, Any] = dict.fromkeys(_STORED) | {"state": "open"}
_BECOMES: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _STORED}
_ADD = Prepared(
    lambda _dialect: insert(invoice).values(
        _BECOMES | {"brand": bindparam("of"), "created_at": bindparam("now")}
    )
)
_UPDATE = Prepared(
    lambda _dialect: update(invoice).where(invoice.c.id == bindparam("of")).values(_BECOMES)
)
_ADD_LINE = Prepared(
    lambda _dialect: insert(invoice_line).values(
        invoice=bindparam("of"), position=1, description=bindparam("words"),
        amount=bindparam("reais"),
    )
)  # fmt: skip
