"""Who is paid up, and what that allows."""

from datetime import date
from itertools import product

import pytest

from bot.domain.standing import RULES, Permission, Standing, Status, allowed, standing_of

GOOD, OWING = Standing.ADIMPLENTE, Standing.INADIMPLENTE
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("due_dates", "days_allowed", "standing"),
    [
        ([], 0, GOOD),
        ([date(2026, 11, 25)], 0, GOOD),
        ([TODAY], 0, GOOD),
        ([date(2026, 11, 18)], 0, OWING),
        ([date(2026, 11, 18)], 2, GOOD),
        ([date(2026, 11, 18)], 1, OWING),
        ([date(2026, 12, 10), date(2026, 10, 10)], 15, OWING),
    ],
)
def test_standing_follows_the_open_bills(due_dates, days_allowed, standing):
    assert standing_of(due_dates, TODAY, days_allowed) is standing


def test_a_bill_due_at_a_weekend_is_not_late_on_monday():
    saturday = date(2026, 11, 14)
    assert standing_of([saturday], date(2026, 11, 16)) is GOOD
    assert standing_of([saturday], date(2026, 11, 17)) is OWING


def test_the_table_answers_for_every_status_and_standing():
    assert set(RULES) == set(product(Status, Standing))
    assert all(allowed(*pair) is rights for pair, rights in RULES.items())
    with pytest.raises(TypeError):
        RULES[Status.ACTIVE, GOOD] = frozenset()


def having(permission):
    return {pair for pair, rights in RULES.items() if permission in rights}


def test_only_an_active_customer_who_is_paid_up_uses_the_service():
    assert having(Permission.USE_SERVICE) == {(Status.ACTIVE, GOOD)}


def test_everyone_can_see_the_past_and_get_the_means_to_pay():
    assert having(Permission.SEE_HISTORY) == having(Permission.SECOND_COPY) == set(RULES)


def test_a_cancelled_customer_gets_history_and_second_copies_only():
    for standing in Standing:
        assert allowed(Status.CANCELLED, standing) == {
            Permission.SEE_HISTORY,
            Permission.SECOND_COPY,
        }


def test_who_has_no_access_for_owing_can_promise_and_be_trusted():
    owing = {(Status.ACTIVE, OWING), (Status.BLOCKED, OWING)}
    assert having(Permission.PROMISE) == having(Permission.TRUST_UNLOCK) == owing
    assert owing.isdisjoint(having(Permission.USE_SERVICE))
