"""Somebody's own data, to read and as a file for programs: everything kept about a customer and a person, as rows have it now.

Secrets are not in it (hashes of codes, tokens of cards), nor words of other people: of messages it
tells kind, time and what became of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, or_, select

from bot.core.brand import Brand
from bot.core.message import JSON, DocumentRef
from bot.core.ports import Read, Visitor, Write
from bot.domain.privacy import OPTIONAL
from bot.domain.roles import Role
from storage import consents, document_access, members, preferences
from storage.people import here
from storage.tables import (
    address,
    approval,
    audit,
    card,
    charge,
    contact,
    contact_change,
    contract,
    custom_value,
    customer,
    document,
    document_body,
    erasure,
    field_change,
    invoice,
    invoice_line,
    link,
    membership,
    message,
    payment,
    payment_claim,
    payment_promise,
    pending_change,
    person,
    received_file,
    staff_decision,
    trust_unlock,
)

FOR_PROGRAMS, TO_READ = "my-data", "my-data-pdf"
"""Of the `DocumentRef`: the id is the customer's, the detail names the address it goes to."""
MOST = 20_000
"""Rows of one kind in the file: many years of a busy customer's."""


def files_of(brand: Brand, visitor: Visitor, today: date) -> tuple[DocumentRef, DocumentRef]:
    """The files for whoever is here: to read, and for programs. Raises LookupError for a stranger."""
    if visitor.customer is None:
        raise LookupError("nobody is known here")
    whose, place = visitor.customer, str(visitor.address)
    name = f"{brand.id}-{today.isoformat()}"
    return (
        DocumentRef(TO_READ, whose, f"{name}.pdf", "application/pdf", place),
        DocumentRef(FOR_PROGRAMS, whose, f"{name}.json", "application/json", place),
    )


def note_handed(write: Write, customer_id: int) -> bool:
    """Note that whoever is here takes the file; False if they do not speak for the customer."""
    visitor = here(write)
    role = members.role_of(write, visitor.person, customer_id)
    if role is None:
        return False
    write.audit("personal-data.exported", f"customer:{customer_id}", after={"role": role.value})
    return True


def content(read: Read, ref: DocumentRef) -> dict[str, JSON] | None:
    """What a file says now; None if who it was for is not known there any more.

    What it holds is decided when it leaves: an administrator gets the customer's, others their own.
    """
    row = read.one(
        select(address.c.person, address.c.verified_until).where(
            address.c.id == int(ref.detail), address.c.brand == read.brand.id
        )
    )
    if row is None or row.verified_until is None or row.verified_until <= read.now:
        return None
    role = members.role_of(read, row.person, ref.id)
    if role is None:
        return None
    return collect(read, ref.id, row.person, whole=role is Role.ADMINISTRATOR)


def collect(read: Read, customer_id: int, person_id: int, *, whole: bool) -> dict[str, JSON]:
    """Everything kept about a person, and with `whole` about the customer too, by subject."""
    told: dict[str, JSON] = {
        "controller": {
            "name": read.brand.legal_name or read.brand.name,
            "tax_id": read.brand.tax_id,
            "email": read.brand.email,
        },
        "made_at": read.now.isoformat(),
        "person": _person(read, customer_id, person_id),
    }
    if whole:
        told["customer"] = _customer(read, customer_id)
    return told


# ------------------------------------------------------------------------- a person


