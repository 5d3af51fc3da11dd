"""Payments by hand, as staff names them: by the number of the invoice, with what is plainly wrong refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select

from bot.core.ports import Read, Write
from bot.domain.charges import amount_due
from bot.domain.payments import NEGLIGIBLE, NOTHING
from storage import decisions, invoices, payments
from storage.answering import Reach, reach_of
from storage.invoices import Invoice, InvoiceState
from storage.payments import BY_HAND, Confirmed, Paid
from storage.tables import invoice

METHODS = ("pix", "boleto", "card", "cash", "transfer", BY_HAND)
"""How it was paid, as staff says; `hand`: they do not say."""


class Result(StrEnum):
    """What became of a confirmation."""

    PAID = "paid"
    PARTLY = "partly"
    """Less than its amount came in: it stays open."""
    SURPLUS = "surplus"
    """Booked although it is more than was owed."""
    UNKNOWN = "unknown"
    """There is no such invoice."""
    SETTLED = "settled"
    """It was paid before."""
    CANCELLED = "cancelled"
    TOO_MUCH = "too-much"
    """More than is owed on that day."""
    AGAIN = "again"
    """The same amount of the same day was confirmed before."""
    FUTURE = "future"
    """That day is still to come."""

    @property
    def booked(self) -> bool:
        return self in (Result.PAID, Result.PARTLY, Result.SURPLUS)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A payment by hand and what came of it; money in reais."""

    result: Result
    invoice: Invoice | None = None
    amount: Decimal = NOTHING
    on: date | None = None
    owed: Decimal = NOTHING
    """What it cost on that day, fine and interest included, before this payment."""
    missing: Decimal = NOTHING
    surplus: Decimal = NOTHING
    reach: Reach = Reach.NOBODY
    """How the customer is told: once, over all chats of theirs, where they wrote last. A chat that takes
    nothing any more is not among these, so it keeps no other one from being told."""


def find(read: Read, number: str) -> Invoice | None:
    """The invoice of this brand with that number."""
    row = read.one(
        select(*invoices.COLUMNS).where(
            invoice.c.brand == read.brand.id, invoice.c.number == number.strip()
        )
    )
    return None if row is None else invoices.from_rows([row])[0]


def hold(write: Write, number: str) -> None:
    """Hold an invoice until the transaction ends: of two confirmations the second sees the first."""
    write.one(
        select(invoice.c.id)
        .where(invoice.c.brand == write.brand.id, invoice.c.number == number.strip())
        .with_for_update(key_share=True)
    )


def payments_of(read: Read, customer_id: int) -> list[tuple[Paid, str]]:
    """Every payment of a customer with the number of its invoice, by the day it was paid."""
    found = payments.of_customer(read, customer_id, date.min, date.max)
    rows = read.all(
        select(invoice.c.id, invoice.c.number).where(
            invoice.c.customer == customer_id, invoice.c.brand == read.brand.id
        )
    )
    numbers = {row.id: row.number for row in rows}
    return [(each, numbers[each.invoice]) for each in found]


def owed_on(read: Read, of: Invoice, day: date) -> Decimal:
    """What would settle an open invoice if it was paid on a day, fine and interest included."""
    settled = payments.settlement(read, of.id)
    if settled is None or of.state is not InvoiceState.OPEN:
        return NOTHING
    terms = read.brand.terms
    return amount_due(
        settled.missing, of.due_on, day, terms.fine_percent, terms.interest_percent_month,
        terms.rounding,
    ).total  # fmt: skip


def confirm(
    write: Write,
    number: str,
    *,
    amount: Decimal | None = None,
    on: date | None = None,
    method: str = BY_HAND,
    anyway: bool = False,
    ref: str | None = None,
) -> Confirmation:
    """Book what came in outside every gateway; the customer is told once.

    Without `amount` it is all that was owed on that day, without `on` it is today. What is more than
    is owed, and the same again, is booked only with `anyway`. `ref` names what it is booked for, which
    is then booked once. Raises LookupError if it is not staff who does it.
    """
    decisions.by(write)
    day = on or write.today
    hold(write, number)
    of = find(write, number)
    if of is None:
        return Confirmation(Result.UNKNOWN)
    owed = owed_on(write, of, day)
    paid = owed if amount is None else amount
    before = payments.of_invoice(write, of.id)
    same = [p for p in before if p.gateway == BY_HAND and (p.amount, p.paid_on) == (paid, day)]
    why = _refusal(write, of, paid, day, owed, same, anyway=anyway)
    if why is not None:
        return Confirmation(why, of, paid, day, owed)
    done = payments.confirm(
        write, of.id, of.customer, amount=paid, on=day, method=method,
        ref=ref or f"{of.number}:{day}:{paid}:{len(same)}",
    )  # fmt: skip
    if done is not Confirmed.TAKEN:
        return Confirmation(Result.AGAIN, of, paid, day, owed)
    after = payments.settlement(write, of.id)
    assert after is not None  # it is locked
    result = Result.SURPLUS if after.surplus else Result.PAID if after.paid else Result.PARTLY
    reach = reach_of(write, of.customer)
    return Confirmation(result, of, paid, day, owed, after.missing, after.surplus, reach)


def _refusal(
    write: Write,
    of: Invoice,
    paid: Decimal,
    day: date,
    owed: Decimal,
    same: Sequence[Paid],
    *,
    anyway: bool,
) -> Result | None:
    if day > write.today:
        return Result.FUTURE
    if anyway and paid > 0:
        return None
    if of.state is InvoiceState.CANCELLED:
        return Result.CANCELLED
    if any(each.state == "stands" for each in same):
        return Result.AGAIN
    if of.state is InvoiceState.PAID or paid <= 0:
        return Result.SETTLED
    return Result.TOO_MUCH if paid > owed + NEGLIGIBLE else None


class Undone(StrEnum):
    """What became of taking a confirmation back."""

    DONE = "done"
    UNKNOWN = "unknown"
    """There is no such invoice."""
    NONE = "none"
    """Nothing that was confirmed by hand stands for it (any more), or not that payment."""
    SEVERAL = "several"
    """More than one stands: one has to be named."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """A confirmation taken back, and how the invoice stands now."""

    result: Undone
    payments: tuple[Paid, ...] = ()
    """Those meant: the one that was undone, or those to choose from."""
    open: bool = False


def undo(write: Write, number: str, payment_id: int | None = None) -> Undoing:
    """Take a confirmation by hand back; the customer is told if that opens the invoice again.

    `payment_id` names one of several. Raises LookupError if it is not staff who does it.
    """
    decisions.by(write)
    hold(write, number)
    of = find(write, number)
    if of is None:
        return Undoing(Undone.UNKNOWN)
    stand = [
        each
        for each in payments.of_invoice(write, of.id)
        if each.gateway == BY_HAND
        and each.state == "stands"
        and payment_id in (None, each.id)
    ]  # fmt: skip
    if len(stand) > 1:
        return Undoing(Undone.SEVERAL, tuple(stand))
    if not stand or not payments.undo(write, stand[0].id):
        return Undoing(Undone.NONE)
    after = find(write, number)
    return Undoing(
        Undone.DONE, tuple(stand), after is not None and after.state is InvoiceState.OPEN
    )
