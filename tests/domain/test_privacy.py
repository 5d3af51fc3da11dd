"""Terms of the privacy law: by when a wish is answered, how long what must be kept."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.privacy import (
    BY_CONSENT,
    OPTIONAL,
    Kind,
    access_since,
    answer_by,
    fiscal_since,
    fiscal_until,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_a_wish_is_answered_within_fifteen_days() -> None:
    assert answer_by(date(2026, 11, 20)) == date(2026, 12, 5)


def test_five_years_run_from_the_first_day_of_the_year_after() -> None:
    assert fiscal_until(date(2026, 1, 1)) == date(2032, 1, 1)
    assert fiscal_until(date(2026, 12, 31)) == date(2032, 1, 1)


def test_records_of_access_are_kept_for_six_months() -> None:
    assert access_since(date(2026, 8, 31)) == date(2026, 2, 28)


@given(DAYS, DAYS)
def test_both_ways_of_asking_whether_a_record_is_kept_agree(of: date, today: date) -> None:
    assert (today < fiscal_until(of)) == (of >= fiscal_since(today))


@given(DAYS)
def test_at_least_five_whole_years_are_kept(of: date) -> None:
    assert fiscal_until(of) - of >= timedelta(days=5 * 365)


def test_what_rests_on_consent_is_off_until_then() -> None:
    assert set(OPTIONAL) >= BY_CONSENT
    assert not any(OPTIONAL[kind] for kind in BY_CONSENT)
    assert Kind.SECURITY not in OPTIONAL
