"""Decisions of staff: one for each thing that waited for them, by whoever was first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.ports import Read, Write
from storage.tables import staff_decision


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody of the business decided, and when."""

    subject: str
    """What the queue called it: "claim-12"."""
    customer: int
    approved: bool
    staff: str
    note: str | None
    at: datetime


def by(write: Write) -> str:
    """Who of the business does this. Raises LookupError where it is somebody else."""
    if write.staff is None:
        raise LookupError("this is decided by staff only")
    return write.staff


def of(read: Read, subject: str) -> Decision | None:
    """What was decided of something, or None while nobody has."""
    row = read.one(
        select(*(staff_decision.c[name] for name in Decision.__slots__)).where(
            staff_decision.c.brand == read.brand.id, staff_decision.c.subject == subject
        )
    )
    return None if row is None else Decision(**row._mapping)


def record(
    write: Write, customer_id: int, subject: str, *, approved: bool, note: str | None
) -> bool:
    """Note a decision; False if a colleague was first: then nothing is to be done."""
    rows = write.run(
        insert(staff_decision)
        .values(
            brand=write.brand.id, customer=customer_id, subject=subject, approved=approved,
            staff=by(write), note=note, at=write.now,
        )
        .on_conflict_do_nothing()
        .returning(staff_decision.c.id)
    )  # fmt: skip
    return bool(rows)
