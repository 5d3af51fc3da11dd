"""What customers changed here and their billing system must learn: kept, handed over, settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.ports import Read, Write
from storage.among import is_among
from storage.tables import customer, field_change, invoice

FIELDS = frozenset(
    (
        "name", "trade_name", "due_day", "payment_form", "plan", "email", "phone", "postal_code",
        "street", "street_number", "complement", "district", "city", "state", "since",
        "born_on", "registry_number",
    )
)  # fmt: skip
"""What may be changed at the counter; the names are those of the import's columns."""
CUSTOM = "custom:"
"""What the name of a field of the brand's own begins with (`custom:capital_social`)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a customer, as it was and as it is; values as an import's file has them."""

    id: int
    external_id: str | None
    tax_id: str
    field: str
    before: str | None
    after: str | None
    at: datetime
    proved_by: str


def record_change(
    write: Write,
    customer_id: int,
    field: str,
    *,
    before: str | None,
    after: str | None,
    proved_by: str,
) -> int:
    """Note that a customer proved a new value, in the transaction that writes it; the row's id.

    From then on no import takes it back, and `balcao export --changes` hands it on. `field` is one
    of `FIELDS`; values are written as an import's file has them (dates ISO, phones E.164, several
    e-mails or phones parted by ", ", the primary one first), or `CUSTOM` and the key of a field of the
    brand's own. `proved_by`: "code", "channel", "link", "approval" (somebody else decided), "undo".
    Raises ValueError for another field, LookupError for another brand's customer.
    """
    if field not in FIELDS and not field.startswith(CUSTOM):
        raise ValueError(f"no field that changes at the counter: {field}")
    mine = select(customer.c.id).where(
        customer.c.id == customer_id, customer.c.brand == write.brand.id
    )
    if write.scalar(mine) is None:
        raise LookupError("no such customer of this brand")
    ((id,),) = write.run(
        insert(field_change)
        .values(
            brand=write.brand.id, customer=customer_id, field=field, before=before, after=after,
            at=write.now, proved_by=proved_by,
        )
        .returning(field_change.c.id)
    )  # fmt: skip
    write.audit(
        "customer.changed",
        f"customer:{customer_id}",
        before={field: before},
        after={field: after},
    )
    return int(id)


def record_payment(
    write: Write, invoice_id: int, *, on: date, amount: Decimal, proved_by: str
) -> bool:
    """Mark an invoice as paid that was paid here, in the transaction that learns of it.

    From then on no file opens or cancels it, until one says itself that it is paid. `on` is the day of
    payment, `amount` what was paid, in reais, `proved_by` "gateway" or "staff". Whether it was open:
    one that is paid or cancelled, and another brand's, stays as it is.
    """
    paid = write.run(
        update(invoice)
        .where(
            invoice.c.id == invoice_id, invoice.c.brand == write.brand.id, invoice.c.state == "open"
        )
        .values(state="paid", paid_on=on, paid_amount=amount, paid_here_at=write.now)
        .returning(invoice.c.id)
    )
    if paid:
        write.audit(
            "invoice.paid",
            f"invoice:{invoice_id}",
            before={"state": "open"},
            after={"state": "paid", "paid_on": on.isoformat(), "paid_amount": str(amount),
                   "proved_by": proved_by},
        )  # fmt: skip
    return bool(paid)


def changes_after(
    read: Read, after: int, most: int, *, since: datetime | None = None
) -> list[Change]:
    """Changes with an id above `after`, oldest first: those not handed over yet, or all `since` then."""
    which: Any = field_change.c.exported_at.is_(None)
    if since is not None:
        which = field_change.c.at >= since
    rows = read.all(
        select(
            *(field_change.c[name] for name in Change.__slots__ if name in field_change.c),
            customer.c.external_id,
            customer.c.tax_id,
        )
        .join(customer, customer.c.id == field_change.c.customer)
        .where(field_change.c.brand == read.brand.id, field_change.c.id > after, which)
        .order_by(field_change.c.id)
        .limit(most)
    )
    return [Change(**row._mapping) for row in rows]


def mark_exported(write: Write, ids: Collection[int]) -> int:
    """The billing system has them; how many it had not been handed before."""
    marked = write.run(
        update(field_change)
        .where(
            field_change.c.brand == write.brand.id,
            field_change.c.id.in_(list(ids)),
            field_change.c.exported_at.is_(None),
        )
        .values(exported_at=write.now)
        .returning(field_change.c.id)
    )
    return len(marked)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What stands between a customer's field and an import."""

    ids: tuple[int, ...]
    befores: frozenset[str]
    after: str
    exported: bool
    """Whether all of it was handed over."""

    def keeps(self, given: str) -> bool:
        """Whether the customer's value stays though a file says `given`.

        Not handed over: always. Handed over: while the file still holds the old value; another one
        is younger than what it was handed.
        """
        return given != self.after and (not self.exported or given in self.befores)


def unsettled_of(read: Read, customers: Sequence[int]) -> dict[tuple[int, str], Unsettled]:
    """The changes that no file has confirmed yet, by customer and field."""
    rows = read.all(
        select(field_change)
        .where(is_among(field_change.c.customer, customers), field_change.c.settled_at.is_(None))
        .order_by(field_change.c.id)
    )
    found = dict[tuple[int, str], Unsettled]()
    for row in rows:
        key = row.customer, row.field
        was = found.get(key, Unsettled((), frozenset(), "", exported=True))
        found[key] = Unsettled(
            (*was.ids, row.id),
            was.befores | {row.before or ""},
            row.after or "",
            was.exported and row.exported_at is not None,
        )
    return found
