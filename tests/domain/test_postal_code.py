"""Postal codes (CEP)."""

import pytest

from bot.domain.errors import Invalid
from bot.domain.postal_code import format_postal_code, parse_postal_code

from .published import cases


@pytest.mark.parametrize("case", cases("postal_codes"))
def test_published_verdict(case):
    if case["expected"]:
        assert parse_postal_code(case["input"]) == case["expected"]
    else:
        with pytest.raises(Invalid):
            parse_postal_code(case["input"])


@pytest.mark.parametrize("typed", ["01310-200", "01.310-200", " 01310 200 ", "01310200"])
def test_the_mask_does_not_matter(typed):
    assert parse_postal_code(typed) == "01310200"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("-", "empty"),
        ("1234567-", "length"),
        ("0131020", "length"),
        ("abc01310200", "characters"),
        ("０１３１０２００", "characters"),
        ("01310/200", "characters"),
    ],
)
def test_a_postal_code_is_refused_with_its_reason(typed, code):
    with pytest.raises(Invalid) as caught:
        parse_postal_code(typed)
    assert caught.value.code == code


def test_the_shown_form_can_be_typed_back():
    assert format_postal_code("01310200") == "01310-200"
    assert parse_postal_code(format_postal_code("01310200")) == "01310200"
