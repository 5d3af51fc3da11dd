"""A page without a browser: the web chat's protocol spoken over a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.channels.webchat.door import PLAIN_COOKIE
from tests.web.counter import Served

PATIENCE = 10


async def new_cookie(served: Served) -> str:
    """What a browser gets with the page."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{served.url}/chat")
    return answer.cookies[PLAIN_COOKIE]


@dataclass
class Page:
    """One open socket."""

    socket: ClientConnection

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hello(self, *seen: int, locale: str = "pt_BR") -> list[dict[str, Any]]:
        """Say hello; what was missed, up to `ready`."""
        await self.send(type="hello", v=1, seen=list(seen), locale=locale)
        return await self.until("ready")

    async def say(self, text: str, id: str) -> list[dict[str, Any]]:
        await self.send(type="say", id=id, text=text)
        return await self.until("ack")

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            frame = json.loads(await self.socket.recv())
        assert isinstance(frame, dict)
        return frame

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """The frames up to the next of a kind, which is the last."""
        frames = []
        while True:
            frames.append(await self.next())
            if frames[-1]["type"] == kind:
                return frames

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        return (await self.until("message"))[-1]

    async def rest(self) -> list[dict[str, Any]]:
        """All that was sent before now: a ping is answered after it."""
        await self.send(type="ping")
        return (await self.until("pong"))[:-1]

    async def closed(self) -> int:
        """The close code, once the server closes."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006


@asynccontextmanager
async def page(
    served: Served, cookie: str | None = None, *, origin: str | None = ""
) -> AsyncIterator[Page]:
    """A page that connects with a cookie from an origin (its own, unless said otherwise)."""
    headers = {"Cookie": f"{PLAIN_COOKIE}={cookie}"} if cookie else {}
    async with connect(
        f"ws://127.0.0.1:{served.port}/chat/ws",
        origin=served.url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers=headers,
        proxy=None,
        max_queue=None,
    ) as socket:
        yield Page(socket)


def texts(frames: list[dict[str, Any]]) -> list[str]:
    """What the messages among some frames say."""
    return [frame["text"] for frame in frames if frame["type"] == "message"]
