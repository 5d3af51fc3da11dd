"""Charges: invoices as a gateway asks for them, and what the counter asks of the gateway.

Nothing here talks to a gateway. Asking posts a call (`storage.pending`), which the delivery
performs; what comes of it is booked by `storage.booking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from bot.core.message import JSON, Text
from bot.core.ports import Read, Write
from bot.domain.payments import (
    FORMS,
    ChargeState,
    Method,
    Payer,
    Wanted,
    form_to_method,
)
from bot.domain.roles import Deed
from storage import cards, customers, invoices, pending, rights
from storage.changes import record_change
from storage.invoices import Invoice, InvoiceState
from storage.pending import Ticket
from storage.tables import charge, customer, invoice, payer

PATIENCE = timedelta(minutes=15)
"""How long a gateway is asked again for what somebody waits for."""


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge as it was last seen at its gateway; money in reais."""

    id: int
    invoice: int
    gateway: str
    ref: str
    method: str
    """boleto · pix · card · any"""
    state: str
    """waiting · paid · refunded · disputed · gone"""
    amount: Decimal
    due_on: date
    url: str | None
    """The gateway's page, where it can be paid."""
    slip_url: str | None
    revision: int
    seen_at: datetime


_COLUMNS = tuple(charge.c[name] for name in Charged.__slots__)


# ------------------------------------------------------------------------- to look


def of_invoice(read: Read, invoice_id: int) -> Charged | None:
    """The charge of an invoice that is not gone, the newest; None: no gateway asks for it."""
    row = read.one(
        select(*_COLUMNS)
        .where(
            charge.c.invoice == invoice_id,
            charge.c.brand == read.brand.id,
            charge.c.state != ChargeState.GONE.value,
        )
        .order_by(charge.c.id.desc())
    )
    return None if row is None else Charged(**row._mapping)


def affected(read: Read, customer_id: int) -> list[Invoice]:
    """The invoices another form of payment reaches: open and not due yet, the next one first.

    One that is due already stays as it is, so that the code in the payer's hand still pays it.
    """
    return [i for i in invoices.open_of(read, customer_id) if i.due_on >= read.today]


def refusal(read: Read, customer_id: int, form: str) -> str | None:
    """Why a customer cannot change to a form of payment; None: he can.

    unknown · not-offered · same · no-card (add one first) · pending (a change is under way).
    """
    found = customers.get(read, customer_id)
    if found is None:
        return "unknown"
    if form not in FORMS or form not in read.brand.payments.forms:
        return "not-offered"
    if found.payment_form == form:
        return "same"
    if form == "card" and cards.default_of(read, customer_id) is None:
        return "no-card"
    return "pending" if under_way(read, customer_id) else None


def under_way(read: Read, customer_id: int) -> bool:
    """Whether a change of this customer's form of payment waits for the gateway."""
    return pending.open_for(read, _subject(customer_id)) is not None


# ------------------------------------------------------------------------- to ask


def ask_form(
    write: Write,
    ticket: Ticket | None,
    customer_id: int,
    form: str,
    *,
    done: Text,
    failed: Text,
) -> JSON:
    """Ask the gateway for another form of payment (an action of `chat.wait`).

    Without a ticket (somebody else decided it) the outcome is told to the customer's chats.
    The record changes when the gateway has taken it for every invoice of `affected`; else it stays
    as it was. Outcome: `{"ok": true, "form", "invoices": [ids]}`, or `{"ok": false, "why"}` with
    a word of `refusal`, not-allowed (a collaborator, whose wish waits for an administrator), or
    `refused`, `gave_up` and the other words of a delivery. Raises LookupError if who is here does not
    speak for the customer.
    """
    if rights.may(write, customer_id, Deed.CHANGE):
        why = refusal(write, customer_id, form)
    else:
        why = "not-allowed"
    if why is None:
        body = {"form": form, "invoices": [i.id for i in affected(write, customer_id)]}
        id = pending.begin(
            write, customer_id, _subject(customer_id), "form", body,
            ticket=ticket, done=done, failed=failed, patience=int(PATIENCE.total_seconds()),
        )  # fmt: skip
        if id is not None:
            return {"change": id}
        why = "pending"
    if ticket is not None:
        pending.refuse(write, ticket, why)
    return {"refused": why}


def ask_charge(
    write: Write,
    ticket: Ticket,
    customer_id: int,
    invoice_id: int,
    method: str,
    *,
    done: Text | None = None,
    failed: Text | None = None,
) -> JSON:
    """Ask the gateway to make one invoice payable by `method` now (an action of `chat.wait`).

    Outcome: `{"ok": true, "invoice", "method", "url"}`; the line and the PIX code are then the
    invoice's (`invoices.boleto_of`, `invoices.pix_of`). Or `{"ok": false, "why"}`: unknown (no open
    invoice of this customer), pending, not-open (it was paid meanwhile), or the words of a delivery.
    """
    rights.leave_of(write, customer_id, Deed.PAY)
    found = invoices.get(write, invoice_id, customer_id)
    why = "unknown"
    if found is not None and found.state is InvoiceState.OPEN:
        id = pending.begin(
            write, customer_id, f"invoice:{invoice_id}:charge", "charge",
            {"invoice": invoice_id, "method": Method(method).value},
            ticket=ticket, done=done, failed=failed, patience=int(PATIENCE.total_seconds()),
        )  # fmt: skip
        if id is not None:
            return {"change": id}
        why = "pending"
    pending.refuse(write, ticket, why)
    return {"refused": why}


