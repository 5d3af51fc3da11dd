"""What the operator has to mend: told once when it begins, once when it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger("delivery")


class Alarms:
    """Troubles that stand open, by a stable key such as `smtp:main`.

    `tell(key, words)` is called when a trouble begins and with `words=None` when it is over; it
    must not raise. Words never hold addresses, passwords or the body of a message.
    """

    def __init__(self, tell: Callable[[str, str | None], None] | None = None) -> None:
        self._tell = tell
        self._open: dict[str, str] = {}

    @property
    def standing(self) -> Mapping[str, str]:
        """Key → words of what is still in trouble, for the health page."""
        return dict(self._open)

    def begin(self, key: str, words: str) -> None:
        """A trouble is there; the same words under the same key are told once."""
        if self._open.get(key) == words:
            return
        self._open[key] = words
        log.error("alarm", key=key, words=words)
        if self._tell:
            self._tell(key, words)

    def end(self, key: str) -> None:
        """The trouble is over, if there was one."""
        if self._open.pop(key, None) is None:
            return
        log.info("alarm over", key=key)
        if self._tell:
            self._tell(key, None)
