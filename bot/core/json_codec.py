"""JSON for the hot path: orjson, and the standard library for the few things orjson refuses."""

from __future__ import annotations

import json

import orjson

from bot.core.message import JSON

_PLAIN = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""A date that got among the answers of a flow is a mistake, and must not pass as a string."""


def encoded(value: JSON) -> bytes:
    """Compact UTF-8, with everything beyond ASCII as it is.

    Half an emoji, which no UTF-8 can hold, makes it all ASCII. Raises TypeError for what is no JSON.
    """
    try:
        return orjson.dumps(value, option=_PLAIN)
    except TypeError:  # half an emoji, a whole number of more than 64 bits, or no JSON at all
        return json.dumps(value, separators=(",", ":")).encode()


def decoded(data: bytes | bytearray | str) -> JSON:
    """What `data` says. Raises ValueError."""
    try:
        return orjson.loads(data)
    except ValueError:  # half an emoji, escaped, is all right for everybody else
        try:
            return json.loads(data)
        except RecursionError:
            raise ValueError("brackets within brackets, too many") from None
