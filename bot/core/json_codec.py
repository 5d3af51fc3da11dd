"""JSON for the hot path: orjson, and the standard library for the few things orjson refuses or rounds."""

from __future__ import annotations

import json
from collections.abc import Callable

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
        _refuse_named(value)
        return json.dumps(value, separators=(",", ":")).encode()


def _refuse_named(value: JSON) -> None:
    """A Text that got among the answers of a flow is a mistake, and must not pass as a list."""
    if isinstance(value, tuple) and type(value) is not tuple:
        raise TypeError(f"{type(value).__name__} is no JSON")
    if isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_named(each)


def decoded(data: bytes | bytearray | str) -> JSON:
    """What `data` says. Raises ValueError."""
    try:
        return orjson.loads(data)
    except ValueError:  # half an emoji, escaped, is all right for everybody else
        try:
            return json.loads(data)
        except RecursionError:
            raise ValueError("brackets within brackets, too many") from None


read_back: Callable[[str], JSON] = json.JSONDecoder().decode
"""What was kept, as it was: a whole number of any length stays one. Raises ValueError."""
