"""E-mail addresses, typed and masked."""

import pytest

from bot.domain.email import masked_email, parse_email
from bot.domain.errors import Invalid

from .published import cases


def refusal(text):
    with pytest.raises(Invalid) as caught:
        parse_email(text)
    return caught.value.code


@pytest.mark.parametrize("case", cases("emails"))
def test_published_verdict(case):
    if case["expected"]:
        assert parse_email(case["input"]) == case["input"]
    else:
        refusal(case["input"])


def test_the_domain_is_lower_case_ascii_and_white_space_around_is_forgiven():
    assert parse_email(" Joana@EXAMPLE.com\n") == "Joana@example.com"
    assert parse_email("a@exêmplo.example") == "a@xn--exmplo-jva.example"
    assert parse_email("johndoe@sub.domain.example") == "johndoe@sub.domain.example"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("joana", "no_domain"),
        ("@example.com", "no_domain"),
        ("joana@example", "no_domain"),
        ("joana@", "no_domain"),
        ("joana silva@example.com", "characters"),
        ("joão@example.com", "characters"),
        ("joana@example.com\nBcc: x@example.com", "characters"),
        ("joana@exa mple.com", "characters"),
        ("joana..s@example.com", "format"),
        ("Joana <joana@example.com>", "characters"),
        ("<joana@example.com>", "format"),
        ("joana@example.invalid", "format"),
        ("joana@example.com.", "format"),
        ("joana@\ud800.com", "characters"),
        (f"{'a' * 250}@example.com", "too_long"),
        (f"{'a' * 65}@example.com", "format"),
    ],
)
def test_an_address_is_refused_with_its_reason(text, code):
    assert refusal(text) == code


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("joao@gmail.com", "j***@g***.com"),
        ("j@example.com.br", "j***@e***.com.br"),
        ("financeiro@mail.example.com.br", "f***@m***.e***.com.br"),
        ("x@sub.domain.example", "x***@s***.d***.example"),
        ("x@ab.co", "x***@a***.co"),
    ],
)
def test_a_masked_address_shows_first_letters_and_the_ending(address, masked):
    assert masked_email(address) == masked
