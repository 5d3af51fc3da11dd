"""Fields of a registration: what may be written, how it is stored and shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Invalid
from bot.domain.fields import (
    EXEMPT,
    masked_date,
    masked_registry_number,
    parse_born_on,
    parse_custom,
    parse_registry_number,
    stored_value,
)
from bot.domain.postal_code import STATES, address_in, state_of

TODAY = date(2026, 11, 20)


def refused(parse: object, *args: object, **more: object) -> str:
    with pytest.raises(Invalid) as refusal:
        parse(*args, **more)  # type: ignore[operator]
    return refusal.value.code


# ------------------------------------------------------------------ RG and inscrição estadual


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12.345.678-9", "12.345.678-9"),
        (" 12.345.678-x ", "12.345.678-X"),
        ("MG-12.345.678", "MG-12.345.678"),
        ("110.042.490.114", "110.042.490.114"),
    ],
)
def test_a_number_is_kept_as_it_is_written(typed: str, stored: str) -> None:
    assert parse_registry_number(typed, "PF") == stored


@pytest.mark.parametrize("typed", ["isento", "ISENTO", " Isenta ", "exempt", "exento"])
def test_a_company_may_be_exempt_in_any_language_and_a_person_not(typed: str) -> None:
    assert parse_registry_number(typed, "PJ") == EXEMPT
    assert refused(parse_registry_number, typed, "PF") == "format"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "empty"), ("123", "length"), ("rua um", "length"), ("12345; drop", "characters"),
     ("1" * 21, "length"), ("12.345.678-ª", "characters")],
)  # fmt: skip
def test_what_cannot_be_one_is_refused(typed: str, code: str) -> None:
    assert refused(parse_registry_number, typed, "PF") == code


@given(st.text(max_size=40))
def test_a_number_is_read_once_and_for_all(typed: str) -> None:
    try:
        stored = parse_registry_number(typed, "PJ")
    except Invalid:
        return
    assert parse_registry_number(stored, "PJ") == stored
    shown = masked_registry_number(stored)
    assert stored == EXEMPT or sum(c.isalnum() for c in shown) == 3


# ------------------------------------------------------------------ birth and opening date


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("10/02/1990", date(1990, 2, 10)),
        ("10/02/90", date(1990, 2, 10)),
        ("10/02/30", date(1930, 2, 10)),
        ("29/02/28", date(1928, 2, 29)),
        ("10 de fevereiro de 1990", date(1990, 2, 10)),
        ("1990-02-10", date(1990, 2, 10)),
        ("20/11/2026", TODAY),
    ],
)
def test_a_birth_date_is_read_as_people_write_it(typed: str, day: date) -> None:
    assert parse_born_on(typed, TODAY, "PF") == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("21/11/2026", "date_range"), ("10/02", "format"), ("hoje", "format"), ("", "empty"),
        ("31/02/1990", "no_such_date"), ("10/02/1890", "date_range"), ("10 de fevereiro", "format"),
    ],
)  # fmt: skip
def test_a_day_nobody_was_born_on_is_refused(typed: str, code: str) -> None:
    assert refused(parse_born_on, typed, TODAY, "PF") == code


def test_a_company_may_be_older_than_anybody() -> None:
    assert parse_born_on("10/02/1890", TODAY, "PJ") == date(1890, 2, 10)


@given(st.text(max_size=60))
def test_a_birth_date_never_lies_ahead(typed: str) -> None:
    try:
        assert parse_born_on(typed, TODAY, "PF") <= TODAY
    except Invalid:
        return


@given(st.dates(max_value=TODAY, min_value=TODAY - timedelta(days=365 * 100)))
def test_a_birth_date_shows_its_year_alone(day: date) -> None:
    assert masked_date(day) == f"**/**/{day.year}"


# ------------------------------------------------------------------ fields of the brand's own


@pytest.mark.parametrize(
    ("typed", "kind", "stored"),
    [
        ("R$ 150.000,00", "money", "150000.00"),
        ("1.234", "number", "1234"),
        ("-3", "number", "-3"),
        ("31/12/2026", "date", "2026-12-31"),
        ("simples", "choice", "Simples"),
        ("yes", "yes-no", "yes"),
        ("  two   words ", "text", "two words"),
    ],
)
def test_each_kind_is_stored_in_one_form(typed: str, kind: str, stored: str) -> None:
    found = parse_custom(typed, kind, choices=("Simples", "Presumido"), today=TODAY)  # type: ignore[arg-type]

    assert found == stored


@pytest.mark.parametrize(
    ("typed", "kind", "code"),
    [
        ("", "text", "empty"), ("x" * 201, "text", "too_long"), ("a\u0000b", "text", "characters"),
        ("1,5", "number", "format"), ("9" * 16, "number", "format"), ("-1", "money", "negative"),
        ("1,234", "money", "ambiguous"), ("amanha nunca", "date", "format"),
        ("Real", "choice", "value"), ("maybe", "yes-no", "value"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_kind_is_refused(typed: str, kind: str, code: str) -> None:
    assert refused(parse_custom, typed, kind, choices=("Simples",), today=TODAY) == code


@given(
    st.text(max_size=250), st.sampled_from(["text", "number", "money", "date", "choice", "yes-no"])
)
def test_what_is_stored_can_be_shown(typed: str, kind: str) -> None:
    try:
        stored = parse_custom(typed, kind, choices=("A", "B"), today=TODAY)  # type: ignore[arg-type]
    except Invalid:
        return
    stored_value(stored, kind)  # type: ignore[arg-type]


# ------------------------------------------------------------------ CEP and state


@pytest.mark.parametrize(
    ("cep", "state"),
    [
        ("01310200", "SP"), ("12940000", "SP"), ("20040002", "RJ"), ("70040010", "DF"),
        ("72800000", "GO"), ("69301000", "RR"), ("69900000", "AC"), ("76801000", "RO"),
        ("78900000", None), ("00999999", None), ("99999999", "RS"),
    ],
)  # fmt: skip
def test_a_cep_lies_in_its_state(cep: str, state: str | None) -> None:
    assert state_of(cep) == state


@given(st.integers(0, 99_999_999))
def test_every_cep_lies_in_one_state_or_in_none(number: int) -> None:
    assert state_of(f"{number:08}") in (None, *STATES)


def test_there_are_27_states() -> None:
    assert len(STATES) == 27


_parts = st.one_of(st.none(), st.integers(), st.text(max_size=130), st.lists(st.text()))


@given(
    st.dictionaries(
        st.sampled_from(["logradouro", "bairro", "localidade", "uf", "street", "city", "state"]),
        _parts,
    )
)
def test_whatever_a_service_answers_an_address_is_short_lines_of_the_right_state(
    answer: dict[str, object],
) -> None:
    found = address_in(answer, "80010000")

    assert found is None or (
        found["state"] == "PR"
        and found["city"]
        and all(each.isprintable() and len(each) <= 120 for each in found.values())
    )
