"""CPF and CNPJ: the published verdicts, typing slips, masks, and numbers made for demos."""

import string
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_brasil.cpf import CPF as OtherCPF
from validate_docbr import CNPJ, CPF

from bot.domain.errors import Invalid
from bot.domain.tax_id import (
    format_tax_id,
    generate_cnpj,
    generate_cpf,
    kind_of,
    masked_tax_id,
    parse_cnpj,
    parse_cpf,
    parse_tax_id,
)

from .published import cases

PARSERS = {"cpf": parse_cpf, "cnpj": parse_cnpj}

seeds = st.integers(0, 2**32).map(Random)
cpfs = seeds.map(generate_cpf)
cnpjs = st.builds(generate_cnpj, seeds, st.booleans(), st.none(), st.integers(1, 9999))


def refusal(parse, text):
    with pytest.raises(Invalid) as caught:
        parse(text)
    return caught.value.code


@pytest.mark.parametrize("case", cases("tax_ids"))
def test_published_verdict(case):
    parse = PARSERS[case["kind"]]
    if case["expected"]:
        bare = parse(case["input"])
        assert bare == "".join(c for c in case["input"] if c.isalnum()).upper()
        assert parse_tax_id(case["input"]) == bare
    else:
        refusal(parse, case["input"])
        refusal(parse_tax_id, case["input"])


def test_mask_case_and_outer_white_space_do_not_matter():
    assert parse_tax_id(" 12.abc.345/01de-35\n") == "12ABC34501DE35"
    assert parse_tax_id("\u00a0529.982.247-25 ") == "52998224725"
    assert parse_tax_id("1345c3A5000106") == "1345C3A5000106"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" .-/ ", "empty"),
        ("5299822472", "length"),  # a library pads this with a zero
        ("2998224725", "length"),
        ("529982247255", "length"),
        ("529.982.247-24", "check_digit"),
        ("00000000000", "repeated"),
        ("52998224725\n1", "characters"),
        ("5299822472a", "characters"),
        ("５２９９８２２４７２５", "characters"),  # full-width digits
        ("٥٢٩٩٨٢٢٤٧٢٥", "characters"),
        ("529 982 247 25", "characters"),
    ],
)
def test_a_cpf_is_refused_with_its_reason(text, code):
    assert refusal(parse_cpf, text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12ABC34501DE3", "length"),
        ("12ABC34501DE355", "length"),
        ("12ABC34501DEAA", "characters"),  # the check digits stay digits
        ("12ABC34501DE36", "check_digit"),
        ("22222222222222", "repeated"),
        ("12ABÇ34501DE35", "characters"),
        ("12ABC34501Dſ35", "characters"),  # upper() would make an S of it
        ("12ABß4501DE35", "characters"),  # upper() would make it a character longer
        ("12_ABC_345/01DE-35", "characters"),
    ],
)
def test_a_cnpj_is_refused_with_its_reason(text, code):
    assert refusal(parse_cnpj, text) == code


def test_a_tax_id_of_another_length_is_told_from_one_with_odd_signs():
    assert refusal(parse_tax_id, "123456789012") == "length"
    assert refusal(parse_tax_id, "my tax id") == "characters"
    assert refusal(parse_tax_id, "12ABC3450") == "length"
    assert refusal(parse_tax_id, "1234567890a") == "characters"


@given(cpfs)
def test_a_generated_cpf_is_valid_to_us_and_to_two_libraries(bare):
    assert parse_cpf(bare) == parse_tax_id(format_tax_id(bare)) == bare
    assert CPF().validate(bare)
    assert OtherCPF(bare).digits == bare


@given(cnpjs)
def test_a_generated_cnpj_is_valid_to_us_and_to_the_library(bare):
    assert parse_cnpj(bare) == parse_tax_id(format_tax_id(bare).lower()) == bare
    assert CNPJ().validate(bare)


@given(st.text(string.digits, min_size=11, max_size=11))
def test_our_verdict_on_eleven_digits_is_the_library_s(digits):
    try:
        parse_cpf(digits)
        accepted = True
    except Invalid:
        accepted = False
    assert accepted == CPF().validate(digits)


@given(cpfs, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_in_a_cpf_is_noticed(bare, position, shift):
    # Where a check digit is 0 it stands for two remainders, and one slip in 55 could pass.
    assume(position > 8 or "0" not in bare[9:])
    wrong = str((int(bare[position]) + shift) % 10)
    refusal(parse_cpf, bare[:position] + wrong + bare[position + 1 :])


@given(st.builds(generate_cnpj, seeds), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_in_a_numeric_cnpj_is_noticed(bare, position, shift):
    assume(position > 11 or "0" not in bare[12:])
    wrong = str((int(bare[position]) + shift) % 10)
    refusal(parse_cnpj, bare[:position] + wrong + bare[position + 1 :])


def test_the_same_seed_gives_the_same_numbers():
    assert generate_cpf(Random(7)) == generate_cpf(Random(7))
    assert generate_cnpj(Random(7), True) == generate_cnpj(Random(7), True)


def test_a_matriz_and_its_filiais_share_the_root():
    matriz = generate_cnpj(Random(1), root="12ABC345")
    filial = generate_cnpj(Random(1), root="12.abc.345", branch=2)
    assert (matriz[:12], filial[:12]) == ("12ABC3450001", "12ABC3450002")
    assert matriz == "12ABC345000188"  # published
    assert generate_cnpj(Random(1), root=matriz[:8], branch=9999)[8:12] == "9999"


@given(seeds)
def test_an_alphanumeric_cnpj_holds_a_letter_in_its_root(rng):
    assert not generate_cnpj(rng, alphanumeric=True)[:8].isdigit()


@pytest.mark.parametrize("wrong", [{"root": "1234567"}, {"branch": 0}, {"branch": 10000}])
def test_an_impossible_root_or_branch_is_refused(wrong):
    assert refusal(lambda text: generate_cnpj(Random(1), **wrong), "") == "length"


def test_a_root_holds_letters_and_digits_only():
    assert refusal(lambda root: generate_cnpj(Random(1), root=root), "1234_678") == "characters"


class Fixed(Random):
    """A source that draws what it was told."""

    def __init__(self, *draws):
        super().__init__(1)
        self.draws = list(draws)

    def choices(self, *args, **kwargs):
        return list(self.draws.pop(0))


def test_a_drawn_cpf_is_never_one_repeated_digit():
    assert generate_cpf(Fixed("1" * 9, "123456789")) == "12345678909"


def test_an_alphanumeric_root_drawn_all_digits_gets_its_letter():
    assert generate_cnpj(Fixed("12345678"), alphanumeric=True)[0].isalpha()


def test_masks_and_kinds():
    assert format_tax_id("52998224725") == "529.982.247-25"
    assert format_tax_id("12ABC34501DE35") == "12.ABC.345/01DE-35"
    assert masked_tax_id("52998224725") == "***.982.247-**"
    assert masked_tax_id("12ABC34501DE35") == "**.ABC.345/****-**"
    assert (kind_of("52998224725"), kind_of("12ABC34501DE35")) == ("PF", "PJ")
    assert refusal(kind_of, "123") == "length"
