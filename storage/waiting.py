"""Work that waits for a storage thread: first come, first served; some of it later, some with others."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bot.core.errors import Unavailable
from storage.begun import Begun


class Job:
    """One piece of work, who awaits it, and what became of it.

    `work` may be played several times (a lost race, a group that could not commit), so it must be a
    pure function of the transaction: what it does elsewhere would be done again.
    """

    __slots__ = ("error", "future", "lanes", "loop", "plays", "result", "work")

    def __init__(self, work: Callable[[Begun], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.plays = 0
        """How often it was tried in vain."""
        self.forget()

    def forget(self) -> None:
        """What an attempt that did not stay had left."""
        self.result: Any = None
        self.error: BaseException | None = None
        self.lanes: set[str] = set()

    @property
    def given_up(self) -> bool:
        """Nobody awaits it any more; if it has not been committed, it need not be."""
        return self.future.cancelled()


class Waiting:
    """The queue between event loops and storage threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ready = deque[Job]()
        self._later = list[tuple[float, int, Job]]()
        self._joining = list[tuple[float, Job]]()
        self._count = itertools.count()
        self._closed = False

    def put(self, job: Job) -> None:
        """Play it when its turn comes. Raises Unavailable after `close`."""
        with self._changed:
            self._refuse_if_closed()
            self._ready.append(job)
            self._changed.notify()

    def put_joining(self, job: Job, seconds: float) -> None:
        """Play it with the next group of several, or alone once `seconds` have passed without one.

        A job that is alone has somebody waiting for it, and nothing to share its commit with.
        """
        with self._changed:
            self._refuse_if_closed()
            self._joining.append((time.monotonic() + seconds, job))
            self._changed.notify()

    def put_again(self, job: Job, seconds: float) -> None:
        """Play it once more after `seconds`; taken even when closed, for it has been promised."""
        with self._changed:
            heapq.heappush(self._later, (time.monotonic() + seconds, next(self._count), job))
            self._changed.notify()

    def put_back(self, jobs: list[Job]) -> None:
        """What was taken and not begun, before all others."""
        with self._changed:
            self._ready.extendleft(reversed(jobs))
            self._changed.notify()

    def take(self, most: int, threads: int = 1) -> list[Job]:
        """Up to `most` jobs, and those that join a group if it can be one; waits for the first.

        Where `threads` share the queue each takes its part. Empty only when closed and nothing is left.
        """
        with self._changed:
            while True:
                wait = self._make_ready()
                if self._ready:
                    part = -(-len(self._ready) // threads)
                    jobs = [self._ready.popleft() for _ in range(min(most, part))]
                    if len(jobs) > 1:
                        jobs += [job for _, job in self._joining]
                        self._joining.clear()
                    return jobs
                if self._closed:
                    return []
                self._changed.wait(wait)

    def close(self) -> None:
        """Take nothing new; what waits for its time is ready at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _make_ready(self) -> float | None:
        """Move what is due to the ready ones; seconds until the next is due."""
        now = time.monotonic()
        while self._later and (self._closed or self._later[0][0] <= now):
            self._ready.append(heapq.heappop(self._later)[2])
        while self._joining and (self._closed or self._joining[0][0] <= now):
            self._ready.append(self._joining.pop(0)[1])
        due = [queue[0][0] for queue in (self._later, self._joining) if queue]
        return max(0.0, min(due) - now) if due else None

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable("closed")
