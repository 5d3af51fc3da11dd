"""Trust unlock, promise, and the day access ends: who is refused, why, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.charges import days_late
from bot.domain.standing import Standing, Status, standing_of
from bot.domain.trust import (
    PromiseRefusal,
    Unlock,
    UnlockRefusal,
    blocked_from,
    next_unlock,
    promise_days,
    promise_refusal,
    unlock_refusal,
)

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def refused(
    status: Status = Status.BLOCKED,
    standing: Standing = Standing.INADIMPLENTE,
    last: Unlock | None = None,
    today: date = TODAY,
    days: int = 3,
    every_days: int = 30,
) -> UnlockRefusal | None:
    return unlock_refusal(status, standing, last, today, days=days, every_days=every_days)


def test_only_who_has_no_access_for_owing_is_unlocked() -> None:
    assert refused() is None
    assert refused(Status.ACTIVE) is None  # owing ended access, before anybody blocked him
    assert refused(Status.ACTIVE, Standing.ADIMPLENTE) is UnlockRefusal.NOT_BLOCKED
    assert refused(Status.CANCELLED) is UnlockRefusal.CANCELLED
    assert refused(standing=Standing.ADIMPLENTE) is UnlockRefusal.NOT_LATE
    assert refused(days=0) is UnlockRefusal.OFF


@given(given_on=DAYS, days=st.integers(1, 30), more=st.integers(1, 365), ahead=st.integers(0, 400))
def test_another_is_given_on_its_day_and_not_before(
    given_on: date, days: int, more: int, ahead: int
) -> None:
    every = days + more
    last, today = Unlock.of(given_on, days), given_on + timedelta(days=ahead)
    why = refused(last=last, today=today, days=days, every_days=every)
    assert (why is None) == (today >= next_unlock(last, every))
    assert (why is UnlockRefusal.RUNNING) == last.runs(today) == (ahead <= days)


@given(due_on=DAYS, allowed=st.integers(0, 60))
def test_access_ends_on_the_first_day_that_the_rule_says(due_on: date, allowed: int) -> None:
    day = blocked_from(due_on, allowed)
    assert standing_of([due_on], day, allowed) is Standing.INADIMPLENTE
    assert standing_of([due_on], day - timedelta(days=1), allowed) is Standing.ADIMPLENTE
    assert days_late(due_on, day) > allowed


@pytest.mark.parametrize(
    ("status", "late", "promised", "days", "why"),
    [
        (Status.ACTIVE, True, [], 5, None),
        (Status.BLOCKED, True, [], 5, None),
        (Status.BLOCKED, True, [], 0, PromiseRefusal.OFF),
        (Status.CANCELLED, True, [], 5, PromiseRefusal.CANCELLED),
        (Status.ACTIVE, False, [], 5, PromiseRefusal.NOT_LATE),
        (Status.ACTIVE, True, [TODAY], 5, PromiseRefusal.OPEN),
        (Status.ACTIVE, True, [TODAY - timedelta(days=1)], 5, PromiseRefusal.BROKEN),
    ],
)
def test_a_promise_is_taken_once_for_what_is_late(
    status: Status, late: bool, promised: list[date], days: int, why: PromiseRefusal | None
) -> None:
    assert promise_refusal(status, late, promised, TODAY, days=days) is why


@given(today=DAYS, days=st.integers(0, 60))
def test_the_days_of_a_promise_are_ahead_and_as_many_as_allowed(today: date, days: int) -> None:
    offered = promise_days(today, days)
    assert len(offered) == days
    assert all(today < day <= today + timedelta(days=days) for day in offered)
