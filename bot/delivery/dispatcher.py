"""From the message ledger to the channel or the mail server, and back: what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.core.brand import Brand
from bot.core.errors import DeliveryError, Permanent, Temporary, Unavailable
from bot.core.ports import Channel, LaneLimits, Ledger, Posted, Render, Settled, State
from bot.delivery.calls import CallDelivery
from bot.delivery.doors import Doors, LinkUrl, NoticeWords
from bot.delivery.lanes import Lane
from bot.delivery.mails import MailDelivery
from bot.delivery.verdicts import Verdicts

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a dispatcher goes about it; seconds, unless it says otherwise."""

    poll: float = 5.0
    """Between looks at a lane that nobody wakes (another process may have posted)."""
    sweep: float = 30.0
    """Between sweeps for what a dead process left."""
    hold: float = 45.0
    """How long a row may be in hand: less than the ledger's lease of 60."""
    grace: float = 5.0
    """How long a stop waits for what is on its way."""
    again: float = 1.0
    """Between tries to write an outcome while the database cannot."""
    chats: int = 32
    """Rows of a chat lane in hand at once, besides replies of turns."""
    calls: int = 8
    """Rows of a gateway's lane in hand at once."""
    mails: int = 32
    """Rows of a mail lane in hand at once: made beside each other, sent one by one."""


