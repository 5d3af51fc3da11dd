"""Card numbers typed into a chat are found; the other long numbers of this business are not."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import boleto, pix
from bot.domain.cards import find_card_number
from bot.domain.tax_id import format_tax_id, generate_cnpj

# The brands' and gateways' published test numbers.
VISA = "4111111111111111"
MASTERCARD = "5555555555554444"
MASTERCARD_2 = "2223003122003222"
AMEX = "378282246310005"
ELO = "6362970000457013"
HIPERCARD = "6062825624254001"
DISCOVER = "6011111111111117"
JCB = "3566002020360505"


@pytest.mark.parametrize(
    "number", [VISA, MASTERCARD, MASTERCARD_2, AMEX, ELO, HIPERCARD, DISCOVER, JCB]
)
def test_a_test_card_of_every_brand_is_found(number):
    assert find_card_number(number) == number
    assert find_card_number(f"meu cartão: {number}, pode cobrar") == number


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111 1111 1111 1111 12/28 123",
        "4111111111111111 12 28 123",
        "4111111111111111/12/28",
        "validade 12/28 4111111111111111",
        "validade 2028 4111 1111 1111 1111",
        "cartão:4111111111111111.",
        "cpf 529.982.247-25 cartão 4111111111111111",
    ],
)
def test_a_card_is_found_however_it_is_typed_and_whatever_follows(text):
    assert find_card_number(text) == VISA


def test_american_express_is_found_in_its_own_grouping():
    assert find_card_number("3782 822463 10005") == AMEX


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quanto devo?",
        "4111111111111112",  # Luhn
        "9111111111111111",  # no such brand
        "411111111111111",  # fifteen digits, and no brand of fifteen
        "3782822463100051",
        "41111111111111111",
        "+4111111111111111",
        "x4111111111111111",
        "pay_4111111111111111",
        "4111111111111111@example.com",
        "0000000000000000",
        "12ABC34501DE35",
        "33.000.167/0001-01",
        "33000167000101",
        "+55 11 90000-0012",
        "0 41 11 90000-0012",
        "00 55 11 90000 0012",
    ],
)
def test_what_only_resembles_a_card_is_left_alone(text):
    assert find_card_number(text) is None


def test_a_boleto_is_no_card_even_in_groups_of_four():
    hidden = 0
    for n in range(300):
        barcode = boleto.make_barcode("411", date(2026, 11, 20), Decimal(n), f"{n:025}")
        line = boleto.line_from_barcode(barcode)
        for code in (barcode, line):
            fours = " ".join(code[i : i + 4] for i in range(0, len(code), 4))
            hidden += find_card_number(fours[:19]) is not None
            for text in (code, fours, boleto.format_line(line)):
                assert find_card_number(f"paguei {text}") is None
    assert hidden  # some of them did hold a card number, taken alone


def test_a_card_beside_a_boleto_is_still_found():
    barcode = boleto.make_barcode("001", date(2026, 11, 20), Decimal(10), "7" * 25)
    line = boleto.format_line(boleto.line_from_barcode(barcode))
    assert find_card_number(f"{VISA} {line}") == VISA
    assert find_card_number(f"{line} {VISA}") == VISA


@given(st.integers().map(lambda n: generate_cnpj(Random(n))))
def test_neither_a_cnpj_nor_a_pix_code_holds_a_card(cnpj):
    assert find_card_number(cnpj) is None
    assert find_card_number(format_tax_id(cnpj)) is None
    assert find_card_number(pix.encode(cnpj, "Fulano", "BRASILIA")) is None


def luhn(body):
    for digit in "0123456789":
        total = 0
        for index, char in enumerate(reversed(body + digit)):
            value = int(char) * (1 + index % 2)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return body + digit
    raise AssertionError


@given(st.from_regex(r"(4[0-9]|5[1-5])[0-9]{13}", fullmatch=True), st.integers(0, 15))
def test_any_number_of_a_brand_with_luhn_s_digit_is_found_and_one_slip_away_is_not(body, position):
    number = luhn(body)
    assert find_card_number(f"é {number}") == number
    wrong = str((int(number[position]) + 1) % 10)
    assert find_card_number(f"é {number[:position]}{wrong}{number[position + 1 :]}") is None
