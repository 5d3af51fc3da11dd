"""Pauses that grow, are not outwaited, and end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage import throttle
from storage.tables import throttle as rows
from storage.throttle import Allowance

from .conftest import BRAND
from .desk import Desk

THREE = Allowance("three", free=3, forget=timedelta(hours=6))
WINDOW = Allowance("window", free=2, forget=timedelta(hours=1), pauses=())


def pauses(desk: Desk, allowance: Allowance, tries: int) -> list[int]:
    """Minutes one waits before each of so many tries, tried again at once when a pause ends."""
    waited = []
    for _ in range(tries):
        until = desk.turn(throttle.take, [(allowance, "x")])
        waited.append(0 if until is None else int((until - desk.now).total_seconds() // 60))
        if until is not None:
            desk.now = until
            assert desk.turn(throttle.take, [(allowance, "x")]) is None
    return waited


def test_after_the_free_tries_each_pause_is_longer_up_to_an_hour(desk: Desk) -> None:
    assert pauses(desk, THREE, 9) == [0, 0, 0, 1, 5, 15, 60, 60, 60]


def test_tries_during_a_pause_do_not_make_it_longer(desk: Desk) -> None:
    for _ in range(3):
        assert desk.turn(throttle.take, [(THREE, "x")]) is None
    first = desk.turn(throttle.take, [(THREE, "x")])
    desk.later(seconds=50)
    assert desk.turn(throttle.take, [(THREE, "x")]) == first
    desk.later(seconds=10)
    assert desk.turn(throttle.take, [(THREE, "x")]) is None


def test_waiting_out_a_pause_is_not_a_new_beginning_but_quiet_hours_are(desk: Desk) -> None:
    pauses(desk, THREE, 7)
    desk.later(hours=6)
    assert desk.turn(throttle.take, [(THREE, "x")]) is None
    until = desk.turn(throttle.take, [(THREE, "x")])
    assert until is not None  # the last pause had not ended for six hours
    desk.now = until + timedelta(hours=6)
    assert pauses(desk, THREE, 4) == [0, 0, 0, 1]


def test_one_who_is_paused_pauses_nobody_else(desk: Desk) -> None:
    for _ in range(4):
        desk.turn(throttle.take, [(THREE, "x")])
    assert desk.turn(throttle.take, [(THREE, "y")]) is None


def test_what_one_allowance_refuses_counts_in_no_other(desk: Desk) -> None:
    for _ in range(3):
        desk.turn(throttle.take, [(THREE, "x")])
    for _ in range(5):
        assert desk.turn(throttle.take, [(THREE, "x"), (WINDOW, "all")]) is not None
    assert desk.turn(throttle.take, [(WINDOW, "all")]) is None


def test_a_window_lets_so_many_through_and_then_waits_for_its_end(desk: Desk) -> None:
    start = desk.now
    assert desk.turn(throttle.take, [(WINDOW, "")]) is None
    desk.later(minutes=20)
    assert desk.turn(throttle.take, [(WINDOW, "")]) is None
    until = desk.turn(throttle.take, [(WINDOW, "")])
    assert until == start + timedelta(hours=1)
    desk.now = until
    assert desk.turn(throttle.take, [(WINDOW, "")]) is None


def test_a_right_answer_forgets_the_tries(desk: Desk) -> None:
    for _ in range(3):
        desk.turn(throttle.take, [(THREE, "x")])
    assert desk.turn(throttle.paused, [(THREE, "x"), (THREE, "y")]) is not None
    desk.turn(throttle.clear, [(THREE, "x")])
    assert desk.turn(throttle.paused, [(THREE, "x"), (THREE, "y")]) is None
    assert pauses(desk, THREE, 4) == [0, 0, 0, 1]


def test_what_is_counted_by_is_in_no_row(desk: Desk) -> None:
    desk.turn(throttle.take, [(THREE, "52998224725")])
    ((key,),) = desk.rows(select(rows.c.key))
    assert "52998224725" not in key
    assert len(key) <= 90


@pytest.fixture(scope="module")
def long_desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("throttle"))
    opened = Desk(f"sqlite:///{file}", BRAND)
    yield opened
    opened.close()


@settings(deadline=None)
@given(minutes=st.lists(st.integers(0, 600), min_size=1, max_size=40), who=st.uuids())
def test_however_one_spaces_them_no_more_than_the_allowance_get_through(
    long_desk: Desk, minutes: list[int], who: object
) -> None:
    """In any six hours: the three free ones, one after each short pause, and six of an hour."""
    let_through = []
    for wait in minutes:
        long_desk.later(minutes=wait)
        if long_desk.turn(throttle.take, [(THREE, str(who))]) is None:
            let_through.append(long_desk.now)
    for first in let_through:
        within = [t for t in let_through if first <= t < first + THREE.forget]
        assert len(within) <= 3 + 3 + 6
