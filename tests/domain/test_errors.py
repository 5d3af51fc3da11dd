"""A refusal carries a stable reason, and never the value that was refused."""

import copy
import pickle
import re
from collections.abc import Callable
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import boleto, dates, pix
from bot.domain.email import parse_email
from bot.domain.errors import Code, Invalid
from bot.domain.money import parse_money
from bot.domain.phone import from_whatsapp_id, parse_phone
from bot.domain.postal_code import parse_postal_code
from bot.domain.tax_id import parse_cnpj, parse_cpf, parse_tax_id

TODAY = date(2026, 11, 20)

READERS: dict[str, Callable[[str], object]] = {
    "cpf": parse_cpf,
    "cnpj": parse_cnpj,
    "tax_id": parse_tax_id,
    "phone": parse_phone,
    "whatsapp": from_whatsapp_id,
    "email": parse_email,
    "money": parse_money,
    "postal_code": parse_postal_code,
    "pix": pix.decode,
    "pix_key": pix.parse_key,
    "boleto": lambda text: boleto.parse(text, TODAY),
    "date": lambda text: dates.parse_date(text, TODAY),
}

wild = st.one_of(
    st.text(st.characters(), max_size=80),  # anything, lone surrogates too
    st.text("0123456789", max_size=60),
    st.text("0123456789.,-/() +@R$xX٣１ſßK\u00a0\u2011", max_size=60),
    st.text("abcXYZ0123456789@.-_ ", max_size=90),
)


def test_a_refusal_is_a_value_error_with_a_code_and_a_plain_message():
    with pytest.raises(ValueError, match="11 digits") as caught:
        parse_cpf("123")
    assert isinstance(caught.value, Invalid)
    assert caught.value.code == "length"
    assert caught.value.code in get_args(Code)


def test_a_refusal_survives_pickling_and_copying():
    error = Invalid("crc", "The checksum does not match.")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (twin.code, str(twin)) == ("crc", "The checksum does not match.")


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@settings(deadline=None)
@given(text=wild)
def test_any_text_is_read_or_refused_with_a_known_code(read, text):
    refused = None
    try:
        read(text)
    except Invalid as error:
        refused = error
    assert refused is None or (refused.code in get_args(Code) and str(refused))


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("nothing", ["", "   ", "\u00a0\n"])
def test_nothing_typed_is_always_refused(read, nothing):
    with pytest.raises(Invalid):
        read(nothing)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parse_cpf, "529.982.247-24"),
        (parse_cnpj, "12ABC34501DE36"),
        (parse_phone, "11 1234-5678"),
        (parse_email, "somebody@inva!id.com"),
        (pix.parse_key, "529.982.247-24"),
    ],
)
def test_the_message_does_not_hold_the_refused_value(read, text):
    with pytest.raises(Invalid) as caught:
        read(text)
    shown = str(caught.value)
    assert text not in shown
    assert not any(len(run) > 3 for run in re.findall(r"[0-9]+", shown))
