"""`balcao payments`: what came in outside every gateway, confirmed by hand, and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import typer

from bot.core.ports import Read, Write
from bot.domain.errors import Invalid
from bot.domain.money import parse_money
from bot.run_staff.playing import Office, customer_of
from bot.run_staff.printing import Words, nothing, reached, sure, table
from bot.settings import Problem, Settings
from storage import confirming
from storage.confirming import METHODS, Confirmation, Result, Undoing, Undone
from storage.payments import BY_HAND


def confirm(
    settings: Settings,
    brand: str,
    number: str,
    *,
    staff: str,
    amount: str = "",
    on: date | None = None,
    method: str = "",
    anyway: bool = False,
    yes: bool = False,
) -> None:
    """Book a payment for an invoice and print what that makes of it. Raises Problem, NotDone."""
    office = Office(settings, brand)
    words = Words(office.brand)
    paid = amount_of(amount) if amount else None
    how = method_of(method)
    sure(office.read(lambda read: _question(read, number, paid, on, words)), yes=yes)

    def work(write: Write) -> Confirmation:
        return confirming.confirm(write, number, amount=paid, on=on, method=how, anyway=anyway)

    done = office.write(staff, work)
    if not done.result.booked:
        raise refused(done, words, number)
    typer.echo(described(done, words))


def undo(
    settings: Settings,
    brand: str,
    number: str,
    *,
    staff: str,
    payment: int | None = None,
    yes: bool = False,
) -> None:
    """Take a confirmation back and print how the invoice stands. Raises Problem, NotDone."""
    office = Office(settings, brand)
    words = Words(office.brand)
    sure(f"Invoice {number}: take the confirmation back?", yes=yes)

    def work(write: Write) -> Undoing:
        return confirming.undo(write, number, payment)

    done = office.write(staff, work)
    match done.result:
        case Undone.UNKNOWN:
            raise _unknown(number)
        case Undone.NONE:
            which = f"payment {payment}" if payment else "a payment"
            raise Problem(
                f"INVOICE: holds {number!r}, and {which} that was confirmed by hand does not stand for it"
                " (any more)"
            )
        case Undone.SEVERAL:
            named = ", ".join(
                f"{each.id} ({words.money(each.amount)} of {words.day(each.paid_on)})"
                for each in done.payments
            )
            raise Problem(f"--payment: is missing; may hold {named}")
    (taken,) = done.payments
    now = "it is open again, and the customer is told" if done.open else "it is still paid"
    typer.echo(
        f"{words.money(taken.amount)} of {words.day(taken.paid_on)} is taken back from invoice"
        f" {number}: {now}."
    )


def listed(settings: Settings, brand: str, typed: str) -> None:
    """Print every payment of a customer, the oldest first. Raises Problem."""
    office = Office(settings, brand)
    words = Words(office.brand)

    found = office.read(lambda read: confirming.payments_of(read, customer_of(read, typed).id))
    if not found:
        nothing("No payment of this customer is on record here.")
        return
    rows = [
        (
            str(paid.id), number, words.money(paid.amount), words.day(paid.paid_on), paid.method,
            "by hand" if paid.gateway == BY_HAND else paid.gateway,
            f"{words.money(paid.refunded)} refunded" if paid.refunded else paid.state,
        )
        for paid, number in found
    ]  # fmt: skip
    table(("payment", "invoice", "amount", "paid on", "method", "by", "state"), rows)


# ------------------------------------------------------------------------- as words


def amount_of(typed: str) -> Decimal:
    """Reais, as typed. Raises Problem."""
    try:
        amount = parse_money(typed)
    except Invalid as error:
        raise Problem(f"--amount: holds {typed!r} ({error}); may hold reais, as 120,00") from error
    if amount <= 0:
        raise Problem(f"--amount: holds {typed!r}; may hold more than nothing, as 120,00")
    return amount


def method_of(typed: str) -> str:
    """How it was paid, as typed. Raises Problem."""
    if typed and typed not in METHODS:
        raise Problem(f"--method: holds {typed!r}; may hold {' or '.join(map(repr, METHODS))}")
    return typed or BY_HAND


def described(done: Confirmation, words: Words) -> str:
    """A booked payment in one line."""
    assert done.invoice is not None
    assert done.on is not None
    number = done.invoice.number
    booked = f"{words.money(done.amount)} of {words.day(done.on)}"
    told = reached(done.reach)
    match done.result:
        case Result.PARTLY:
            missing = words.money(done.missing)
            return f"{booked} is booked for invoice {number}; {missing} is missing, so it stays open. {told}"
        case Result.SURPLUS:
            much = words.money(done.surplus)
            return (
                f"{booked} is booked for invoice {number}; {much} is more than was owed: give it back, or"
                f" count it for the next invoice. {told}"
            )
        case _:
            return f"Invoice {number} is paid: {booked}. {told}"


def refused(done: Confirmation, words: Words, number: str = "") -> Problem:
    """Why a payment was not booked, in one line that names the argument."""
    of = done.invoice
    if of is None or done.on is None:
        return _unknown(number)
    held = f"INVOICE: holds {of.number!r}"
    amount, day = words.money(done.amount), words.day(done.on)
    match done.result:
        case Result.FUTURE:
            return Problem(f"--on: holds {day}, which is still to come; may hold a day up to today")
        case Result.CANCELLED:
            return Problem(f"{held}, which is cancelled; if money came in for it, add --anyway")
        case Result.AGAIN:
            return Problem(
                f"{held}, for which {amount} of {day} was confirmed before; if it came in twice, add"
                " --anyway"
            )
        case Result.TOO_MUCH:
            owed = words.money(done.owed)
            return Problem(
                f"--amount: holds {amount}, and {owed} was owed on {day}; if so much came in, add"
                " --anyway"
            )
        case _:
            paid_on = f" on {words.day(of.paid_on)}" if of.paid_on else ""
            return Problem(
                f"{held}, which was paid{paid_on}; if more came in, say how much by --amount, and add"
                " --anyway"
            )


def _question(
    read: Read, number: str, paid: Decimal | None, on: date | None, words: Words
) -> str:  # fmt: skip
    of = confirming.find(read, number)
    if of is None:
        raise _unknown(number)
    day = on or read.today
    amount = confirming.owed_on(read, of, day) if paid is None else paid
    return f"Book {words.money(amount)} of {words.day(day)} for invoice {of.number}?"


def _unknown(number: str) -> Problem:
    return Problem(f"INVOICE: holds {number!r}, and this brand has no invoice of that number")
