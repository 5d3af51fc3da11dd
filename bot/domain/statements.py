"""Statements: the bills of a period and what they come to, a year's payments, the annual clearance.

The annual clearance follows Lei 12.007/2009, whose articles are named where a rule rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.domain.charges import Charges

ZERO = Decimal("0.00")
Charge = Callable[[Decimal, date], Charges]
"""(amount, due date) → what a bill costs today, by the brand's terms."""


class Standing(StrEnum):
    """How a bill stands on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as statements see it; money in reais."""

    id: int
    number: str
    period: str
    """The month it is for, "2026-11"."""
    due_on: date
    amount: Decimal
    state: str
    """open · paid · cancelled"""
    paid_on: date | None = None
    paid_amount: Decimal | None = None
    customer: int = 0
    """Whose it is."""
    received: Decimal = ZERO
    """What payments come to so far: of an open one, what was paid of it in part."""

    @property
    def missing(self) -> Decimal:
        """What lacks of an open one, without fine and interest."""
        return max(self.amount - self.received, ZERO) if self.state == Standing.OPEN else ZERO

    @property
    def paid(self) -> Decimal:
        """What was paid for it: its amount, where nobody says otherwise; of an open one, the part."""
        if self.state == Standing.OPEN:
            return self.received
        if self.state != Standing.PAID:
            return ZERO
        return self.amount if self.paid_amount is None else self.paid_amount


# ------------------------------------------------------------------ a period


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement: a bill, and what it costs today if it is open."""

    bill: Bill
    standing: Standing
    charges: Charges | None = None

    @property
    def owed(self) -> Decimal:
        """What has to be paid today, fine and interest included."""
        return self.charges.total if self.charges else ZERO


def entry(bill: Bill, charge: Charge) -> Entry:
    """A bill as a line of a statement."""
    if bill.state != Standing.OPEN:
        return Entry(bill, Standing(bill.state))
    charges = charge(bill.missing, bill.due_on)
    late = charges.days_late > 0 and charges.total > 0
    return Entry(bill, Standing.OVERDUE if late else Standing.OPEN, charges)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the bills of a period come to. Cancelled ones are counted and add nothing."""

    bills: int = 0
    """All but the cancelled."""
    cancelled: int = 0
    charged: Decimal = ZERO
    """As billed."""
    paid: Decimal = ZERO
    """As paid, with whatever fine and interest was paid; parts too."""
    open: Decimal = ZERO
    """As billed, less what was paid in part; not late yet."""
    overdue: Decimal = ZERO
    """The same of what is late."""
    fine: Decimal = ZERO
    interest: Decimal = ZERO
    late: int = 0
    """How many are overdue."""
    unpaid: int = 0
    """How many are open or overdue."""

    @property
    def owed(self) -> Decimal:
        """What all of it costs if it is paid today."""
        return self.open + self.overdue + self.fine + self.interest

    def __add__(self, other: Totals) -> Totals:
        names = [each.name for each in fields(self)]
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in names})


def totals(entries: Iterable[Entry]) -> Totals:
    """The sums of a statement's lines."""
    found = Totals()
    for each in entries:
        found += _alone(each)
    return found


def _alone(of: Entry) -> Totals:
    bill, charges = of.bill, of.charges
    match of.standing:
        case Standing.CANCELLED:
            return Totals(cancelled=1)
        case Standing.PAID:
            return Totals(1, charged=bill.amount, paid=bill.paid)
        case Standing.OVERDUE if charges:
            return Totals(
                1, charged=bill.amount, paid=bill.paid, overdue=bill.missing, fine=charges.fine,
                interest=charges.interest, late=1, unpaid=1,
            )  # fmt: skip
        case _:
            return Totals(1, charged=bill.amount, paid=bill.paid, open=bill.missing, unpaid=1)


# ------------------------------------------------------------------ a year's payments


@dataclass(frozen=True, slots=True)
class MonthPaid:
    """What was paid in a month."""

    month: int
    amount: Decimal = ZERO
    payments: int = 0


@dataclass(frozen=True, slots=True)
class YearPaid:
    """A year's payments, month by month, by the day of payment; `months` are all twelve."""

    year: int
    months: tuple[MonthPaid, ...]
    undated: int = 0
    """Paid bills due in that year whose day of payment nobody told: in no month and in no sum."""

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in self.months), ZERO)

    @property
    def payments(self) -> int:
        return sum(each.payments for each in self.months)


