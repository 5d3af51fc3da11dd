"""What the clock asks of gateways: charges that are missing or left over, and cards on the due date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import String, cast, exists, literal, literal_column, select

from bot.core.message import JSON, Notice, NoticeButton, _
from bot.core.ports import Read, Write
from bot.domain.calendar import add_months, due_date
from bot.domain.payments import ChargeState, Payer, Wanted
from storage import charges, customers, invoices, pending
from storage.reached import chats_of_customer
from storage.tables import card, charge, customer, invoice, message

TRIES_FOR = timedelta(days=3)
"""For so many days after the due date a card is tried, once a day."""
LOOKED_AFTER = timedelta(days=10)
"""For so many days after the due date an unpaid charge is read again, once a day."""
AHEAD = timedelta(days=45)
"""A charge is made for invoices that are due within so many days."""


@dataclass(frozen=True, slots=True)
class Todo:
    """A call that is due."""

    action: Literal["issue", "collect", "withdraw", "look"]
    values: Mapping[str, JSON]


def due(read: Read, most: int) -> list[Todo]:
    """What gateway and record lack of each other, `most` of each kind at a time.

    Open invoices without a charge get one (informal customers have none), charges whose invoice has
    another amount or due date by now are edited, charges of invoices that are not open any more are
    withdrawn, cards pay what is due, and charges that are due and silent are read again. What was
    posted is not named again that day. It is looked for beside the turns, for it reads many rows.
    """
    if not read.brand.payments.confirms:
        return []
    return [
        *_missing(read, most),
        *_outdated(read, most),
        *_left_over(read, most),
        *_to_collect(read, most),
        *_unheard_of(read, most),
    ]


def post(write: Write, todo: Sequence[Todo]) -> int:
    """Post these calls; how many were not posted before."""
    day = write.today.isoformat()
    posted = 0
    for each in todo:
        values = each.values
        if each.action == "withdraw":
            id = pending.withdraw(write, values["gateway"], values["ref"])
        elif each.action == "look":
            ref, account = values["ref"], values["gateway"]
            id = charges.look(write, ref, dedup=f"look:{ref}:{day}", gateway=account)
        else:
            id = pending.post(
                write, each.action, values, dedup=f"{each.action}:{values['invoice']}:{day}",
                subject=f"invoice:{values['invoice']}", patience=6 * 3600,
            )  # fmt: skip
        posted += id is not None
    return posted


def tend(write: Write, most: int) -> int:
    """Look and post in one: for who has few invoices."""
    return post(write, due(write, most))


def _missing(read: Read, most: int) -> list[Todo]:
    live = exists().where(
        charge.c.invoice == invoice.c.id, charge.c.state == ChargeState.WAITING.value
    )
    rows = read.all(
        select(invoice.c.id)
        .join(customer, customer.c.id == invoice.c.customer)
        .where(
            invoice.c.brand == read.brand.id,
            invoice.c.state == "open",
            invoice.c.due_on.between(read.today, read.today + AHEAD),
            invoice.c.amount > Decimal(0),
            customer.c.payment_form != "informal",
            customer.c.status != "cancelled",
            # A billing system that brings codes of its own wants no second charge.
            invoice.c.barcode.is_(None),
            invoice.c.pix_code.is_(None),
            ~live,
            ~_posted_today(read, "issue"),
        )
        .order_by(invoice.c.due_on, invoice.c.id)
        .limit(most)
    )
    return [Todo("issue", {"invoice": row.id}) for row in rows]


def _outdated(read: Read, most: int) -> list[Todo]:
    rows = read.all(
        select(invoice.c.id)
        .join(charge, charge.c.invoice == invoice.c.id)
        .where(
            charge.c.brand == read.brand.id,
            charge.c.state == literal_column("'waiting'"),
            invoice.c.state == "open",
            invoice.c.due_on >= read.today,
            (charge.c.amount != invoice.c.amount - invoice.c.received)
            | (charge.c.due_on != invoice.c.due_on),
            ~_posted_today(read, "issue"),
        )
        .order_by(invoice.c.due_on, invoice.c.id)
        .limit(most)
    )
    return [Todo("issue", {"invoice": row.id}) for row in rows]


def _left_over(read: Read, most: int) -> list[Todo]:
    rows = read.all(
        select(charge.c.gateway, charge.c.ref)
        .join(invoice, invoice.c.id == charge.c.invoice)
        .where(
            charge.c.brand == read.brand.id,
            # Written out, so that the planners see that the partial index fits.
            charge.c.state == literal_column("'waiting'"),
            invoice.c.state != "open",
        )
        .order_by(charge.c.id)
        .limit(most)
    )
    return [Todo("withdraw", {"gateway": row.gateway, "ref": row.ref}) for row in rows]


def _to_collect(read: Read, most: int) -> list[Todo]:
    rows = read.all(
        select(invoice.c.id, card.c.id.label("card"))
        .join(customer, customer.c.id == invoice.c.customer)
        .join(card, card.c.customer == customer.c.id)
        .where(
            invoice.c.brand == read.brand.id,
            invoice.c.state == "open",
            invoice.c.due_on.between(read.today - TRIES_FOR, read.today),
            customer.c.payment_form == "card",
            card.c.is_default,
            card.c.autopay,
            card.c.removed_at.is_(None),
            card.c.token.is_not(None),
            card.c.gateway == read.brand.payments.gateway,
            ~_posted_today(read, "collect"),
        )
        .order_by(invoice.c.due_on, invoice.c.id)
        .limit(most)
    )
    return [Todo("collect", {"invoice": row.id, "card": row.card}) for row in rows]


def _unheard_of(read: Read, most: int) -> list[Todo]:
    """Charges that should have been paid, and of which nothing was heard: a webhook may be lost."""
    rows = read.all(
        select(charge.c.gateway, charge.c.ref)
        .join(invoice, invoice.c.id == charge.c.invoice)
        .where(
            charge.c.brand == read.brand.id,
            charge.c.state == literal_column("'waiting'"),
            invoice.c.state == "open",
            charge.c.due_on.between(read.today - LOOKED_AFTER, read.today - timedelta(days=1)),
            charge.c.seen_at < read.now - timedelta(hours=20),
        )
        .order_by(charge.c.seen_at, charge.c.id)
        .limit(most)
    )
    return [Todo("look", {"gateway": row.gateway, "ref": row.ref}) for row in rows]


def _posted_today(read: Read, action: str) -> Any:
    """Whether a call of this kind was posted for the invoice today: others shall have their turn."""
    head = pending.dedup_of(read, f"{action}:")
    key = literal(head) + cast(invoice.c.id, String) + literal(f":{read.today.isoformat()}")
    return exists().where(message.c.dedup == key)


def refused(write: Write, invoice_id: int, card_id: int) -> None:
    """The card was refused on the due date: the customer is told once, and pays otherwise."""
    row = write.one(
        select(invoice.c.customer, invoice.c.number, card.c.scheme, card.c.last4)
        .join(card, card.c.customer == invoice.c.customer)
        .where(invoice.c.id == invoice_id, invoice.c.brand == write.brand.id, card.c.id == card_id)
    )
    if row is None:
        return
    write.audit("card.refused", f"invoice:{invoice_id}", after={"card": card_id})
    text = _(
        "Your card {scheme} •••• {last4} was refused for invoice {number}."
        " You can pay it by PIX, or add another card.",
        scheme=row.scheme, last4=row.last4, number=row.number,
    )  # fmt: skip
    button = NoticeButton(_("Pay now"), "invoices", {"invoice": invoice_id})
    for chat in chats_of_customer(write, row.customer):
        write.post(
            Notice(text, (button,)),
            dedup=f"card-refused:{invoice_id}:{card_id}:{chat}",
            address=chat,
            subject=f"invoice:{invoice_id}",
        )


@dataclass(frozen=True, slots=True)
class CardPlan:
    """What a card page is made of."""

    payer: Payer
    amount: Decimal
    next_due_on: date
    invoice: int | None
    """The invoice that is due next, which a debit card pays."""
    charge: Wanted | None
    """Its charge, payable by any card."""


def card_plan(read: Read, customer_id: int) -> CardPlan | None:
    """What the page says a card will pay: the next invoice, or else the last one, on the next due day.

    None: no such customer of this brand.
    """
    owner = customers.get(read, customer_id)
    if owner is None:
        return None
    due = invoices.open_of(read, customer_id)
    coming = [each for each in due if each.due_on >= read.today]
    latest = coming or due or invoices.page(read, customer_id, limit=1)
    this_month = due_date(read.today.year, read.today.month, owner.due_day)
    following = add_months(read.today.replace(day=1), 1)
    next_month = due_date(following.year, following.month, owner.due_day)
    usual = this_month if this_month > read.today else next_month
    day = coming[0].due_on if coming else usual
    return CardPlan(
        payer=charges.payer_of(read, owner),
        amount=(latest[0].missing or latest[0].amount) if latest else Decimal("5.00"),
        next_due_on=max(day, read.today + timedelta(days=1)),
        invoice=latest[0].id if due else None,
        charge=charges.wanted(read, latest[0].id, "any") if due else None,
    )
