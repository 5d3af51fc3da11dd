"""Claims: payments that a customer says he made. Staff looks at them; nothing is marked as paid here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON, FileIn, Mail
from bot.core.ports import Read, Write
from bot.domain.phone import format_phone
from storage import customers, invoices
from storage.invoices import InvoiceState
from storage.people import here
from storage.tables import invoice, payment_claim


@dataclass(frozen=True, slots=True)
class Claim:
    """A payment that somebody says was made."""

    id: int
    customer: int
    invoice: int
    account: str
    """The channel it came by; `file` is a reference of that channel, which keeps the file itself."""
    words: str | None
    file: FileIn | None
    created_at: datetime


_COLUMNS = tuple(payment_claim.c[name] for name in Claim.__slots__)


def waiting_since(read: Read, customer_id: int, invoice_id: int) -> datetime | None:
    """Since when staff has been looking at a claim for an invoice of this customer."""
    found: datetime | None = read.scalar(
        select(payment_claim.c.created_at).where(
            payment_claim.c.brand == read.brand.id,
            payment_claim.c.customer == customer_id,
            payment_claim.c.invoice == invoice_id,
            payment_claim.c.state == "waiting",
        )
    )
    return found


def queue(read: Read, limit: int = 50) -> Sequence[Claim]:
    """What staff has to look at, the oldest first; not what was paid or cancelled meanwhile."""
    rows = read.all(
        select(*_COLUMNS)
        .join(invoice, invoice.c.id == payment_claim.c.invoice)
        .where(
            payment_claim.c.brand == read.brand.id,
            payment_claim.c.state == "waiting",
            invoice.c.state == InvoiceState.OPEN.value,
        )
        .order_by(payment_claim.c.id)
        .limit(limit)
    )
    return [
        Claim(**{**row._mapping, "file": FileIn(*row.file) if row.file else None}) for row in rows
    ]


def make(
    write: Write,
    customer_id: int,
    invoice_id: int,
    *,
    words: str | None = None,
    file: Sequence[JSON] | None = None,
    request: str,
) -> str:
    """Put a claim into the staff's queue and mail it to the brand.

    `file` is a `FileIn` as its fields: what the channel calls the receipt. `request` names the event,
    so that a repeat mails nothing. Returns "taken", "looking" (one for this invoice waits already),
    "paid" (it is, or was cancelled) or "unknown" (no invoice of this customer).
    """
    found = invoices.get(write, invoice_id, customer_id)
    if found is None:
        return "unknown"
    if found.state is not InvoiceState.OPEN:
        return "paid"
    visitor = here(write)
    rows = write.run(
        insert(payment_claim)
        .values(
            brand=write.brand.id, customer=customer_id, invoice=invoice_id, person=visitor.person,
            account=visitor.at.account, words=words, file=None if file is None else list(file),
            state="waiting", created_at=write.now,
        )
        .on_conflict_do_nothing()
        .returning(payment_claim.c.id)
    )  # fmt: skip
    if not rows:
        return "looking"
    id = int(rows[0].id)
    write.audit(
        "payment.claimed", f"invoice:{invoice_id}", after={"claim": id, "file": file is not None}
    )
    if write.brand.email and write.brand.has("mail"):
        _tell_staff(write, customer_id, found.number, words, file, request)
    return "taken"


def settle(write: Write, id: int, outcome: Literal["confirmed", "dismissed"]) -> bool:
    """Staff has looked at it; whether it waited. The payment itself is `payments.confirm`'s to book."""
    rows = write.run(
        update(payment_claim)
        .where(
            payment_claim.c.id == id,
            payment_claim.c.brand == write.brand.id,
            payment_claim.c.state == "waiting",
        )
        .values(state=outcome, settled_at=write.now)
        .returning(payment_claim.c.invoice)
    )
    if rows:
        write.audit(
            f"payment.claim_{outcome}", f"invoice:{rows[0].invoice}",
            before={"claim": id, "state": "waiting"}, after={"claim": id, "state": outcome},
        )  # fmt: skip
    return bool(rows)


def _tell_staff(
    write: Write,
    customer_id: int,
    number: str,
    words: str | None,
    file: Sequence[JSON] | None,
    request: str,
) -> None:
    visitor = here(write)
    customer = customers.get(write, customer_id)
    phone = visitor.phone or (customer.phone if customer else None)
    reply_to = customer.email if customer else None
    write.post(
        Mail(
            template="payment-claim",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "customer_name": customer.name if customer else None,
                "first_name": customer.first_name if customer else None,
                "customer": customer_id,
                "channel": visitor.at.account,
                "invoice_number": number,
                "phone": format_phone(phone) if phone else None,
                "reply_to": reply_to,
                "words": words,
                "file_name": file[1] if file else None,
                "file_ref": file[0] if file else None,
            },
            reply_to=reply_to,
        ),
        dedup=f"claim:{request}",
        address=visitor.address,
        subject=f"customer:{customer_id}",
    )
