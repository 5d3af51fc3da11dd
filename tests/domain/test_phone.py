"""Phones: what people type, what WhatsApp calls them, and when two of them are one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import Invalid
from bot.domain.phone import (
    _AREA_CODES,
    format_phone,
    from_whatsapp_id,
    is_mobile,
    masked_phone,
    match_key,
    parse_phone,
)

from .published import cases

MOBILE = "+5511900000012"

areas = st.sampled_from(sorted(_AREA_CODES))
mobiles = st.builds("+55{}9{}".format, areas, st.from_regex(r"[6-9][0-9]{7}", fullmatch=True))


def refusal(parse, text):
    with pytest.raises(Invalid) as caught:
        parse(text)
    return caught.value.code


@pytest.mark.parametrize("case", cases("phones"))
def test_published_verdict(case):
    if case["expected"]:
        assert parse_phone(case["input"]) == case["expected"]
    else:
        refusal(parse_phone, case["input"])


@pytest.mark.parametrize(
    "typed",
    [
        "+5511900000012",
        "+55 11 90000-0012",
        "5511900000012",
        "55 11 90000 0012",
        "11900000012",
        "(11) 90000-0012",
        "(11)90000.0012",
        "011 90000-0012",
        "(011) 90000-0012",
        "+55 (011) 90000-0012",
        "0xx11 90000-0012",
        "0 41 11 90000-0012",  # carrier 41
        "015 11 90000 0012",  # carrier 15
        "0055 11 90000-0012",
        "005511900000012",
        "\u202a+55\u00a011\u00a090000\u20110012\u202c",  # from an address book
        "１１９００００００１２",
        " 11 9 0000 0012 ",
    ],
)
def test_every_way_to_write_a_brazilian_mobile_gives_one_number(typed):
    assert parse_phone(typed) == MOBILE


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("1928814933", "+551928814933"),
        ("3333333333", "+553333333333"),
        ("99999999999", "+5599999999999"),
        ("55994024478", "+5555994024478"),  # area code 55, not the country
        ("+5555994029275", "+5555994029275"),
        ("0800 729 0722", "+558007290722"),
        ("+1 415 555 2671", "+14155552671"),
        ("+351 912 345 678", "+351912345678"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("+39 06 698 12345", "+390669812345"),  # Italy keeps its zero
        ("00 55 1 415 555 2671", "+14155552671"),  # abroad through carrier 55
    ],
)
def test_landlines_area_code_55_toll_free_and_foreign_numbers(typed, e164):
    assert parse_phone(typed) == e164


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("\u200e", "empty"),
        ("call me", "characters"),
        ("1-800-FLOWERS", "characters"),  # letters are no digits here
        ("(11) 3333-4444 ramal 12", "characters"),
        ("11 90000-0012;ext=3", "characters"),
        ("90000-0012", "area_code"),
        ("3333-4444", "area_code"),
        ("999999999", "area_code"),
        ("10 90000-0012", "area_code"),
        ("20 3333-4444", "area_code"),
        ("11 9000-0012", "ninth_digit"),
        ("+55 11 8000-0012", "ninth_digit"),
        ("11 1234-5678", "unassigned"),
        ("11594029275", "unassigned"),
        ("0", "length"),
        ("119000000123", "length"),
        ("1" * 61, "length"),
        ("190", "length"),
        ("0300 123 4567", "service_number"),
        ("4004-2222", "area_code"),
        ("+1 555 078 3881", "unassigned"),
        ("+999 1234 5678", "length"),
    ],
)
def test_a_typed_number_is_refused_with_its_reason(typed, code):
    assert refusal(parse_phone, typed) == code


def test_an_old_whatsapp_account_gets_its_ninth_digit_back():
    assert from_whatsapp_id("551998814933") == "+5519998814933"
    assert from_whatsapp_id("551160000012") == "+5511960000012"
    assert from_whatsapp_id("551170000012@s.whatsapp.net") == "+5511970000012"
    assert from_whatsapp_id("551190000012@c.us") == "+5511990000012"


def test_what_already_has_nine_digits_or_is_a_landline_stays():
    assert from_whatsapp_id("5511900000012") == MOBILE
    assert from_whatsapp_id("+5511900000012:7@s.whatsapp.net") == MOBILE
    assert from_whatsapp_id("551133334444@c.us") == "+551133334444"
    assert from_whatsapp_id("551958814933") == "+551958814933"


def test_a_foreign_whatsapp_id_is_taken_as_proved():
    assert from_whatsapp_id("15550783881") == "+15550783881"  # a test number of Meta's
    assert from_whatsapp_id("5215512345678@c.us") == "+5215512345678"  # Mexico's old extra 1


@pytest.mark.parametrize(
    ("wa_id", "code"),
    [
        ("123456789012345@lid", "not_a_phone"),
        ("120363025246125016@g.us", "not_a_phone"),
        ("status@broadcast", "not_a_phone"),
        ("5511900000012@example.com", "format"),
        ("0119000", "format"),
        ("", "format"),
        ("BR.1234567890", "format"),
        ("999123456789", "format"),
        ("5510900000012", "area_code"),
        ("55119000000123", "length"),
    ],
)
def test_an_id_that_is_no_phone_is_refused(wa_id, code):
    assert refusal(from_whatsapp_id, wa_id) == code


@settings(deadline=None)
@given(mobiles)
def test_a_mobile_with_or_without_its_ninth_digit_is_one_customer(e164):
    old_id = e164[1:5] + e164[6:]
    assert from_whatsapp_id(old_id) == from_whatsapp_id(e164[1:]) == e164
    assert match_key(f"+{old_id}") == match_key(e164) == e164[3:5] + e164[-8:]


def test_landlines_and_foreign_numbers_match_only_themselves():
    assert match_key("+551133334444") == "1133334444"
    assert match_key("+14155552671") == "+14155552671"
    assert match_key("+558007290722") == "8007290722"
    assert refusal(match_key, "11900000012") == "format"


@settings(deadline=None)
@given(mobiles)
def test_what_is_shown_can_be_typed_back(e164):
    assert parse_phone(format_phone(e164)) == e164
    assert is_mobile(e164)


def test_shown_and_masked_forms():
    assert format_phone(MOBILE) == "(11) 90000-0012"
    assert format_phone("+551133334444") == "(11) 3333-4444"
    assert format_phone("+558007290722") == "0800 729 0722"
    assert format_phone("+14155552671") == "+1 415-555-2671"
    assert masked_phone(MOBILE) == "(11) *****-0012"
    assert masked_phone("+551133334444") == "(11) ****-4444"
    assert masked_phone("+14155552671") == "+***2671"
    assert refusal(format_phone, "nobody") == "format"
    assert refusal(format_phone, "+9991234567") == "format"
    assert refusal(masked_phone, "5511900000012") == "format"


def test_only_a_brazilian_mobile_is_a_mobile_here():
    assert not is_mobile("+551133334444")
    assert not is_mobile("+14155552671")
    assert not is_mobile("+5510900000012")
    assert not is_mobile("")
