"""Updates of the Bot API → what the counter hears."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.message import JSON, Address, FileIn, Inbound

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<payload>[A-Za-z0-9_-]{1,64}))?\s*", re.ASCII)
_PHONE = re.compile(r"\+?(?P<digits>[1-9][0-9]{7,14})", re.ASCII)
_MIGRATED = ("migrate_to_chat_id", "migrate_from_chat_id")

_UNREADABLE = {
    "sticker": "sticker",
    "voice": "voice",
    "audio": "voice",
    "video_note": "voice",
    "venue": "location",
    "location": "location",
    "animation": "animation",
    "video": "video",
    "dice": "dice",
    "poll": "poll",
    "game": "game",
    "story": "story",
    "paid_media": "media",
    "checklist": "checklist",
}
"""Content a person may send that a counter cannot read → the word for it. What is not here is a
service message (a pin, a timer), which nobody expects an answer to."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something happened in a group or a channel, where a counter has no business."""

    chat: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press, with what Telegram needs to answer it and what its message says now."""

    event: Inbound
    query: str
    message: int
    text: str | None
    entities: JSON


Heard = Inbound | Pressed | Elsewhere | None


def chat_of(update: JSON) -> int | None:
    """The chat of an update, by which order is kept; None if it has none."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            return int(update[kind]["chat"]["id"])
    message = update.get("callback_query", {}).get("message")
    return int(message["chat"]["id"]) if message else None


def read(update: JSON, account: str) -> Heard:
    """What an update says; None if there is nothing to hear.

    Raises KeyError, TypeError or ValueError on what is no update of the Bot API.
    """
    id = str(int(update["update_id"]))
    if "callback_query" in update:
        return _pressed(id, update["callback_query"], account)
    if "message" in update:
        return _message(id, update["message"], account)
    if "edited_message" in update:
        return _edited(id, update["edited_message"], account)
    if "my_chat_member" in update:
        return _member(update["my_chat_member"])
    return None


def _member(change: Any) -> Heard:
    """The bot was added somewhere; a customer who blocks it is noticed when something is sent."""
    chat = change["chat"]
    here = change["new_chat_member"]["status"] not in ("left", "kicked")
    return None if chat["type"] == "private" or not here else _elsewhere(chat, change.get("from"))


def _elsewhere(chat: Any, sender: Any) -> Elsewhere:
    return Elsewhere(int(chat["id"]), sender.get("language_code") if sender else None)


def _pressed(id: str, query: Any, account: str) -> Heard:
    message, data = query.get("message"), query.get("data")
    if not message or data is None or message["chat"]["type"] != "private":
        return None
    event = _event(id, message["chat"], query["from"], account, press=data, message=message)
    return Pressed(
        event,
        query["id"],
        int(message["message_id"]),
        message.get("text"),
        message.get("entities", []),
    )


def _edited(id: str, message: Any, account: str) -> Heard:
    if message["chat"]["type"] != "private" or "location" in message:
        return None  # a live location moves by edits: one kind answer to it was enough
    return _said(id, message, account, unsupported="edited")


def _message(id: str, message: Any, account: str) -> Heard:
    if message["chat"]["type"] != "private":
        moved = any(each in message for each in _MIGRATED) or "left_chat_member" in message
        return None if moved else _elsewhere(message["chat"], message.get("from"))
    if "from" not in message or message["from"].get("is_bot"):
        return None
    if (text := message.get("text")) is not None:
        start = _START.fullmatch(text)
        return _said(id, message, account, text=text, start=start["payload"] if start else None)
    if "contact" in message:
        return _contact(id, message, account)
    for content, word in _UNREADABLE.items():  # before documents: an animation is one, too
        if content in message:
            return _said(id, message, account, unsupported=word)
    file = _file(message)
    return _said(id, message, account, file=file) if file else None


def _contact(id: str, message: Any, account: str) -> Inbound:
    """Only the sender's own contact proves a phone: a forwarded one is anybody's."""
    contact = message["contact"]
    phone = _PHONE.fullmatch(re.sub(r"[ ()-]", "", contact.get("phone_number", "")))
    if contact.get("user_id") != message["from"]["id"] or phone is None:
        return _said(id, message, account, unsupported="foreign-contact")
    return _said(id, message, account, phone=f"+{phone['digits']}")


def _file(message: Any) -> FileIn | None:
    if "document" in message:
        found = message["document"]
        kind = found.get("mime_type", "application/octet-stream")
        return FileIn(
            found["file_id"], found.get("file_name", "file"), kind, found.get("file_size", 0)
        )
    if message.get("photo"):
        found = message["photo"][-1]  # the sizes grow
        return FileIn(found["file_id"], "photo.jpg", "image/jpeg", found.get("file_size", 0))
    return None


def _said(id: str, message: Any, account: str, **what: Any) -> Inbound:
    date = message.get("edit_date") or message["date"]
    return _event(
        id,
        message["chat"],
        message["from"],
        account,
        message=message,
        sent_at=datetime.fromtimestamp(int(date), UTC),
        **what,
    )


def _event(id: str, chat: Any, sender: Any, account: str, *, message: Any, **what: Any) -> Inbound:
    return Inbound(
        id=id,
        address=Address(account, str(int(chat["id"]))),
        locale=sender.get("language_code"),
        name=sender.get("first_name"),
        ref=str(int(message["message_id"])),
        **what,
    )
