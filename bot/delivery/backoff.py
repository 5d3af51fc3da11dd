"""When a message that was not taken is tried again, and when one stops trying."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing delays with full jitter: `pause` plus anything up to `step`, doubled at each attempt.

    The jitter keeps a thousand messages that failed together from coming back together
    (M. Brooker, "Exponential Backoff and Jitter", 2015); `pause` keeps the first of them from
    coming back at once. What the other side said (Retry-After) is a floor, never shortened.

    Given up is what failed for `patience` since it was made and was tried `attempts` times: a
    message planned days ahead still has its tries when its first one fails.
    """

    pause: timedelta
    step: timedelta
    longest: timedelta
    patience: timedelta
    attempts: int = 5

    def delay(self, attempt: int, after: timedelta | None, rng: random.Random) -> timedelta:
        """How long to wait after attempt number `attempt` (from 1); `after` is Retry-After."""
        doubled = self.step * (1 << min(max(attempt, 1) - 1, 30))
        jitter = min(doubled, self.longest) * rng.random()
        return max(self.pause, after or timedelta()) + jitter

    def gives_up(self, attempt: int, made: datetime | None, now: datetime) -> bool:
        """Whether attempt number `attempt` was the last; `made` is when the row was written."""
        return attempt >= self.attempts and made is not None and now - made >= self.patience


REPLY = Backoff(
    pause=timedelta(seconds=1),
    step=timedelta(seconds=2),
    longest=timedelta(minutes=5),
    patience=timedelta(hours=24),
)
"""An answer in a chat: soon again, for a day (the next turn replaces it anyway)."""
NOTICE = Backoff(
    pause=timedelta(seconds=2),
    step=timedelta(seconds=5),
    longest=timedelta(minutes=15),
    patience=timedelta(hours=48),
)
"""A notice: for two days."""
MAIL = Backoff(
    pause=timedelta(seconds=30),
    step=timedelta(minutes=1),
    longest=timedelta(hours=1),
    patience=timedelta(hours=48),
)
"""A mail: servers that greylist want minutes; for two days."""
CALL = Backoff(
    pause=timedelta(seconds=1),
    step=timedelta(seconds=2),
    longest=timedelta(minutes=10),
    patience=timedelta(hours=72),
)
"""A call to a payment gateway: soon again, for somebody may wait; each call says for how long."""
CODE_MAIL = Backoff(
    pause=timedelta(seconds=2),
    step=timedelta(seconds=5),
    longest=timedelta(minutes=1),
    patience=timedelta(minutes=10),
    attempts=1,
)
"""A one-time code by mail: it is worth nothing after its ten minutes."""
