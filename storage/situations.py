"""Where a customer stands: what is late, whether access is open, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from bot.core.ports import Read
from bot.domain.charges import days_late
from bot.domain.standing import Permission, Standing, Status, allowed, standing_of
from bot.domain.trust import Unlock
from storage import invoices, releases, unlocks
from storage.invoices import Invoice
from storage.prepared import Prepared
from storage.tables import customer, invoice


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer's status and standing on a day, with the reasons."""

    status: Status
    blocked_at: datetime | None
    standing: Standing
    late: tuple[Invoice, ...]
    """Open invoices that are late, the oldest first; some may be within the days that are allowed."""
    unlock: Unlock | None
    """Access on trust that runs today."""
    may: frozenset[Permission]

    @property
    def has_access(self) -> bool:
        """Whether the service can be used: by the rule, or on trust."""
        return Permission.USE_SERVICE in self.may or self.unlock is not None


def of(read: Read, customer_id: int) -> Situation | None:
    """Where a customer of this brand stands today; None for another's."""
    row = read.one(
        select(customer.c.status, customer.c.blocked_at, customer.c.released_at).where(
            customer.c.id == customer_id, customer.c.brand == read.brand.id
        )
    )
    if row is None:
        return None
    status = releases.status_of(*row)
    owed = invoices.open_of(read, customer_id)
    standing = standing_of((i.due_on for i in owed), read.today, read.brand.trust.block_after_days)
    last = unlocks.last(read, customer_id)
    return Situation(
        status,
        row.blocked_at,
        standing,
        tuple(i for i in owed if days_late(i.due_on, read.today)),
        last if last is not None and last.runs(read.today) else None,
        allowed(status, standing),
    )


_OLDEST = Prepared(
    lambda _dialect: (
        select(
            customer.c.status, customer.c.blocked_at, customer.c.released_at,
            func.min(invoice.c.due_on).label("due_on"),
        )
        .select_from(
            customer.outerjoin(
                invoice, (invoice.c.customer == customer.c.id) & (invoice.c.state == "open")
            )
        )
        .where(customer.c.id == bindparam("customer"), customer.c.brand == bindparam("brand"))
        .group_by(customer.c.id)
    )
)  # fmt: skip


def is_blocked_or_late(read: Read, customer_id: int) -> bool:
    """Whether a customer has something to ask about: one statement, for the menu."""
    row = read.one(_OLDEST(customer=customer_id, brand=read.brand.id))
    if row is None:
        return False
    status = releases.status_of(row.status, row.blocked_at, row.released_at)
    if status is Status.CANCELLED:
        return False
    due_on = date.fromisoformat(row.due_on) if isinstance(row.due_on, str) else row.due_on
    return status is Status.BLOCKED or (due_on is not None and days_late(due_on, read.today) > 0)
