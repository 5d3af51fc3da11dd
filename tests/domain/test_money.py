"""Amounts: centavos, reais, and how Brazilians type them."""

from decimal import Decimal, localcontext

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Invalid
from bot.domain.money import exact, from_cents, parse_money, to_cents


def refusal(function, *args):
    with pytest.raises(Invalid) as caught:
        function(*args)
    return caught.value.code


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("R$ 1.234,56", "1234.56"),
        ("R$1.234,56", "1234.56"),
        ("R$\u00a01.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234,5", "1234.50"),
        ("1234", "1234.00"),
        ("0,01", "0.01"),
        ("0", "0.00"),
        ("1.234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("1.234.567,8", "1234567.80"),
        ("1234.56", "1234.56"),
        ("12.5", "12.50"),
        ("1.23", "1.23"),
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567.00"),
        ("50 reais", "50.00"),
        ("brl 50", "50.00"),
        (" 50,00 R$ ", "50.00"),
        ("0050", "50.00"),
        ("99999999999,99", "99999999999.99"),
    ],
)
def test_what_people_type(typed, amount):
    assert str(parse_money(typed)) == amount


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("\u00a0", "empty"),
        ("fifty", "format"),
        ("R$", "format"),
        ("1,2,3", "format"),
        ("1.2.3", "format"),
        ("12.34.567", "format"),
        ("1.234,567", "format"),
        ("1..234", "format"),
        ("1,", "format"),
        ("1e3", "format"),
        ("10 20", "format"),
        ("１２", "format"),
        ("US$ 10", "format"),
        ("-5", "negative"),
        ("R$ -5,00", "negative"),
        ("- R$ 5,00", "negative"),
        ("1,234", "ambiguous"),
        ("1234.567", "ambiguous"),
        ("1234,567", "ambiguous"),
        ("0.123", "ambiguous"),
        ("100000000000", "too_long"),
        ("9" * 400, "too_long"),
    ],
)
def test_what_is_refused_and_why(typed, code):
    assert refusal(parse_money, typed) == code


@given(st.integers(0, 10**13 - 1))
def test_cents_there_and_back_and_through_the_way_we_print_money(cents):
    amount = from_cents(cents)
    assert to_cents(amount) == cents
    assert to_cents(-amount) == -cents
    assert amount.as_tuple().exponent == -2
    assert parse_money(str(amount).replace(".", ",")) == amount
    assert parse_money(format_currency(amount, "BRL", locale="pt_BR")) == amount


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Decimal("0.001"), "sub_cent"),
        (Decimal("1.0050000000000000000000000000000000001"), "sub_cent"),
        (Decimal("NaN"), "amount"),
        (Decimal("sNaN"), "amount"),
        (Decimal("-Infinity"), "amount"),
        (Decimal("1E+999999"), "amount"),
        (0.1, "amount"),
        ("ten", "amount"),
    ],
)
def test_what_is_not_whole_cents_is_refused(amount, code):
    assert refusal(to_cents, amount) == code


def test_trailing_zeros_and_exponents_are_the_same_amount():
    assert to_cents(Decimal("1.500000")) == 150
    assert to_cents(Decimal("1E+3")) == 100000
    assert exact(3) == exact("3.0") == Decimal(3)


def test_the_caller_s_decimal_context_changes_nothing():
    with localcontext(prec=2):
        assert to_cents(Decimal("123456.78")) == 12345678
        assert from_cents(12345678) == Decimal("123456.78")
        assert parse_money("123.456,78") == Decimal("123456.78")
