"""The short way to read an e-mail or a phone says what the long way says, whatever is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.email import parse_email
from bot.domain.phone import parse_phone
from bot.importing.plain import read_email, read_phone

Reader = Callable[[str], str]


def said(read: Reader, text: str) -> str:
    """What a reader answers, or why it refuses."""
    try:
        return read(text)
    except ValueError as error:
        return repr(error.args)


_digits = st.text("0123456789", min_size=8, max_size=9)
_phones = st.builds(
    lambda country, code, number, dash: country + code + number[:-4] + dash + number[-4:],
    st.sampled_from(["", "+55", "+55 ", "55", "0", "+1", " "]),
    st.from_regex(r"(?:\([0-9]{2}\)|[0-9]{2}) {0,2}", fullmatch=True),
    _digits,
    st.sampled_from(["", "-", " ", "--"]),
)
_label = st.from_regex(r"[A-Za-z0-9áç_-]{1,12}", fullmatch=True)
_domains = st.one_of(
    st.sampled_from(
        ["example.com", "Example.ORG", "example.com.br", "localhost", "a.test", "x.invalid",
         "xn--caf-dma.example.com", "café.example.com", "example.com.", "1.2.3.4", "[1.2.3.4]"]
    ),
    st.lists(_label, min_size=1, max_size=4).map(".".join),
    st.integers(180, 254).map(lambda n: ("a" * 50 + ".") * 4 + "b" * max(1, n - 204) + ".com"),
)  # fmt: skip
_locals = st.one_of(
    st.from_regex(r"[A-Za-z0-9._+-]{1,70}", fullmatch=True),
    st.sampled_from(["", "a" * 64, "a" * 65, '"a b"', "a..b", ".a", "a.", "joão", "postmaster", "A+b"]),
)  # fmt: skip


@given(_phones)
@example("(55) 95500-0001")
@example("5555550000")
@example("(90) 90000-0001")
def test_a_phone(text: str) -> None:
    assert said(read_phone, text) == said(parse_phone, text)


@pytest.mark.parametrize(
    "start", ["9", "90", "99", "2", "25", "3", "4", "400", "5", "55", "6", "8"]
)
def test_a_phone_of_every_area_code(start: str) -> None:
    for code in range(10, 100):
        for length in (8, 9):
            text = f"({code}) {start.ljust(length, '0')}"
            assert said(read_phone, text) == said(parse_phone, text)


@given(st.builds("{}@{}".format, _locals, _domains))
@example(f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 63}.com")
def test_an_email(text: str) -> None:
    assert said(read_email, text) == said(parse_email, text)


@given(st.text(max_size=40))
def test_anything_else(text: str) -> None:
    assert said(read_email, text) == said(parse_email, text)
    assert said(read_phone, text) == said(parse_phone, text)