def _person(read: Read, customer_id: int, person_id: int) -> dict[str, JSON]:
    chats = read.all(
        select(
            address.c.id, address.c.account, address.c.chat, address.c.name, address.c.phone,
            address.c.locale, address.c.verified_until, address.c.created_at,
        )
        .where(address.c.person == person_id, address.c.brand == read.brand.id)
        .order_by(address.c.id)
    )  # fmt: skip
    ids = [row.id for row in chats]
    mine = audit.c.person == person_id
    return {
        "name": members.name_of(read, person_id),
        "email": members.own_email_of(read, person_id),
        "role": _rows(
            read, membership, ("role", "active", "invited", "activated_at", "created_at"),
            membership.c.person == person_id, membership.c.customer == customer_id,
        ),
        "chats": [_plain(row, leave=("id",)) for row in chats],
        "preferences": [
            {"kind": each.kind.value, "required": each.required, "chat": each.chat}
            for each in preferences.all_of(read, customer_id, person_id)
        ],
        "agreed": _agreed(read, customer_id, person_id),
        "asked_of_others": _rows(
            read, approval, ("kind", "subject", "waits_for", "state", "asked_at", "decided_at"),
            approval.c.customer == customer_id, approval.c.asked_by == person_id,
        ),
        "accesses_and_changes": _rows(
            read, audit, ("at", "what", "subject", "through"),
            audit.c.brand == read.brand.id, mine, audit.c.customer == customer_id,
        ),
        "messages": _rows(
            read, message,
            ("kind", "state", "created_at", "sent_at", "delivered_at", "read_at", "error"),
            message.c.address.in_(ids), message.c.brand == read.brand.id,
        ),
    }  # fmt: skip


def _agreed(read: Read, customer_id: int, person_id: int | None) -> list[JSON]:
    return [
        {
            "what": each.of.value,
            "title": each.title,
            "at": each.at.isoformat(),
            "through": each.through,
            "words": each.words,
            "sha256": each.digest,
            "withdrawn_at": each.withdrawn_at.isoformat() if each.withdrawn_at else None,
        }
        for each in consents.agreed(read, customer_id, person=person_id)
    ]


# ------------------------------------------------------------------------- a customer


def _customer(read: Read, id: int) -> dict[str, JSON]:
    known = read.one(select(customer).where(customer.c.id == id, customer.c.brand == read.brand.id))
    if known is None:
        raise LookupError("no such customer of this brand")
    bills = select(invoice.c.id).where(invoice.c.customer == id)
    return {
        "registration": _plain(known, leave=("brand", "main_customer")),
        "own_fields": _rows(
            read, custom_value, ("key", "value", "changed_at"), custom_value.c.customer == id
        ),
        "contacts": _rows(
            read, contact, ("kind", "value", "label", "is_primary", "bad", "created_at"),
            contact.c.customer == id,
        ),
        "changes": _rows(
            read, field_change,
            ("field", "before", "after", "at", "proved_by", "exported_at"),
            field_change.c.customer == id,
        ),
        "contact_changes": _rows(
            read, contact_change, ("kind", "shown", "at", "until", "undone_at", "undone_by"),
            contact_change.c.customer == id,
        ),
        "people": _people(read, id),
        "invites": _rows(
            read, link, ("purpose", "created_at", "expires_at", "used_at", "revoked_at"),
            link.c.customer == id,
        ),
        "approvals": _rows(
            read, approval, ("kind", "subject", "waits_for", "state", "asked_at", "decided_at"),
            approval.c.customer == id,
        ),
        "invoices": _invoices(read, id),
        "payments": _rows(
            read, payment,
            ("invoice", "method", "amount", "paid_on", "refunded", "state", "created_at"),
            payment.c.customer == id,
        ),
        "charges": _rows(
            read, charge, ("invoice", "method", "state", "amount", "due_on", "created_at"),
            charge.c.invoice.in_(bills),
        ),
        "cards": _rows(
            read, card,
            ("kind", "scheme", "last4", "is_default", "autopay", "created_at", "removed_at"),
            card.c.customer == id,
        ),
        "payment_changes": _rows(
            read, pending_change, ("kind", "subject", "created_at", "ended_at"),
            pending_change.c.customer == id,
        ),
        "promises": _rows(
            read, payment_promise, ("invoice", "promised_for", "consent", "created_at"),
            payment_promise.c.customer == id,
        ),
        "payments_told": _rows(
            read, payment_claim, ("invoice", "words", "state", "created_at", "settled_at"),
            payment_claim.c.customer == id,
        ),
        "decisions_of_staff": _rows(
            read, staff_decision, ("subject", "approved", "note", "at"),
            staff_decision.c.customer == id,
        ),
        "unlocks": _rows(
            read, trust_unlock, ("given_on", "last_day", "kept_on", "created_at"),
            trust_unlock.c.customer == id,
        ),
        "documents": _documents(read, id),
        "document_accesses": _accesses(read, id),
        "files_sent": _rows(
            read, received_file,
            ("name", "media_type", "size", "sha256", "state", "claim", "document", "title", "kind",
             "account", "created_at", "kept_at", "seen_at"),
            received_file.c.customer == id,
        ),
        "contracts": _rows(
            read, contract,
            ("title", "text", "sha256", "offered_at", "accepted_at", "withdrawn_at"),
            contract.c.customer == id,
        ),
        "agreed": _agreed(read, id, None),
        "mails": [
            {"kind": kind.value, "wanted": preferences.wanted(read, id, kind)}
            for kind in OPTIONAL
        ],
        "deletion_wishes": _rows(
            read, erasure, ("words", "asked_at", "answer_by", "state", "ended_at", "through"),
            erasure.c.customer == id,
        ),
        "accesses_and_changes": _rows(
            read, audit, ("at", "what", "subject", "person", "through"),
            audit.c.brand == read.brand.id,
            or_(audit.c.customer == id, audit.c.subject == f"customer:{id}"),
        ),
    }  # fmt: skip


