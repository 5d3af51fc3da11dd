"""Periods as they are typed: a month, a year, from one day to another."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Invalid
from bot.domain.periods import (
    MOST_MONTHS,
    Period,
    month_of,
    months_back,
    parse_period,
    period_in,
    year_in,
    year_of,
)

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(1995, 1, 1), date(2094, 12, 31))


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("de 01/03 a 30/06/2026", "2026-03-01", "2026-06-30"),
        ("01/03/2026 a 30/06/2026", "2026-03-01", "2026-06-30"),
        ("01/03-30/06", "2026-03-01", "2026-06-30"),
        ("1.3.26 até 30.6.26", "2026-03-01", "2026-06-30"),
        ("2026-03-01..2026-06-30", "2026-03-01", "2026-06-30"),
        ("30/06/2026 a 01/03/2026", "2026-03-01", "2026-06-30"),
        ("de 1 a 15 de março", "2026-03-01", "2026-03-15"),
        ("de 1º de março de 2026 até 15 de abril de 2026", "2026-03-01", "2026-04-15"),
        ("from March 1 to June 30", "2026-03-01", "2026-06-30"),
        ("março", "2026-03-01", "2026-03-31"),
        ("MARÇO", "2026-03-01", "2026-03-31"),
        ("mês de março", "2026-03-01", "2026-03-31"),
        ("fevereiro de 2024", "2024-02-01", "2024-02-29"),
        ("03/2026", "2026-03-01", "2026-03-31"),
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("mar/26", "2026-03-01", "2026-03-31"),
        ("03/26", "2026-03-01", "2026-03-31"),
        ("março a junho", "2026-03-01", "2026-06-30"),
        ("entre março e junho de 2026", "2026-03-01", "2026-06-30"),
        ("de enero a marzo de 2026", "2026-01-01", "2026-03-31"),
        ("march to june 2026", "2026-03-01", "2026-06-30"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("ano de 2025", "2025-01-01", "2025-12-31"),
        ("2024 a 2025", "2024-01-01", "2025-12-31"),
        ("10/11/2026", "2026-11-10", "2026-11-10"),
        ("hoje", "2026-11-20", "2026-11-20"),
        ("este mês", "2026-11-01", "2026-11-30"),
        ("mês passado", "2026-10-01", "2026-10-31"),
        ("o mês passado", "2026-10-01", "2026-10-31"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("el mes pasado", "2026-10-01", "2026-10-31"),
        ("este ano", "2026-01-01", "2026-12-31"),
        ("ano passado", "2025-01-01", "2025-12-31"),
        ("últimos 3 meses", "2026-09-01", "2026-11-30"),
        ("os últimos 90 dias", "2026-08-23", "2026-11-20"),
        ("desde março", "2026-03-01", "2026-11-20"),
        ("a partir de 01/10/2026 até hoje", "2026-10-01", "2026-11-20"),
    ],
)
def test_a_period_is_read_as_people_write_it(typed: str, start: str, end: str) -> None:
    assert parse_period(typed, TODAY).dump() == f"{start}..{end}"


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("novembro", "2026-11-01"),  # it has begun
        ("dezembro", "2025-12-01"),  # it has not
        ("15/12 a 15/01", "2025-12-15"),
        ("15/12 a 15/01/2026", "2025-12-15"),
        ("29/02", "2024-02-29"),
    ],
)
def test_without_a_year_it_is_the_latest_that_has_begun(typed: str, start: str) -> None:
    assert parse_period(typed, TODAY).start.isoformat() == start


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("  ?!", "empty"),
        ("abóbora", "format"),
        ("a de sempre", "format"),
        ("de março a abril a maio", "format"),
        ("31/02/2026", "no_such_date"),
        ("01/13/2026", "no_such_date"),
        ("13/2026", "no_such_date"),
        ("2010 a 2026", "too_long"),
        ("últimos 61 meses", "too_long"),
        ("01/01/0001", "date_range"),
        ("desde 2027", "date_range"),
        ("x" * 61, "format"),
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_period(typed, TODAY)
    assert refusal.value.code == code


@given(st.text(max_size=70))
def test_whatever_is_typed_is_a_period_or_refused(typed: str) -> None:
    try:
        found = parse_period(typed, TODAY)
    except Invalid:
        return
    assert found.start <= found.end


@given(DAYS, st.integers(0, 1700), st.sampled_from([" a ", " até ", " to ", " hasta ", " - "]))
def test_two_days_written_out_are_that_period(start: date, days: int, between: str) -> None:
    end = date.fromordinal(start.toordinal() + days)
    typed = f"{start:%d/%m/%Y}{between}{end:%d/%m/%Y}"
    assert parse_period(typed, TODAY) == Period(start, end)
    assert Period.load(Period(start, end).dump()) == Period(start, end)


@given(DAYS, st.integers(1, MOST_MONTHS))
def test_months_back_are_so_many_whole_months_up_to_that_of_the_day(
    today: date, months: int
) -> None:
    found = months_back(today.replace(year=max(today.year, 2000)), months)
    assert found.start.day == 1
    assert (found.end.year * 12 + found.end.month) - (
        found.start.year * 12 + found.start.month
    ) == months - 1
    assert today.replace(year=max(today.year, 2000)) in found


def test_a_period_knows_whether_it_is_a_month_or_a_year() -> None:
    assert (month_of(2024, 2).month, month_of(2024, 2).year) == (2, None)
    assert (year_of(2025).month, year_of(2025).year) == (None, 2025)
    assert Period(date(2026, 3, 1), date(2026, 3, 30)).month is None


@pytest.mark.parametrize(
    "kept", ["", "2026-03-01", "2026-3-1..2026-6-30", "a..b", "2026-02-30..2026-03-01"]
)
def test_what_was_never_kept_is_not_loaded(kept: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Period.load(kept)
    assert refusal.value.code == "format"


def test_a_period_cannot_end_before_it_begins_nor_last_for_ever() -> None:
    for start, end, code in (
        (date(2026, 2, 1), date(2026, 1, 1), "date_range"),
        (date(2020, 1, 1), date(2025, 1, 1), "too_long"),
        (date(1994, 12, 31), date(1995, 1, 1), "date_range"),
    ):
        with pytest.raises(Invalid) as refusal:
            Period(start, end)
        assert refusal.value.code == code
    assert Period(date(2020, 1, 1), date(2024, 12, 31)).end.year == 2024


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("informe de pagamentos 2025", 2025),
        ("quitação anual de 2024", 2024),
        ("imposto de renda do ano passado", 2025),
        ("last year", 2025),
        ("imposto de renda", None),
        ("2024 ou 2025", None),
        ("fatura 202511-001", None),
        ("imposto de renda 1950", None),
        ("11/2025", None),
    ],
)
def test_a_year_is_found_in_a_sentence(said: str, year: int | None) -> None:
    assert year_in(said, TODAY) == year


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("extrato de março de 2026", "2026-03-01"),
        ("quero o extrato do ano passado", "2025-01-01"),
        ("extrato de 01/03 a 30/06/2026", "2026-03-01"),
        ("extrato", None),
        ("extrato do mês", None),
    ],
)
def test_a_period_is_found_at_the_end_of_a_sentence(said: str, start: str | None) -> None:
    found = period_in(said, TODAY)
    assert (found.start.isoformat() if found else None) == start
