"""Links: secret URLs with one purpose, for one customer, that work once and not for long.

A link's token is derived from its row by the server's key when it is needed (DESIGN 4): no row,
session or log holds it, and who reads the database can make none.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.ports import Read, Write
from storage import members
from storage.tables import link

JOIN = "join"
"""Lets somebody ask to be one of a customer's people."""
SEAL = 32
"""Hexadecimal digits of a token that cannot be guessed: 128 bits."""
MOST_OPEN = 20
"""Links of a purpose that a customer may have open at a time."""

Hash = Callable[[str, str], str]
"""`Keys.hash`, or `Write.keyed_hash`."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still works."""

    id: int
    customer: int
    created_at: datetime
    expires_at: datetime


def token(hashed: Hash, purpose: str, id: int) -> str:
    """What a URL names a link by: at most 50 of `[0-9a-f-]`, so that it fits any deep link."""
    return f"{id:x}-{hashed(f'link:{purpose}', str(id))[:SEAL]}"


def create(write: Write, customer_id: int, purpose: str = JOIN) -> int | None:
    """A new link; returns its id. None if who asks is no administrator nor staff, or too many are open.

    Raises LookupError for another brand's customer.
    """
    members.lock(write, customer_id)
    if not members.decides(write, customer_id):
        return None
    if len(open_of(write, customer_id, purpose)) >= MOST_OPEN:
        return None
    ((id,),) = write.run(
        insert(link)
        .values(
            brand=write.brand.id,
            purpose=purpose,
            customer=customer_id,
            created_by=write.visitor.person if write.visitor else None,
            created_at=write.now,
            expires_at=write.now + timedelta(days=write.brand.people.invite_days),
        )
        .returning(link.c.id)
    )
    write.audit("link.created", f"link:{id}", after={"purpose": purpose, "customer": customer_id})
    return int(id)


def find(write: Write, typed: str, purpose: str) -> int | None:
    """The id of the link that a token names, if it still works (constant time); it is not used up."""
    name, _dash, _seal = typed.strip().partition("-")
    try:
        id = int(name, 16) if name.isascii() and 0 < len(name) <= 15 else -1
    except ValueError:
        return None
    genuine = token(write.keyed_hash, purpose, id).encode()
    if not hmac.compare_digest(genuine, typed.strip().encode(errors="replace")):
        return None
    return (
        id
        if write.scalar(select(link.c.id).where(link.c.id == id, *_open(write, purpose)))
        else None
    )


def use(write: Write, id: int, purpose: str) -> int | None:
    """Use a link up; returns its customer. None if it does not work any more: somebody was first."""
    rows = write.run(
        update(link)
        .where(link.c.id == id, *_open(write, purpose))
        .values(used_at=write.now)
        .returning(link.c.customer)
    )
    return int(rows[0].customer) if rows else None


def customer_of(read: Read, id: int, purpose: str) -> int | None:
    """Whose link it is while it works, or None."""
    found = read.scalar(select(link.c.customer).where(link.c.id == id, *_open(read, purpose)))
    return None if found is None else int(found)


def open_of(read: Read, customer_id: int, purpose: str = JOIN) -> list[Link]:
    """A customer's links that nobody has used yet and that still work, the newest first."""
    rows = read.all(
        select(link.c.id, link.c.customer, link.c.created_at, link.c.expires_at)
        .where(link.c.customer == customer_id, *_open(read, purpose))
        .order_by(link.c.id.desc())
    )
    return [Link(*row) for row in rows]


def revoke(write: Write, customer_id: int, purpose: str = JOIN) -> int | None:
    """End a customer's open links of a purpose; how many. None if who asks is no administrator nor staff."""
    if not members.decides(write, customer_id):
        return None
    ended = write.run(
        update(link)
        .where(link.c.customer == customer_id, *_open(write, purpose))
        .values(revoked_at=write.now)
        .returning(link.c.id)
    )
    for (id,) in ended:
        write.audit("link.revoked", f"link:{id}")
    return len(ended)


def _open(read: Read, purpose: str) -> tuple[Any, ...]:
    return (
        link.c.brand == read.brand.id,
        link.c.purpose == purpose,
        link.c.used_at.is_(None),
        link.c.revoked_at.is_(None),
        link.c.expires_at > read.now,
    )
