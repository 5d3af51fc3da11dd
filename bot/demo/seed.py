"""The demo's database: filled in one go, and brought up to the day it is started again.

Everything follows from a seed, the cast and the day: the same ones give the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from bot.core.brand import Brand
from bot.core.message import Text
from bot.core.ports import Read, Write
from bot.demo.brand import BANK
from bot.demo.cast import (
    CAST,
    EXTRAS,
    PLANS,
    STREETS,
    TOWNS,
    Role,
    company_tax_id,
    person_tax_id,
    slug,
)
from bot.domain import boleto
from bot.domain.calendar import due_date
from bot.domain.charges import amount_due
from bot.domain.tax_id import format_tax_id
from storage import bulk, customers
from storage.bulk import NewCustomer, NewInvoice, NewMember, Payment
from storage.invoices import InvoiceState, Line

SEED = 2026
MONTHS = 13
_PREFIX = "demo-"
_NUMBER = re.compile(r"([0-9]{4})([0-9]{2})-([0-9]{3})(?:-([2-9]))?")
_PAPER = timedelta(days=5)
"""From making an invoice to cancelling it."""


class Someone(NamedTuple):
    """A customer that a newcomer can be."""

    description: Text
    """What is to be seen with them."""
    name: str
    tax_id: str
    """As people write it."""
    email: str
    """Where the code arrives; empty where there is none."""


def seed(write: Write, seed: int = SEED) -> int:
    """Fill an empty brand with the cast and their invoices up to today; returns how many invoices.

    Raises KeyError where the cast, or a part of it, is there already.
    """
    rng = Random(seed)  # noqa: S311  # streets and house numbers, the same every time
    ids = bulk.add_customers(write, list(_customers(rng, write.today)))
    bulk.add_members(
        write,
        [
            NewMember(ids[_external_id(index)], name, let_in=let_in)
            for index, role in enumerate(CAST, start=1)
            for name, let_in in role.people
        ],
    )
    made = [
        each.new(ids[each.external_id], write.today, write.brand)
        for index, role in enumerate(CAST, start=1)
        for each in _bills_at_first(index, role, write.today)
    ]
    return bulk.add_invoices(write, made)


def top_up(write: Write) -> int:
    """Add the invoices of the months since, and pay those that the cast would have paid by today.

    Returns how many rows that changed: none a second time on the same day. What is there stays.
    """
    ids = bulk.customer_ids(write, _PREFIX)
    states = bulk.states(write, ids.values())
    latest = dict[int, int]()
    payments = list[Payment]()
    for number, state in states.items():
        bill = _Bill.read(number)
        if bill is None:
            continue
        latest[bill.index] = max(latest.get(bill.index, 0), bill.month)
        if state is InvoiceState.OPEN and bill.paid_on <= write.today:
            payments.append(Payment(number, bill.paid_on, bill.paid_amount(write.brand)))
    missing = [
        bill.new(ids[bill.external_id], write.today, write.brand)
        for index, role in enumerate(CAST, start=1)
        if not role.gone and index in latest
        for month in range(latest[index] + 1, _latest_month(role, write.today) + 1)
        for bill in (_Bill(index, role, month),)
    ]
    return bulk.mark_paid(write, payments) + bulk.add_invoices(write, missing)


def who_one_can_be(read: Read) -> list[Someone]:
    """Some of the cast, each to show something else, as they stand in the database."""
    found = []
    for index, role in enumerate(CAST, start=1):
        tax_id = _tax_id(index, role)
        if role.shown and (who := customers.by_tax_id(read, tax_id)):
            found.append(Someone(role.shown, who.name, format_tax_id(tax_id), who.email or ""))
    return found


# ------------------------------------------------------------------------- who they are


def _customers(rng: Random, today: date) -> Iterator[NewCustomer]:
    for index, role in enumerate(CAST, start=1):
        town, postal_code, districts = rng.choice(TOWNS)
        first = today.year * 12 + today.month - 1 - role.months - rng.randrange(36) - 1
        yield NewCustomer(
            external_id=_external_id(index),
            kind="PJ" if role.company else "PF",
            name=role.name,
            tax_id=_tax_id(index, role),
            due_day=role.due_day,
            trade_name=role.trade_name,
            status=role.status,
            main=_matriz(role),
            payment_form="informal" if role.informal else "boleto",
            plan=role.plan,
            postal_code=postal_code,
            street=rng.choice(STREETS),
            street_number=str(rng.randrange(1, 1800)),
            complement=f"casa {rng.randrange(1, 5)}" if rng.random() < 0.2 else None,
            district=rng.choice(districts),
            city=town,
            state="SP",
            since=date(first // 12, first % 12 + 1, rng.randrange(1, 29)),
            emails=_emails(index, role) if role.email else (),
            phones=(f"+55119000000{index + 9:02}",),
        )


def _emails(index: int, role: Role) -> tuple[str, ...]:
    domain = ("example.com", "example.org", "example.net")[index % 3]
    if role.company:
        name = slug(role.trade_name or role.name)
        return (f"financeiro.{name}@{domain}", f"contador.{name}@example.org")
    names = slug(role.name).split(".")
    return (f"{names[0]}.{names[-1]}@{domain}",)


def _tax_id(index: int, role: Role) -> str:
    return company_tax_id(role.company, role.branch) if role.company else person_tax_id(100 + index)


def _external_id(index: int) -> str:
    return f"{_PREFIX}{index:02}"


def _matriz(role: Role) -> str | None:
    if role.branch == 1:
        return None
    return next(
        _external_id(index)
        for index, other in enumerate(CAST, start=1)
        if (other.company, other.branch) == (role.company, 1)
    )


# ------------------------------------------------------------------------- what they owe


@dataclass(frozen=True, slots=True)
class _Bill:
    """An invoice of the cast; all of it follows from who, which month, and whether it is a reissue."""

    index: int
    role: Role
    month: int
    """Months since the year 0."""
    copy: int = 1
    cancelled: bool = False

    @classmethod
    def read(cls, number: str) -> _Bill | None:
        """The bill that a number of ours names; None for any other number."""
        match = _NUMBER.fullmatch(number)
        if match is None or not 1 <= (index := int(match[3])) <= len(CAST):
            return None
        month = int(match[1]) * 12 + int(match[2]) - 1
        return cls(index, CAST[index - 1], month, int(match[4] or 1))

    @property
    def external_id(self) -> str:
        return _external_id(self.index)

    @property
    def number(self) -> str:
        copy = f"-{self.copy}" if self.copy > 1 else ""
        return f"{_period(self.month).replace('-', '')}-{self.index:03}{copy}"

    @property
    def due_on(self) -> date:
        return _due_on(self.role, self.month)

    @property
    def issued_on(self) -> date:
        """When the one before is due, so that there is always one to come."""
        return _due_on(self.role, self.month - 1)

    @property
    def paid_on(self) -> date:
        return self.due_on + timedelta(days=self.role.pays)

    @property
    def lines(self) -> tuple[Line, ...]:
        plan = Line(f"Plano {self.role.plan}", PLANS[self.role.plan])
        return (plan, *(Line(*EXTRAS[name]) for name in self.role.extras))

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def barcode(self) -> str | None:
        if self.role.informal:
            return None
        period = _period(self.month).replace("-", "")
        free = f"0001{self.index:05}{period}{self.copy}".ljust(25, "0")
        return boleto.make_barcode(BANK, self.due_on, self.amount, free)

    def paid_amount(self, brand: Brand) -> Decimal:
        """With the charges of the day it was paid."""
        terms = brand.terms
        return amount_due(
            self.amount, self.due_on, self.paid_on,
            terms.fine_percent, terms.interest_percent_month, terms.rounding,
        ).total  # fmt: skip

    def new(self, customer: int, today: date, brand: Brand) -> NewInvoice:
        """The row to be, as it stands today."""
        paid = not self.cancelled and self.paid_on <= today
        state = InvoiceState.PAID if paid else InvoiceState.OPEN
        return NewInvoice(
            customer=customer,
            number=self.number,
            period=_period(self.month),
            issued_on=self.issued_on,
            due_on=self.due_on,
            lines=self.lines,
            state=InvoiceState.CANCELLED if self.cancelled else state,
            paid_on=self.paid_on if paid else None,
            paid_amount=self.paid_amount(brand) if paid else None,
            cancelled_on=self.issued_on + _PAPER if self.cancelled else None,
            barcode=self.barcode,
        )


def _bills_at_first(index: int, role: Role, today: date) -> Sequence[_Bill]:
    """The last thirteen months, or as many as there were; one who has gone had the last cancelled."""
    now = _latest_month(role, today)
    last = now - role.gone
    bills = list[_Bill]()
    for month in range(now - min(role.months, MONTHS) + 1, last + 1):
        anew = bool(role.reissued) and month == now - role.reissued
        ended = bool(role.gone) and month == last
        bills.append(_Bill(index, role, month, cancelled=anew or ended))
        if anew:
            bills.append(_Bill(index, role, month, copy=2))
    return bills


def _latest_month(role: Role, today: date) -> int:
    """The month of the invoice that was issued last: the one to be paid next."""
    month = today.year * 12 + today.month - 1
    return month + 1 if _due_on(role, month) <= today else month


def _due_on(role: Role, month: int) -> date:
    return due_date(month // 12, month % 12 + 1, role.due_day)


def _period(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"