class Dispatcher:
    """Delivers what turns post: replies at once, the rest by lanes.

    Replies of a turn leave together and in order; other addresses go on meanwhile. Notices, mails
    and replies that were not taken are claimed from the ledger, lane by lane within its limits.
    What each attempt means is in `Verdicts`. Nothing is lost when the process dies: what it held is
    leased, and the sweep finds it.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[str, Channel],
        mails: MailDelivery | None,
        *,
        brands: Mapping[str, Brand],
        words: Mapping[str, NoticeWords],
        render: Render,
        notice_token: Callable[[int], str],
        clock: Callable[[], datetime],
        rng: random.Random,
        pace: Pace | None = None,
        link_url: LinkUrl | None = None,
        calls: CallDelivery | None = None,
    ) -> None:
        """`channels` by account; `brands`, and the `words` of notices, by brand.

        Without `mails` or `calls` their lanes are not served: such rows wait in the ledger. `clock` gives aware
        instants; `notice_token` is what the buttons of a notice's row carry.
        """
        self._ledger = ledger
        self._mails = mails
        self._pace = pace or Pace()
        self._clock = clock
        self._verdicts = Verdicts(clock, rng)
        self._doors = Doors(
            channels, brands, words, render, notice_token, self._verdicts, self._pace.hold,
            link_url,
        )  # fmt: skip
        self._lanes: dict[str, Lane] = {}
        for account, channel in channels.items():
            self._lanes[account] = self._chat_lane(account, channel.lane_limits)
        if mails:
            self._lanes |= {name: self._mail_lane(name, mails) for name in mails.lanes}
        self._calls = calls
        if calls:
            self._lanes |= {name: self._call_lane(name, calls) for name in calls.lanes}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loops = set[asyncio.Task[None]]()
        self._sweeper: asyncio.Task[None] | None = None
        self._work = set[asyncio.Future[None]]()
        self._changed = asyncio.Event()
        self._stopping = False
        ledger.on_posted(self._wake_from_anywhere)

    # ------------------------------------------------------------------ the outside

    def deliver(self, posted: Sequence[Posted]) -> None:
        """Take the replies of a turn, right after its commit; returns at once."""
        if posted:
            self._doors.put(posted, self._settle)

    def wake(self, lane: str) -> None:
        """Look whether something is due in a lane; one that is not served here is left alone."""
        if lane in self._lanes:
            self._lanes[lane].wake()

    async def start(self) -> None:
        """Sweep what a dead process left, then serve the lanes until `stop`."""
        self._loop = asyncio.get_running_loop()
        await self._sweep()
        self._loops = {
            asyncio.create_task(lane.run(self._changed.set)) for lane in self._lanes.values()
        }
        self._sweeper = asyncio.create_task(self._sweep_for_ever())
        for lane in self._lanes.values():
            lane.wake()

    async def stop(self) -> None:
        """Claim nothing more and end what is in hand; what a few seconds do not suffice for stays
        leased, and the next process has it."""
        self._stopping = True
        for lane in self._lanes.values():
            lane.stop()
        if self._sweeper:
            self._sweeper.cancel()
        try:
            async with asyncio.timeout(self._pace.grace):
                while left := self._unfinished():
                    await asyncio.wait(left)
        except TimeoutError:
            log.warning("stopped with messages on their way", tasks=len(self._unfinished()))
            while left := self._unfinished():  # what ended just now may have begun another try
                for work in left:
                    work.cancel()
                await asyncio.wait(left)
        if self._mails:
            await self._mails.close()
        if self._calls:
            await self._calls.close()

    async def idle(self) -> None:
        """Wait until nothing is in hand and every outcome is written; retries to come do not count."""
        while self._doors.tasks or self._work or any(lane.busy for lane in self._lanes.values()):
            self._changed.clear()
            await self._changed.wait()

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Lane → what attempts came to since the start, and `in_hand` now; for the metrics."""
        counts = {lane: dict(states) for lane, states in self._verdicts.counts.items()}
        for name, lane in self._lanes.items():
            counts.setdefault(name, {})["in_hand"] = lane.in_hand
        return counts

    # ------------------------------------------------------------------ lanes

    def _chat_lane(self, account: str, limits: LaneLimits) -> Lane:
        def take(lane: Lane, claimed: Sequence[Posted]) -> None:
            for posted in claimed:  # the ledger gives one row of an address at a time
                self._doors.put([posted], lambda rows, ends: self._settle(rows, ends, lane))

        return Lane(
            account, limits, self._ledger, take,
            slots=self._pace.chats, poll=self._pace.poll, clock=self._clock,
        )  # fmt: skip

    def _mail_lane(self, name: str, mails: MailDelivery) -> Lane:
        def take(lane: Lane, claimed: Sequence[Posted]) -> None:
            for posted in claimed:
                self._spawn(self._mail(posted, lane, mails))

        return Lane(
            name, mails.lanes[name], self._ledger, take,
            slots=self._pace.mails, poll=self._pace.poll, clock=self._clock,
            ready_at=lambda: mails.ready_at(name),
        )  # fmt: skip

    def _call_lane(self, name: str, calls: CallDelivery) -> Lane:
        async def attempt(posted: Posted, lane: Lane) -> None:
            settled = await calls.attempt(posted, self._verdicts, self._pace.hold)
            self._settle([posted], [settled], lane)

        def take(lane: Lane, claimed: Sequence[Posted]) -> None:
            for posted in claimed:
                self._spawn(attempt(posted, lane))

        return Lane(
            name, calls.lanes[name], self._ledger, take,
            slots=self._pace.calls, poll=self._pace.poll, clock=self._clock,
        )  # fmt: skip

    async def _mail(self, posted: Posted, lane: Lane, mails: MailDelivery) -> None:
        self._settle([posted], [await self._mail_attempt(posted, mails)], lane)

    async def _mail_attempt(self, posted: Posted, mails: MailDelivery) -> Settled:
        if self._verdicts.expired(posted):
            return self._verdicts.failed(posted, Permanent("expired"))
        try:
            async with asyncio.timeout(self._pace.hold):
                ref = await mails.send(posted)
        except TimeoutError:
            return self._verdicts.failed(posted, Temporary("timeout"))
        except DeliveryError as error:
            return self._verdicts.failed(posted, error)
        # Values, documents and the mail library may raise anything; the lane must go on.
        except Exception as error:  # noqa: BLE001
            return self._verdicts.broken(posted, error)
        return self._verdicts.sent(posted, ref)

    # ------------------------------------------------------------------ outcomes

    def _settle(
        self, rows: Sequence[Posted], outcomes: Sequence[Settled], lane: Lane | None = None
    ) -> None:
        self._verdicts.note(rows, outcomes)
        self._write(rows, outcomes, lane)

    def _write(
        self, rows: Sequence[Posted], outcomes: Sequence[Settled], lane: Lane | None
    ) -> None:
        """Have outcomes written, as long as it takes: one that is lost is a message sent twice."""
        written = asyncio.ensure_future(self._ledger.settle(outcomes))
        self._work.add(written)
        written.add_done_callback(partial(self._written, rows, outcomes, lane))

    def _written(
        self,
        rows: Sequence[Posted],
        outcomes: Sequence[Settled],
        lane: Lane | None,
        written: asyncio.Future[None],
    ) -> None:
        error = None if written.cancelled() else written.exception()  # cancelled by `stop`
        if isinstance(error, Unavailable):
            log.warning("outcomes wait for the database", count=len(outcomes))
            self._spawn(self._write_later(rows, outcomes, lane))
        else:
            if error:  # these rows' leases end, and the sweep finds them
                ids = [outcome.id for outcome in outcomes]
                log.error("outcomes lost", ids=ids, exc_info=error)
            self._over(rows, outcomes, lane)
        self._ended(written)

    async def _write_later(
        self, rows: Sequence[Posted], outcomes: Sequence[Settled], lane: Lane | None
    ) -> None:
        await asyncio.sleep(self._pace.again)
        self._write(rows, outcomes, lane)

    def _over(self, rows: Sequence[Posted], outcomes: Sequence[Settled], lane: Lane | None) -> None:
        """Nothing of them is in hand any more; those that are to be tried again have their time."""
        for posted, outcome in zip(rows, outcomes, strict=True):
            if lane:
                lane.done()
            if outcome.state is State.QUEUED and outcome.again_at and posted.lane in self._lanes:
                self._lanes[posted.lane].remind(outcome.again_at)

    # ------------------------------------------------------------------ loops

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._pace.sweep)
            await self._sweep()

    async def _sweep(self) -> None:
        try:
            found = await self._ledger.sweep()
        except Unavailable:
            log.warning("sweep waits for the database")
        # The ledger may raise anything; the next sweep looks again.
        except Exception:
            log.exception("sweep broke")
        else:
            if any(found.values()):
                log.info("swept", **found)

    def _wake_from_anywhere(self, lane: str) -> None:
        """Called from storage threads, and from the loop itself."""
        loop = self._loop
        if loop is None or self._stopping:
            return
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            self.wake(lane)
        else:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self.wake, lane)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, work: asyncio.Future[None]) -> None:
        self._work.discard(work)
        self._changed.set()

    def _unfinished(self) -> set[asyncio.Future[None]]:
        self._loops = {task for task in self._loops if not task.done()}
        return self._loops | self._doors.tasks | self._work
