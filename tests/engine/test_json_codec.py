"""JSON of the hot path: it says what the standard library would say."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.json_codec import decoded, encoded, read_back
from bot.core.message import JSON, _
from bot.core.question import plain_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),  # surrogates too
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_what_is_encoded_is_read_back_the_same_by_everybody(value: JSON) -> None:
    assert json.loads(encoded(value)) == value


@given(PLAIN)
def test_an_answer_is_what_a_later_turn_will_find(value: JSON) -> None:
    assert plain_json(value) == read_back(encoded(value).decode()) == value


@given(PLAIN)
def test_what_others_wrote_is_understood(value: JSON) -> None:
    mine = decoded(json.dumps(value))
    # A whole number beyond 64 bits may come as the nearest float; no id of a chat has as many.
    assert mine == json.loads(json.dumps(value), parse_int=lambda n: type(decoded(n))(n))


def test_half_an_emoji_can_be_said_and_heard() -> None:
    assert encoded({"text": "half \ud83d"}) == b'{"text":"half \\ud83d"}'
    assert decoded(b'{"text": "half \\ud83d"}') == {"text": "half \ud83d"}


@pytest.mark.parametrize("wrong", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decoded(wrong)


def test_a_date_among_answers_is_refused_and_not_made_a_string() -> None:
    with pytest.raises(TypeError):
        encoded({"on": date(2026, 11, 22)})


@pytest.mark.parametrize("wrong", [_("Thanks"), [_("Thanks")], {"said": (1, _("Thanks"))}])
def test_words_among_answers_are_refused_and_not_made_a_list(wrong: JSON) -> None:
    with pytest.raises(TypeError, match="Text"):
        plain_json(wrong)
