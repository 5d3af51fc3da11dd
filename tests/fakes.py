"""Stand-ins for what comes from outside: the clock, and random words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""Noon in São Paulo, on a Friday."""
SERVER_KEY = b"a key for tests, of 32 bytes ..."


class Clock:
    """A clock that stands still until it is moved: `clock()` tells the time."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> datetime:
        """Move it on: `clock.forward(minutes=5)`; returns the new time."""
        self.now += timedelta(**time)
        return self.now


class Tokens:
    """Words that never come twice: t1, t2, …"""

    def __init__(self, prefix: str = "t") -> None:
        self.prefix = prefix
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"
