"""One lane's loop: woken by what is posted and by a timer, it claims what there is room for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.core.errors import Unavailable
from bot.core.ports import LaneLimits, Ledger, Posted

log = structlog.get_logger("delivery")

GATHER_SECONDS = 0.1
"""Between two looks at a lane that is not full: what is posted meanwhile shares a claim, and the counter is
left to those who wait for an answer. Whoever comes after a rest is looked for at once."""
SOON = 0.25
"""Seconds after which a lane looks again that was woken and found nothing: its limit may have
let nothing through. Then four times that, and so on up to the poll."""


class Lane:
    """The queue of one sending account, as far as this process takes part in it."""

    def __init__(
        self,
        name: str,
        limits: LaneLimits,
        ledger: Ledger,
        take: Callable[[Lane, Sequence[Posted]], None],
        *,
        slots: int,
        poll: float,
        clock: Callable[[], datetime],
        ready_at: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        """`take` gets what was claimed and calls `done` for each row when it is settled.

        `slots` is how many rows may be in hand at once, `poll` the seconds between looks when
        nobody wakes it; while `ready_at` is ahead nothing is claimed.
        """
        self.name = name
        self._limits = limits
        self._ledger = ledger
        self._take = take
        self._slots = slots
        self._poll = poll
        self._clock = clock
        self._ready_at = ready_at
        self._woken = asyncio.Event()
        self._looking = False
        self._looked_at = -math.inf
        self._full = False
        self._wait = poll
        self._reminder: asyncio.TimerHandle | None = None
        self.in_hand = 0
        self._stopping = False

    @property
    def busy(self) -> bool:
        """Whether a look is due or under way, or something in hand."""
        return self._woken.is_set() or self._looking or self.in_hand > 0

    def wake(self) -> None:
        """Look now: something may be due."""
        self._wait = SOON
        self._woken.set()

    def remind(self, at: datetime) -> None:
        """Look at an instant, unless one before it is planned already."""
        if self._stopping:
            return
        seconds = max(0.0, (at - self._clock()).total_seconds())
        loop = asyncio.get_running_loop()
        if self._reminder and self._reminder.when() <= loop.time() + seconds:
            return
        if self._reminder:
            self._reminder.cancel()
        self._reminder = loop.call_later(seconds, self._reminded)

    def done(self) -> None:
        """A row in hand was settled."""
        self.in_hand -= 1
        if self._full and self.in_hand <= self._slots // 2:  # so that one claim brings several
            self._full = False
            self._looked_at = -math.inf  # the rest of what is due has waited already
            self.wake()

    def stop(self) -> None:
        self._stopping = True
        if self._reminder:
            self._reminder.cancel()
        self._woken.set()

    async def run(self, rested: Callable[[], None]) -> None:
        """Serve the lane until it is stopped; `rested` is called whenever a look is over."""
        while not self._stopping:
            await self._gather()
            self._woken.clear()
            self._looking = True
            try:
                await self._look()
            except Unavailable:
                log.warning("lane waits for the database", lane=self.name)
            # The ledger may raise anything; a lane that stood still would be noticed too late.
            except Exception:
                log.exception("lane broke", lane=self.name)
            finally:
                self._looking = False
                rested()
            await self._rest()

    async def _look(self) -> None:
        ready_at = self._ready_at()
        if ready_at is not None:
            self.remind(ready_at)
            return
        while (room := self._slots - self.in_hand) > 0 and not self._stopping:
            claimed = await self._ledger.claim(self.name, self._limits, room)
            if not claimed:
                return
            self._wait = SOON
            self.in_hand += len(claimed)
            self._take(self, claimed)
            if len(claimed) < room:
                return
        self._full = True

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._looked_at + GATHER_SECONDS - loop.time())
        self._looked_at = loop.time()

    async def _rest(self) -> None:
        wait, self._wait = self._wait, min(self._wait * 4, self._poll)
        try:
            async with asyncio.timeout(wait):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _reminded(self) -> None:
        self._reminder = None
        self.wake()
