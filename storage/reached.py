"""Where the people of a customer can be reached just now."""

from __future__ import annotations

from sqlalchemy import select

from bot.core.ports import Read
from storage.tables import address, membership


def chats_of_customer(read: Read, customer_id: int) -> list[int]:
    """Addresses proved to be of this customer's active people, and reachable; in a fixed order."""
    rows = read.all(
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
        .order_by(address.c.id)
    )
    return [row.id for row in rows]
