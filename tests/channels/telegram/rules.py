"""What the real Bot API refuses: aiogram's types judge every request, and the limits its pages state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from pydantic import BaseModel, ValidationError


class BadRequest(Exception):
    """A refusal: the words Telegram has for it, and its code."""

    def __init__(self, words: str, code: int = 400, **parameters: Any) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
        self.parameters = parameters


def utf16(text: str) -> int:
    return sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)


def method_named(name: str) -> type[TelegramMethod[Any]]:
    found = getattr(aiogram.methods, name[:1].upper() + name[1:], None)
    if found is None or name[:1].isupper():
        raise BadRequest("Not Found", 404)
    return found  # type: ignore[no-any-return]


def judged(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call, with what is wrong in them refused."""
    method = method_named(name)
    if strange := set(parameters) - set(method.model_fields):
        raise BadRequest(f"Bad Request: unknown parameters {sorted(strange)}")
    if "parse_mode" in parameters:
        raise BadRequest("Bad Request: words are never markup here")
    try:
        model = method.model_validate(dict(parameters))
    except ValidationError as error:
        raise BadRequest(
            f"Bad Request: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}"
        ) from error
    if extra := list(extras(model)):
        raise BadRequest(f"Bad Request: unknown fields {extra}")
    if "text" in parameters and name != "answerCallbackQuery":
        words(parameters["text"], parameters.get("entities", ()), 4096, "message")
    if "caption" in parameters:
        words(
            parameters["caption"], parameters.get("caption_entities", ()), 1024, "message caption"
        )
    if name == "answerCallbackQuery" and utf16(parameters.get("text", "")) > 200:
        raise BadRequest("Bad Request: MESSAGE_TOO_LONG")
    if "reply_markup" in parameters:
        markup(parameters["reply_markup"])
    return dict(parameters)


def proper(update: Any) -> None:
    """The fake itself must not invent: what it hands out is an update as aiogram knows it."""
    model = Update.model_validate(update)
    assert list(extras(model)) == []
    assert json.loads(json.dumps(update)) == update


def extras(model: BaseModel) -> Iterator[str]:
    """Fields that the Bot API does not have, wherever they are."""
    yield from model.model_extra or {}
    for name in type(model).model_fields:
        yield from _extras_in(getattr(model, name))


def _extras_in(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from extras(value)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _extras_in(each)


def words(text: str, entities: Any, most: int, what: str) -> None:
    """The length of a text in UTF-16 units, and its entities."""
    if what == "message" and not text.strip():
        raise BadRequest("Bad Request: message text is empty")
    if utf16(text) > most:
        raise BadRequest(f"Bad Request: {what} is too long")
    spans = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > utf16(text):
            raise BadRequest("Bad Request: ENTITY_BOUNDS_INVALID")
        if _splits_a_pair(text, start) or _splits_a_pair(text, end):
            raise BadRequest(
                "Bad Request: an entity begins or ends in the middle of a UTF-16 symbol"
            )
        if entity["type"] not in ("bold", "italic", "code", "pre", "text_link"):
            raise BadRequest("Bad Request: unsupported entity type")
        spans.append((start, end))
    spans.sort()
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise BadRequest("Bad Request: entities overlap")


def _splits_a_pair(text: str, at: int) -> bool:
    return (
        0xDC00 <= int.from_bytes(text.encode("utf-16-le")[2 * at : 2 * at + 2], "little") <= 0xDFFF
    )


def markup(reply_markup: Any) -> None:
    """A keyboard: an action for each button, and sizes."""
    if "inline_keyboard" in reply_markup:
        rows = reply_markup["inline_keyboard"]
        buttons = [button for row in rows for button in row]
        if len(buttons) > 100 or any(len(row) > 8 or not row for row in rows):
            raise BadRequest("Bad Request: REPLY_MARKUP_TOO_LONG")
        if len(json.dumps(reply_markup, ensure_ascii=False).encode()) > 10_000:
            raise BadRequest("Bad Request: reply markup is too long")
        for button in buttons:
            inline(button)
    elif "keyboard" in reply_markup:
        if not all(button["text"] for row in reply_markup["keyboard"] for button in row):
            raise BadRequest("Bad Request: button text must be non-empty")
    elif reply_markup.get("remove_keyboard") is not True:
        raise BadRequest("Bad Request: object expected as reply markup")


def inline(button: Any) -> None:
    if not button["text"].strip():
        raise BadRequest("Bad Request: inline keyboard button text must be non-empty")
    actions = set(button) - {"text"}
    if len(actions) != 1:
        raise BadRequest("Bad Request: text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise BadRequest("Bad Request: BUTTON_DATA_INVALID")
    copied = button.get("copy_text")
    if copied is not None and not 1 <= utf16(copied["text"]) <= 256:
        raise BadRequest("Bad Request: BUTTON_COPY_TEXT_INVALID")
