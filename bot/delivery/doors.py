"""Messages to chats: together and in order at each address, addresses beside each other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from bot.core.brand import Brand
from bot.core.errors import DeliveryError, Permanent, Temporary
from bot.core.message import Address, Document, DocumentRef, Limits, LinkRef, Notice, Outbound
from bot.core.ports import Channel, Posted, Render, Settled, State
from bot.delivery.verdicts import Verdicts

log = structlog.get_logger("delivery")

REMEMBERED = 10_000
"""Addresses whose newest turn of replies is known, the latest used ones."""


class NoticeWords(Protocol):
    """Draws a notice in its reader's language (`bot.core.render.Renderer`)."""

    def notice(
        self, notice: Notice, limits: Limits, locale: str, token: str
    ) -> Sequence[Outbound]: ...


LinkUrl = Callable[[str, LinkRef], str]
"""(brand, link) → its URL, derived from the server's key."""

Settle = Callable[[Sequence[Posted], Sequence[Settled]], None]


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: Sequence[Posted]
    until: float
    """By the loop's clock; later the lease may be another's."""
    settle: Settle


class Doors:
    """One queue an address, served by a task while there is something in it.

    What is handed in leaves together and in order. When one message does not leave now, what
    follows it waits with it; when its address is bad, what follows fails with it.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        brands: Mapping[str, Brand],
        words: Mapping[str, NoticeWords],
        render: Render,
        notice_token: Callable[[int], str],
        verdicts: Verdicts,
        hold: float,
        link_url: LinkUrl | None = None,
    ) -> None:
        """`channels` by account, `brands` and `words` by brand.

        `hold` is how many seconds a row may be in hand: what the ledger leases, less a margin.
        """
        self._channels = channels
        self._brands = brands
        self._words = words
        self._render = render
        self._notice_token = notice_token
        self._verdicts = verdicts
        self._hold = hold
        self._link_url = link_url
        self._queues: dict[Address, deque[_Batch]] = {}
        self._newest = OrderedDict[Address, int]()
        self._tasks = set[asyncio.Task[None]]()

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """What is being served."""
        return frozenset(self._tasks)

    def put(self, rows: Sequence[Posted], settle: Settle) -> None:
        """Queue messages of one address; `settle` is told what became of them. Returns at once."""
        at = rows[0].at
        if at is None:
            gone = Permanent("gone")
            settle(rows, [self._verdicts.failed(posted, gone) for posted in rows])
            return
        if rows[0].kind == "reply":
            self._newest[at] = max(rows[0].id, self._newest.pop(at, 0))
            while len(self._newest) > REMEMBERED:
                self._newest.popitem(last=False)
        until = asyncio.get_running_loop().time() + self._hold
        queue = self._queues.get(at)
        if queue is not None:
            queue.append(_Batch(rows, until, settle))
            return
        self._queues[at] = queue = deque([_Batch(rows, until, settle)])
        task = asyncio.create_task(self._serve(at, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, at: Address, queue: deque[_Batch]) -> None:
        try:
            while queue:
                batch = queue.popleft()
                batch.settle(batch.rows, await self._leave(batch.rows, batch.until))
        finally:
            del self._queues[at]

    async def _leave(self, rows: Sequence[Posted], until: float) -> list[Settled]:
        """Send messages one after the other; what became of each."""
        outcomes: list[Settled] = []
        for n, posted in enumerate(rows):
            if asyncio.get_running_loop().time() >= until:
                return outcomes + [self._verdicts.released(each) for each in rows[n:]]
            if posted.attempts > 1 and self._moved_on(posted):
                outcomes.append(self._verdicts.replaced(posted))
                continue
            outcome = await self._attempt(posted, until)
            rest = rows[n + 1 :]
            if outcome.state is State.QUEUED and self._moved_on(posted):
                return outcomes + [self._verdicts.replaced(each) for each in rows[n:]]
            outcomes.append(outcome)
            if outcome.state is State.QUEUED or outcome.flag:
                return outcomes + self._verdicts.behind(rest, outcome)
        return outcomes

    def _moved_on(self, posted: Posted) -> bool:
        """Whether a later turn has answered this address meanwhile."""
        return (
            posted.kind == "reply"
            and posted.at is not None
            and self._newest.get(posted.at, 0) > posted.id
        )

    async def _attempt(self, posted: Posted, until: float) -> Settled:
        try:
            async with asyncio.timeout_at(until):
                ref = await self._send(posted)
        except TimeoutError:
            return self._verdicts.failed(posted, Temporary("timeout"))
        except DeliveryError as error:
            return self._verdicts.failed(posted, error)
        # A driver's library may raise anything; one message must not end its address's queue.
        except Exception as error:  # noqa: BLE001
            return self._verdicts.broken(posted, error)
        return self._verdicts.sent(posted, ref)

    async def _send(self, posted: Posted) -> str | None:
        """Send what a row holds; the provider's id of (the last of) it."""
        at, body = posted.at, posted.body
        channel = self._channels.get(at.account) if at else None
        if at is None or channel is None:
            raise Permanent("not_configured")
        if isinstance(body, Outbound):
            return await self._send_one(channel, at, body, posted)
        if not isinstance(body, Notice):
            raise Permanent("refused")
        locale = posted.locale or self._brands[posted.brand].locale
        token = self._notice_token(posted.id)
        ref = None
        for message in self._words[posted.brand].notice(body, channel.limits, locale, token):
            ref = await self._send_one(channel, at, message, posted)
        return ref

    async def _send_one(
        self, channel: Channel, at: Address, message: Outbound, posted: Posted
    ) -> str | None:
        document = None
        if message.link:
            if self._link_url is None:
                raise Permanent("not_configured")
            message = replace(message, text=self._link_url(posted.brand, message.link))
        if message.document:
            document = await self._rendered(channel, at, message.document, message.locale, posted)
        return await channel.send(at, message, document, id=posted.id)

    async def _rendered(
        self, channel: Channel, at: Address, ref: DocumentRef, locale: str, posted: Posted
    ) -> Document:
        """The document as it stands now, while the customer sees that something is coming."""
        rendering = self._render(posted.brand, ref, locale)
        if channel.limits.typing:  # both awaited: a sign that came after the message would stay
            _, document = await asyncio.gather(self._typing(channel, at), rendering)
        else:
            document = await rendering
        if len(document.content) > channel.limits.files_out:
            raise Permanent("too_large")
        return document

    @staticmethod
    async def _typing(channel: Channel, at: Address) -> None:
        try:
            await channel.typing(at)
        # Only a sign: whatever it fails with, the message itself must not fail for it.
        except Exception as error:  # noqa: BLE001
            log.debug("typing failed", account=at.account, kind=type(error).__name__)
