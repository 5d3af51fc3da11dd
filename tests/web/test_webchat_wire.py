"""The web chat's frames: what breaks the protocol is refused by name, and nothing a page sends breaks us."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat import wire
from bot.core.message import Button, DocumentRef, Look, Outbound


def parse(**frame: Any) -> wire.Frame:
    return wire.parse(json.dumps(frame), 100)


def test_each_frame_of_the_protocol_is_read() -> None:
    assert parse(type="hello", v=1, seen=[3, 5], locale="pt-BR") == wire.Hello(
        frozenset({3, 5}), "pt-BR"
    )
    assert parse(type="open", id="open") == wire.Open("open", None)
    assert parse(type="open", id="a", start="x-1") == wire.Open("a", "x-1")
    assert parse(type="say", id="a", text=" oi ") == wire.Say("a", "oi", "oi")
    assert parse(type="say", id="a", text="/menu", label="Menu") == wire.Say("a", "/menu", "Menu")
    assert parse(type="press", id="a", data="n:1", label="Sim") == wire.Press("a", "n:1", "Sim")
    assert parse(type="seen", ids=[7]) == wire.Seen((7,))
    assert parse(type="ping") == wire.Ping()


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "shout", "id": "a"},
        {"type": "say", "text": "no id"},
        {"type": "say", "id": "a b", "text": "an id with a blank"},
        {"type": "say", "id": "a" * 65, "text": "a long id"},
        {"type": "say", "id": 7, "text": "an id that is a number"},
        {"type": "say", "id": "a", "text": " \n "},
        {"type": "say", "id": "a", "text": "\0"},
        {"type": "say", "id": "a", "text": ["x"]},
        {"type": "press", "id": "a", "data": "n:1"},
        {"type": "seen", "ids": [0]},
        {"type": "seen", "ids": [True]},
        {"type": "seen", "ids": [2**63]},
        {"type": "seen", "ids": list(range(1, 202))},
        {"type": "hello", "v": 1, "seen": "all"},
    ],
)
def test_a_frame_that_breaks_the_protocol_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(wire.BadFrame, match="malformed"):
        parse(**frame)


@pytest.mark.parametrize("raw", ["", "{", "[]", "1", "null", "[" * 60_000, "9" * 5000, '"\\ud800'])
def test_what_is_no_frame_at_all_is_refused(raw: str) -> None:
    with pytest.raises(wire.BadFrame, match="malformed"):
        wire.parse(raw, 100)


def test_a_text_longer_than_may_be_is_refused_with_its_id_and_the_limit() -> None:
    with pytest.raises(wire.BadFrame) as refused:
        parse(type="say", id="a", text="x" * 101)

    assert (refused.value.code, refused.value.id, refused.value.limit) == ("too_long", "a", 100)


def test_letters_beyond_the_basic_plane_count_once() -> None:
    assert parse(type="say", id="a", text="😀" * 100) == wire.Say("a", "😀" * 100, "😀" * 100)


def test_what_no_database_takes_is_taken_out() -> None:
    frame = wire.parse('{"type": "say", "id": "a", "text": "o\\u0000i\\ud83d"}', 100)

    assert frame == wire.Say("a", "oi?", "oi?")


@pytest.mark.parametrize("locale", [None, 7, "", "x", "pt_BR; drop", "p" * 21, ["pt"]])
def test_a_locale_that_is_none_is_left_out(locale: object) -> None:
    assert parse(type="hello", v=1, seen=[], locale=locale) == wire.Hello(frozenset(), None)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_told_apart_from_a_broken_frame(version: object) -> None:
    with pytest.raises(wire.OldPage):
        parse(type="hello", v=version, seen="whatever it had")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
NAMES = ["type", "id", "text", "label", "data", "seen", "ids", "v", "locale", "start"]
KINDS = ["hello", "open", "say", "press", "seen", "ping"]


@given(
    st.dictionaries(st.sampled_from(NAMES), anything | st.sampled_from(["a", "1", 1, [1]])),
    st.sampled_from(KINDS) | anything,
)
def test_a_page_can_send_whatever_it_likes(frame: dict[str, Any], kind: object) -> None:
    try:
        read = wire.parse(json.dumps({**frame, "type": kind}), 100)
    except (wire.BadFrame, wire.OldPage):
        return
    if isinstance(read, wire.Say):
        assert read.text.strip() == read.text != ""
        assert "\0" not in read.text.encode().decode()


@given(st.text())
def test_no_text_at_all_breaks_the_reader(raw: str) -> None:
    with pytest.raises((wire.BadFrame, wire.OldPage)):
        wire.parse(raw, 100)


def test_a_message_says_all_that_a_page_draws() -> None:
    out = Outbound(
        "Qual?",
        bold=((0, 4),),
        look=Look.BUTTONS,
        buttons=(Button("Sim", "n:1", "press", "hoje"),),
        nonce="n",
        document=DocumentRef("pix-qr", 7, "pix.png", "image/png"),
        locale="pt_BR",
    )
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert json.loads(wire.message(9, at, out, "/chat/file/9")) == {
        "type": "message",
        "id": 9,
        "at": "2026-11-21T12:00:00+00:00",
        "text": "Qual?",
        "bold": [[0, 4]],
        "look": "buttons",
        "buttons": [["Sim", "n:1", "press", "hoje"]],
        "nonce": "n",
        "document": {
            "kind": "pix-qr",
            "name": "pix.png",
            "type": "image/png",
            "url": "/chat/file/9",
        },
        "locale": "pt_BR",
    }
