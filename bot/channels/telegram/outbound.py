"""Messages of the counter → parameters of the Bot API: entities in UTF-16 units, keyboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.message import JSON, Button, Outbound

TEXT = 4096
CAPTION = 1024
COPY = 256
"""Longest value of a copy button; the API counts characters, and we the larger UTF-16 units."""
PHOTO_BYTES = 10 * 1024 * 1024
PHOTOS = ("image/png", "image/jpeg")

_HALF = 17
"""Labels up to so many UTF-16 units stand two in a row without being cut on a small phone."""
_THIRD = 10

NO_PREVIEW = {"is_disabled": True}
REMOVE_KEYBOARD = {"remove_keyboard": True}


def utf16(text: str) -> int:
    """How long Telegram counts a text."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def words(message: Outbound) -> dict[str, JSON]:
    """The parameters of a message's text."""
    given: dict[str, JSON] = {"text": message.text, "link_preview_options": NO_PREVIEW}
    if found := entities(message):
        given["entities"] = found
    return given


def entities(message: Outbound) -> list[JSON]:
    """Bold as it was given and a value to copy as code; words are never read as markup."""
    text = message.text
    if message.copyable and text:
        return [{"type": "code", "offset": 0, "length": utf16(text)}]
    return [
        {"type": "bold", "offset": utf16(text[:start]), "length": utf16(text[start:end])}
        for start, end in _merged(message.bold)
    ]


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, end) of spans that do not overlap any more: bold within bold is bold."""
    found = list[tuple[int, int]]()
    for start, long in sorted(span for span in spans if span[1] > 0):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], start + long)
        else:
            found.append((start, start + long))
    return found


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The `reply_markup` of a message."""

    markup: JSON
    inline: bool
    """Under its message, and can be taken away; else in the place of the phone's own keyboard."""


def keyboard(message: Outbound, copy_label: str) -> Keyboard | None:
    """What can be pressed under a message, or in place of the keyboard where a contact is asked for."""
    options, nav = list[Button](), list[Button]()
    for button in message.buttons:
        if button.kind == "contact":
            return _instead_of_keys(message.buttons)
        (nav if button.kind == "nav" else options).append(button)
    lines = _rows(options, most=2) + _rows(nav, most=4)
    markup = [[_inline(button) for button in line] for line in lines]
    if message.copyable and 0 < utf16(message.text) <= COPY:
        markup.insert(0, [{"text": copy_label, "copy_text": {"text": message.text}}])
    return Keyboard({"inline_keyboard": markup}, inline=True) if markup else None


def _instead_of_keys(buttons: Sequence[Button]) -> Keyboard:
    """The two sorts of keyboard exclude each other: here back and menu are typed by a press."""
    rows = [[{"text": b.label, "request_contact": True}] for b in buttons if b.kind == "contact"]
    rest = [{"text": b.label} for b in buttons if b.kind != "contact"]
    whole: list[JSON] = [*rows, *([rest] if rest else [])]
    return Keyboard(
        {"keyboard": whole, "resize_keyboard": True, "one_time_keyboard": True}, inline=False
    )


def _inline(button: Button) -> JSON:
    match button.kind:
        case "copy":
            return {"text": button.label, "copy_text": {"text": button.data}}
        case "link":
            return {"text": button.label, "url": button.data}
        case _:
            return {"text": button.label, "callback_data": button.data}


def _rows(buttons: Sequence[Button], most: int) -> list[list[Button]]:
    """Buttons in rows, each as wide as its labels allow."""
    rows = list[list[Button]]()
    left = 0  # in the last row: as many as its widest label allows
    for button in buttons:
        room = _room(button.label, most)
        if left and (left := min(left, room - len(rows[-1]))) > 0:
            rows[-1].append(button)
            left -= 1
        else:
            rows.append([button])
            left = room - 1
    return rows


def _room(label: str, most: int) -> int:
    """How many buttons as wide as this one a row has room for."""
    if len(label) > _HALF:  # UTF-16 units are never fewer
        return 1
    width = utf16(label)
    return most if width <= _THIRD else 2 if width <= _HALF else 1
