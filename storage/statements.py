"""Statements: a period's invoices and their sums, a year's payments, the annual clearance.

Everything is read for one customer of one brand, or for those that somebody speaks for. Sums of what is settled are made by the database, so
that thousands of invoices cost what a few do; only open ones are looked at one by one, for their charges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, extract, func, or_, select

from bot.core.ports import Read
from bot.domain import statements as rules
from bot.domain.charges import Charges, amount_due
from bot.domain.periods import Period, year_of
from bot.domain.statements import Bill, Charge, Clearance, Entry, Totals, YearPaid
from storage.finding import matching
from storage.invoices import ORDER
from storage.tables import invoice, payment


@dataclass(frozen=True, slots=True)
class Statement:
    """The invoices due in a period as of `today`: the sums of all, and some or all of them."""

    period: Period
    today: date
    totals: Totals
    entries: tuple[Entry, ...]
    """The earliest due first."""
    each: Mapping[int, Totals]
    """The sums of each customer that has an invoice in it."""

    @property
    def count(self) -> int:
        """How many invoices there are, the cancelled among them."""
        return self.totals.bills + self.totals.cancelled


Whose = int | Sequence[int]
"""A customer, or several."""
_BILL = select(*(invoice.c[name] for name in Bill.__slots__))
_DUE = (invoice.c.due_on, invoice.c.number)
_MOST_SEARCHED = 600
"""Invoices that words are matched against."""


# ------------------------------------------------------------------------- a period


def statement(read: Read, whose: Whose, period: Period, most: int | None = None) -> Statement:
    """What was billed with a due date in the period; the last `most` of it, or all."""
    each = totals_of_each(read, whose, period)
    latest = _BILL.where(*_due_in(read, whose, period)).order_by(
        invoice.c.due_on.desc(), invoice.c.number.desc()
    )
    some = reversed(_entries(read, read.all(latest.limit(most) if most else latest)))
    return Statement(period, read.today, sum(each.values(), Totals()), tuple(some), each)


def totals(read: Read, whose: Whose, period: Period) -> Totals:
    """The sums of a period."""
    return sum(totals_of_each(read, whose, period).values(), Totals())


def totals_of_each(read: Read, whose: Whose, period: Period) -> dict[int, Totals]:
    """The sums of a period by customer, in two queries: what is settled at once, what is open one by one."""
    found = dict[int, Totals]()
    for row in read.all(
        select(
            invoice.c.customer,
            invoice.c.state,
            func.count().label("many"),
            func.sum(invoice.c.amount).label("charged"),
            func.sum(func.coalesce(invoice.c.paid_amount, invoice.c.amount)).label("paid"),
        )
        .where(*_due_in(read, whose, period), invoice.c.state != "open")
        .group_by(invoice.c.customer, invoice.c.state)
    ):
        if row.state == "paid":
            sums = Totals(row.many, charged=row.charged, paid=row.paid)
        else:
            sums = Totals(cancelled=row.many)
        found[row.customer] = found.get(row.customer, Totals()) + sums
    open_ones = _BILL.where(*_due_in(read, whose, period), invoice.c.state == "open")
    for entry in _entries(read, read.all(open_ones)):
        whose_it_is = entry.bill.customer
        found[whose_it_is] = found.get(whose_it_is, Totals()) + rules.totals([entry])
    return found


def entries(read: Read, whose: Whose, period: Period) -> list[Entry]:
    """All the invoices due in a period, the earliest first."""
    return _entries(read, read.all(_BILL.where(*_due_in(read, whose, period)).order_by(*_DUE)))


def page(read: Read, whose: Whose, period: Period, offset: int, limit: int) -> list[Entry]:
    """Some of them, as `storage.invoices.page` orders: open ones first, the oldest due first."""
    wanted = _BILL.where(*_due_in(read, whose, period)).order_by(*ORDER)
    return _entries(read, read.all(wanted.offset(offset).limit(limit)))


def entry(read: Read, whose: Whose, period: Period, id: int) -> Entry | None:
    """One of them, or None."""
    row = read.all(_BILL.where(*_due_in(read, whose, period), invoice.c.id == id))
    found = _entries(read, row)
    return found[0] if found else None


def find(read: Read, whose: Whose, period: Period, text: str) -> list[Entry]:
    """Those of them that words mean: a number, a month, a date, an amount."""
    some = page(read, whose, period, 0, _MOST_SEARCHED)
    by_id = {each.bill.id: each for each in some}
    named = matching([each.bill for each in some], text, read.today)
    return [by_id[bill.id] for bill in named]


# ------------------------------------------------------------------------- a year


def year_paid(read: Read, customer: int, year: int) -> YearPaid:
    """What a customer paid in a year, month by month, by the day of payment.

    An invoice that was paid in one go counts on its day; one that was paid in several parts, or
    only in part so far, by each of them (`bot.domain.statements.parts_paid`).
    """
    span = year_of(year)
    in_parts = _in_parts(read, customer)
    month = extract("month", invoice.c.paid_on)
    rows = read.all(
        select(
            month.label("month"),
            func.sum(func.coalesce(invoice.c.paid_amount, invoice.c.amount)).label("amount"),
            func.count().label("many"),
        )
        .where(
            *_paid(read, customer),
            invoice.c.paid_on.between(span.start, span.end),
            invoice.c.id.not_in(in_parts),
        )
        .group_by(month)
    )
    at_once = {int(row.month): (row.amount, int(row.many)) for row in rows}
    undated = read.scalar(
        select(func.count()).where(
            *_paid(read, customer), invoice.c.paid_on.is_(None), *_due_within(span)
        )
    )
    parts = rules.parts_paid(_parts(read, in_parts))
    inside = ((day.month, amount) for day, amount in parts if day in span)
    return rules.year_paid(year, rules.with_parts(at_once, inside), int(undated or 0))


def years_paid(read: Read, customer: int) -> list[int]:
    """The years in which a customer paid something, the latest first."""
    whole = _years(read, invoice.c.paid_on, *_paid(read, customer), invoice.c.paid_on.is_not(None))
    parts = _years(read, payment.c.paid_on, *_came_in(read, customer))
    return sorted({*whole, *parts}, reverse=True)


def years_due(read: Read, customer: int) -> list[int]:
    """The years in which a customer's invoices were due, cancelled ones aside, the latest first."""
    return _years(read, invoice.c.due_on, *_mine(read, customer), invoice.c.state != "cancelled")


