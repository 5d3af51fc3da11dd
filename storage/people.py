"""People: who speaks for a customer, and how long the proof of it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict

from sqlalchemy import insert, select, update

from bot.core.ports import Visitor, Write
from storage import members
from storage.tables import address, membership, person

VERIFIED_DAYS = 30
"""Days after which someone proves again who they are, where the operator says nothing else."""
FRESH_FOR = timedelta(minutes=10)
"""How long a code just entered allows changes (DESIGN 5)."""


class Linked(TypedDict):
    """Who was proved to speak for which customer, and whether they wait to be let in."""

    person: int
    customer: int
    waiting: bool


def here(write: Write) -> Visitor:
    """Whoever is doing this. Raises LookupError where nobody is (the clock, the delivery)."""
    if write.visitor is None:
        raise LookupError("this is done from a chat only")
    return write.visitor


def link(
    write: Write,
    address_id: int,
    customer_id: int,
    *,
    by: str,
    days: int = VERIFIED_DAYS,
    fresh: bool = False,
    own: bool = True,
) -> Linked:
    """An address was proved to be a customer's: who is there now speaks for that customer, or waits.

    `by` names the proof for the audit (code, phone, link), `days` is how long it lasts, `fresh`
    whether it also allows changes for the next ten minutes: a code does, a phone does not. `own`: what
    was proved is the customer's primary contact, so whoever proves it is the customer's own person;
    a further phone of a company is a further person's.

    The first to prove anything becomes the administrator, and another chat that proves the own contact
    later is that same person. Someone already known here keeps being who they are if they speak for this
    customer too. Everybody else waits for an administrator.     Raises LookupError for another brand's customer.
    """
    # The lock lets one address at a time become the first, so that there is one administrator.
    company = members.lock(write, customer_id)
    known = write.one(
        select(
            address.c.person, address.c.customer, address.c.name, address.c.verified_until,
            address.c.phone,
        ).where(address.c.id == address_id)
    )  # fmt: skip
    if known is None:
        raise LookupError("no such address")
    place = _place(write, customer_id, address_id, known, own=own)
    who = place.person
    if who is None:
        who = _born(write, known.name or company)
    if place.joins:
        write.run(
            insert(membership).values(
                person=who,
                customer=customer_id,
                role="collaborator" if place.waits else "administrator",
                active=not place.waits,
                activated_at=None if place.waits else write.now,
                created_at=write.now,
            )
        )
    proof: dict[str, Any] = {"verified_until": None, "fresh_until": None}
    if not place.waits:
        proof["verified_until"] = write.now + timedelta(days=days)
        if fresh:
            proof["fresh_until"] = write.now + FRESH_FOR
        else:
            del proof["fresh_until"]
    if (who, customer_id) != (known.person, known.customer):
        proof["all_companies"] = False
    write.run(
        update(address)
        .where(address.c.id == address_id)
        .values(person=who, customer=customer_id, **proof)
    )
    what = "person.waits" if place.waits else "person.verified"
    write.audit(what, f"person:{who}", after={"customer": customer_id, "by": by})
    return Linked(person=who, customer=customer_id, waiting=place.waits)


def leave(write: Write) -> bool:
    """Forget who is at this address; False if nobody was proved. The phone and language stay."""
    visitor = here(write)
    left = write.run(
        update(address)
        .where(address.c.id == visitor.address, address.c.person.is_not(None))
        .values(
            person=None, customer=None, all_companies=False, verified_until=None, fresh_until=None
        )
        .returning(address.c.id)
    )
    if left:
        write.audit("person.left", f"person:{visitor.person}")
    return bool(left)


def set_locale(write: Write, locale: str) -> str:
    """Speak another language at this address from now on; returns it."""
    write.run(update(address).where(address.c.id == here(write).address).values(locale=locale))
    return locale


def refresh(write: Write) -> bool:
    """Allow changes for the next ten minutes; False if nobody is proved here (any more)."""
    fresh = write.run(
        update(address)
        .where(
            address.c.id == here(write).address,
            address.c.person.is_not(None),
            address.c.verified_until > write.now,
        )
        .values(fresh_until=write.now + FRESH_FOR)
        .returning(address.c.id)
    )
    return bool(fresh)


@dataclass(frozen=True, slots=True)
class _Place:
    """Who somebody is to a customer."""

    person: int | None
    """None: somebody new."""
    joins: bool = False
    """It is a new membership."""
    waits: bool = False
    """An administrator has to let them in."""


def _place(write: Write, customer_id: int, address_id: int, known: Any, *, own: bool) -> _Place:
    """Who the one at an address is to a customer, now that a contact of it was proved there."""
    still = known.verified_until is not None and known.verified_until > write.now
    here = known.person if still else None
    rows = write.all(
        select(
            membership.c.person, membership.c.role, membership.c.active, membership.c.invited
        )
        .where(membership.c.customer == customer_id)
        .order_by(membership.c.created_at, membership.c.person)
    )  # fmt: skip
    if any(row.active and row.person == here for row in rows):
        return _Place(here)
    administrators = [row for row in rows if row.active and row.role == "administrator"]
    if not administrators:
        return _Place(None if any(row.person == here for row in rows) else here, joins=True)
    if members.role_of(write, here, customer_id) is not None:
        return _Place(here)  # by the matriz
    for row in administrators:
        if own and not row.invited:
            return _Place(row.person)
    same = {known.person} | _of_phone(write, address_id, known.phone)
    for row in rows:
        if row.person in same:
            return _Place(row.person, waits=not row.active)
    return _Place(here, joins=True, waits=True)


def _of_phone(write: Write, address_id: int, phone: str | None) -> set[int]:
    """Who is or was at other addresses with the same proved phone."""
    if phone is None:
        return set()
    rows = write.all(
        select(address.c.person).where(
            address.c.phone == phone,
            address.c.brand == write.brand.id,
            address.c.id != address_id,
            address.c.person.is_not(None),
        )
    )
    return {row.person for row in rows}


def _born(write: Write, name: str) -> int:
    ((id,),) = write.run(
        insert(person)
        .values(brand=write.brand.id, name=name, created_at=write.now)
        .returning(person.c.id)
    )
    return int(id)
