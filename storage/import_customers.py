"""Rows of a customers' file beside the customers there are, and into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from bot.core.brand import Brand
from bot.core.ports import Read
from storage.among import is_among
from storage.begun import Begun
from storage.changes import Unsettled, unsettled_of
from storage.comparing import ERASED, Compared, Conflict, day, plain, rows_of, text_of
from storage.erased_keys import NONE, Erased
from storage.import_runs import note
from storage.prepared import Prepared
from storage.staging import Record
from storage.tables import contact, customer, field_change
from storage.transactions import Reading

COLUMNS = (
    "external_id", "kind", "name", "trade_name", "tax_id", "status", "due_day", "payment_form",
    "plan", "postal_code", "street", "street_number", "complement", "district", "city", "state",
    "since", "born_on", "registry_number", "permission_group",
)  # fmt: skip
DATES = ("since", "born_on")
CONTACTS = ("email", "phone")
DEFAULTS = {"status": "active", "payment_form": "boleto"}
TABLES = (customer, contact)
"""That grow by a merge, or are asked at each row."""
_FIELDS = frozenset((*COLUMNS, *CONTACTS, "main"))
_STORED = (*COLUMNS, "main_customer", "blocked_at")
_READ = ("id", *_STORED)


class Found(NamedTuple):
    """What the database holds of the customers that rows mean."""

    rows: list[Any]
    contacts: list[Any]
    changes: dict[tuple[int, str], Unsettled]
    mains: dict[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows, what was found of them, and what follows if it is still so."""

    records: Sequence[Record]
    found: Found
    compared: Sequence[Compared]
    erased: Erased


def compare(read: Read, records: Sequence[Record], erased: Erased = NONE) -> list[Compared]:
    """What each row would change; nothing, if it is of one who was erased.

    A matriz that is not in the database yet is no conflict here: the file may bring it.
    """
    return _judged(_find(read, records), records, erased)


def plan(read: Read, records: Sequence[Record], erased: Erased = NONE) -> list[Plan]:
    """What `merge` will write, thought out before it holds a lock; a matriz comes before its filiais."""
    parts = (
        [record for record in records if not record.get("main")],
        [record for record in records if record.get("main")],
    )
    plans = []
    for part in parts:
        if part:
            found = _find(read, part)
            plans.append(Plan(part, found, _judged(found, part, erased), erased))
    return plans


def _find(read: Read, records: Sequence[Record], *, lock: bool = False) -> Found:
    """`lock`: their customers stay as they are until the commit."""
    statement = select(*(customer.c[name] for name in _READ))
    taxes = [record["tax_id"] for record in records]
    externals = [e for record in records if (e := text_of(record, "external_id"))]
    lookups = {customer.c.tax_id: taxes, customer.c.external_id: externals}
    rows = rows_of(read, statement, lookups, lock=lock)
    ids = sorted(row.id for row in rows)
    return Found(
        rows,
        _contacts(read, ids) if ids else [],
        unsettled_of(read, ids) if ids else {},
        mains_of(read, records),
    )


def _judged(found: Found, records: Sequence[Record], erased: Erased) -> list[Compared]:
    stand = _standing(found)
    by_external = {was["external_id"]: was for was in stand if was["external_id"]}
    by_tax = {was["tax_id"]: was for was in stand}
    compared = []
    for record in records:
        each = Compared(record)
        compared.append(each)
        external, tax = text_of(record, "external_id"), record["tax_id"]
        if ("tax_id", tax) in erased or ("external_id", external) in erased:
            each.left_out = ERASED
            continue
        was = by_external.get(external) if external else None
        holder = by_tax.get(tax)
        if was is None and holder is not None:
            if external and holder["external_id"]:
                each.conflicts.append(Conflict("tax_id", "another customer here has this tax id"))
            was = holder
        elif was is not None and holder is not None and holder is not was:
            each.conflicts.append(Conflict("tax_id", "another customer here has this tax id"))
        if was is None:
            each.add(_FIELDS)
            if main := record.get("main"):
                each.changed["main"] = found.mains.get(main, main)
            continue
        each.id, each.was = was["id"], was
        for name, value in record.items():
            changes = found.changes.get((each.id, name)) if found.changes else None
            if changes is None and was.get(name) == value:
                continue
            if name in _FIELDS:
                given = found.mains.get(value, value) if name == "main" else value
                each.look(name, given, changes)
    return compared


