"""Where the people of a customer can be reached just now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from bot.core.ports import Read
from storage.tables import address, membership, session


def chats_of_customer(read: Read, customer_id: int) -> list[int]:
    """Addresses proved to be of this customer's active people, and reachable; in a fixed order."""
    return [row.id for row in read.all(_proved(read, customer_id).order_by(address.c.id))]


def last_chat_of_customer(read: Read, customer_id: int) -> int | None:
    """Of these, the one that was written from last; None: there is none."""
    used = func.coalesce(session.c.seen_at, address.c.created_at)
    last = _proved(read, customer_id).outerjoin(session, session.c.address == address.c.id)
    row = read.one(last.order_by(used.desc(), address.c.id.desc()).limit(1))
    return None if row is None else int(row.id)


def _proved(read: Read, customer_id: int) -> Select[Any]:
    return (
        select(address.c.id)
        .join(
            membership,
            (membership.c.person == address.c.person)
            & (membership.c.customer == address.c.customer),
        )
        .where(
            address.c.brand == read.brand.id,
            address.c.customer == customer_id,
            address.c.verified_until > read.now,
            address.c.bad.is_(None),
            membership.c.active,
        )
    )
