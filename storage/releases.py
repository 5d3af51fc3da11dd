"""Releases: paying opens what was blocked for being late, and a payment taken back blocks it again.

A release is a mark beside what the billing system says: a file that still calls the customer blocked
changes nothing, and a block that is younger than the release counts again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select, update

from bot.core.ports import Read, Write
from bot.domain.standing import Standing, Status, standing_of
from storage.tables import customer, invoice, trust_unlock


@dataclass(frozen=True, slots=True)
class Stand:
    """A customer's status, a release taken into account, and standing."""

    status: Status
    standing: Standing


class Followed(StrEnum):
    """What a payment, or its end, did to the customer's access."""

    NOTHING = "nothing"
    RELEASED = "released"
    BLOCKED = "blocked-again"
    """The payment that had released it was taken back."""


def status_of(status: str, blocked_at: datetime | None, released_at: datetime | None) -> Status:
    """A status as it counts: who was released since the block is active."""
    found = Status(status)
    if found is not Status.BLOCKED or released_at is None:
        return found
    return Status.ACTIVE if blocked_at is None or released_at >= blocked_at else found


def status(read: Read, customer_id: int) -> Status | None:
    """The status of a customer of this brand as it counts; None for another's."""
    row = read.one(_row(read, customer_id))
    return None if row is None else status_of(*row)


def lock(write: Write, customer_id: int) -> Stand | None:
    """Where a customer stands, who is locked: of two payments at once the second finds the first."""
    row = write.one(_row(write, customer_id).with_for_update(key_share=True))
    return None if row is None else _stand(write, customer_id, status_of(*row))


def follow(write: Write, customer_id: int, before: Stand | None) -> Followed:
    """Open or close access as an invoice that has just been settled anew makes it.

    `before` is where the customer stood before (`lock`). Whoever is blocked although nothing is late is
    so by staff's decision, which no payment takes back.
    """
    row = write.one(_row(write, customer_id))
    if before is None or row is None:
        return Followed.NOTHING
    now = _stand(write, customer_id, status_of(*row))
    if before.standing is now.standing:
        return Followed.NOTHING
    if now.standing is Standing.ADIMPLENTE and before.status is Status.BLOCKED:
        followed, at, kept = Followed.RELEASED, write.now, write.today
    elif now.standing is Standing.INADIMPLENTE and now.status.value != row.status:
        followed, at, kept = Followed.BLOCKED, None, None
    else:
        return Followed.NOTHING
    write.run(update(customer).where(customer.c.id == customer_id).values(released_at=at))
    _keep(write, customer_id, kept)
    opened = followed is Followed.RELEASED
    write.audit(
        f"customer.{followed}", f"customer:{customer_id}",
        before={"access": not opened}, after={"access": opened},
    )  # fmt: skip
    # As of a trust unlock, the record alone knows of it: an adapter's call would be posted here.
    return followed


# ------------------------------------------------------------------------- inside


def _row(read: Read, customer_id: int) -> Select[Any]:
    return select(customer.c.status, customer.c.blocked_at, customer.c.released_at).where(
        customer.c.id == customer_id, customer.c.brand == read.brand.id
    )


def _stand(read: Read, customer_id: int, status: Status) -> Stand:
    rows = read.all(
        select(invoice.c.due_on).where(
            invoice.c.customer == customer_id,
            invoice.c.brand == read.brand.id,
            invoice.c.state == "open",
        )
    )
    allowed_days = read.brand.trust.block_after_days
    return Stand(status, standing_of((row.due_on for row in rows), read.today, allowed_days))


def _keep(write: Write, customer_id: int, on: date | None) -> None:
    """An unlock that runs is kept, and over; taken back, it runs to its last day as before."""
    write.run(
        update(trust_unlock)
        .where(
            trust_unlock.c.customer == customer_id,
            trust_unlock.c.brand == write.brand.id,
            trust_unlock.c.last_day >= write.today,
        )
        .values(kept_on=on)
    )
