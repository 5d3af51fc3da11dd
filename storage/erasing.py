"""Erasure: what tells of a person leaves every table; who, when, what kind, hashes and money stay.

What stays and why: docs/privacy.md. A second erasure finds nothing new, except that it takes with
it what the law has meanwhile ceased to demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import String, cast, delete, literal, or_, select, update

from bot.core.ports import Write
from bot.core.session import Session
from bot.domain.privacy import access_since, fiscal_since
from bot.domain.standing import Status
from storage import erasures, members
from storage.tables import (
    address,
    approval,
    audit,
    audit_body,
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
    membership,
    message,
    message_body,
    payment,
    pending_change,
    person,
    preference,
    session,
)

_TO_LEAVE = ("queued", "sending")
_ACCESSES = ("document.opened",)
"""Records of access: they are kept for six months, without the name (Marco Civil art. 15)."""


def erase(write: Write, customer_id: int, *, reason: str) -> dict[str, int]:
    """Erase a customer: everything that tells of it or of its people and that no law has us keep.

    The invoices and payments stay, and with them the tax id while one of them is younger than
    `fiscal_until`, or owed. People who speak for another customer too remain known there. `reason`
    is the business's own, for the record. Returns how many rows of which table were touched.
    Raises LookupError for another brand's customer.
    """
    members.lock(write, customer_id)
    counts = _Counts(write)
    people = _people_of(write, customer_id)
    own, shared = _places(write, customer_id, people)
    _messages(counts, customer_id, own, shared)
    _audits(counts, customer_id, own, people)
    _places_left(counts, own, people)
    counts.run(
        "address",
        update(address)
        .where(address.c.customer == customer_id)
        .values(customer=None, all_companies=False, verified_until=None, fresh_until=None),
    )
    _registration(counts, customer_id)
    _agreements(counts, customer_id)
    _documents(counts, customer_id)
    _payments(counts, customer_id)
    counts.run(
        "membership",
        update(membership).where(membership.c.customer == customer_id).values(active=False),
    )
    counts.run("preference", delete(preference).where(preference.c.customer == customer_id))
    counts.run("customer", _blank(write, customer_id))
    erasures.end(write, customer_id, f"customer:{customer_id}", reason=reason)
    write.audit("customer.erased", f"customer:{customer_id}")
    return counts.made


def erase_person(write: Write, customer_id: int, person_id: int, *, reason: str) -> dict[str, int]:
    """Erase one of a customer's people; the customer stays as it is.

    Who speaks for another customer too loses the place here and remains known there. Raises
    LookupError for who is not among the people of this brand's customer.
    """
    members.lock(write, customer_id)
    if members.get(write, customer_id, person_id) is None:
        raise LookupError("not among the people of this customer")
    counts = _Counts(write)
    alone = [id for id in _people_of(write, customer_id) if id == person_id]
    own = [
        row.id
        for row in write.all(select(address.c.id).where(address.c.person.in_(alone)))
    ]  # fmt: skip
    _bodies(counts, message.c.address.in_(own))
    _bodies(counts, message.c.subject.in_([f"person:{id}" for id in alone]))
    by_person = audit.c.person.in_(alone) | audit.c.address.in_(own)
    _audit_bodies(counts, by_person | (audit.c.subject == f"person:{person_id}"))
    _places_left(counts, own, alone)
    counts.run(
        "membership",
        update(membership)
        .where(membership.c.customer == customer_id, membership.c.person == person_id)
        .values(active=False),
    )
    counts.run(
        "contract_acceptance",
        update(contract_acceptance)
        .where(contract_acceptance.c.person.in_(alone))
        .values(person_name="", words=""),
    )
    counts.run("preference", delete(preference).where(preference.c.person.in_(alone)))
    erasures.end(write, customer_id, f"person:{person_id}", reason=reason)
    write.audit("person.erased", f"person:{person_id}")
    return counts.made


class _Counts:
    """Runs statements and counts their rows by table."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.made = dict[str, int]()

    def run(self, name: str, statement: Any) -> None:
        key = next(iter(statement.table.primary_key.columns))
        rows = self.write.run(statement.returning(key))
        if rows:
            self.made[name] = self.made.get(name, 0) + len(rows)


# ------------------------------------------------------------------------- who and where


def _people_of(write: Write, customer_id: int) -> list[int]:
    """The people of a customer who are nobody else's."""
    elsewhere = membership.alias()
    rows = write.all(
        select(membership.c.person).where(
            membership.c.customer == customer_id,
            ~select(elsewhere.c.person)
            .where(
                elsewhere.c.person == membership.c.person,
                elsewhere.c.customer != customer_id,
                or_(elsewhere.c.active, elsewhere.c.activated_at.is_(None)),
            )
            .exists(),
        )
    )
    return [row.person for row in rows]


def _places(write: Write, customer_id: int, people: Sequence[int]) -> tuple[list[int], list[int]]:
    """The addresses that were the customer's alone, and those where others are known too.

    Among them are those that somebody has left since: the audit knows them.
    """
    visited = select(audit.c.address).where(
        audit.c.customer == customer_id, audit.c.address.is_not(None)
    )
    others = select(audit.c.id).where(
        audit.c.address == address.c.id, audit.c.customer != customer_id
    )
    rows = write.all(
        select(address.c.id, address.c.person, address.c.customer, others.exists().label("others"))
        .where(
            address.c.brand == write.brand.id,
            or_(
                address.c.customer == customer_id,
                address.c.person.in_(people),
                address.c.id.in_(visited),
            ),
        )
        .order_by(address.c.id)
    )  # fmt: skip
    own, shared = list[int](), list[int]()
    for row in rows:
        alone = row.person in people if row.person is not None else not row.others
        (own if alone else shared).append(row.id)
    return own, shared


