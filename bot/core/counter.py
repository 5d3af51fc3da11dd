"""From the door to the turn and out again: order per address, replay, apology, acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from bot.core.engine import Engine, Played
from bot.core.errors import DeliveryError, Unavailable
from bot.core.message import Address, Inbound, Outbound
from bot.core.ports import Channel, Close, Posted, Storage

log = structlog.get_logger(__name__)


class Deliver(Protocol):
    """Takes the replies of a turn right after its commit; returns without waiting for the channel."""

    def deliver(self, posted: Sequence[Posted]) -> None: ...


class Counter:
    """The counter itself: every channel hands its events in here.

    Events of one address are played one after the other, in the order they came in; other
    addresses go on meanwhile. `receive` returns after the commit.
    """

    def __init__(
        self,
        storage: Storage,
        engines: Mapping[str, Engine],
        channels: Mapping[str, Channel],
        delivery: Deliver,
        new_incident: Callable[[], str],
    ) -> None:
        """`engines` by brand, `channels` by account; `new_incident` makes short random ids."""
        self._storage = storage
        self._engines = engines
        self._channels = channels
        self._delivery = delivery
        self._new_incident = new_incident
        self._queues: dict[Address, _Queue] = {}
        self._edges = set[asyncio.Task[None]]()

    async def receive(self, event: Inbound) -> None:
        """Play one event. Raises Unavailable when it was not recorded and must come again."""
        channel = self._channels[event.address.account]
        queue = self._queues.get(event.address)
        if queue is None:
            queue = self._queues[event.address] = _Queue()
        queue.events += 1
        try:
            async with queue.lock:
                played = await self._play(event, channel)
                close = self._left_to_close(event, played, channel)
                self._delivery.deliver(played.posted)
        finally:
            queue.events -= 1
            if not queue.events:
                del self._queues[event.address]
        press = event.press is not None and channel.acknowledges
        if press or close is not None or played.delete is not None:
            edges = asyncio.create_task(
                self._after(event, channel, delete=played.delete, press=press, close=close)
            )
            self._edges.add(edges)
            edges.add_done_callback(self._edges.discard)

    async def stop(self) -> None:
        """Wait for what is still to be told to the channels."""
        while self._edges:
            await asyncio.wait(self._edges)

    async def _play(self, event: Inbound, channel: Channel) -> Played:
        engine = self._engines[channel.brand]
        try:
            return await self._storage.play(
                channel.brand, lambda tx: engine.turn(tx, event, channel.limits)
            )
        except Unavailable:
            raise
        except Exception:  # law 14: whatever a flow raises falls alone, and the person is told
            incident = self._new_incident()
            log.exception("turn.failed", incident=incident, account=event.address.account)
        try:
            return await self._storage.play(
                channel.brand, lambda tx: engine.apologise(tx, event, channel.limits, incident)
            )
        except Unavailable:
            raise
        except Exception:  # it would fail each time it came again, and hold up all behind it
            log.exception("apology.failed", incident=incident, account=event.address.account)
            return Played()

    @staticmethod
    def _left_to_close(event: Inbound, played: Played, channel: Channel) -> Close | None:
        """The answered question, unless the first reply takes its place."""
        close, posted = played.close, played.posted
        if close is None:
            return None
        replaced = (
            posted
            and not close.stays
            and isinstance(posted[0].body, Outbound)
            and channel.replaces(event.address, close, posted[0].body, id=posted[0].id)
        )
        return None if replaced or close.goes_on else close

    async def _after(
        self,
        event: Inbound,
        channel: Channel,
        *,
        delete: str | None,
        press: bool,
        close: Close | None,
    ) -> None:
        """What is no ledger row: a secret is deleted, the press answered, the question closed.

        Losing one of these costs a person nothing, so what a channel refuses is only noted.
        """
        if delete is not None:
            await self._edge(event, channel.delete(event.address, delete))
        if press:
            await self._edge(event, channel.acknowledge(event, None))
        if close is not None:
            await self._edge(event, channel.close(event.address, close))

    async def _edge(self, event: Inbound, work: Awaitable[None]) -> None:
        account = event.address.account
        try:
            await work
        except DeliveryError as error:
            log.info("edge.failed", account=account, error=type(error).__name__)
        except Exception:  # a mistake in a driver; the turn is committed and the next edge awaits
            log.exception("edge.failed", account=account)


class _Queue:
    """What the events of an address wait for, in the order they came in."""

    __slots__ = ("events", "lock")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.events = 0
        """In hand or waiting; after the last one the queue is forgotten."""
