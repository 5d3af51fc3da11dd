"""The web chat: a channel of our own, over a resumable WebSocket (its frames are in `wire.py`).

An address is a browser: the hash of a random token in its cookie. Its tabs are one address. A
message is in the ledger before it is sent, so sending to nobody succeeds: the page brings what it
missed when it comes back.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.channels.webchat import wire
from bot.channels.webchat.door import Door
from bot.channels.webchat.sockets import Bounds, Socket
from bot.channels.webchat.uploads import UploadDesk, Uploads
from bot.core.errors import Permanent, Temporary, Unavailable
from bot.core.message import Address, Document, FileIn, Inbound, Limits, Outbound
from bot.core.ports import Close, LaneLimits, Posted, Receive, State

FRAME_BYTES = Bounds().frame
"""The server's `ws_max_size`: no page of ours sends more."""

History: TypeAlias = Callable[[Address, int, int], Awaitable[Sequence[Posted]]]
"""`Ledger.history`: (address, after, most) → the newest `most` rows above `after`, oldest first."""
FindDocument: TypeAlias = Callable[[Address, int], Awaitable[Document | None]]
"""(address, ledger id) → the document of that message, rendered anew; None if it is not theirs."""
OnReceipt: TypeAlias = Callable[[str, str, State], Awaitable[None]]
"""(account, ref, state), as `Ledger.receipt` takes them."""

_SHOWN = ("application/pdf", "image/png", "image/jpeg", "image/webp")
"""What a browser may show by itself; anything else is downloaded."""


def words_of(posted: Posted) -> Outbound | None:
    """The message of a reply's row. Notices are words only once rendered, which is the app's."""
    return posted.body if isinstance(posted.body, Outbound) else None


