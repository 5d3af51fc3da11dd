"""Taking a customer at his word: trust unlock and payment promise, and when each is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.calendar import last_day_without_charges
from bot.domain.standing import Permission, Standing, Status, allowed


class UnlockRefusal(StrEnum):
    """Why access is not opened on trust."""

    OFF = "off"
    """The brand gives none."""
    CANCELLED = "cancelled"
    NOT_BLOCKED = "not-blocked"
    """The customer has access, so there is none to give back."""
    NOT_LATE = "not-late"
    """Blocked though nothing is late: staff decided that, and staff opens it again."""
    RUNNING = "running"
    """One is open already."""
    TOO_SOON = "too-soon"
    """One was given within the period."""


@dataclass(frozen=True, slots=True)
class Unlock:
    """Access on trust: from the day it was given to the end of the last day."""

    given_on: date
    last_day: date
    kept_on: date | None = None
    """The day what was late was paid: nothing is on trust any more."""

    @classmethod
    def of(cls, today: date, days: int) -> Self:
        """One that is given today: the rest of the day, and so many days more."""
        return cls(today, today + timedelta(days=days))

    def runs(self, today: date) -> bool:
        """Whether access is open by it: it ends by itself, when its last day is over, or as it is kept."""
        return self.kept_on is None and self.given_on <= today <= self.last_day


def unlock_refusal(
    status: Status,
    standing: Standing,
    last: Unlock | None,
    today: date,
    *,
    days: int,
    every_days: int,
) -> UnlockRefusal | None:
    """Why a customer cannot be unlocked on trust today; None: he can, for `days` days.

    `last` is the newest unlock he had; another is given `every_days` days after the day of that one.
    """
    if days <= 0:
        return UnlockRefusal.OFF
    if status is Status.CANCELLED:
        return UnlockRefusal.CANCELLED
    may = allowed(status, standing)
    if Permission.USE_SERVICE in may:
        return UnlockRefusal.NOT_BLOCKED
    if Permission.TRUST_UNLOCK not in may:
        return UnlockRefusal.NOT_LATE
    if last is not None and last.runs(today):
        return UnlockRefusal.RUNNING
    if last is not None and today < next_unlock(last, every_days):
        return UnlockRefusal.TOO_SOON
    return None


def next_unlock(last: Unlock, every_days: int) -> date:
    """The first day on which another unlock is given."""
    return max(last.given_on + timedelta(days=every_days), last.last_day + timedelta(days=1))


def blocked_from(due_on: date, days_allowed: int) -> date:
    """The first day on which an open invoice ends access: late by more than `days_allowed` days.

    An invoice that is due when banks are closed is not late before the next business day has passed.
    """
    return max(
        due_on + timedelta(days=days_allowed + 1),
        last_day_without_charges(due_on) + timedelta(days=1),
    )


class PromiseRefusal(StrEnum):
    """Why a promise is not taken."""

    OFF = "off"
    CANCELLED = "cancelled"
    NOT_LATE = "not-late"
    """It is not due yet: nothing has to be promised."""
    OPEN = "open"
    """This invoice is promised already."""
    BROKEN = "broken"
    """This invoice was promised, and not paid by that day."""


def promise_refusal(
    status: Status, late: bool, promised: Iterable[date], today: date, *, days: int
) -> PromiseRefusal | None:
    """Why no payment of an open invoice can be promised today; None: it can.

    `late` is whether the invoice is; `promised` the days it was promised for before.
    """
    if days <= 0:
        return PromiseRefusal.OFF
    if Permission.PROMISE not in allowed(status, Standing.INADIMPLENTE):
        return PromiseRefusal.CANCELLED
    if not late:
        return PromiseRefusal.NOT_LATE
    before = list(promised)
    if any(day >= today for day in before):
        return PromiseRefusal.OPEN
    return PromiseRefusal.BROKEN if before else None


def promise_days(today: date, days: int) -> list[date]:
    """The days a payment may be promised for: from tomorrow on, `days` of them."""
    return [today + timedelta(days=ahead) for ahead in range(1, days + 1)]
