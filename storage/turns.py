"""Storage threads: each plays work in transactions on a connection of its own.

Turns that wait share one transaction (group commit): on SQLite, where one thread writes, a commit
with `synchronous=FULL` costs 0.5 to 1 ms; on PostgreSQL a few threads part those that wait among
them. Awaiters learn the outcome after the commit, never before.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import StaleSession, Unavailable
from storage.begun import Begun, idle
from storage.faults import discreet, origin, passes
from storage.waiting import Job, Waiting

log = structlog.get_logger(__name__)
R = TypeVar("R")

GROUP_SECONDS = 0.05
"""A group takes no further turn after this long, so that no write lock nears 200 ms."""
JOIN_SECONDS = 0.05
"""How long outcomes of deliveries wait for a group to join."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a turn is played before it is given up, and how long is waited (seconds)."""

    plays: int = 8
    first: float = 0.01
    """The first pause between two plays; each further one is twice as long."""
    most: float = 0.5
    lock: float = 1.0
    """How long one play waits for a lock: of another process on SQLite, of a row on PostgreSQL."""

    def pause(self, plays: int, jitter: float) -> float:
        """After `plays` in vain: between half and all of it by `jitter` (0 to 1)."""
        return min(self.most, self.first * 2.0 ** (plays - 1)) * (0.5 + jitter / 2)


class _Fell(Exception):
    """A turn raised in a transaction that it shares with others."""