def _standing(found: Found) -> list[dict[str, Any]]:
    """The customers as records have them."""
    reached = defaultdict[tuple[int, str], list[str]](list)
    for id, kind, value in found.contacts:
        reached[id, kind].append(value)
    stand = []
    for row in found.rows:
        was = dict(zip(_READ, row, strict=True))
        id = was["id"]
        was |= {name: plain(was[name]) for name in DATES}
        was["main"] = was["main_customer"]
        for kind in CONTACTS:
            was[kind] = reached.get((id, kind), [])
        stand.append(was)
    return stand


def mains_of(read: Read, records: Iterable[Record]) -> dict[str, int]:
    """The row ids of the matrizes that rows name, by external id and by tax id."""
    names = [record["main"] for record in records if record.get("main")]
    statement = select(customer.c.id, customer.c.external_id, customer.c.tax_id)
    rows = rows_of(read, statement, {customer.c.external_id: names, customer.c.tax_id: names})
    found = {row.tax_id: row.id for row in rows}
    return found | {row.external_id: row.id for row in rows if row.external_id}


def filiais_among(read: Read, ids: Sequence[int]) -> set[int]:
    """Those of these customers that have a matriz themselves."""
    rows = read.all(
        select(customer.c.id).where(
            is_among(customer.c.id, ids), customer.c.main_customer.is_not(None)
        )
    )
    return {row.id for row in rows}


def merge(begun: Begun, brand: Brand, plans: Sequence[Plan]) -> None:
    """Write rows that were checked; one that has come into conflict since is noted and left out."""
    for each in plans:
        # What a turn has changed since the plan was made is looked at anew.
        found = _find(Reading(begun, brand), each.records, lock=True)
        compared = (
            each.compared if found == each.found else _judged(found, each.records, each.erased)
        )
        _write(begun, brand, compared, found.mains)


def _write(begun: Begun, brand: Brand, compared: Sequence[Compared], mains: dict[str, int]) -> None:
    new, stay, late = list[Compared](), list[Compared](), list[Compared]()
    for each in compared:
        if each.left_out:
            continue
        main = each.given.get("main")
        lost = bool(each.conflicts) or (bool(main) and main not in mains)
        (late if lost else new if each.id is None else stay).append(each)
    changed = [each for each in stay if each.changed]
    _add(begun, brand, new)
    _change(begun, changed)
    _reach(begun, changed)
    settled = [id for each in stay for id in each.settled]
    if settled:
        begun.execute(
            update(field_change)
            .where(is_among(field_change.c.id, settled))
            .values(settled_at=begun.now)
        )
    note(
        begun, brand.id, "customer.imported",
        [
            (f"customer:{each.id}", {name: each.was[name] for name in each.changed}, each.changed)
            for each in changed
        ],
    )  # fmt: skip
    note(begun, brand.id, "import.left_out", [("customers", None, each.given) for each in late])


def _contacts(read: Read, ids: Sequence[int]) -> list[Any]:
    """Customer, kind and value, the primary ones first."""
    return list(
        read.all(
            select(contact.c.customer, contact.c.kind, contact.c.value)
            .where(is_among(contact.c.customer, ids))
            .order_by(contact.c.is_primary.desc(), contact.c.id)
        )
    )


