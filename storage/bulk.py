"""Many customers and invoices in a few statements: how the demo and the tests fill a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.core.ports import Read, Write
from bot.domain.roles import Role
from bot.domain.standing import Status
from storage.invoices import InvoiceState, Line
from storage.tables import contact, customer, invoice, invoice_line, membership, person

_MOST_PARAMETERS = 30_000
"""SQLite takes 32,766 in a statement and PostgreSQL 65,535."""


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be: bare tax id, E.164 phones; the first e-mail and the first phone are primary."""

    external_id: str
    kind: str
    name: str
    tax_id: str
    due_day: int
    trade_name: str | None = None
    status: Status = Status.ACTIVE
    main: str | None = None
    """The external id of the matriz, of a filial; earlier in the same sequence."""
    payment_form: str = "boleto"
    plan: str | None = None
    postal_code: str | None = None
    street: str | None = None
    street_number: str | None = None
    complement: str | None = None
    district: str | None = None
    city: str | None = None
    state: str | None = None
    since: date | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody to be among a customer's people, who came by an invitation."""

    customer: int
    name: str
    role: Role = Role.COLLABORATOR
    let_in: bool = True


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """An invoice to be; its amount is the sum of its lines."""

    customer: int
    number: str
    period: str
    issued_on: date
    due_on: date
    lines: tuple[Line, ...]
    state: InvoiceState = InvoiceState.OPEN
    paid_on: date | None = None
    paid_amount: Decimal | None = None
    cancelled_on: date | None = None
    barcode: str | None = None
    external_id: str | None = None
    amount: Decimal = field(init=False)

    def __post_init__(self) -> None:
        total = sum((line.amount for line in self.lines), Decimal("0.00"))
        object.__setattr__(self, "amount", total)


def add_customers(write: Write, new: Sequence[NewCustomer]) -> dict[str, int]:
    """Insert customers with their contacts; returns the row id of each external id.

    A filial comes after its matriz. Raises KeyError if it does not.
    """
    ids: dict[str, int] = {}
    without = {"main", "emails", "phones"}
    for filiais in (False, True):
        rows = [
            _row(each, without)
            | {"brand": write.brand.id, "created_at": write.now}
            | {"blocked_at": write.now if each.status is Status.BLOCKED else None}
            | {"main_customer": ids[each.main] if each.main else None}
            for each in new
            if bool(each.main) is filiais
        ]
        for row in _insert(write, customer, rows, customer.c.id, customer.c.external_id):
            ids[row.external_id] = row.id
    reached = [
        {
            "customer": ids[each.external_id], "kind": kind, "value": value,
            "is_primary": position == 0, "created_at": write.now,
        }
        for each in new
        for kind, values in (("email", each.emails), ("phone", each.phones))
        for position, value in enumerate(values)
    ]  # fmt: skip
    _insert(write, contact, reached, contact.c.id)
    return ids


def add_members(write: Write, new: Iterable[NewMember]) -> list[int]:
    """Write people of customers; the ids of the persons, in order."""
    ids = list[int]()
    for each in new:
        ((id,),) = write.run(
            insert(person)
            .values(brand=write.brand.id, name=each.name, created_at=write.now)
            .returning(person.c.id)
        )
        write.run(
            insert(membership).values(
                person=id,
                customer=each.customer,
                role=each.role.value,
                active=each.let_in,
                activated_at=write.now if each.let_in else None,
                invited=True,
                created_at=write.now,
            )
        )
        ids.append(int(id))
    return ids


def add_invoices(write: Write, new: Sequence[NewInvoice]) -> int:
    """Insert the invoices whose numbers the brand has not issued; returns how many those were."""
    rows = [
        _row(each, {"lines"}) | {"brand": write.brand.id, "created_at": write.now} for each in new
    ]
    made = _insert(write, invoice, rows, invoice.c.id, invoice.c.number)
    ids = {row.number: row.id for row in made}
    parts = [
        {"invoice": ids[each.number], "position": position, "description": line.description,
         "amount": line.amount}
        for each in new
        if each.number in ids
        for position, line in enumerate(each.lines, start=1)
    ]  # fmt: skip
    _insert(write, invoice_line, parts, invoice_line.c.invoice)
    return len(ids)


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid for an invoice, and when."""

    number: str
    on: date
    amount: Decimal


def mark_paid(write: Write, payments: Iterable[Payment]) -> int:
    """Mark open invoices as paid; returns how many were open."""
    marked = 0
    for each in payments:
        paid = write.run(
            update(invoice)
            .where(
                invoice.c.brand == write.brand.id,
                invoice.c.number == each.number,
                invoice.c.state == InvoiceState.OPEN.value,
            )
            .values(state=InvoiceState.PAID.value, paid_on=each.on, paid_amount=each.amount)
            .returning(invoice.c.id)
        )
        marked += len(paid)
    return marked


def customer_ids(read: Read, prefix: str) -> dict[str, int]:
    """The row ids of the brand's customers whose external id starts so, by external id."""
    rows = read.all(
        select(customer.c.external_id, customer.c.id).where(
            customer.c.brand == read.brand.id,
            customer.c.external_id.startswith(prefix, autoescape=True),
        )
    )
    return {row.external_id: row.id for row in rows}


def states(read: Read, customers: Iterable[int]) -> dict[str, InvoiceState]:
    """The state of every invoice of these customers, by number."""
    rows = read.all(
        select(invoice.c.number, invoice.c.state).where(
            invoice.c.brand == read.brand.id, invoice.c.customer.in_(list(customers))
        )
    )
    return {row.number: InvoiceState(row.state) for row in rows}


def _row(new: NewCustomer | NewInvoice, without: set[str]) -> dict[str, Any]:
    return {name: getattr(new, name) for name in type(new).__slots__ if name not in without}


def _insert(
    write: Write, table: Table, rows: Sequence[dict[str, Any]], *back: Any
) -> Iterator[Any]:
    """Insert rows, as many to a statement as it takes; what is there already stays as it is."""
    size = _MOST_PARAMETERS // max((len(row) for row in rows), default=1)
    made: list[Any] = []
    for start in range(0, len(rows), size):
        some = insert(table).values(list(rows[start : start + size]))
        made += write.run(some.on_conflict_do_nothing().returning(*back))
    return iter(made)