class Turns:
    """Threads and the queue before them."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        clock: Callable[[], datetime],
        threads: int = 1,
        together: int = 1,
        patience: Patience | None = None,
        jitter: Callable[[], float] = random.random,
        committed: Callable[[set[str]], None] = lambda _lanes: None,
        name: str = "turns",
    ) -> None:
        """`connect` is called in the thread that will own the connection.

        `together` is how many turns may share a transaction, `committed` is called in a storage
        thread with the lanes that a commit left with rows due.
        """
        self._connect = connect
        self._clock = clock
        self._together = together
        self._patience = patience or Patience()
        self._jitter = jitter
        self._committed = committed
        self._waiting = Waiting()
        self._own = threading.local()
        self._threads = [
            threading.Thread(target=self._main, name=f"{name}-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Begun], R], *, joining: bool = False) -> asyncio.Future[R]:
        """Play `work` in a transaction; the future has what it returned, after the commit.

        What it raises is raised there. `joining` work waits up to 50 ms for a group of several to join.
        Cancelling the future gives the work up if it was not committed. Raises Unavailable if closed.
        """
        job = Job(work, asyncio.get_running_loop())
        if joining:
            self._waiting.put_joining(job, JOIN_SECONDS)
        else:
            self._waiting.put(job)
        return job.future

    async def close(self) -> None:
        """Play what waits, then end the threads and their connections."""
        self._waiting.close()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    # ---------------------------------------------------------------- in the threads

    def _main(self) -> None:
        while jobs := self._waiting.take(self._together, len(self._threads)):
            jobs = [job for job in jobs if not job.given_up]
            try:
                if len(jobs) > 1:
                    jobs = self._play_together(jobs)
                else:
                    self._play_each(jobs)
            except BaseException as error:  # a mistake in this file must leave nobody waiting
                log.exception("storage.thread_failed")
                self._drop_connection()
                for job in jobs:
                    job.error = job.error or error
            self._finish(jobs)
        self._drop_connection()

    def _play_each(self, jobs: Iterable[Job]) -> None:
        """A transaction for each."""
        for job in jobs:
            job.forget()
            try:
                connection = self._connection()
                with connection.begin():
                    begun = Begun(connection, self._clock())
                    result = job.work(begun)
                    begun.check()
                job.result, job.lanes = result, begun.lanes
            except BaseException as error:  # noqa: BLE001  what ended the turn is for its awaiter
                job.error = error
                self._mend(error)

    def _play_together(self, jobs: list[Job]) -> list[Job]:
        """One transaction for all; returns those that were played.

        If a turn falls, the whole is rolled back and played once more, now with a savepoint for each, so
        that it falls alone: savepoints cost every turn, and hardly one ever needs them. If a turn ended
        the transaction or the commit failed, nothing of it is known to have stayed: each is then
        played in a transaction of its own.
        """
        try:
            connection = self._connection()
            with suppress(_Fell):
                return self._play_group(connection, jobs, falls_alone=False)
            return self._play_group(connection, jobs, falls_alone=True)
        except Exception as error:  # noqa: BLE001  no turn has begun, so each one tells it
            self._mend(error)
            for job in jobs:
                job.error = error
            return jobs

    def _play_group(
        self, connection: Connection, jobs: list[Job], *, falls_alone: bool
    ) -> list[Job]:
        """Raises _Fell if it was rolled back for one that fell, or what forbids a transaction to begin."""
        transaction = connection.begin()
        played = list[Job]()
        until = time.monotonic() + GROUP_SECONDS
        try:
            with transaction:
                for job in jobs:
                    if played and time.monotonic() > until:
                        break
                    played.append(job)
                    self._play_in_group(connection, job, falls_alone=falls_alone)
        except _Fell:
            raise
        except BaseException as error:  # noqa: BLE001  each one's own play will show it
            self._mend(error)
            log.warning("storage.group_broken", turns=len(played), fault=type(error).__name__)
            self._play_each(played)
        self._waiting.put_back(jobs[len(played) :])
        return played

    def _play_in_group(self, connection: Connection, job: Job, *, falls_alone: bool) -> None:
        """Raises _Fell, or anything else if the group is lost with it."""
        job.forget()
        driver: Any = connection.connection.dbapi_connection
        if falls_alone:
            driver.execute("SAVEPOINT turn")
        begun = Begun(connection, self._clock(), under_way=not idle(connection))
        try:
            job.result = job.work(begun)
            begun.check()
        except BaseException as error:  # whatever ended the turn is for its awaiter to see
            if not begun.alive:
                raise
            if not falls_alone:
                raise _Fell from error
            job.error = error
            driver.execute("ROLLBACK TO turn")
        else:
            job.lanes = begun.lanes
        if falls_alone:
            driver.execute("RELEASE turn")

    def _finish(self, jobs: Sequence[Job]) -> None:
        """Tell the awaiters, one wake-up for each event loop, or queue what is to be played again."""
        lanes = set[str]()
        ended = defaultdict[asyncio.AbstractEventLoop, list[Job]](list)
        for job in jobs:
            if job.error is None:
                lanes |= job.lanes
            elif passes(job.error):
                job.plays += 1
                if job.plays < self._patience.plays:
                    pause = self._patience.pause(job.plays, self._jitter())
                    self._waiting.put_again(job, pause)
                    continue
                unavailable = Unavailable(type(origin(job.error)).__name__)
                unavailable.__cause__ = job.error
                job.error = unavailable
            ended[job.loop].append(job)
        if lanes:
            try:
                self._committed(lanes)
            except Exception:  # the turns are committed, and their awaiters must learn it
                log.exception("storage.wake_failed")
        for loop, told in ended.items():
            with suppress(RuntimeError):  # the loop is closed, and nobody awaits
                loop.call_soon_threadsafe(_tell, told)

    # ---------------------------------------------------------------- connections

    def _connection(self) -> Connection:
        """This thread's connection, made anew if the last one was dropped."""
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._connect()
        return connection

    def _mend(self, error: BaseException) -> None:
        """Make sure that the next transaction finds a sound connection."""
        discreet(error)
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            return
        lost = passes(error) and not isinstance(error, StaleSession)
        if lost or connection.closed or connection.invalidated or not idle(connection):
            self._drop_connection()

    def _drop_connection(self) -> None:
        connection: Connection | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            with suppress(SQLAlchemyError):  # it may be broken, which is why it is dropped
                connection.invalidate()
                connection.close()


def _tell(jobs: Iterable[Job]) -> None:
    for job in jobs:
        if job.future.done():  # given up, after its work was committed
            continue
        if job.error is None:
            job.future.set_result(job.result)
        elif isinstance(job.error, StopIteration):  # which no future takes
            job.future.set_exception(RuntimeError("the work raised StopIteration"))
        else:
            job.future.set_exception(job.error)