def ask_look(write: Write, ticket: Ticket, customer_id: int, invoice_id: int) -> JSON:
    """Ask the gateway whether an invoice was paid (an action of `chat.wait`).

    Outcome: `{"ok": true, "paid": bool}`, or `{"ok": false, "why"}`: unknown, no-charge (no gateway
    asks for it), pending, or the words of a delivery.
    """
    rights.leave_of(write, customer_id, Deed.PAY)
    found = invoices.get(write, invoice_id, customer_id)
    row = of_invoice(write, invoice_id) if found is not None else None
    if row is not None:
        id = pending.begin(
            write, customer_id, f"invoice:{invoice_id}:look", "look",
            {"invoice": invoice_id, "ref": row.ref},
            ticket=ticket, done=None, failed=None, patience=120,
        )  # fmt: skip
        if id is not None:
            return {"change": id}
    why = "unknown" if found is None else "no-charge" if row is None else "pending"
    pending.refuse(write, ticket, why)
    return {"refused": why}


def look(write: Write, ref: str, *, dedup: str, gateway: str, declined: bool = False) -> int | None:
    """Have a charge read again at its gateway; None if this `dedup` (a webhook's event) was taken.

    `declined`: a card was just refused for it, which the charge itself does not show.
    """
    values: dict[str, JSON] = {"ref": ref, "declined": True} if declined else {"ref": ref}
    return pending.post(write, "look", values, dedup=dedup, gateway=gateway)


# ------------------------------------------------------------------------- for the delivery


def wanted(read: Read, invoice_id: int, method: str | None = None) -> Wanted | None:
    """An invoice's charge as it should be; None: nothing is owed on it (any more).

    Without `method` it is the one that the customer's form of payment asks for.
    """
    whose = read.scalar(
        select(invoice.c.customer).where(
            invoice.c.id == invoice_id, invoice.c.brand == read.brand.id
        )
    )
    found = None if whose is None else invoices.get(read, invoice_id, whose)
    owner = None if whose is None else customers.get(read, whose)
    if found is None or owner is None or found.state is not InvoiceState.OPEN:
        return None
    terms = read.brand.terms
    return Wanted(
        reference=reference_of(read, found),
        payer=payer_of(read, owner),
        method=Method(method) if method else form_to_method(owner.payment_form),
        amount=found.missing,
        due_on=found.due_on,
        today=read.today,
        received=found.received,
        amount_today=invoices.charges_today(found, terms, read.today).total,
        description=f"{read.brand.name} {found.number}"[:500],
        fine_percent=terms.fine_percent,
        interest_percent_month=terms.interest_percent_month,
    )


def reference_of(read: Read, of: Invoice) -> str:
    """What an invoice is called at a gateway: the brand and the billing system's own number.

    The rest of one that was paid in part is a charge of its own, beside the one that was paid:
    with the centavos that had been paid before (`brand:number#6000`).
    """
    whole = f"{read.brand.id}:{of.number}"
    return f"{whole}#{of.received.scaleb(2):.0f}" if of.paid_in_part else whole


def number_in(reference: str) -> tuple[str, Sequence[str]]:
    """The brand of a reference, and the numbers its invoice may have, the likeliest first."""
    brand, _sep, number = reference.partition(":")
    whole, sep, paid = number.rpartition("#")
    return brand, ([number, whole] if sep and paid.isdecimal() else [number])


def payer_of(read: Read, owner: customers.Customer) -> Payer:
    """A customer as a gateway wants to know him."""
    known = read.scalar(
        select(payer.c.ref).where(
            payer.c.customer == owner.id, payer.c.gateway == read.brand.payments.gateway
        )
    )
    return Payer(
        name=owner.name,
        tax_id=owner.tax_id,
        email=owner.email if owner.can_be_mailed else None,
        phone=owner.phone,
        postal_code=owner.postal_code,
        street_number=owner.street_number,
        known_as=known,
    )


def form_changed(write: Write, change: pending.Pending) -> Mapping[str, JSON]:
    """The gateway took another form of payment for every invoice: now the record changes."""
    form = change.body["form"]
    before = write.scalar(
        select(customer.c.payment_form)
        .where(customer.c.id == change.customer, customer.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )
    if before != form:
        write.run(
            update(customer).where(customer.c.id == change.customer).values(payment_form=form)
        )
        record_change(
            write, change.customer, "payment_form", before=before, after=form, proved_by="code"
        )
    return {"ok": True, "form": form, "invoices": change.body["invoices"]}


def put_back(write: Write, change: pending.Pending) -> None:
    """A change failed half-way: the charges are made again as the record has them, and others go."""
    body = change.body
    ids: Sequence[int] = body["invoices"] if "invoices" in body else [body["invoice"]]
    for id in ids:
        pending.post(
            write, "put-back", {"invoice": id}, dedup=f"put-back:{change.id}:{id}",
            subject=f"invoice:{id}",
        )  # fmt: skip


# ------------------------------------------------------------------------- inside


def _subject(customer_id: int) -> str:
    return f"customer:{customer_id}:form"
