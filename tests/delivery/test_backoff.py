"""Delays between attempts."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.alarms import Alarms
from bot.delivery.backoff import CODE_MAIL, MAIL, NOTICE, REPLY, Backoff
from tests.fakes import START

ALL = (REPLY, NOTICE, MAIL, CODE_MAIL)
attempts = st.integers(1, 10_000)
backoffs = st.sampled_from(ALL)
seeds = st.integers().map(random.Random)


@settings(deadline=None)
@given(backoffs, attempts, seeds)
def test_a_delay_is_never_shorter_than_the_pause_nor_longer_than_the_longest(
    backoff: Backoff, attempt: int, rng: random.Random
) -> None:
    delay = backoff.delay(attempt, None, rng)
    assert backoff.pause <= delay <= backoff.pause + backoff.longest


@settings(deadline=None)
@given(backoffs, attempts, seeds, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_what_the_other_side_asked_for_is_a_floor(
    backoff: Backoff, attempt: int, rng: random.Random, after: timedelta
) -> None:
    assert backoff.delay(attempt, after, rng) >= after


@settings(deadline=None)
@given(backoffs, st.integers(1, 8))
def test_delays_grow_and_are_spread(backoff: Backoff, attempt: int) -> None:
    rng = random.Random(attempt)
    spread = {backoff.delay(attempt, None, rng) for _ in range(50)}
    later = {backoff.delay(attempt + 1, None, rng) for _ in range(50)}
    assert len(spread) > 40
    assert sum(later, timedelta()) > sum(spread, timedelta()) or attempt > 4


def test_what_was_planned_long_ago_still_has_its_tries() -> None:
    made, now = START, START + timedelta(days=30)
    assert [MAIL.gives_up(n, made, now) for n in range(1, 7)] == [False] * 4 + [True] * 2
    assert not MAIL.gives_up(99, made, made + timedelta(hours=47))
    assert not MAIL.gives_up(99, None, now)


def test_an_alarm_is_told_when_it_begins_changes_and_ends() -> None:
    told: list[tuple[str, str | None]] = []
    alarms = Alarms(lambda key, words: told.append((key, words)))
    alarms.end("smtp:main")
    alarms.begin("smtp:main", "away")
    alarms.begin("smtp:main", "away")
    alarms.begin("smtp:main", "login refused")
    assert alarms.standing == {"smtp:main": "login refused"}
    alarms.end("smtp:main")
    alarms.end("smtp:main")
    assert told == [("smtp:main", "away"), ("smtp:main", "login refused"), ("smtp:main", None)]
    assert alarms.standing == {}
