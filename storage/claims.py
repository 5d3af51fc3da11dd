"""Claims: payments that a customer says he made. Staff looks at them; nothing is marked as paid here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON, FileIn, Mail
from bot.core.ports import Read, Write
from bot.domain.phone import format_phone
from bot.domain.queue import Kind
from storage import customers, invoices, received_files
from storage.invoices import InvoiceState
from storage.people import here
from storage.received_files import Received
from storage.tables import address, invoice, payment_claim, received_file


@dataclass(frozen=True, slots=True)
class Claim:
    """A payment that somebody says was made."""

    id: int
    customer: int
    invoice: int
    account: str
    """The channel it came by."""
    words: str | None
    file: FileIn | None
    """What the channel says of the receipt; its bytes are those of `file_id`."""
    created_at: datetime
    file_id: int | None = None
    """The receipt as it is kept (`storage.received_files.content` has its bytes)."""


_FILES = received_file.c.claim == payment_claim.c.id
# Of several receipts the last one that is here; else the last that was to come.
_RECEIPT = (
    select(received_file.c.id)
    .where(_FILES)
    .order_by((received_file.c.state == "kept").desc(), received_file.c.id.desc())
    .limit(1)
    .correlate(payment_claim)
    .scalar_subquery()
)
_CLAIM = select(
    *(payment_claim.c[name] for name in Claim.__slots__ if name != "file_id"),
    _RECEIPT.label("file_id"),
)
_HAS_RECEIPT = (
    exists().where(_FILES, received_file.c.state.in_(["kept", "waiting"])).correlate(payment_claim)
)
_MOST_ASKED = 3
"""Of claims without a receipt, the last: to be asked for which of them a file is."""
FILE_STATES = {"kept": "attached", "waiting": "coming", "failed": "failed"}
"""What the mail says of a receipt, by its state."""


def _claim(row: Any) -> Claim:
    return Claim(**{**row._mapping, "file": FileIn(*row.file) if row.file else None})


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


def without_receipt(read: Read, customer_id: int) -> list[tuple[int, str]]:
    """Invoices (id, number) that a customer says are paid, staff is looking at, and no receipt is there for."""
    rows = read.all(
        select(invoice.c.id, invoice.c.number)
        .join(payment_claim, payment_claim.c.invoice == invoice.c.id)
        .where(
            payment_claim.c.brand == read.brand.id,
            payment_claim.c.customer == customer_id,
            payment_claim.c.state == "waiting",
            invoice.c.state == InvoiceState.OPEN.value,
            ~_HAS_RECEIPT,
        )
        .order_by(payment_claim.c.id.desc())
        .limit(_MOST_ASKED)
    )
    return [(row.id, row.number) for row in rows]


def queue(read: Read, limit: int = 50) -> Sequence[Claim]:
    """What staff has to look at, the oldest first; not what was paid or cancelled meanwhile."""
    rows = read.all(
        _CLAIM.join(invoice, invoice.c.id == payment_claim.c.invoice)
        .where(
            payment_claim.c.brand == read.brand.id,
            payment_claim.c.state == "waiting",
            invoice.c.state == InvoiceState.OPEN.value,
        )
        .order_by(payment_claim.c.id)
        .limit(limit)
    )
    return [_claim(row) for row in rows]


def get(read: Read, id: int) -> Claim | None:
    """A claim of this brand, settled or not; for staff, and no flow calls it."""
    row = read.one(_CLAIM.where(payment_claim.c.id == id, payment_claim.c.brand == read.brand.id))
    return _claim(row) if row is not None else None


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
    "paid" (it is, or was cancelled), "gone" (the upload is not there any more) or "unknown" (no invoice
    of this customer). A receipt that is still to be fetched is mailed once it is here.
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
    kept = None
    if file is not None:
        kept = received_files.accept(write, customer_id, file, claim=id)
        if kept is None:
            write.run(delete(payment_claim).where(payment_claim.c.id == id))
            return "gone"
    write.audit(
        "payment.claimed", f"invoice:{invoice_id}", after={"claim": id, "file": file is not None}
    )
    if kept is None or kept.state != received_files.State.WAITING:
        tell_staff(write, id, kept, dedup=f"claim:{request}")
    return "taken"


def add_receipt(
    write: Write, customer_id: int, invoice_id: int, file: Sequence[JSON]
) -> Literal["added", "gone", "none"]:
    """A receipt for what staff is looking at already, mailed to the brand once it is here.

    `file` is a `FileIn` as its fields. "gone": the upload is not there any more; "none": no claim of
    this customer for that invoice waits (any more).
    """
    mine = (
        payment_claim.c.brand == write.brand.id,
        payment_claim.c.customer == customer_id,
        payment_claim.c.invoice == invoice_id,
        payment_claim.c.state == "waiting",
    )
    claim: int | None = write.scalar(
        select(payment_claim.c.id).where(*mine).with_for_update(key_share=True)
    )
    if claim is None:
        return "none"
    kept = received_files.accept(write, customer_id, file, claim=claim)
    if kept is None:
        return "gone"
    write.run(update(payment_claim).where(payment_claim.c.id == claim).values(file=list(file)))
    write.audit(
        "payment.receipt_added", f"invoice:{invoice_id}", after={"claim": claim, "file": kept.id}
    )
    if kept.state != received_files.State.WAITING:
        tell_staff(write, claim, kept, dedup=f"claim-file:{kept.id}")
    return "added"


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


def tell_staff(write: Write, id: int, file: Received | None, *, dedup: str) -> None:
    """Mail a claim to the brand, with its receipt as an attachment once that is here.

    A receipt that cannot be had, or not yet, is named, and the mail says so.
    """
    if not (write.brand.email and write.brand.has("mail")):
        return
    claim = write.one(
        select(payment_claim.c.customer, payment_claim.c.account, payment_claim.c.words,
               payment_claim.c.state, invoice.c.number)
        .join(invoice, invoice.c.id == payment_claim.c.invoice)
        .where(payment_claim.c.id == id, payment_claim.c.brand == write.brand.id)
    )  # fmt: skip
    if claim is None:
        return
    place = here(write).address if file is None else file.address
    customer = customers.get(write, claim.customer)
    phone = write.scalar(select(address.c.phone).where(address.c.id == place))
    phone = phone or (customer.phone if customer else None)
    reply_to = customer.email if customer else None
    state = None if file is None else FILE_STATES.get(file.state, "failed")
    write.post(
        Mail(
            template="payment-claim",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "customer_name": customer.name if customer else None,
                "first_name": customer.first_name if customer else None,
                "customer": claim.customer,
                "channel": claim.account,
                "invoice_number": claim.number,
                "phone": format_phone(phone) if phone else None,
                "reply_to": reply_to,
                "words": claim.words,
                "file_name": file.name if file else None,
                "file_ref": file.ref if file else None,
                "file_state": state,
                "queue": [Kind.CLAIM.named(id)] if claim.state == "waiting" else [],
            },
            documents=(file.document_ref,) if file and state == "attached" else (),
            reply_to=reply_to,
        ),
        dedup=dedup,
        address=place,
        subject=f"customer:{claim.customer}",
    )