def _add(begun: Begun, brand: Brand, new: Sequence[Compared]) -> None:
    if not new:
        return
    begun.run_many(
        _ADD,
        [
            {f"new_{name}": value for name, value in _stored(begun, each).items()}
            | {"of": brand.id, "now": begun.now}
            for each in new
        ],
    )
    rows = begun.execute(
        select(customer.c.tax_id, customer.c.id).where(
            customer.c.brand == brand.id,
            is_among(customer.c.tax_id, [each.given["tax_id"] for each in new]),
        )
    )
    ids = {row.tax_id: row.id for row in rows}
    reached = [
        _contact(begun, ids[each.given["tax_id"]], kind, value, primary=n == 0)
        for each in new
        for kind in CONTACTS
        for n, value in enumerate(each.given.get(kind) or ())
    ]
    if reached:
        begun.run_many(_ADD_CONTACT, reached)


def _change(begun: Begun, changed: Sequence[Compared]) -> None:
    rows = [
        {f"new_{name}": value for name, value in _stored(begun, each).items()} | {"of": each.id}
        for each in changed
        if not each.changed.keys() <= set(CONTACTS)
    ]
    if rows:
        begun.run_many(_UPDATE, rows)


def _stored(begun: Begun, each: Compared) -> dict[str, Any]:
    """The whole row, as it becomes."""
    is_now = _EMPTY | each.was | each.changed
    row = {name: is_now[name] for name in COLUMNS}
    row |= {name: day(row[name]) for name in DATES}
    row["main_customer"] = is_now["main"]
    blocked = row["status"] == "blocked"
    row["blocked_at"] = (each.was.get("blocked_at") or begun.now) if blocked else None
    return row


def _reach(begun: Begun, changed: Sequence[Compared]) -> None:
    """Contacts as the file has them; one that stays keeps what is known about it."""
    gone, new, first = [], [], []
    for each in changed:
        for kind in CONTACTS:
            if each.id is None or kind not in each.changed:
                continue
            was, wanted = each.was.get(kind, []), each.changed[kind]
            of = {"of": each.id, "of_kind": kind}
            gone += [of | {"of_value": value} for value in was if value not in wanted]
            new += [
                _contact(begun, each.id, kind, value, primary=False)
                for value in wanted
                if value not in was
            ]
            first += [of | {"of_value": value} for value in wanted[:1]]
    for statement, rows in (
        (_FORGET_CONTACT, gone),
        (_NO_PRIMARY, [{"of": f["of"], "of_kind": f["of_kind"]} for f in first]),
        (_ADD_CONTACT, new),
        (_PRIMARY, first),
    ):
        if rows:
            begun.run_many(statement, rows)


def _contact(begun: Begun, id: int, kind: str, value: str, *, primary: bool) -> dict[str, Any]:
    return {"of": id, "of_kind": kind, "of_value": value, "first": primary, "now": begun.now}


# ------------------------------------------------------------------ statements, compiled once

_EMPTY: dict[str, Any] = dict.fromkeys((*COLUMNS, *CONTACTS, "main")) | DEFAULTS
_BECOMES: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _STORED}
_ONE = (contact.c.customer == bindparam("of")) & (contact.c.kind == bindparam("of_kind"))
_VALUE = contact.c.value == bindparam("of_value")
_ADD = Prepared(
    lambda _dialect: insert(customer).values(
        _BECOMES | {"brand": bindparam("of"), "created_at": bindparam("now")}
    )
)
_UPDATE = Prepared(
    lambda _dialect: update(customer).where(customer.c.id == bindparam("of")).values(_BECOMES)
)
_ADD_CONTACT = Prepared(
    lambda _dialect: insert(contact).values(
        customer=bindparam("of"), kind=bindparam("of_kind"), value=bindparam("of_value"),
        is_primary=bindparam("first"), created_at=bindparam("now"),
    )
)  # fmt: skip
_FORGET_CONTACT = Prepared(lambda _dialect: delete(contact).where(_ONE, _VALUE))
_NO_PRIMARY = Prepared(  # of two primary ones the index would refuse the second
    lambda _dialect: update(contact).where(_ONE, contact.c.is_primary).values(is_primary=False)
)
_PRIMARY = Prepared(lambda _dialect: update(contact).where(_ONE, _VALUE).values(is_primary=True))
