"""Dates as they are typed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.dates import parse_date
from bot.domain.errors import Invalid

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "typed",
    [
        "31/12/2026",
        "31.12.2026",
        "31-12-2026",
        "31 12 2026",
        "31 / 12 / 2026",
        "31/12/26",
        "31/12",
        "31122026",
        "2026-12-31",
        " 31/12/2026\n",
        "31 de dezembro de 2026",
        "31 de Dezembro",
        "dia 31 de dez.",
        "31 dez 2026",
        "31/dez/2026",
        "31 de diciembre",
        "31 december 2026",
    ],
)
def test_every_way_to_write_the_last_day_of_the_year(typed):
    assert parse_date(typed, TODAY) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("hoje", 0),
        ("Hoje", 0),
        ("today", 0),
        ("hoy", 0),
        ("amanhã", 1),
        ("amanha", 1),
        ("AMANHÃ", 1),
        ("mañana", 1),
        ("depois de amanhã", 2),
        ("ontem", -1),
    ],
)
def test_days_by_name(typed, days):
    assert parse_date(typed, TODAY) == TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("05/01", date(2027, 1, 5)),  # nearer than last January
        ("05/06", date(2026, 6, 5)),
        ("20/11", TODAY),
        ("1º de março", date(2027, 3, 1)),
        ("29/02", date(2028, 2, 29)),
        ("05/03/85", date(1985, 3, 5)),
        ("05/03/46", date(2046, 3, 5)),
        ("05/03/47", date(1947, 3, 5)),
    ],
)
def test_a_year_left_out_or_cut_is_the_likely_one(typed, day):
    assert parse_date(typed, TODAY) == day


def test_two_digits_of_a_year_near_the_turn_of_a_century():
    assert parse_date("01/01/05", date(2095, 6, 1)) == date(2105, 1, 1)
    assert parse_date("01/01/95", date(2005, 6, 1)) == date(1995, 1, 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("31/02/2026", "no_such_date"),
        ("31/02", "no_such_date"),
        ("29/02/2027", "no_such_date"),
        ("12/31/2026", "no_such_date"),  # day first, always
        ("00/10/2026", "no_such_date"),
        ("10/00", "no_such_date"),
        ("31130001", "no_such_date"),
        ("0000-01-01", "no_such_date"),
        ("32 de janeiro", "no_such_date"),
        ("soon", "format"),
        ("31 de brumário", "format"),
        ("1/2/3", "format"),
        ("1/2/202", "format"),
        ("3112026", "format"),
        ("٣١/١٢/٢٠٢٦", "format"),
        ("x" * 1000, "format"),
    ],
)
def test_a_date_is_refused_with_its_reason(typed, code):
    with pytest.raises(Invalid) as caught:
        parse_date(typed, TODAY)
    assert caught.value.code == code


def test_the_ends_of_the_calendar():
    assert parse_date("hoje", date.max) == date.max
    with pytest.raises(Invalid):
        parse_date("amanhã", date.max)
    assert parse_date("31/12", date.max) == date.max
    assert parse_date("01/01", date.min) == date.min
    with pytest.raises(Invalid):
        parse_date("01/01/99", date.min)


@given(st.dates(), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_whole_date_is_read_the_same_on_any_day(day, today):
    written = f"{day.day:02}/{day.month:02}/{day.year:04}"
    assert parse_date(written, today) == day
    assert parse_date(written.replace("/", ""), today) == day
    assert parse_date(f"{day.year:04}-{day.month:02}-{day.day:02}", today) == day


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-180, 180))
def test_a_date_without_its_year_is_the_nearest(today, days):
    day = today + timedelta(days=days)
    if (day.month, day.day) != (2, 29):
        assert parse_date(f"{day.day}/{day.month}", today) == day
