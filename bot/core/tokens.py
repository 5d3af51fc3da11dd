"""Short random words, for the nonces of questions and the names of runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

_AT_ONCE = 512
"""Words that one system call brings: asking for each is a fortieth of a turn."""


class Tokens:
    """Words of random hex digits; call it for the next one, from any thread."""

    def __init__(self, size: int = 4, draw: Callable[[int], bytes] = os.urandom) -> None:
        """`size` is in bytes, of which each is two digits; `draw` gives so many random bytes."""
        self._size = size
        self._draw = draw
        self._left = list[str]()
        self._lock = threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            if not self._left:
                size = self._size
                drawn = self._draw(size * _AT_ONCE).hex()
                self._left = [drawn[at : at + 2 * size] for at in range(0, len(drawn), 2 * size)]
            return self._left.pop()
