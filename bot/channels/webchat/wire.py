"""The web chat's wire: JSON frames on one WebSocket, version 1, read and written here alone.

Page to server (`type` and fields):

    hello  v, seen, locale     first of all; `seen` are the ledger ids the page holds (at most 200)
    open   id, start?          someone came in: greet them, or follow a deep link's payload
    say    id, text, label?    words; `id` is the page's own and stays the same when sent again;
                               `label` is shown instead of a command
    press  id, data, label     a button; `label` is what it said, for the other tabs
    file   id, ref, label      an upload is handed in (`uploads.py`); `label` is its name
    seen   ids                 these messages are on the page (the delivery receipt)
    ping                       is anybody there? (a browser cannot see WebSocket pings)

Server to page:

    message  id, at, text, locale, and bold, look, buttons, nonce, copyable, document if any
    ready    who               what was missed has been said; the page may send what waits.
                               Another `who` than before: the cookie is another, begin anew
    ack      id                committed: the page need not send this again
    echo     id, text          the same person said this in another tab
    close    nonce, chosen     the question is answered and shows with what
    delete   id                the page's own words go away (a card number)
    note     id, text          a press's answer that is no message
    typing · pong
    error    code, id?, limit? what was not taken: too_long · too_fast · unavailable · malformed ·
                               no_file (the upload is not there any more)

Without loss: the page sends again, one by one and with the same id, whatever has no `ack`; the
recorded id makes a repeat harmless. After a reconnect `hello` brings what the ledger holds and
the page does not, in id order and before anything new.

Close codes besides the standard's (1003 not text, 1008 flood, 1009 too big, 1011 broken, 1012
restart, 1013 not ready): 4400 unknown version, reload · 4401 no cookie, load the page again · 4409 another tab took
the last place · 4410 the person left.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bot.core.message import Outbound

VERSION = 1
MOST_SEEN = 200

NO_TEXT = 1003
FLOOD = 1008
TOO_BIG = 1009
BROKEN = 1011
RESTART = 1012
TRY_LATER = 1013
OLD_PAGE = 4400
NO_COOKIE = 4401
REPLACED = 4409
LEFT = 4410

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_MOST_ROW = 2**63 - 1


class BadFrame(Exception):
    """A frame that breaks the protocol; `code` is the word told to the page."""

    def __init__(self, code: str, id: str | None = None, limit: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.id = id
        self.limit = limit


class OldPage(Exception):
    """The page speaks another version: it must be loaded again."""


@dataclass(frozen=True, slots=True)
class Hello:
    seen: frozenset[int]
    locale: str | None


@dataclass(frozen=True, slots=True)
class Open:
    id: str
    start: str | None


@dataclass(frozen=True, slots=True)
class Say:
    id: str
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Press:
    id: str
    data: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    id: str
    ref: str
    label: str


@dataclass(frozen=True, slots=True)
class Seen:
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame: TypeAlias = Hello | Open | Say | Press | File | Seen | Ping
Event: TypeAlias = Open | Say | Press | File
"""Frames that become an inbound event."""


def parse(raw: str, most_text: int) -> Frame:
    """A page's frame; `most_text` is the longest text in code points.

    Raises BadFrame for what breaks the protocol, OldPage for another version's hello.
    """
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame("malformed") from None
    if not isinstance(data, dict):
        raise BadFrame("malformed")
    match data.get("type"):
        case "hello":
            if data.get("v") != VERSION:
                raise OldPage
            locale = data.get("locale")
            known = isinstance(locale, str) and len(locale) <= 20 and _LOCALE.fullmatch(locale)
            return Hello(frozenset(_rows(data.get("seen"))), locale if known else None)
        case "open":
            start = data.get("start")
            return Open(_id(data), _words(data, "start", 200) if start else None)
        case "say":
            id = _id(data)
            text = _words(data, "text", most_text, id).strip()
            if not text:
                raise BadFrame("malformed", id)
            return Say(id, text, _words(data, "label", 400, id) if "label" in data else text)
        case "press":
            id = _id(data)
            return Press(id, _words(data, "data", 200, id), _words(data, "label", 400, id))
        case "file":
            id = _id(data)
            return File(id, _words(data, "ref", 60, id), _words(data, "label", 400, id))
        case "seen":
            return Seen(tuple(_rows(data.get("ids"))))
        case "ping":
            return Ping()
        case _:
            raise BadFrame("malformed")


def _id(data: dict[str, Any]) -> str:
    id = data.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise BadFrame("malformed")
    return id


def _words(data: dict[str, Any], name: str, most: int, id: str | None = None) -> str:
    words = data.get(name)
    if not isinstance(words, str):
        raise BadFrame("malformed", id)
    if len(words) > most:
        raise BadFrame("too_long", id, most)
    # JSON can hold what no database takes: NUL, and half of a surrogate pair.
    return words.replace("\0", "").encode("utf-8", "replace").decode()


def _rows(ids: object) -> list[int]:
    if not isinstance(ids, list) or len(ids) > MOST_SEEN:
        raise BadFrame("malformed")
    rows = [id for id in ids if type(id) is int and 0 < id <= _MOST_ROW]
    if len(rows) != len(ids):
        raise BadFrame("malformed")
    return rows


def frame(kind: str, **fields: object) -> str:
    """A server's frame; fields that are None are left out."""
    body = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": kind, **body}, ensure_ascii=False, separators=(",", ":"))


def message(id: int, at: datetime, out: Outbound, file_url: str) -> str:
    """A message as the page draws it; `file_url` is where its document can be fetched."""
    data = out.dump()
    document = out.document
    data["document"] = document and {
        "kind": document.kind,
        "name": document.name,
        "type": document.media_type,
        "url": file_url,
    }
    return frame("message", id=id, at=at.isoformat(), **data)