def _places_left(counts: _Counts, own: Sequence[int], people: Sequence[int]) -> None:
    """Chats are nobody's any more, and nobody's chat is known."""
    write = counts.write
    for place in own:
        counts.run(
            "address",
            update(address)
            .where(address.c.id == place)
            .values(
                chat=f"erased:{place}", name=None, phone=None, person=None, customer=None,
                all_companies=False, verified_until=None, fresh_until=None,
            ),
        )  # fmt: skip
        counts.run(
            "session",
            update(session)
            .where(session.c.address == place)
            .values(
                data=Session(place).dump(), seen_at=None, revision=session.c.revision + 1
            ),
        )  # fmt: skip
    counts.run("code", delete(code).where(code.c.address.in_(own)))
    counts.run("person", update(person).where(person.c.id.in_(people)).values(name=""))
    counts.run(
        "link",
        update(link)
        .where(link.c.created_by.in_(people), link.c.revoked_at.is_(None))
        .values(revoked_at=write.now),
    )


# ------------------------------------------------------------------------- what was said


def _messages(counts: _Counts, customer_id: int, own: Sequence[int], shared: Sequence[int]) -> None:
    """Bodies at the customer's chats; mails to its e-mails, whoever asked; those about its things.

    What leaves just now at a chat that others use too is theirs as well, and still leaves.
    """
    _bodies(counts, message.c.address.in_(own))
    _bodies(counts, message.c.address.in_(shared), message.c.state.not_in(_TO_LEAVE))
    for noun, table in (
        ("invoice", invoice), ("document", document), ("approval", approval),
        ("contact_change", contact_change), ("contact_proof", contact_proof), ("code", code),
    ):  # fmt: skip
        _bodies(counts, message.c.subject.in_(_subjects(noun, table, customer_id)))
    _bodies(counts, message.c.subject == f"customer:{customer_id}")
    for email in _emails(counts.write, customer_id):
        _bodies(
            counts, message.c.kind == "mail", message_body.c.body.contains(email, autoescape=True)
        )


def _subjects(noun: str, table: Any, customer_id: int) -> Any:
    named = literal(f"{noun}:") + cast(table.c.id, String(20))
    return select(named).where(table.c.customer == customer_id)


def _emails(write: Write, customer_id: int) -> Iterable[str]:
    """Every e-mail this customer has or had, as far as that is still known."""
    found = set[str]()
    for row in write.all(
        select(contact.c.value).where(contact.c.customer == customer_id, contact.c.kind == "email")
    ):
        found.add(row.value)
    for row in write.all(
        select(field_change.c.before, field_change.c.after).where(
            field_change.c.customer == customer_id, field_change.c.field == "email"
        )
    ):
        for several in (row.before, row.after):
            found.update(each for each in (several or "").split(", ") if each)
    return sorted(found)


def _bodies(counts: _Counts, *which: Any) -> None:
    ids = select(message.c.id).join_from(message, message_body).where(
        message.c.brand == counts.write.brand.id, *which
    )  # fmt: skip
    counts.run("message_body", delete(message_body).where(message_body.c.message.in_(ids)))


def _audits(counts: _Counts, customer_id: int, own: Sequence[int], people: Sequence[int]) -> None:
    """Before and after go; who did what when stays."""
    subjects = [f"customer:{customer_id}", *(f"person:{id}" for id in people)]
    subjects += [f"address:{id}" for id in own]
    _audit_bodies(
        counts,
        or_(
            audit.c.customer == customer_id,
            audit.c.address.in_(own),
            audit.c.person.in_(people),
            audit.c.subject.in_(subjects),
            audit.c.subject.in_(_subjects("document", document, customer_id)),
            audit.c.subject.in_(_subjects("invoice", invoice, customer_id)),
        ),
    )


def _audit_bodies(counts: _Counts, which: Any) -> None:
    write = counts.write
    mine = audit.c.brand == write.brand.id
    since = datetime.combine(access_since(write.today), time(), write.brand.zone)
    kept = mine & which & audit.c.what.in_(_ACCESSES) & (audit.c.at >= since)
    for row in write.all(
        select(audit_body.c.audit, audit_body.c.after).join_from(audit, audit_body).where(kept)
    ):
        body = {name: value for name, value in (row.after or {}).items() if name != "name"}
        if body != row.after:
            counts.run(
                "audit_body",
                update(audit_body).where(audit_body.c.audit == row.audit).values(after=body),
            )
    gone = select(audit.c.id).where(
        mine, which, ~(audit.c.what.in_(_ACCESSES) & (audit.c.at >= since))
    )
    counts.run("audit_body", delete(audit_body).where(audit_body.c.audit.in_(gone)))


# ------------------------------------------------------------------------- what was kept


def _registration(counts: _Counts, customer_id: int) -> None:
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
        "link",
        update(link)
        .where(link.c.customer == customer_id, link.c.revoked_at.is_(None))
        .values(revoked_at=counts.write.now),
    )


def _agreements(counts: _Counts, customer_id: int) -> None:
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


def _documents(counts: _Counts, customer_id: int) -> None:
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


def _payments(counts: _Counts, customer_id: int) -> None:
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
    bills = select(invoice.c.id).where(invoice.c.customer == customer_id)
    counts.run(
        "charge", update(charge).where(charge.c.invoice.in_(bills)).values(url=None, slip_url=None)
    )


def _blank(write: Write, customer_id: int) -> Any:
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
