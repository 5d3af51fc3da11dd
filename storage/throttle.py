"""Pauses that grow: how often something may be tried, kept by a hash of what was typed.

A row is there whether what was typed exists or not, so a pause tells nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.core.ports import Write
from storage.tables import throttle

GROWING = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))
"""The pauses of DESIGN 5: someone who mistyped waits a minute, who goes on guessing an hour."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free` tries, then a pause before each further one; forgotten after a time without tries.

    The quiet time counts from the last try or the end of its pause, so nobody waits out a pause
    and begins anew. Without `pauses` it is a plain window: `free` tries in each `forget`.
    """

    name: str
    """At most 25 characters: with the hash it is the key of the row."""
    free: int
    forget: timedelta
    pauses: tuple[timedelta, ...] = GROWING


Tries = Sequence[tuple[Allowance, str]]
"""Each allowance with what it is counted by: an address, a typed tax id, nothing."""


def take(write: Write, tries: Tries) -> datetime | None:
    """Count one try against every allowance.

    None: go ahead. Otherwise one of them pauses until that instant, and nothing was counted.
    """
    # One statement makes the rows that are missing and locks the others, in the order of their keys.
    allowances = _keyed(write, tries)
    rows = write.run(_upsert([(key, 0, write.now, None) for key in allowances], overwrite=False))
    until = _latest(row.until for row in rows if row.until is not None and row.until > write.now)
    if until is not None:
        return until
    states = {row.key: (row.count, row.since, row.until) for row in rows}
    counted = [
        (key, *_counted(allowance, *states[key], write.now))
        for key, allowance in allowances.items()
    ]
    write.run(_upsert(counted, overwrite=True))
    return None


def paused(write: Write, tries: Tries) -> datetime | None:
    """Until when one of these pauses, or None; counts nothing."""
    rows = write.all(
        select(throttle.c.until).where(
            throttle.c.key.in_(_keyed(write, tries)), throttle.c.until > write.now
        )
    )
    return _latest(row.until for row in rows)


def clear(write: Write, tries: Tries) -> None:
    """Forget the tries: the last one was right."""
    write.run(delete(throttle).where(throttle.c.key.in_(_keyed(write, tries))))


def _keyed(write: Write, tries: Tries) -> dict[str, Allowance]:
    keys = {f"{a.name}:{write.keyed_hash('throttle', what)}": a for a, what in tries}
    return dict(sorted(keys.items()))


def _latest(instants: Iterable[datetime]) -> datetime | None:
    return max(instants, default=None)


def _counted(
    allowance: Allowance, count: int, since: datetime, until: datetime | None, now: datetime
) -> tuple[int, datetime, datetime | None]:
    """Count, since and until of a row after one more try."""
    if not count or now >= max(since, until or since) + allowance.forget:
        count, since = 0, now
    count += 1
    if count < allowance.free:
        pause = None
    elif allowance.pauses:
        pause = now + allowance.pauses[min(count - allowance.free, len(allowance.pauses) - 1)]
    else:
        pause = since + allowance.forget
    return count, now if allowance.pauses else since, pause


def _upsert(rows: Sequence[tuple[str, int, datetime, datetime | None]], *, overwrite: bool) -> Any:
    # PostgreSQL's construct also compiles to SQLite's words; SQLite's does not to PostgreSQL's.
    new = insert(throttle).values(
        [dict(zip(("key", "count", "since", "until"), row, strict=True)) for row in rows]
    )
    changed = ("count", "since", "until") if overwrite else ("count",)
    source = new.excluded if overwrite else throttle.c
    return new.on_conflict_do_update(
        index_elements=[throttle.c.key], set_={name: source[name] for name in changed}
    ).returning(throttle.c.key, throttle.c.count, throttle.c.since, throttle.c.until)
