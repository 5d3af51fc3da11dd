"""Roles: who may what, and that somebody always stays to decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.roles import (
    Change,
    Deed,
    Leave,
    Member,
    Refusal,
    Role,
    State,
    administrators,
    changed,
    changes_of,
    leave,
    refusal,
)

ANA = Member(1, Role.ADMINISTRATOR, State.ACTIVE)
IVO = Member(2, Role.ADMINISTRATOR, State.ACTIVE)
LIA = Member(3, Role.COLLABORATOR, State.ACTIVE)
TOM = Member(4, Role.COLLABORATOR, State.WAITING)
EVA = Member(5, Role.ADMINISTRATOR, State.OFF)

members = st.lists(
    st.builds(Member, st.integers(1, 6), st.sampled_from(Role), st.sampled_from(State)),
    unique_by=lambda each: each.person,
    min_size=1,
)
steps = st.lists(st.tuples(st.sampled_from(Change), st.integers(1, 6)), max_size=30)


def test_an_administrator_may_everything() -> None:
    assert {leave(Role.ADMINISTRATOR, deed) for deed in Deed} == {Leave.YES}


def test_a_collaborator_sees_and_pays_and_asks_before_anything_changes() -> None:
    assert {deed: leave(Role.COLLABORATOR, deed) for deed in Deed} == {
        Deed.SEE: Leave.YES,
        Deed.SEND: Leave.YES,
        Deed.PAY: Leave.YES,
        Deed.CHANGE: Leave.ASK,
        Deed.PEOPLE: Leave.NO,
        Deed.DECIDE: Leave.NO,
    }


@pytest.mark.parametrize("deed", Deed)
def test_whoever_is_nobody_may_nothing(deed: Deed) -> None:
    assert leave(None, deed) is Leave.NO


@pytest.mark.parametrize(
    ("member", "offered"),
    [
        (ANA, [Change.DEMOTE, Change.SWITCH_OFF, Change.REMOVE]),
        (LIA, [Change.PROMOTE, Change.SWITCH_OFF, Change.REMOVE]),
        (TOM, [Change.ACTIVATE, Change.REJECT]),
        (EVA, [Change.ACTIVATE, Change.REMOVE]),
    ],
)
def test_what_is_offered_fits_role_and_state(member: Member, offered: list[Change]) -> None:
    assert list(changes_of(member)) == offered


@pytest.mark.parametrize("what", [Change.DEMOTE, Change.SWITCH_OFF, Change.REMOVE])
def test_the_last_administrator_stays(what: Change) -> None:
    assert refusal(what, ANA.person, [ANA, LIA, TOM, EVA], allowed=True) is Refusal.LAST
    assert refusal(what, ANA.person, [ANA, IVO], allowed=True) is None


def test_who_may_not_is_refused_first() -> None:
    assert refusal(Change.REMOVE, 99, [ANA], allowed=False) is Refusal.NOT_ALLOWED
    assert refusal(Change.REMOVE, 99, [ANA], allowed=True) is Refusal.GONE
    assert refusal(Change.ACTIVATE, LIA.person, [ANA, LIA], allowed=True) is Refusal.ALREADY
    assert refusal(Change.REJECT, LIA.person, [ANA, LIA], allowed=True) is Refusal.ALREADY


@given(members, steps)
def test_whatever_is_done_in_whatever_order_an_administrator_stays(
    first: list[Member], todo: list[tuple[Change, int]]
) -> None:
    there = {each.person: each for each in first}
    had_one = bool(administrators(there.values()))
    for what, person in todo:
        if refusal(what, person, there.values(), allowed=True) is not None:
            continue
        after = changed(there[person], what)
        if after is None:
            del there[person]
        else:
            there[person] = after
        had_one = had_one or bool(administrators(there.values()))
        assert bool(administrators(there.values())) == had_one


@given(members, st.sampled_from(Change), st.integers(1, 6))
def test_a_change_that_was_made_is_not_made_again(
    first: list[Member], what: Change, person: int
) -> None:
    there = {each.person: each for each in first}
    if refusal(what, person, there.values(), allowed=True) is not None:
        return
    after = changed(there.pop(person), what)
    rest = [*there.values(), *([after] if after else [])]
    again = refusal(what, person, rest, allowed=True)
    assert again in (Refusal.GONE, Refusal.ALREADY, Refusal.LAST)
