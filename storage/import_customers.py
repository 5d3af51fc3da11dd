"""Rows of a customers' file beside the customers there are, and into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.core.brand import Brand
from bot.core.ports import Read
from storage.begun import Begun
from storage.changes import unsettled_of
from storage.comparing import Compared, Conflict, day, plain, rows_of, text_of
from storage.import_runs import note
from storage.staging import Record
from storage.tables import contact, customer, field_change
from storage.transactions import Reading

COLUMNS = (
    "external_id", "kind", "name", "trade_name", "tax_id", "status", "due_day", "payment_form",
    "plan", "postal_code", "street", "street_number", "complement", "district", "city", "state",
    "since",
)  # fmt: skip
CONTACTS = ("email", "phone")
DEFAULTS = {"status": "active", "payment_form": "boleto"}
_FIELDS = (*COLUMNS, *CONTACTS, "main")
_STORED = (*COLUMNS, "main_customer", "blocked_at")
_UPDATE = (
    update(customer)
    .where(customer.c.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _STORED})
)


def compare(read: Read, records: Sequence[Record], *, lock: bool = False) -> list[Compared]:
    """What each row would change. `lock`: their customers stay as they are until the commit.

    A matriz that is not in the database yet is no conflict here: the file may bring it.
    """
    rows = _found(read, records, lock=lock)
    by_external = {row.external_id: row for row in rows if row.external_id}
    by_tax = {row.tax_id: row for row in rows}
    ids = sorted({row.id for row in rows})
    reached = _contacts(read, ids)
    unsettled = unsettled_of(read, ids) if ids else {}
    mains = mains_of(read, records)
    compared = []
    for record in records:
        each = Compared(record)
        compared.append(each)
        external, tax = text_of(record, "external_id"), record["tax_id"]
        row = by_external.get(external) if external else None
        holder = by_tax.get(tax)
        if row is None and holder is not None:
            if external and holder.external_id:
                each.conflicts.append(Conflict("tax_id", "another customer here has this tax id"))
            row = holder
        elif row is not None and holder is not None and holder.id != row.id:
            each.conflicts.append(Conflict("tax_id", "another customer here has this tax id"))
        if row is not None:
            each.id = row.id
            each.was = {name: plain(getattr(row, name)) for name in COLUMNS}
            each.was |= {kind: reached[row.id, kind] for kind in CONTACTS}
            each.was |= {"main": row.main_customer, "blocked_at": row.blocked_at}
        for name in _FIELDS:
            if name not in record or (name == "external_id" and external is None):
                continue
            given = record[name]
            if name == "main" and given is not None:
                given = mains.get(given, given)
            each.look(name, given, unsettled.get((each.id, name)) if each.id else None)
    return compared


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
        select(customer.c.id).where(customer.c.id.in_(ids), customer.c.main_customer.is_not(None))
    )
    return {row.id for row in rows}


def merge(begun: Begun, brand: Brand, records: Sequence[Record]) -> None:
    """Write rows that were checked; one that has come into conflict since is noted and left out."""
    _merge(begun, brand, [record for record in records if not record.get("main")])
    _merge(begun, brand, [record for record in records if record.get("main")])


def _merge(begun: Begun, brand: Brand, records: Sequence[Record]) -> None:
    if not records:
        return
    read = Reading(begun, brand)
    compared = compare(read, records, lock=True)
    mains = mains_of(read, records)
    sound, late = list[Compared](), list[Compared]()
    for each in compared:
        (late if each.conflicts or _misses_main(each, mains) else sound).append(each)
    changed = [each for each in sound if each.id is not None and each.changed]
    _add(begun, brand, [each for each in sound if each.id is None])
    _change(begun, changed)
    _reach(begun, sound)
    settled = [id for each in sound for id in each.settled]
    if settled:
        begun.execute(
            update(field_change).where(field_change.c.id.in_(settled)).values(settled_at=begun.now)
        )
    note(
        begun, brand.id, "customer.imported",
        [
            (f"customer:{each.id}", {name: each.was[name] for name in each.changed}, each.changed)
            for each in changed
        ],
    )  # fmt: skip
    note(begun, brand.id, "import.left_out", [("customers", None, each.given) for each in late])


def _misses_main(each: Compared, mains: dict[str, int]) -> bool:
    main = each.given.get("main")
    return bool(main) and main not in mains


def _found(read: Read, records: Sequence[Record], *, lock: bool) -> list[Any]:
    statement = select(*(customer.c[name] for name in ("id", *_STORED)))
    taxes = [record["tax_id"] for record in records]
    externals = [e for record in records if (e := text_of(record, "external_id"))]
    lookups = {customer.c.tax_id: taxes, customer.c.external_id: externals}
    return rows_of(read, statement, lookups, lock=lock)


def _contacts(read: Read, ids: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """Values by customer and kind, the primary one first."""
    found = defaultdict[tuple[int, str], list[str]](list)
    if ids:
        rows = read.all(
            select(contact.c.customer, contact.c.kind, contact.c.value)
            .where(contact.c.customer.in_(ids))
            .order_by(contact.c.is_primary.desc(), contact.c.id)
        )
        for row in rows:
            found[row.customer, row.kind].append(row.value)
    return found


def _add(begun: Begun, brand: Brand, new: Sequence[Compared]) -> None:
    if not new:
        return
    made = begun.connection.execute(
        insert(customer).returning(customer.c.id, sort_by_parameter_order=True),
        [_stored(begun, each) | {"brand": brand.id, "created_at": begun.now} for each in new],
    )
    for each, (id,) in zip(new, made, strict=True):
        each.id = id


def _change(begun: Begun, changed: Sequence[Compared]) -> None:
    rows = [
        {f"new_{name}": value for name, value in _stored(begun, each).items()} | {"of": each.id}
        for each in changed
        if not each.changed.keys() <= set(CONTACTS)
    ]
    if rows:
        begun.connection.execute(_UPDATE, rows)


def _stored(begun: Begun, each: Compared) -> dict[str, Any]:
    """The whole row, as it becomes."""
    is_now = dict.fromkeys(_FIELDS) | DEFAULTS | each.was | each.changed
    row = {name: is_now[name] for name in COLUMNS}
    row["since"] = day(row["since"])
    row["main_customer"] = is_now["main"]
    blocked = row["status"] == "blocked"
    row["blocked_at"] = (each.was.get("blocked_at") or begun.now) if blocked else None
    return row


def _reach(begun: Begun, sound: Sequence[Compared]) -> None:
    """Contacts as the file has them; one that stays keeps what is known about it."""
    gone, new, first = [], [], []
    for each in sound:
        for kind in CONTACTS:
            if kind not in each.changed:
                continue
            was, wanted = each.was.get(kind, []), each.changed[kind]
            of = {"of": each.id, "of_kind": kind}
            gone += [of | {"of_value": value} for value in was if value not in wanted]
            new += [
                {"customer": each.id, "kind": kind, "value": value, "is_primary": False,
                 "created_at": begun.now}
                for value in wanted if value not in was
            ]  # fmt: skip
            first += [of | {"of_value": value} for value in wanted[:1]]
    one = (contact.c.customer == bindparam("of")) & (contact.c.kind == bindparam("of_kind"))
    value = contact.c.value == bindparam("of_value")
    if gone:
        begun.connection.execute(delete(contact).where(one, value), gone)
    if first:  # of two primary ones the index would refuse the second
        without = [{"of": f["of"], "of_kind": f["of_kind"]} for f in first]
        begun.connection.execute(
            update(contact).where(one, contact.c.is_primary).values(is_primary=False), without
        )
    if new:
        begun.connection.execute(insert(contact), new)
    if first:
        begun.connection.execute(update(contact).where(one, value).values(is_primary=True), first)