class WebChat:
    """The driver of one `[[channels]]` entry of kind webchat (a `Channel`)."""

    limits = Limits(
        text=16_000,
        buttons=30,
        button_label=80,
        details=True,
        copy=4000,
        caption=16_000,
        files_out=20 * 1024 * 1024,
        edits=True,
        deletes=True,
        receipts=True,
        typing=True,
    )
    lane_limits = LaneLimits(per_second=1000, burst=1000)
    acknowledges = False

    def __init__(
        self,
        account: str,
        brand: str,
        *,
        history: History,
        document: FindDocument,
        draw: Callable[[Posted], Outbound | None] = words_of,
        on_receipt: OnReceipt | None = None,
        uploads: Uploads | None = None,
        path: str = "/chat",
        origins: Collection[str] = (),
        secure: bool = False,
        keep: timedelta = timedelta(days=30),
        bounds: Bounds | None = None,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`path` is where its routes hang; `draw` renders a row again when it is replayed.

        `origins`, `secure`, `keep` and `new_token` are the door's (`Door`); `clock`
        counts seconds for the rate of a socket. Without `uploads` the channel takes no files.
        """
        self.account = account
        self.brand = brand
        self.path = path
        self.door = Door(new_token=new_token, origins=origins, secure=secure, keep=keep)
        self._history = history
        self._document = document
        self._draw = draw
        self._on_receipt = on_receipt
        self._uploads = uploads
        self._desk = UploadDesk(uploads, clock=clock) if uploads else None
        if uploads:
            self.limits = replace(self.limits, files_in=uploads.most)
        self._bounds = bounds or Bounds()
        self._now = now
        self._clock = clock
        self._receive: Receive | None = None
        self._sockets: dict[str, list[Socket]] = {}
        self._open: set[Socket] = set()

    # ------------------------------------------------------------------ the channel

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None
        await asyncio.gather(*(socket.finish(wire.RESTART) for socket in list(self._open)))

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        if document and len(document.content) > self.limits.files_out:
            raise Permanent("too_large")
        self._push(address.chat, self._message(id, self._now(), message), id)
        return str(id)

    async def typing(self, address: Address) -> None:
        self._push(address.chat, wire.frame("typing"))

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """The page keeps what was asked, with what was chosen."""
        return False

    async def close(self, address: Address, close: Close) -> None:
        self._push(address.chat, wire.frame("close", nonce=close.nonce, chosen=close.chosen))

    async def delete(self, address: Address, ref: str) -> None:
        self._push(address.chat, wire.frame("delete", id=ref))

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        if words:
            self._push(event.address.chat, wire.frame("note", id=event.ref, text=words))

    def _push(self, chat: str, frame: str, id: int | None = None) -> None:
        for socket in tuple(self._sockets.get(chat, ())):
            socket.push(frame, id)

    def _message(self, id: int, at: datetime, message: Outbound) -> str:
        return wire.message(id, at, message, f"{self.path}/file/{id}")

    # ------------------------------------------------------------------ what a socket asks

    async def resume(self, socket: Socket, hello: wire.Hello) -> None:
        here = self._sockets.setdefault(socket.chat, [])
        here.append(socket)
        for oldest in here[: -self._bounds.sockets]:
            self._leave(oldest)
            oldest.bye(wire.REPLACED)
        after = min(hello.seen) - 1 if hello.seen else 0
        most = len(hello.seen) + self._bounds.resumed if hello.seen else self._bounds.fresh
        try:
            rows = await self._history(Address(self.account, socket.chat), after, most)
        except Unavailable:
            socket.bye(wire.TRY_LATER)
            return
        for row in sorted(rows, key=lambda row: row.id):
            if row.id not in hello.seen and (message := self._draw(row)):
                frame = self._message(row.id, row.created_at or self._now(), message)
                socket.bring(frame, row.id)
        socket.resumed()

    async def receive(self, socket: Socket, event: wire.Event) -> None:
        file = None
        if isinstance(event, wire.File):
            try:
                file = await self._handed_in(socket.chat, event.ref)
            except Unavailable:
                socket.push(wire.frame("error", code="unavailable", id=event.id))
                return
            if file is None:
                socket.push(wire.frame("error", code="no_file", id=event.id))
                return
        inbound = Inbound(
            # A page chooses its ids: they are kept apart by address, so that none can take another's.
            id=f"{socket.chat[:24]}:{event.id}",
            address=Address(self.account, socket.chat),
            text=_text(event),
            press=event.data if isinstance(event, wire.Press) else None,
            file=file,
            start=event.start if isinstance(event, wire.Open) else None,
            sent_at=self._now(),
            locale=socket.locale,
            ref=event.id,
        )
        socket.push(await self._answer(event.id, inbound))

    async def _handed_in(self, chat: str, ref: str) -> FileIn | None:
        return await self._uploads.find(Address(self.account, chat), ref) if self._uploads else None

    async def _answer(self, id: str, inbound: Inbound) -> str:
        if self._receive is not None:
            try:
                await self._receive(inbound)
            except Unavailable:
                pass  # not committed: the page sends it again
            else:
                return wire.frame("ack", id=id)
        return wire.frame("error", code="unavailable", id=id)

    def echo(self, socket: Socket, event: wire.Event) -> None:
        if isinstance(event, wire.Open):
            return
        for other in tuple(self._sockets.get(socket.chat, ())):
            if other is not socket:
                other.push(wire.frame("echo", id=event.id, text=event.label))

    async def seen(self, socket: Socket, id: int) -> None:
        if self._on_receipt:
            try:
                await self._on_receipt(self.account, str(id), State.DELIVERED)
            except Unavailable:
                return  # the message is on the page all the same; only its state stays `sent`

    def _leave(self, socket: Socket) -> None:
        here = self._sockets.get(socket.chat, [])
        if socket in here:
            here.remove(socket)
        if not here:
            self._sockets.pop(socket.chat, None)

    # ------------------------------------------------------------------ the routes

    def routes(self) -> Sequence[BaseRoute]:
        """What `bot.app` hangs into the ASGI app."""
        return [
            WebSocketRoute(f"{self.path}/ws", self._connect),
            Route(f"{self.path}/file/{{id:int}}", self._file),
            Route(f"{self.path}/leave", self._forget, methods=["POST"]),
            Route(f"{self.path}/upload", self._upload, methods=["POST"]),
        ]

    def admit(self, request: HTTPConnection, response: Response) -> None:
        """Give a visitor of the page their cookie."""
        self.door.admit(request, response)

    async def _connect(self, websocket: WebSocket) -> None:
        if not self.door.welcomes(websocket):
            await websocket.close()  # before the handshake: 403
            return
        chat = self.door.chat_of(websocket.cookies)
        await websocket.accept()
        if chat is None or self._receive is None:
            await websocket.close(wire.TRY_LATER if chat else wire.NO_COOKIE)
            return
        socket = Socket(websocket, chat, self, self._bounds, self._clock)
        self._open.add(socket)
        try:
            await socket.run()
        finally:
            self._open.discard(socket)
            self._leave(socket)

    async def _file(self, request: Request) -> Response:
        chat = self.door.chat_of(request.cookies)
        id = int(request.path_params["id"])
        try:
            document = (
                await self._document(Address(self.account, chat), id)
                if chat and id < 2**63
                else None
            )
        except Permanent:
            document = None
        except (Temporary, Unavailable):
            return Response(status_code=503, headers={"Retry-After": "5"})
        if document is None:
            return Response(status_code=404)
        shown = document.media_type in _SHOWN and "download" not in request.query_params
        return Response(
            document.content,
            media_type=document.media_type,
            headers={
                "Content-Disposition": f"{'inline' if shown else 'attachment'}; "
                f"filename*=UTF-8''{quote(document.name, safe='')}",
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _upload(self, request: Request) -> Response:
        """A file, to be handed in by its socket afterwards."""
        chat = self.door.chat_of(request.cookies)
        if self._desk is None or chat is None or not self.door.welcomes(request):
            return JSONResponse({"code": "forbidden"}, 403, headers={"Connection": "close"})
        return await self._desk.take(request, Address(self.account, chat))

    async def _forget(self, request: Request) -> Response:
        """The person leaves a shared computer: another cookie, and every tab is told."""
        if not self.door.welcomes(request):
            return Response(status_code=403)
        response = Response(status_code=204)
        self.door.admit(request, response, anew=True)
        for socket in tuple(self._sockets.get(self.door.chat_of(request.cookies) or "", ())):
            socket.bye(wire.LEFT)
        return response


def _text(event: wire.Event) -> str | None:
    match event:
        case wire.Say():
            return event.text
        case wire.Open():
            return f"/start {event.start}" if event.start else "/start"
        case wire.Press() | wire.File():
            return None
