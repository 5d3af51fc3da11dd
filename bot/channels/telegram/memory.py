"""What a driver remembers of its latest messages, so that it can close or answer them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


REMEMBERED = 10_000
"""Messages, presses and chats of which something is remembered."""


class Latest(Generic[K, V]):
    """The latest entries of a mapping; what was put in first is forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries = OrderedDict[K, V]()

    def put(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def get(self, key: K) -> V | None:
        return self._entries.get(key)

    def pop(self, key: K) -> V | None:
        return self._entries.pop(key, None)

    def __contains__(self, key: object) -> bool:
        return key in self._entries
