"""What people type for a CPF, an e-mail or a wish, and what they hear when it is none."""

from __future__ import annotations

from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misread
from bot.core.message import Address, Inbound
from bot.core.readers import Reader
from bot.domain import errors
from bot.domain.tax_id import format_tax_id, generate_cnpj, generate_cpf
from handlers import _readers
from handlers._readers import EMAIL, TAX_ID, WISH

CPF = generate_cpf(Random(7))
CNPJ = generate_cnpj(Random(7), alphanumeric=True)


def read(reader: Reader[Any], text: str) -> Any:
    return reader.read(Inbound("1", Address("web", "ana"), text=text))


def why(reader: Reader[Any], text: str) -> str:
    with pytest.raises(Misread) as misread:
        read(reader, text)
    reason = misread.value.reason
    return reason.source if not reason.plural else f"{reason.plural} {reason.values['count']}"


@pytest.mark.parametrize("bare", [CPF, CNPJ])
@pytest.mark.parametrize(
    "around",
    ["{bare}", "{masked}", "{spaced}", "  {masked}\n", "meu cpf é {masked}, obrigada!", "CNPJ:{bare}",
     "segue: {spaced}", "{dashed}", "{low}", "{masked} (da Maria)"],
)  # fmt: skip
def test_a_tax_id_is_read_as_people_type_it(bare: str, around: str) -> None:
    masked = format_tax_id(bare)
    spaced = masked.translate(str.maketrans(".-/", "   "))
    typed = around.format(
        bare=bare, masked=masked, spaced=spaced, low=bare.lower(), dashed=masked.replace("-", "–")
    )

    assert read(TAX_ID, typed) == bare


def test_of_several_numbers_the_one_that_is_a_tax_id_counts() -> None:
    typed = f"sou a Ana, fone (11) 90000-0012, cpf {format_tax_id(CPF)}"

    assert read(TAX_ID, typed) == CPF


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Please write your CPF"),
        ("não sei", "Please write your CPF"),
        ("529982247", "9"),
        ("é 529.982.247", "9"),
        ("7", "1"),
        ("529.982.247-26", "Some digit"),
        ("529.982.24726", "Some digit"),
        ("111.111.111-11", "Some digit"),
        ("12.ABC.345/01DE-36", "Some digit"),
        ("1" * 300, "counted"),
    ],
)
def test_who_mistypes_a_tax_id_hears_what_is_wrong(typed: str, told: str) -> None:
    assert told in why(TAX_ID, typed)


@given(st.text(max_size=60))
def test_any_words_are_a_tax_id_or_a_kind_answer(typed: str) -> None:
    try:
        bare = read(TAX_ID, typed)
    except Misread:
        return
    assert len(bare) in (11, 14)


@given(st.integers(0, 10**6), st.text(alphabet="abcç ,:!?", max_size=20))
def test_a_tax_id_is_found_after_any_words(seed: int, before: str) -> None:
    bare = generate_cpf(Random(seed))

    assert read(TAX_ID, f"{before} {format_tax_id(bare)}") == bare


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ana@example.com", "ana@example.com"),
        ("O novo é ana.prado@Example.COM.", "ana.prado@example.com"),
        ("<ana@example.com>", "ana@example.com"),
    ],
)
def test_an_email_is_read_from_its_sentence(typed: str, address: str) -> None:
    assert read(EMAIL, typed) == address


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ana", "looks like"),
        ("ana@example", "looks like"),
        ("é joão@example.com", "no accents"),
        ("a" * 250 + "@example.com", "too long"),
        ("ana..prado@example.com", "could not read"),
    ],
)
def test_who_mistypes_an_email_hears_what_is_wrong(typed: str, told: str) -> None:
    assert told in why(EMAIL, typed)


def test_a_word_is_no_wish_and_a_novel_is_too_long() -> None:
    assert "a little more" in why(WISH, "voltar")
    assert "at most" in why(WISH, "a" * 1501)
    assert read(WISH, "  minha internet caiu ") == "minha internet caiu"


def test_every_reason_a_table_names_is_one_that_the_rules_give() -> None:
    known = set(get_args(errors.Code)) | {""}

    assert set(_readers._EMAIL_REASONS) <= known
