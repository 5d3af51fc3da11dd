"""One open socket of the web chat: it reads within bounds, hands in events, and never waits for a slow page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.webchat import wire


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one page may ask of us."""

    frame: int = 64 * 1024
    """Largest frame, in UTF-8 bytes; give the server the same (`ws_max_size`)."""
    text: int = 4000
    """Longest text, in code points."""
    per_second: float = 4.0
    burst: int = 30
    strikes: int = 60
    """Frames above the rate after which the socket is closed."""
    sockets: int = 8
    """Open at once for one address; one more closes the oldest."""
    inbox: int = 64
    outbox: int = 1024
    """Frames that may wait for a slow page; one more and it is dropped."""
    hello_seconds: float = 10.0
    """How long a socket may stay silent before its hello."""
    fresh: int = 50
    """Messages a new tab is shown."""
    resumed: int = 300
    """Most missed messages brought back after a reconnect."""


class Bucket:
    """A token bucket."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._clock = clock
        self._at = clock()

    def take(self) -> bool:
        """One token, or False if there is none."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Desk(Protocol):
    """What a socket needs of the channel."""

    async def resume(self, socket: Socket, hello: wire.Hello) -> None:
        """Join the socket to its address and push what it missed."""
        ...

    async def receive(self, socket: Socket, event: wire.Event) -> None:
        """Hand in an event and acknowledge it."""
        ...

    def echo(self, socket: Socket, event: wire.Event) -> None:
        """Show an event in the other tabs."""
        ...

    async def seen(self, socket: Socket, id: int) -> None:
        """A message reached the page."""
        ...


class Socket:
    """A page's connection: a reader, a worker that plays events in order, and a writer."""

    def __init__(
        self,
        websocket: WebSocket,
        chat: str,
        desk: Desk,
        bounds: Bounds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`chat` is the address's; `clock` counts seconds, for the rate alone."""
        self.chat = chat
        self.locale: str | None = None
        self._websocket = websocket
        self._desk = desk
        self._bounds = bounds
        self._bucket = Bucket(bounds.per_second, bounds.burst, clock)
        self._strikes = 0
        self._greeted = False
        self._held: list[tuple[int | None, str]] | None = []
        self._pushed: dict[int, bool] = {}
        self._inbox: asyncio.Queue[wire.Event | wire.Seen | None] = asyncio.Queue()
        self._outbox: asyncio.Queue[str | int] = asyncio.Queue(bounds.outbox)
        self._leaving = False
        self._writer: asyncio.Task[None] | None = None
        self._worker: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ out

    def push(self, frame: str, id: int | None = None) -> None:
        """A frame to the page, without waiting; `id` is a message's. Held back while it resumes."""
        if self._held is not None:
            self._held.append((id, frame))
        elif id is None or id not in self._pushed:
            self._put(frame, id)

    def bring(self, frame: str, id: int) -> None:
        """A missed message, before anything new."""
        self._put(frame, id)

    def resumed(self) -> None:
        """What was missed has been brought: what was held back follows, each message once."""
        held, self._held = self._held or [], None
        for id, frame in held:
            self.push(frame, id)
        self._put(wire.frame("ready", who=self.chat[:12]), None)

    def _put(self, frame: str, id: int | None) -> None:
        if self._leaving:
            return
        try:
            self._outbox.put_nowait(frame)
        except asyncio.QueueFull:
            self.drop()
            return
        if id is not None:
            self._pushed[id] = False
            if len(self._pushed) > self._bounds.outbox:
                del self._pushed[next(iter(self._pushed))]

    def bye(self, code: int) -> None:
        """Close with a code, after what is already on its way."""
        if self._leaving:
            return
        self._leaving = True
        try:
            self._outbox.put_nowait(code)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        """Leave a page that does not read: nobody waits for it. It resumes when it comes back."""
        self._leaving = True
        if self._writer:
            self._writer.cancel()

    async def finish(self, code: int) -> None:
        """Take nothing more, end what is in hand, close."""
        self._inbox.put_nowait(None)
        if self._worker:
            await asyncio.wait({self._worker})
        self.bye(code)

    # ------------------------------------------------------------------ life

    async def run(self) -> None:
        """From the accepted connection to its end. Raises what a turn raised that nobody expected."""
        self._writer = asyncio.create_task(self._write())
        self._worker = asyncio.create_task(self._work())
        reader = asyncio.create_task(self._read())
        patience = asyncio.get_running_loop().call_later(
            self._bounds.hello_seconds, self._lose_patience
        )
        try:
            await asyncio.wait({reader, self._writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
            self._leaving = True
            reader.cancel()
            self._inbox.put_nowait(None)
            # A turn in hand ends and commits, whether or not its page is still there.
            await asyncio.wait({self._worker, reader})
            self._writer.cancel()
            await asyncio.wait({self._writer})
        for task in (self._worker, reader, self._writer):
            if not task.cancelled() and (error := task.exception()):
                raise error

    def _lose_patience(self) -> None:
        if not self._greeted:
            self.bye(wire.FLOOD)

    async def _write(self) -> None:
        try:
            while True:
                frame = await self._outbox.get()
                if isinstance(frame, int):
                    await self._websocket.close(frame)
                    return
                await self._websocket.send_text(frame)
        except (WebSocketDisconnect, OSError):
            return  # gone in the middle of a word: the ledger keeps it

    async def _read(self) -> None:
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            raw = event.get("text")
            if raw is None:
                self.bye(wire.NO_TEXT)
            elif not self._leaving:
                await self._take(raw)

    async def _take(self, raw: str) -> None:
        if (
            len(raw) > self._bounds.frame
            or len(raw.encode("utf-8", "replace")) > self._bounds.frame
        ):
            self.bye(wire.TOO_BIG)
            return
        calm = self._bucket.take()
        try:
            frame = wire.parse(raw, self._bounds.text)
        except wire.OldPage:
            self.bye(wire.OLD_PAGE)
            return
        except wire.BadFrame as bad:
            self._strike()
            self._say(wire.frame("error", code=bad.code, id=bad.id, limit=bad.limit))
            return
        if not calm:
            self._strike()
            self._say(wire.frame("error", code="too_fast", id=getattr(frame, "id", None)))
            return
        match frame:
            case wire.Hello() if not self._greeted:
                self._greeted = True
                self.locale = frame.locale
                await self._desk.resume(self, frame)
            case wire.Hello():
                self.locale = frame.locale
            case wire.Ping():
                self._say(wire.frame("pong"))
            case _ if not self._greeted or self._inbox.qsize() >= self._bounds.inbox:
                self._say(wire.frame("error", code="too_fast", id=getattr(frame, "id", None)))
            case wire.Seen():
                self._inbox.put_nowait(frame)
            case _:
                self._desk.echo(self, frame)
                self._inbox.put_nowait(frame)

    def _say(self, frame: str) -> None:
        """A frame of the connection itself, which does not wait for the hello."""
        self._put(frame, None)

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes > self._bounds.strikes:
            self.bye(wire.FLOOD)

    async def _work(self) -> None:
        try:
            while (event := await self._inbox.get()) is not None:
                if isinstance(event, wire.Seen):
                    await self._acknowledged(event.ids)
                else:
                    await self._desk.receive(self, event)
        except Exception:  # whatever it is, it is raised on; the page is only told to come again
            self.bye(wire.BROKEN)
            raise

    async def _acknowledged(self, ids: Iterable[int]) -> None:
        for id in ids:
            # Only what was sent here, and once: a page cannot speak for another's messages.
            if self._pushed.get(id) is False:
                self._pushed[id] = True
                await self._desk.seen(self, id)
