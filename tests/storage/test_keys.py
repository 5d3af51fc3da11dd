"""What is derived from the server's key."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.keys import Keys, notice_token

KEY = b"0123456789abcdef"
IDS = st.integers(0, 2**63 - 1)


def test_a_code_is_the_same_every_time_and_another_for_every_row_purpose_and_key() -> None:
    keys = Keys(KEY)
    codes = [
        keys.digits("code", 1, 12), keys.digits("code", 2, 12), keys.digits("link", 1, 12),
        Keys(KEY[::-1]).digits("code", 1, 12),
    ]  # fmt: skip

    assert len(set(codes)) == 4
    assert keys.digits("code", 1, 12) == codes[0]


def test_every_digit_is_as_likely_at_every_place() -> None:
    codes = [Keys(KEY).digits("code", id, 6) for id in range(5000)]

    assert {len(code) for code in codes} == {6}
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        assert set(counts) == set("0123456789")
        assert max(counts.values()) < 650  # 500 are expected; 650 is seven deviations away


@pytest.mark.parametrize("length", [0, 19])
def test_a_code_has_a_sensible_length(length: int) -> None:
    with pytest.raises(ValueError, match="1 to 18"):
        Keys(KEY).digits("code", 1, length)


def test_a_key_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Keys(b"short")


def test_hashes_of_different_purposes_do_not_meet() -> None:
    keys = Keys(KEY)

    assert keys.hash("ab", "c") != keys.hash("a", "bc")
    assert keys.hash("code", "1") != keys.hash("throttle", "1")
    assert len(keys.hash("code", "1")) == 64
    assert keys.hash("typed", "half an emoji \ud83d")


@given(IDS)
def test_a_notices_token_names_its_row_and_fits_a_button(id: int) -> None:
    token = notice_token(KEY, id)

    assert Keys(KEY).notice_id(token) == id
    assert len(f"m{token}:99".encode()) <= 64
    assert ":" not in token


@given(IDS, st.data())
def test_a_token_changed_anywhere_is_not_ours(id: int, data: st.DataObject) -> None:
    token = notice_token(KEY, id)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda sign: sign != token[place]))

    assert Keys(KEY).notice_id(token[:place] + other + token[place + 1 :]) is None


@given(st.text())
def test_nothing_made_up_is_a_token(token: str) -> None:
    assert Keys(KEY).notice_id(token) is None


def test_a_token_of_another_installation_is_not_ours() -> None:
    assert Keys(KEY).notice_id(notice_token(KEY[::-1], 7)) is None
