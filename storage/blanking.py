"""What an erasure does to the rows of a customer: deleted, or blanked where they stay for another reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update

from bot.core.ports import Write
from bot.domain.privacy import fiscal_since
from bot.domain.standing import Status
from storage.tables import (
    approval,
    card,
    charge,
    code,
    confirmation,
    confirmation_body,
    contact,
    contact_change,
    contact_proof,
    contract,
    contract_acceptance,
    custom_value,
    customer,
    document,
    document_body,
    document_link,
    field_change,
    invoice,
    link,
    payment,
    payment_claim,
    payment_promise,
    pending_change,
    received_file,
    received_file_body,
    staff_decision,
)


class Counts:
    """Runs statements and counts their rows by table."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.made = dict[str, int]()

    def run(self, name: str, statement: Any) -> None:
        key = next(iter(statement.table.primary_key.columns))
        rows = self.write.run(statement.returning(key))
        if rows:
            self.made[name] = self.made.get(name, 0) + len(rows)


def registration(counts: Counts, customer_id: int) -> None:
    """Fields, contacts and codes go; what waited for somebody's yes waits no more."""
    for table in (contact, custom_value, contact_proof, contact_change, field_change, code):
        counts.run(table.name, delete(table).where(table.c.customer == customer_id))
    counts.run(
        "approval",
        update(approval)
        .where(approval.c.customer == customer_id)
        .values(change=None, words=None),
    )  # fmt: skip
    counts.run(
        "approval",
        update(approval)
        .where(approval.c.customer == customer_id, approval.c.state == "waiting")
        .values(state="expired", decided_at=counts.write.now),
    )
    counts.run(
        "staff_decision",
        update(staff_decision)
        .where(staff_decision.c.customer == customer_id, staff_decision.c.note.is_not(None))
        .values(note=None),
    )
    counts.run(
        "link",
        update(link)
        .where(link.c.customer == customer_id, link.c.revoked_at.is_(None))
        .values(revoked_at=counts.write.now),
    )


def agreements(counts: Counts, customer_id: int) -> None:
    """The words go, their hashes stay: who has the words elsewhere can still show that they are these."""
    theirs = select(confirmation.c.id).where(confirmation.c.customer == customer_id)
    counts.run(
        "confirmation_body",
        delete(confirmation_body).where(confirmation_body.c.confirmation.in_(theirs)),
    )
    contracts = select(contract.c.id).where(contract.c.customer == customer_id)
    counts.run(
        "contract_acceptance",
        update(contract_acceptance)
        .where(contract_acceptance.c.contract.in_(contracts))
        .values(person_name="", words=""),
    )
    counts.run(
        "contract", update(contract).where(contract.c.customer == customer_id).values(text="")
    )


def documents(counts: Counts, customer_id: int) -> None:
    """Bytes and titles go, except of what tax law has us keep."""
    write = counts.write
    kept = document.c.kind.in_(list(write.brand.privacy.kept_documents)) & (
        document.c.issued_on >= fiscal_since(write.today)
    )
    mine = document.c.customer == customer_id
    gone = select(document.c.id).where(mine, ~kept)
    counts.run("document_body", delete(document_body).where(document_body.c.document.in_(gone)))
    counts.run(
        "document_link",
        update(document_link)
        .where(
            document_link.c.document.in_(select(document.c.id).where(mine)),
            document_link.c.ended_at.is_(None),
        )
        .values(ended_at=write.now),
    )
    counts.run(
        "document",
        update(document)
        .where(mine, ~kept, document.c.removed_at.is_(None))
        .values(removed_at=write.now),
    )
    counts.run(
        "document", update(document).where(mine, ~kept).values(title="", file_name="", number=None)
    )


def files(counts: Counts, customer_id: int) -> None:
    """What was sent here goes, names and bytes; a filed one is its document's matter."""
    mine = received_file.c.customer == customer_id
    sent = select(received_file.c.id).where(mine)
    counts.run(
        "received_file_body",
        delete(received_file_body).where(received_file_body.c.file.in_(sent)),
    )
    counts.run(
        "received_file",
        update(received_file).where(mine).values(name="", ref=None, title=None, state="gone"),
    )


def uploads(counts: Counts, places: Sequence[int]) -> None:
    """What lies there from these addresses and no question has taken."""
    lying = (received_file.c.address.in_(places), received_file.c.state == "loose")
    sent = select(received_file.c.id).where(*lying)
    counts.run(
        "received_file_body",
        delete(received_file_body).where(received_file_body.c.file.in_(sent)),
    )
    counts.run("received_file", delete(received_file).where(*lying))


def payments(counts: Counts, customer_id: int) -> None:
    """Money stays; cards cannot be charged any more, and hosted pages are not known any more."""
    write = counts.write
    counts.run(
        "card",
        update(card)
        .where(card.c.customer == customer_id)
        .values(token=None, last4="", is_default=False, autopay=False),
    )
    counts.run(
        "card",
        update(card)
        .where(card.c.customer == customer_id, card.c.removed_at.is_(None))
        .values(removed_at=write.now),
    )
    counts.run(
        "pending_change",
        update(pending_change)
        .where(pending_change.c.customer == customer_id)
        .values(body={}, ticket=None, told=None, result=None),
    )
    counts.run(
        "pending_change",
        update(pending_change)
        .where(pending_change.c.customer == customer_id, pending_change.c.ended_at.is_(None))
        .values(ended_at=write.now),
    )
    for row in write.all(
        select(payment_promise.c.id, payment_promise.c.consent).where(
            payment_promise.c.customer == customer_id
        )
    ):
        left = {name: row.consent[name] for name in ("digest", "at") if name in row.consent}
        counts.run(
            "payment_promise",
            update(payment_promise).where(payment_promise.c.id == row.id).values(consent=left),
        )
    counts.run(
        "payment_claim",
        update(payment_claim)
        .where(payment_claim.c.customer == customer_id)
        .values(words=None, file=None),
    )
    bills = select(invoice.c.id).where(invoice.c.customer == customer_id)
    counts.run(
        "charge", update(charge).where(charge.c.invoice.in_(bills)).values(url=None, slip_url=None)
    )


def blank(write: Write, customer_id: int) -> Any:
    """The statement that leaves of a customer no more than its number, and its tax id while law asks for it."""
    gone = dict.fromkeys(
        ("trade_name", "plan", "postal_code", "street", "street_number", "complement", "district",
         "city", "state", "since", "born_on", "registry_number", "permission_group"),
    )  # fmt: skip
    values: dict[str, Any] = {"name": "", "status": Status.CANCELLED.value, **gone}
    if not _taxed(write, customer_id):
        values |= {"tax_id": f"-{customer_id}", "external_id": None}
    return update(customer).where(customer.c.id == customer_id).values(**values)


def _taxed(write: Write, customer_id: int) -> bool:
    """Whether tax law still asks who owed or paid something here."""
    since = fiscal_since(write.today)
    owed = select(invoice.c.id).where(
        invoice.c.customer == customer_id,
        or_(invoice.c.issued_on >= since, invoice.c.paid_on >= since, invoice.c.state == "open"),
    )
    paid = select(payment.c.id).where(payment.c.customer == customer_id, payment.c.paid_on >= since)
    return any(write.scalar(each.limit(1)) is not None for each in (owed, paid))