def year_paid(year: int, paid: Mapping[int, tuple[Decimal, int]], undated: int = 0) -> YearPaid:
    """The year from what was paid in each month: {month: (sum, number of payments)}."""
    months = (MonthPaid(month, *paid.get(month, (ZERO, 0))) for month in range(1, 13))
    return YearPaid(year, tuple(months), undated)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several payments of an invoice, in the order they came."""

    invoice: int
    on: date
    amount: Decimal
    """What is left of it after refunds."""
    most: Decimal | None
    """What counts of all parts together, as its invoice was settled; None while that is open."""


def parts_paid(parts: Iterable[Part]) -> list[tuple[date, Decimal]]:
    """What counts on each day. What was paid beyond the debt is owed back, and so counts nowhere."""
    counted, so_far = list[tuple[date, Decimal]](), dict[int, Decimal]()
    for part in parts:
        before = so_far.get(part.invoice, ZERO)
        room = part.amount if part.most is None else part.most - before
        amount = max(min(part.amount, room), ZERO)
        so_far[part.invoice] = before + amount
        if amount:
            counted.append((part.on, amount))
    return counted


def with_parts(
    at_once: Mapping[int, tuple[Decimal, int]], parts: Iterable[tuple[int, Decimal]]
) -> dict[int, tuple[Decimal, int]]:
    """Sums and numbers by month, with these (month, amount) added."""
    found = dict(at_once)
    for month, amount in parts:
        was, many = found.get(month, (ZERO, 0))
        found[month] = (was + amount, many + 1)
    return found


# ------------------------------------------------------------------ the annual clearance


class Verdict(StrEnum):
    """Whether the clearance of a year can be declared, or why not."""

    CLEARED = "cleared"
    NOT_OVER = "not-over"
    NO_BILLS = "no-bills"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class Clearance:
    """The declaration that a year's bills are paid, or what stands against it."""

    year: int
    verdict: Verdict
    bills: tuple[Bill, ...] = ()
    """What counts: the bills due in the year, the cancelled left out; the oldest first."""
    unpaid: tuple[Bill, ...] = ()
    """Of these, what is still open."""
    earlier: tuple[Bill, ...] = ()
    """What is still open of the years before. The declaration is due all the same, and excepts them."""

    @property
    def months(self) -> tuple[int, ...]:
        """The months with a bill, 1 to 12: only these are declared (art. 2 §2)."""
        return tuple(sorted({bill.due_on.month for bill in self.bills}))

    @property
    def total(self) -> Decimal:
        """What was paid for them."""
        return sum((bill.paid for bill in self.bills), ZERO)


def clearance(year: int, bills: Sequence[Bill], today: date) -> Clearance:
    """Whether the bills of a year can be declared paid, from the customer's bills due up to its end.

    - The declaration covers January to December, a bill belonging to the year it is due in (art. 2).
      So it cannot be made before the year is over; afterwards on any day, not only with the bill of
      May (art. 3).
    - Who paid every bill of the year has a right to it (art. 2 §1). A cancelled bill is no debt, and
      neither is one of zero.
    - Who had no bill in some months is cleared of those that had one (art. 2 §2); who had none at
      all has nothing to be cleared of.
    - It stands for the receipts of the year and of the years before (art. 4). What is still open of
      the years before does not stand against it, since art. 2 §1 asks for the year alone, but it must
      not be declared paid: it is named as an exception (`Clearance.earlier`).

    A debt in dispute at court gives the right to the other months (art. 2 §3). Which debts those are
    nobody tells the counter, so it cannot judge that: the flow leads to a person.
    """
    counted = sorted(
        (bill for bill in bills if bill.state != Standing.CANCELLED),
        key=lambda bill: (bill.due_on, bill.number),
    )
    owed = [bill for bill in counted if bill.state == Standing.OPEN and bill.amount > 0]
    of_year = tuple(bill for bill in counted if bill.due_on.year == year)
    unpaid = tuple(bill for bill in owed if bill.due_on.year == year)
    earlier = tuple(bill for bill in owed if bill.due_on.year < year)
    if today.year <= year:
        verdict = Verdict.NOT_OVER
    elif not of_year:
        verdict = Verdict.NO_BILLS
    else:
        verdict = Verdict.UNPAID if unpaid else Verdict.CLEARED
    return Clearance(year, verdict, of_year, unpaid, earlier)
