"""PIX codes: round trips, damage of every kind, and another library's opinion."""

import contextlib
import string
from binascii import crc_hqx
from decimal import Decimal
from random import Random

from brcode.static import fromJson
from brcode.utils.brcodeId import jsonFromBrcode
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import pix
from bot.domain.errors import Invalid
from bot.domain.tax_id import format_tax_id, generate_cnpj, generate_cpf

from .test_pix import EVP, MANUAL, refusal, signed, written

names = st.text(string.ascii_letters + string.digits + " .&-'", min_size=1, max_size=25).filter(
    str.strip
)
keys = st.one_of(
    st.uuids().map(str),
    st.integers().map(lambda n: generate_cpf(Random(n))),
    st.integers().map(lambda n: format_tax_id(generate_cnpj(Random(n), alphanumeric=True))),
    st.from_regex(r"\+55119[0-9]{8}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]{0,20}@example\.com", fullmatch=True),
)
amounts = st.none() | st.decimals(
    min_value=Decimal("0.01"), max_value=Decimal("9999999999.99"), places=2
)
txids = st.just("***") | st.text(string.ascii_letters + string.digits, min_size=1, max_size=25)


@settings(deadline=None)
@given(keys, names, names.map(lambda n: n[:15]).filter(str.strip), amounts, txids)
def test_what_is_written_is_read_back(key, name, city, amount, txid):
    code = pix.encode(key, name, city, amount, txid)
    read = pix.decode(code)
    assert read.key == pix.parse_key(key)
    assert (read.name, read.city) == (" ".join(name.split()), " ".join(city.split()))
    assert (read.amount, read.txid, read.kind) == (amount, txid, "static")
    assert code.isascii()
    assert len(code) <= 512


@given(st.integers(0, len(MANUAL) - 1), st.sampled_from(string.printable[:95]))
def test_any_one_altered_character_is_noticed(position, char):
    spoilt = MANUAL[:position] + char + MANUAL[position + 1 :]
    if spoilt != MANUAL:
        refusal(pix.decode, spoilt)


@given(st.integers(0, len(MANUAL) - 1), st.integers(1, 20))
def test_any_lost_piece_is_noticed(position, length):
    refusal(pix.decode, MANUAL[:position] + MANUAL[position + length :])


@given(st.text("0123456789ABCDEFGHabcdefgh.*/ -brgovpix", max_size=120))
def test_a_right_checksum_over_anything_is_read_or_refused_cleanly(inside):
    for body in (inside, "000201" + inside, written()[:-8] + inside):
        with contextlib.suppress(Invalid):
            assert pix.find(signed(body)) == pix.decode(signed(body))


@given(st.text("0123456789", max_size=40))
def test_the_checksum_appended_to_its_own_text_gives_zero(text):
    assert crc_hqx(text.encode() + bytes.fromhex(pix._crc(text)), 0xFFFF) == 0


@settings(deadline=None)
@given(
    keys,
    st.text(string.ascii_letters, min_size=1, max_size=25),
    st.text(string.ascii_letters, min_size=1, max_size=15),
    amounts,
    txids,
)
def test_starkbank_writes_the_same_code(key, name, city, amount, txid):
    theirs = {"key": pix.parse_key(key), "name": name, "city": city, "txid": txid}
    if amount is not None:
        # They divide by a float: equal up to what a float tells apart.
        theirs["amount"] = int(amount * 100)
    assert pix.encode(key, name, city, amount, txid) == fromJson(theirs)


def test_starkbank_reads_what_we_write():
    parts = jsonFromBrcode(pix.encode(EVP, "Fulano", "BRASILIA", Decimal("1.50"), "A1"))
    assert parts["26"] == {"00": "br.gov.bcb.pix", "01": EVP}
    assert (parts["54"], parts["62"]) == ("1.50", {"05": "A1"})
    dynamic = jsonFromBrcode(pix.encode_dynamic("pix.example.com/1", "Fulano", "BRASILIA"))
    assert (dynamic["01"], dynamic["26"]["25"]) == ("12", "pix.example.com/1")
