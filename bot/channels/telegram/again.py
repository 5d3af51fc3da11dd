"""Edits and farewells that Telegram did not take at once: no ledger row has them, so they are tried again here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.core.errors import Permanent, Temporary

log = structlog.get_logger("telegram")

PAUSES = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds between tries, or as long as Telegram says; after the last one it is let be."""
MOST = 1000
"""Works that wait at once; one more is let be, since a flood is not mended by remembering it."""

Work = Callable[[], Awaitable[None]]
"""Something that may be done twice."""


class Again:
    """Works that are tried now, and again while the other side says later.

    They are forgotten with the process: what a lost one costs is a button that stays in an old
    message, and pressing it is answered kindly.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._tasks = set[asyncio.Task[None]]()

    async def now_or_later(self, work: Work) -> None:
        """Returns after the first try. Raises Permanent of that one; of later ones it is logged."""
        try:
            await work()
        except Temporary as error:
            if len(self._tasks) >= MOST:
                log.warning("telegram.edit_given_up", code=error.code, waiting=len(self._tasks))
                return
            task = asyncio.create_task(self._later(work, error))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until nothing is left to try."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        """Forget what waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _later(self, work: Work, error: Temporary) -> None:
        for pause in PAUSES:
            asked = error.after.total_seconds() if error.after else 0.0
            await self._sleep(max(pause, asked))
            try:
                await work()
            except Temporary as again:
                error = again
            except Permanent as refused:
                log.info("telegram.edit_refused", code=refused.code)
                return
            else:
                return
        log.warning("telegram.edit_given_up", code=error.code)