def clearance(read: Read, customer: int, year: int) -> Clearance:
    """Whether a year can be declared paid (`bot.domain.statements.clearance`)."""
    span = year_of(year)
    counts = or_(
        and_(*_due_within(span)), and_(invoice.c.due_on < span.start, invoice.c.state == "open")
    )
    rows = read.all(_BILL.where(*_mine(read, customer), counts).order_by(*_DUE))
    return rules.clearance(year, _bills(rows), read.today)


# ------------------------------------------------------------------------- inside


def _mine(read: Read, whose: Whose) -> tuple[Any, ...]:
    theirs = (
        invoice.c.customer == whose if isinstance(whose, int) else invoice.c.customer.in_(whose)
    )
    return (invoice.c.brand == read.brand.id, theirs)


def _paid(read: Read, customer: int) -> tuple[Any, ...]:
    return (*_mine(read, customer), invoice.c.state == "paid")


def _due_within(period: Period) -> tuple[Any, ...]:
    return (invoice.c.due_on.between(period.start, period.end),)


def _due_in(read: Read, whose: Whose, period: Period) -> tuple[Any, ...]:
    return (*_mine(read, whose), *_due_within(period))


def _came_in(read: Read, customer: int) -> tuple[Any, ...]:
    """Payments that count: not undone, not disputed, not given back."""
    return (
        payment.c.customer == customer,
        payment.c.brand == read.brand.id,
        payment.c.state == "stands",
        payment.c.amount > payment.c.refunded,
    )


def _in_parts(read: Read, customer: int) -> Any:
    """The ids of invoices that were paid in several parts, or are open and paid in part."""
    return (
        select(payment.c.invoice)
        .join(invoice, invoice.c.id == payment.c.invoice)
        .where(*_came_in(read, customer), invoice.c.state != "cancelled")
        .group_by(payment.c.invoice, invoice.c.state)
        .having(or_(func.count() > 1, invoice.c.state == "open"))
    )


def _parts(read: Read, in_parts: Any) -> list[rules.Part]:
    rows = read.all(
        select(
            payment.c.invoice, payment.c.paid_on, payment.c.amount, payment.c.refunded,
            invoice.c.state, invoice.c.paid_amount,
        )
        .join(invoice, invoice.c.id == payment.c.invoice)
        .where(
            payment.c.invoice.in_(in_parts),
            payment.c.state == "stands",
            payment.c.amount > payment.c.refunded,
        )
        .order_by(payment.c.invoice, payment.c.paid_on, payment.c.id)
    )  # fmt: skip
    return [
        rules.Part(
            row.invoice, row.paid_on, row.amount - row.refunded,
            row.paid_amount if row.state == "paid" else None,
        )
        for row in rows
    ]  # fmt: skip


def _years(read: Read, day: Any, *which: Any) -> list[int]:
    year = extract("year", day)
    rows = read.all(select(year.label("year")).where(*which).group_by(year))
    return sorted((int(row.year) for row in rows), reverse=True)


def _bills(rows: Sequence[Any]) -> list[Bill]:
    return [Bill(**row._mapping) for row in rows]


def _entries(read: Read, rows: Sequence[Any]) -> list[Entry]:
    charge = _charge(read)
    return [rules.entry(bill, charge) for bill in _bills(rows)]


def _charge(read: Read) -> Charge:
    """What a bill costs today by the brand's terms."""
    terms, today = read.brand.terms, read.today

    def charge(amount: Any, due_on: date) -> Charges:
        return amount_due(
            amount, due_on, today, terms.fine_percent, terms.interest_percent_month, terms.rounding
        )

    return charge