def _people(read: Read, id: int) -> list[JSON]:
    rows = read.all(
        select(
            person.c.id, person.c.name, membership.c.role, membership.c.active,
            membership.c.activated_at, membership.c.created_at,
        )
        .join_from(membership, person, person.c.id == membership.c.person)
        .where(membership.c.customer == id, person.c.brand == read.brand.id)
        .order_by(person.c.id)
    )  # fmt: skip
    return [_plain(row) for row in rows]


def _invoices(read: Read, id: int) -> list[JSON]:
    mine = (invoice.c.customer == id, invoice.c.brand == read.brand.id)
    lines = dict[int, list[JSON]]()
    for row in read.all(
        select(invoice_line)
        .join_from(invoice_line, invoice)
        .where(*mine)
        .order_by(invoice_line.c.invoice, invoice_line.c.position)
    ):
        lines.setdefault(row.invoice, []).append(_plain(row, leave=("invoice", "position")))
    rows = read.all(select(invoice).where(*mine).order_by(invoice.c.due_on, invoice.c.id))
    return [
        {**_plain(row, leave=("brand", "customer")), "lines": lines.get(row.id, [])} for row in rows
    ]


def _documents(read: Read, id: int) -> list[JSON]:
    names = ("kind", "title", "number", "file_name", "size", "sha256", "period", "issued_on",
             "created_at", "removed_at")  # fmt: skip
    rows = read.all(
        select(*(document.c[name] for name in names), document_body.c.document.label("kept"))
        .join_from(document, document_body, isouter=True)
        .where(document.c.customer == id, document.c.brand == read.brand.id)
        .order_by(document.c.id)
    )
    return [{**_plain(row, leave=("kept",)), "kept": row.kept is not None} for row in rows]


def _accesses(read: Read, id: int) -> list[JSON]:
    return [
        {
            "at": each.at.isoformat(),
            "document": each.title,
            "means": each.means.value if each.means else None,
            "name": each.name,
            "through": each.through,
            "from": each.came_from,
        }
        for each in reversed(document_access.page(read, id, limit=MOST))
    ]


# ------------------------------------------------------------------------- plain


def _rows(read: Read, table: Table, names: Sequence[str], *which: Any) -> list[JSON]:
    """The latest rows, the oldest of them first."""
    newest_first = [column.desc() for column in table.primary_key.columns]
    rows = read.all(
        select(*(table.c[name] for name in names)).where(*which).order_by(*newest_first).limit(MOST)
    )
    return [_plain(row) for row in reversed(rows)]


def _plain(row: Any, leave: Sequence[str] = ()) -> Mapping[str, JSON]:
    """A row as JSON: dates ISO 8601, money as decimal words."""
    return {name: _value(value) for name, value in row._mapping.items() if str(name) not in leave}


def _value(value: Any) -> JSON:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value
