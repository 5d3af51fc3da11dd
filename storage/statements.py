"""Statements: a period's invoices and their sums, a year's payments, the annual clearance; by mail too.

Everything is read for one customer of one brand. Sums of what is settled are made by the database, so
that thousands of invoices cost what a few do; only open ones are looked at one by one, for their charges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, extract, func, or_, select

from bot.core.brand import Brand
from bot.core.message import DocumentRef, Mail, Notice
from bot.core.ports import Read, Write
from bot.domain import statements as rules
from bot.domain.charges import Charges, amount_due
from bot.domain.periods import Period, year_of
from bot.domain.statements import Bill, Charge, Clearance, Entry, Totals, Verdict, YearPaid
from storage import customers
from storage.customers import Customer
from storage.dispatches import mailed_just_now
from storage.finding import matching
from storage.invoices import ORDER
from storage.people import here
from storage.tables import contact, customer, invoice, payment


class Kind(StrEnum):
    """What can be had; the value is the document's kind, as the ledger and the audit name it."""

    STATEMENT = "statement-pdf"
    INCOME_TAX = "income-tax-pdf"
    CLEARANCE = "clearance-pdf"


class Mailed(StrEnum):
    """What became of a wish to have one by e-mail."""

    QUEUED = "queued"
    ALREADY = "already"
    """It was asked for a moment ago and is on its way."""
    UNKNOWN = "unknown"
    """There is nothing of the kind to send (any more)."""
    NO_EMAIL = "no-email"
    BAD_EMAIL = "bad-email"


_WORDS = {Kind.STATEMENT: "extrato", Kind.INCOME_TAX: "pagamentos", Kind.CLEARANCE: "quitacao"}
"""In the names of files, the same in every language."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The invoices due in a period as of `today`: the sums of all, and some or all of them."""

    period: Period
    today: date
    totals: Totals
    entries: tuple[Entry, ...]
    """The earliest due first."""

    @property
    def count(self) -> int:
        """How many invoices there are, the cancelled among them."""
        return self.totals.bills + self.totals.cancelled


@dataclass(frozen=True, slots=True)
class Paper:
    """What one of these documents says, and whose it is, as of `today`."""

    customer: Customer
    of: Statement | YearPaid | Clearance
    today: date


_BILL = select(*(invoice.c[name] for name in Bill.__slots__))
_DUE = (invoice.c.due_on, invoice.c.number)
MOST_ON_PAPER = 1000
"""Invoices listed in a PDF, some 25 pages of them; of the earlier ones it has the sums."""
_MOST_SEARCHED = 600
"""Invoices that words are matched against."""


# ------------------------------------------------------------------------- a period


def statement(read: Read, customer: int, period: Period, most: int | None = None) -> Statement:
    """What was billed to a customer with a due date in the period; the last `most` of it, or all."""
    if most is None:
        found = tuple(entries(read, customer, period))
        return Statement(period, read.today, rules.totals(found), found)
    latest = _BILL.where(*_due_in(read, customer, period)).order_by(
        invoice.c.due_on.desc(), invoice.c.number.desc()
    )
    some = reversed(_entries(read, read.all(latest.limit(most))))
    return Statement(period, read.today, totals(read, customer, period), tuple(some))


def totals(read: Read, customer: int, period: Period) -> Totals:
    """The sums of a period, in two queries: what is settled at once, what is open one by one."""
    settled = read.all(
        select(
            invoice.c.state,
            func.count().label("many"),
            func.sum(invoice.c.amount).label("charged"),
            func.sum(func.coalesce(invoice.c.paid_amount, invoice.c.amount)).label("paid"),
        )
        .where(*_due_in(read, customer, period), invoice.c.state != "open")
        .group_by(invoice.c.state)
    )
    found = Totals()
    for row in settled:
        if row.state == "paid":
            found += Totals(row.many, charged=row.charged, paid=row.paid)
        else:
            found += Totals(cancelled=row.many)
    open_ones = _BILL.where(*_due_in(read, customer, period), invoice.c.state == "open")
    return found + rules.totals(_entries(read, read.all(open_ones)))


def entries(read: Read, customer: int, period: Period) -> list[Entry]:
    """All the invoices due in a period, the earliest first."""
    return _entries(read, read.all(_BILL.where(*_due_in(read, customer, period)).order_by(*_DUE)))


def page(read: Read, customer: int, period: Period, offset: int, limit: int) -> list[Entry]:
    """Some of them, as `storage.invoices.page` orders: open ones first, the oldest due first."""
    wanted = _BILL.where(*_due_in(read, customer, period)).order_by(*ORDER)
    return _entries(read, read.all(wanted.offset(offset).limit(limit)))


