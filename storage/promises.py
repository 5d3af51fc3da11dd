"""Payment promises: the day a late invoice will be paid on, in the customer's own word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import String, cast, insert, literal, select

from bot.core.message import JSON
from bot.core.ports import Read, Write
from bot.domain.charges import days_late
from bot.domain.roles import Deed
from bot.domain.trust import PromiseRefusal, promise_days, promise_refusal
from storage import invoices, releases, rights
from storage.invoices import Invoice, InvoiceState
from storage.people import here
from storage.tables import invoice, payment_promise, staff_decision

NAMED = "promise-"
"""What a promise is called by, before its number, where staff decides about it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise; it is kept when its invoice is paid by its day, and broken when that day is over."""

    invoice: int
    promised_for: date


def of_customer(read: Read, customer_id: int) -> list[Promise]:
    """The promises for invoices that are still open, the oldest first; not those that staff forgave."""
    forgiven = select(staff_decision.c.id).where(
        staff_decision.c.brand == read.brand.id,
        staff_decision.c.subject == literal(NAMED) + cast(payment_promise.c.id, String(20)),
        staff_decision.c.approved,
    )
    rows = read.all(
        select(payment_promise.c.invoice, payment_promise.c.promised_for)
        .join(invoice, invoice.c.id == payment_promise.c.invoice)
        .where(
            payment_promise.c.brand == read.brand.id,
            payment_promise.c.customer == customer_id,
            invoice.c.state == InvoiceState.OPEN.value,
            ~forgiven.exists(),
        )
        .order_by(payment_promise.c.id)
    )
    return [Promise(row.invoice, row.promised_for) for row in rows]


def running(read: Read, customer_id: int) -> dict[int, date]:
    """The promises whose day is still to come, by invoice."""
    found = of_customer(read, customer_id)
    return {each.invoice: each.promised_for for each in found if each.promised_for >= read.today}


def refusal(read: Read, customer_id: int, of: Invoice) -> PromiseRefusal | None:
    """Why the payment of an open invoice of this customer cannot be promised; None: it can."""
    return _refusals(read, customer_id)(of)


def promisable(read: Read, customer_id: int) -> list[Invoice]:
    """The open invoices whose payment can be promised, the oldest due first."""
    if not read.brand.trust.promise_days:
        return []
    why = _refusals(read, customer_id)
    return [each for each in invoices.open_of(read, customer_id) if why(each) is None]


def _refusals(read: Read, customer_id: int) -> Callable[[Invoice], PromiseRefusal | None]:
    """Two statements, for however many invoices."""
    status = releases.status(read, customer_id)
    before = of_customer(read, customer_id)

    def why(of: Invoice) -> PromiseRefusal | None:
        if status is None:
            return PromiseRefusal.OFF
        return promise_refusal(
            status,
            days_late(of.due_on, read.today) > 0,
            [each.promised_for for each in before if each.invoice == of.id],
            read.today,
            days=read.brand.trust.promise_days,
        )

    return why


def kept_by(read: Read, invoice_id: int, paid_on: date | None) -> date | None:
    """The day an invoice was promised for, if it was paid by then; None: not promised, or later."""
    if paid_on is None:
        return None
    found: date | None = read.scalar(
        select(payment_promise.c.promised_for)
        .where(
            payment_promise.c.brand == read.brand.id,
            payment_promise.c.invoice == invoice_id,
            payment_promise.c.promised_for >= paid_on,
        )
        .order_by(payment_promise.c.promised_for.desc())
        .limit(1)
    )
    return found


def make(
    write: Write, customer_id: int, invoice_id: int, day: str, consent: Mapping[str, JSON]
) -> str:
    """Take a promise for `day` (ISO 8601), with the words that were agreed to.

    Returns "made", "unknown" (no open invoice of this customer), "day" (not one that is allowed any
    more), or the word of a `PromiseRefusal`. Raises LookupError if who is here does not speak for the
    customer.
    """
    if not rights.may(write, customer_id, Deed.PAY):
        return PromiseRefusal.OFF.value
    # Of two tabs at once the second finds the promise of the first.
    write.one(
        select(invoice.c.id)
        .where(
            invoice.c.id == invoice_id,
            invoice.c.brand == write.brand.id,
            invoice.c.customer == customer_id,
        )
        .with_for_update(key_share=True)
    )
    found = invoices.get(write, invoice_id, customer_id)
    if found is None or found.state is not InvoiceState.OPEN:
        return "unknown"
    why = refusal(write, customer_id, found)
    if why is not None:
        return why.value
    promised_for = date.fromisoformat(day)
    if promised_for not in promise_days(write.today, write.brand.trust.promise_days):
        return "day"
    write.run(
        insert(payment_promise).values(
            brand=write.brand.id, customer=customer_id, invoice=invoice_id,
            person=here(write).person, promised_for=promised_for, consent=dict(consent),
            created_at=write.now,
        )
    )  # fmt: skip
    write.audit("payment.promised", f"invoice:{invoice_id}", after={"promised_for": day})
    return "made"
