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
from bot.domain.privacy import access_since
from storage import blanking, companies, erased_keys, erasures, import_runs, members
from storage.blanking import Counts
from storage.tables import (
    address,
    approval,
    audit,
    audit_body,
    code,
    contact,
    contact_change,
    contact_proof,
    contract_acceptance,
    document,
    field_change,
    invoice,
    link,
    membership,
    message,
    message_body,
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
    is the business's own, for the record. No import brings back who was erased (`erased_keys`).
    Returns how many rows of which table were touched. Raises LookupError for another brand's
    customer, ImportBusy while an import is at work, which may hold what is to go.
    """
    members.lock(write, customer_id)
    import_runs.keep_out(write)
    erased_keys.remember(write, customer_id)
    counts = Counts(write)
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
    blanking.registration(counts, customer_id)
    blanking.agreements(counts, customer_id)
    blanking.documents(counts, customer_id)
    blanking.files(counts, customer_id)
    blanking.payments(counts, customer_id)
    counts.run(
        "membership",
        update(membership).where(membership.c.customer == customer_id).values(active=False),
    )
    counts.run("preference", delete(preference).where(preference.c.customer == customer_id))
    companies.dissolve_group(write, customer_id)
    counts.run("customer", blanking.blank(write, customer_id))
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
    counts = Counts(write)
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


def _places_left(counts: Counts, own: Sequence[int], people: Sequence[int]) -> None:
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
    blanking.uploads(counts, own)
    counts.run("code", delete(code).where(code.c.address.in_(own)))
    counts.run("person", update(person).where(person.c.id.in_(people)).values(name="", email=None))
    counts.run(
        "link",
        update(link)
        .where(link.c.created_by.in_(people), link.c.revoked_at.is_(None))
        .values(revoked_at=write.now),
    )


# ------------------------------------------------------------------------- what was said


def _messages(counts: Counts, customer_id: int, own: Sequence[int], shared: Sequence[int]) -> None:
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


def _bodies(counts: Counts, *which: Any) -> None:
    ids = select(message.c.id).join_from(message, message_body).where(
        message.c.brand == counts.write.brand.id, *which
    )  # fmt: skip
    counts.run("message_body", delete(message_body).where(message_body.c.message.in_(ids)))


def _audits(counts: Counts, customer_id: int, own: Sequence[int], people: Sequence[int]) -> None:
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


def _audit_bodies(counts: Counts, which: Any) -> None:
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
