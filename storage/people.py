"""People: who speaks for a customer, and how long the proof of it lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.ports import Visitor, Write
from storage.tables import address, customer, membership, person

VERIFIED_DAYS = 30
"""Days after which someone proves again who they are, where the operator says nothing else."""
FRESH_FOR = timedelta(minutes=10)
"""How long a code just entered allows changes (DESIGN 5)."""


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
) -> dict[str, int]:
    """An address was proved to be a customer's: who is there now speaks for that customer.

    `by` names the proof for the audit (code, phone, link), `days` is how long it lasts, `fresh`
    whether it also allows changes for the next ten minutes: a code does, a phone does not.

    What proves is the registered contact, so whoever proves it is the customer's own person: the first
    to do so becomes the administrator, and another chat proved later is that same person. Someone
    already known here keeps being who they are if they speak for this customer too.
    Returns the ids as `{"person", "customer"}`. Raises LookupError for another brand's customer.
    """
    # The lock lets one address at a time become the first, so that there is one administrator.
    whose = write.one(
        select(customer.c.name)
        .where(customer.c.id == customer_id, customer.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )
    if whose is None:
        raise LookupError("no such customer of this brand")
    known = write.one(
        select(address.c.person, address.c.name, address.c.verified_until).where(
            address.c.id == address_id
        )
    )
    if known is None:
        raise LookupError("no such address")
    still = known.verified_until is not None and known.verified_until > write.now
    who, joins = _speaker(write, customer_id, known.person if still else None)
    if who is None:
        who = _born(write, known.name or whose.name)
    if joins:
        write.run(
            insert(membership).values(
                person=who, customer=customer_id, role="administrator", active=True,
                created_at=write.now,
            )
        )  # fmt: skip
    proof: dict[str, Any] = {"verified_until": write.now + timedelta(days=days)}
    if fresh:
        proof["fresh_until"] = write.now + FRESH_FOR
    write.run(
        update(address)
        .where(address.c.id == address_id)
        .values(person=who, customer=customer_id, **proof)
    )
    write.audit("person.verified", f"person:{who}", after={"customer": customer_id, "by": by})
    return {"person": who, "customer": customer_id}


def leave(write: Write) -> bool:
    """Forget who is at this address; False if nobody was proved. The phone and language stay."""
    visitor = here(write)
    left = write.run(
        update(address)
        .where(address.c.id == visitor.address, address.c.person.is_not(None))
        .values(person=None, customer=None, verified_until=None, fresh_until=None)
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


def _speaker(write: Write, customer_id: int, known: int | None) -> tuple[int | None, bool]:
    """Who speaks for the customer (None: somebody new), and whether that is a new membership.

    The one known here if a member; else the first administrator; else the one known here, unless
    somebody switched that membership off.
    """
    rows = write.all(
        select(membership.c.person, membership.c.role, membership.c.active)
        .where(membership.c.customer == customer_id)
        .order_by(membership.c.created_at, membership.c.person)
    )
    active = [row for row in rows if row.active]
    if any(row.person == known for row in active):
        return known, False
    for row in active:
        if row.role == "administrator":
            return row.person, False
    return (None if any(row.person == known for row in rows) else known), True


def _born(write: Write, name: str) -> int:
    ((id,),) = write.run(
        insert(person)
        .values(brand=write.brand.id, name=name, created_at=write.now)
        .returning(person.c.id)
    )
    return int(id)
