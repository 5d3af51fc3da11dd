"""The ledger of messages that leave: claimed, settled, swept, and read again."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from bot.core.errors import Unavailable
from bot.core.message import Address
from bot.core.ports import LaneLimits, Posted, Settled, State
from storage import lanes, outcomes
from storage.begun import Begun
from storage.tables import address, message, message_body
from storage.turns import Turns

EARLY_RECEIPTS = 10_000
"""Receipts remembered that came before the outcome of their message was written."""
_HANDED = tuple(
    state.value for state in (State.SENDING, State.SENT, State.DELIVERED, State.READ, State.UNKNOWN)
)


class MessageLedger:
    """Messages that leave, and what became of them (`Ledger`)."""

    def __init__(
        self, turns: Turns, reads: Turns, *, owner: str, wakes: list[Callable[[str], None]]
    ) -> None:
        self._turns = turns
        self._reads = reads
        self._owner = owner
        self._wakes = wakes
        self._lock = threading.Lock()
        self._gathering: _Batch | None = None
        self._early = OrderedDict[str, list[_Receipt]]()
        self._finishing = set[asyncio.Task[None]]()

    async def claim(self, lane: str, limits: LaneLimits, most: int) -> Sequence[Posted]:
        """Take due rows of a lane within its limit; see `lanes.claim`."""
        return await self._turns.submit(
            lambda begun: lanes.claim(begun, lane, limits, most, owner=self._owner)
        )

    def settle(self, settled: Sequence[Settled]) -> asyncio.Future[None]:
        """Write what became of messages, with the next group or within 50 ms; done when durable.

        They are written with others', and who stops waiting does not stop that.
        """
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not settled:
            told.set_result(None)
            return told
        with self._lock:
            batch = self._gathering
            if batch is None or batch.written.done():  # given up before it began
                batch = _Batch()
                try:
                    batch.written = self._turns.submit(partial(self._write, batch), joining=True)
                except Unavailable as closed:
                    told.set_exception(closed)
                    return told
                batch.written.add_done_callback(partial(self._written, batch))
                self._gathering = batch
            batch.outcomes += settled
            batch.parts.append((settled, told))
        return told

    async def sweep(self) -> Mapping[str, int]:
        """Queue again what a dead process held, or call it unknown; see `outcomes.sweep`."""
        return await self._turns.submit(outcomes.sweep)

    async def receipt(self, account: str, ref: str, state: State, error: str | None = None) -> None:
        """A provider's report: delivered, read, or refused after all.

        One that comes before its message is known to be sent waits here for the outcome.
        Raises ValueError for a state that no provider reports.
        """
        if state not in outcomes.REPORTED:
            raise ValueError(f"no provider reports that a message is {state}")
        early = _Receipt(account, state, error)
        # Kept before looking: an outcome written meanwhile finds it, or is found.
        self._early.setdefault(ref, []).append(early)
        known = await self._turns.submit(
            lambda begun: outcomes.receipt(begun, account, ref, state, error)
        )
        if known and early in self._early.get(ref, ()):
            self._early[ref].remove(early)
            if not self._early[ref]:
                del self._early[ref]
        while len(self._early) > EARLY_RECEIPTS:
            self._early.popitem(last=False)

    async def history(self, address: Address, after: int, most: int) -> Sequence[Posted]:
        """What the channel was handed for an address with an id above `after`: the newest, oldest first."""
        return await self._reads.submit(partial(_history, where=address, after=after, most=most))

    async def one(self, address: Address, id: int) -> Posted | None:
        """A reply or notice by its id, for the address it was sent to; None for any other."""
        rows = await self._reads.submit(
            partial(_history, where=address, after=id - 1, most=1, up_to=id)
        )
        return rows[0] if rows else None

    def on_posted(self, wake: Callable[[str], None]) -> None:
        """Call `wake(lane)` after a commit that left rows due in a lane, in a storage thread."""
        self._wakes.append(wake)

    def _write(self, batch: _Batch, begun: Begun) -> None:
        with self._lock:  # later outcomes make a batch of their own, also if this is played again
            if self._gathering is batch:
                self._gathering = None
        outcomes.settle(begun, batch.outcomes, owner=self._owner)

    def _written(self, batch: _Batch, written: asyncio.Future[None]) -> None:
        """Tell those who wait; for most there is nothing more to do."""
        error = written.exception()
        alone = len(batch.parts) == 1
        for settled, told in batch.parts:
            if told.done():  # they do not wait any more
                continue
            if isinstance(error, Unavailable) or (error and alone):
                told.set_exception(error)
            elif error or any(outcome.ref in self._early for outcome in settled):
                finishing = asyncio.create_task(self._finish(settled, told, again=bool(error)))
                self._finishing.add(finishing)
                finishing.add_done_callback(self._finishing.discard)
            else:
                told.set_result(None)

    async def _finish(
        self, settled: Sequence[Settled], told: asyncio.Future[None], *, again: bool
    ) -> None:
        """What a few outcomes need besides."""
        try:
            if again:  # somebody's outcome was a mistake, and ours must not fall with it
                await self._turns.submit(
                    lambda begun: outcomes.settle(begun, settled, owner=self._owner)
                )
            for outcome in settled:
                if outcome.ref is not None:
                    for early in self._early.pop(outcome.ref, ()):
                        await self.receipt(early.account, outcome.ref, early.state, early.error)
        except Exception as error:  # noqa: BLE001  whatever it is, it is for the one who waits
            if not told.done():
                told.set_exception(error)
        else:
            if not told.done():
                told.set_result(None)


LARGEST_ID = 2**63 - 1


class _Batch:
    """Outcomes that are written together."""

    __slots__ = ("outcomes", "parts", "written")

    def __init__(self) -> None:
        self.outcomes: list[Settled] = []
        self.parts: list[tuple[Sequence[Settled], asyncio.Future[None]]] = []
        """The same as they came, and who waits for each."""
        self.written: asyncio.Future[None]


class _Receipt(NamedTuple):
    account: str
    state: State
    error: str | None


def _history(
    begun: Begun, where: Address, after: int, most: int, up_to: int = LARGEST_ID
) -> list[Posted]:
    newest = (
        select(
            message.c.id, message.c.kind, message.c.lane, message.c.brand, message.c.address,
            message.c.attempts, message.c.created_at, message.c.dedup, message_body.c.body,
            address.c.account, address.c.chat, address.c.locale,
        )
        .join_from(message, message_body)
        .join(address, message.c.address == address.c.id)
        .where(
            address.c.account == where.account,
            address.c.chat == where.chat,
            message.c.id > after,
            message.c.id <= up_to,
            message.c.kind.in_(("reply", "notice")),
            message.c.state.in_(_HANDED),
        )
        .order_by(message.c.id.desc())
        .limit(most)
    )  # fmt: skip
    return [lanes.posted(row) for row in reversed(begun.execute(newest).all())]
