"""Bank days and due days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import add_months, due_date, is_business_day, last_day_without_charges
from bot.domain.errors import Invalid

from .published import cases

some_days = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def refusal(function, *args):
    with pytest.raises(Invalid) as caught:
        function(*args)
    return caught.value.code


@pytest.mark.parametrize("case", cases("business_days"))
def test_last_day_without_charges(case):
    due_on = date.fromisoformat(case["input"])
    assert last_day_without_charges(due_on) == date.fromisoformat(case["expected"])


# Febraban's thirteen dates of 2026, and 31 December, on which banks do not serve the public.
BANK_HOLIDAYS_2026 = (
    "01-01 02-16 02-17 04-03 04-21 05-01 06-04 09-07 10-12 11-02 11-15 11-20 12-25 12-31"
)


def test_the_published_bank_calendar_of_2026():
    closed = {date.fromisoformat(f"2026-{day}") for day in BANK_HOLIDAYS_2026.split()}
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    ours = {day for day in year if day.weekday() < 5 and not is_business_day(day)}
    # B3 rests on the 24th, when banks open for two hours: the doubt is the customer's.
    assert ours == {day for day in closed if day.weekday() < 5} | {date(2026, 12, 24)}


@pytest.mark.parametrize(
    ("due_on", "last"),
    [
        ("2026-02-14", "2026-02-18"),  # the Saturday of Carnival, to Ash Wednesday
        ("2026-02-16", "2026-02-18"),
        ("2026-12-25", "2026-12-28"),
        ("2027-12-31", "2028-01-03"),
        ("2022-12-30", "2023-01-02"),  # the year's last working day, closed to the public
        ("2023-11-20", "2023-11-20"),  # a national holiday since 2024 only
        ("2024-11-20", "2024-11-21"),
        ("2015-12-31", "2016-01-04"),
        ("2026-11-18", "2026-11-18"),
    ],
)
def test_weekends_bank_holidays_and_turns_of_the_year(due_on, last):
    assert last_day_without_charges(date.fromisoformat(due_on)) == date.fromisoformat(last)


@settings(deadline=None)
@given(some_days)
def test_the_last_free_day_is_the_first_business_day_from_the_due_date(due_on):
    last = last_day_without_charges(due_on)
    assert is_business_day(last)
    assert due_on <= last <= due_on + timedelta(days=6)
    between = (due_on + timedelta(days=n) for n in range((last - due_on).days))
    assert not any(is_business_day(day) for day in between)
    assert last_day_without_charges(last) == last


def test_years_without_a_known_calendar_are_refused():
    assert refusal(is_business_day, date(1899, 12, 29)) == "date_range"
    assert refusal(last_day_without_charges, date(9999, 12, 31)) == "date_range"


def test_a_due_day_that_the_month_lacks_is_its_last_day():
    assert due_date(2026, 2, 31) == date(2026, 2, 28)
    assert due_date(2028, 2, 30) == date(2028, 2, 29)
    assert due_date(2026, 4, 31) == date(2026, 4, 30)
    assert due_date(2026, 4, 10) == date(2026, 4, 10)


@pytest.mark.parametrize("wrong", [(2026, 1, 0), (2026, 1, 32), (2026, 13, 1), (0, 1, 1)])
def test_a_due_day_or_month_that_is_none_is_refused(wrong):
    assert refusal(due_date, *wrong) == "date_range"


def test_months_are_added_to_the_same_day_or_the_last():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), 3) == date(2026, 4, 30)
    assert add_months(date(2026, 11, 20), 2) == date(2027, 1, 20)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
    assert add_months(date(2026, 3, 31), -13) == date(2025, 2, 28)
    assert add_months(date(2026, 12, 1), 0) == date(2026, 12, 1)
    assert refusal(add_months, date(9999, 12, 1), 1) == "date_range"


@given(some_days, st.integers(-600, 600))
def test_months_there_and_back_lose_at_most_the_month_s_end(day, months):
    there = add_months(day, months)
    assert (there.year - day.year) * 12 + there.month - day.month == months
    back = add_months(there, -months)
    assert back == day or (back < day and there.day < day.day and back.day >= 28)