def entry(read: Read, customer: int, period: Period, id: int) -> Entry | None:
    """One of them, or None."""
    row = read.all(_BILL.where(*_due_in(read, customer, period), invoice.c.id == id))
    found = _entries(read, row)
    return found[0] if found else None


def find(read: Read, customer: int, period: Period, text: str) -> list[Entry]:
    """Those of them that words mean: a number, a month, a date, an amount."""
    some = page(read, customer, period, 0, _MOST_SEARCHED)
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


# ------------------------------------------------------------------------- as a document


def reference(brand: Brand, kind: Kind, customer: int, of: str) -> DocumentRef:
    """A document of these: `of` is the period (`Period.dump`) or the year."""
    name = f"{brand.id}-{_WORDS[kind]}-{of.replace('..', '-a-')}.pdf"
    return DocumentRef(kind.value, customer, name, "application/pdf", of)


def paper(read: Read, ref: DocumentRef) -> Paper | None:
    """What a document says now; None if there is no such customer, or a clearance that is none any more.

    For the delivery, which renders what a flow has already decided to hand out.
    """
    whose = customers.get(read, ref.id)
    if whose is None:
        return None
    of: Statement | YearPaid | Clearance
    match Kind(ref.kind):
        case Kind.STATEMENT:
            of = statement(read, whose.id, Period.load(ref.detail), most=MOST_ON_PAPER)
        case Kind.INCOME_TAX:
            of = year_paid(read, whose.id, int(ref.detail))
        case Kind.CLEARANCE:
            of = clearance(read, whose.id, int(ref.detail))
            if of.verdict is not Verdict.CLEARED:
                return None
    return Paper(whose, of, read.today)


def note_opened(write: Write, customer: int, *, kind: str, of: str) -> bool:
    """Note that one of these was shown or handed to who is here; False for a customer of another brand."""
    if customers.get(write, customer) is None:
        return False
    write.audit("document.opened", f"customer:{customer}", after={"kind": kind, "of": of})
    return True


def send(
    write: Write,
    customer_id: int,
    ref: DocumentRef,
    *,
    request: str,
    sent: Notice | None,
    failed: Notice | None,
    unsent: Notice | None = None,
    locale: str,
) -> Mailed:
    """Mail one of these to its customer's registered e-mail, and to nowhere else.

    `request` names this wish (the event that confirmed it): played twice, it is one mail. The mail
    carries the reference only; what it says is read when it leaves. Raises ValueError for a document
    that is another customer's.
    """
    if ref.id != customer_id:
        raise ValueError("a document goes to its own customer")
    # Locked, so that of two tabs that confirm at once one finds the other's mail.
    row = write.one(
        _MAILABLE.where(customer.c.id == customer_id, customer.c.brand == write.brand.id)
    )
    if row is None:
        return Mailed.UNKNOWN
    if row.email is None:
        return Mailed.NO_EMAIL
    if row.email_bad is not None:
        return Mailed.BAD_EMAIL
    if ref.kind == Kind.CLEARANCE:
        found = clearance(write, customer_id, int(ref.detail))
        if found.verdict is not Verdict.CLEARED:
            return Mailed.UNKNOWN
    subject = f"{ref.kind}:{customer_id}:{ref.detail}"
    if mailed_just_now(write, subject):
        return Mailed.ALREADY
    visitor = here(write)
    mail = Mail(
        template="statement",
        to=row.email,
        locale=locale,
        documents=(ref,),
        purpose="invoices",
        tell=visitor.address,
        sent=sent,
        failed=failed,
        unsent=unsent,
    )
    posted = write.post(
        mail, dedup=f"{subject}:mail:{request}", address=visitor.address, subject=subject
    )
    if posted is None:
        return Mailed.ALREADY
    after = {"kind": ref.kind, "of": ref.detail, "message": posted}
    write.audit("statement.mailed", f"customer:{customer_id}", after=after)
    return Mailed.QUEUED


# ------------------------------------------------------------------------- inside

_MAILABLE = (
    select(contact.c.value.label("email"), contact.c.bad.label("email_bad"))
    .select_from(
        customer.outerjoin(
            contact,
            (contact.c.customer == customer.c.id)
            & (contact.c.kind == "email")
            & contact.c.is_primary,
        )
    )
    .with_for_update(of=customer, key_share=True)
)


def _mine(read: Read, customer: int) -> tuple[Any, ...]:
    return (invoice.c.brand == read.brand.id, invoice.c.customer == customer)


def _paid(read: Read, customer: int) -> tuple[Any, ...]:
    return (*_mine(read, customer), invoice.c.state == "paid")


def _due_within(period: Period) -> tuple[Any, ...]:
    return (invoice.c.due_on.between(period.start, period.end),)


def _due_in(read: Read, customer: int, period: Period) -> tuple[Any, ...]:
    return (*_mine(read, customer), *_due_within(period))


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
