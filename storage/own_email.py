"""A person's own e-mail: where an administrator who does not read the company's mailbox gets codes.

It counts only after a code sent to it was entered, and after somebody who may has let it: whoever is
fresh here by the company's own mailbox, or another administrator. A chat alone can set none.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import or_, select, update

from bot.core.message import JSON, Text, _
from bot.core.ports import Level, Read, Write
from bot.domain.roles import Role
from storage import approvals, members, proofs
from storage.people import here
from storage.tables import customer, membership, person

KIND = "own-email"
"""Of the approvals."""


class Kept(StrEnum):
    """What became of a new own e-mail."""

    SAVED = "saved"
    WAITING = "waiting"
    """Another administrator was asked."""
    ALREADY = "already"
    """One waits for another administrator already."""
    STALE = "stale"
    """The proof was used, or is too old."""
    ALONE = "alone"
    """There is no other administrator to ask."""
    NOT_ALLOWED = "not-allowed"


def was_invited(read: Read, person_id: int | None, customer_id: int) -> bool:
    """Whether a person came by a link to a customer, or to its matriz, and so never proved its mailbox."""
    main = select(customer.c.main_customer).where(customer.c.id == customer_id).scalar_subquery()
    rows = read.all(
        select(membership.c.invited).where(
            membership.c.person == person_id,
            membership.c.active,
            or_(membership.c.customer == customer_id, membership.c.customer == main),
        )
    )
    return bool(rows) and all(row.invited for row in rows)


def keep(write: Write, customer_id: int, value: str, proof: int, *, words: Text) -> Kept:
    """Have codes sent to an e-mail that was just proved (`storage.proofs`): at once, or once approved."""
    visitor = here(write)
    if members.role_of(write, visitor.person, customer_id) is not Role.ADMINISTRATOR:
        return Kept.NOT_ALLOWED
    fresh = visitor.level >= Level.FRESH
    others = set(members.administrators_of(write, customer_id)) - {visitor.person}
    if not fresh and not others:
        return Kept.ALONE
    if proofs.take(write, proof, customer_id, "email", value) is None:
        return Kept.STALE
    if fresh:
        _set(write, visitor.person, value)
        return Kept.SAVED
    wish = {"person": visitor.person, "value": value}
    subject = f"person:{visitor.person}"
    asked = approvals.ask(
        write, customer_id, KIND, wish, words=words, waits_for="administrator", subject=subject
    )
    return Kept.WAITING if asked is not None else Kept.ALREADY


def apply_approved(write: Write, customer_id: int, values: JSON) -> JSON:
    """Another administrator has approved it; refused if whoever asked is none any more."""
    role = members.role_of(write, values["person"], customer_id)
    if role is not Role.ADMINISTRATOR:
        return {"refused": _("Only an administrator can do that.").dump()}
    _set(write, values["person"], values["value"])
    return None


def _set(write: Write, person_id: int | None, value: str) -> None:
    write.run(
        update(person)
        .where(person.c.id == person_id, person.c.brand == write.brand.id)
        .values(email=value)
    )
    write.audit("person.own-email", f"person:{person_id}", after={"email": value})
