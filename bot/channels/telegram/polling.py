"""Our own getUpdates loop: the offset moves only past updates that are committed.

The Bot API forgets an update as soon as it is asked for later ones, and hands out again all it has
not forgotten. So the offset is the oldest update still in hand; younger ones that come again
meanwhile are known by their ids.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.channels.telegram.api import BotApi
from bot.channels.telegram.inbound import ALLOWED_UPDATES, chat_of
from bot.core.errors import DeliveryError, Temporary, Unavailable
from bot.core.message import JSON

log = structlog.get_logger("telegram")

LONG_POLL = 25
"""Seconds the server may hold a poll that has nothing to tell."""
MOST = 100
"""Updates in one answer: the most the API gives, and the most in hand at once."""
BUSY = 0.05
"""Seconds until it is asked for more while some updates are still in hand."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds between tries when the Bot API is in trouble."""
AGAIN = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds until an update that could not be committed is tried again."""
LAST_WORD = 3.0
"""Seconds a stop may take to tell the server what is committed."""

Take = Callable[[JSON], Awaitable[object]]
"""Play one update; returns after the commit, raises Unavailable when it must be tried again."""


class Polling:
    """Fetches the updates of one bot and hands them in: in order in a chat, chats beside each other."""

    def __init__(self, api: BotApi, take: Take, open_door: Callable[[], Awaitable[None]]) -> None:
        """`open_door` makes the server ready to be polled: a webhook that is set forbids it."""
        self._api = api
        self._take = take
        self._open_door = open_door
        self._offset = 0
        self._told = 0
        self._highest = 0
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._done = set[int]()
        self._tails: dict[int | None, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ask for nothing more, end what is in hand, and tell the server what is committed."""
        self._stopping.set()
        loop, self._loop = self._loop, None
        if loop is None:
            return
        loop.cancel()
        await asyncio.wait({loop})
        if self._in_hand:
            await asyncio.wait(set(self._in_hand.values()))
        self._advance()
        if self._offset > self._told:
            with contextlib.suppress(DeliveryError):  # they come again, and their ids are known
                await self._fetch(wait=0, most=1, seconds=LAST_WORD)

    # ------------------------------------------------------------------ the loop

    async def _run(self) -> None:
        failures, ready = 0, False
        while True:
            try:
                if not ready:
                    await self._open_door()
                    ready = True
                updates = await self._fetch(wait=0 if self._in_hand else LONG_POLL)
            # Whatever the other side says, the bot must not fall silent.
            except Exception as error:  # noqa: BLE001
                ready = ready and not _must_reopen(error)
                await asyncio.sleep(_pause(error, failures))
                failures += 1
                continue
            failures = 0
            new = [each for each in updates if self._is_new(int(each["update_id"]))]
            for update in sorted(new, key=lambda each: int(each["update_id"])):
                self._begin(update)
            if self._in_hand:
                await asyncio.wait(set(self._in_hand.values()), timeout=BUSY if new else 4 * BUSY)

    async def _fetch(self, *, wait: int, most: int = MOST, seconds: float | None = None) -> Any:
        self._advance()
        asked = {
            "timeout": wait,
            "limit": most,
            "allowed_updates": list(ALLOWED_UPDATES),
            **({"offset": self._offset} if self._offset else {}),
        }
        found = await self._api.call("getUpdates", asked, seconds=seconds or wait + 10.0)
        if not isinstance(found, list):
            raise Temporary("server", "no list of updates")
        self._told = self._offset
        return found

    def _is_new(self, id: int) -> bool:
        return id not in self._in_hand and id not in self._done

    def _advance(self) -> None:
        """Move the offset to the oldest update that is not committed."""
        if not self._highest:
            return
        self._offset = min(self._in_hand, default=self._highest + 1)
        self._done = {id for id in self._done if id >= self._offset}

    # ------------------------------------------------------------------ one update

    def _begin(self, update: JSON) -> None:
        id, chat = int(update["update_id"]), chat_of(update)
        self._highest = max(self._highest, id)
        task = asyncio.create_task(self._play(id, update, self._tails.get(chat)))
        self._in_hand[id] = self._tails[chat] = task
        task.add_done_callback(lambda done: self._forget_tail(chat, done))

    def _forget_tail(self, chat: int | None, task: asyncio.Task[None]) -> None:
        if self._tails.get(chat) is task:
            del self._tails[chat]

    async def _play(self, id: int, update: JSON, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        tries = 0
        while not self._stopping.is_set():  # else it stays in hand, and the next process has it
            try:
                await self._take(update)
            except Unavailable:
                await self._rest(AGAIN[min(tries, len(AGAIN) - 1)])
                tries += 1
                continue
            except Exception:  # a mistake of ours: one update must not hold up all others
                log.exception("telegram.update_failed", update=id)
            self._done.add(id)
            del self._in_hand[id]
            return

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _must_reopen(error: Exception) -> bool:
    return isinstance(error, Temporary) and error.code == "conflict"


def _pause(error: Exception, failures: int) -> float:
    after = error.after.total_seconds() if isinstance(error, Temporary) and error.after else 0.0
    code = getattr(error, "code", type(error).__name__)
    log.warning("telegram.poll_failed", code=code, failures=failures + 1)
    return max(after, PAUSES[min(failures, len(PAUSES) - 1)])
