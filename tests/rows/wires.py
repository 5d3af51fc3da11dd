"""The ends of the three channels that a customer holds: a page's socket, a keyboard, a phone with Telegram."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Protocol

import httpx
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from bot.channels.terminal import Terminal
from bot.channels.webchat import FRAME_BYTES
from bot.channels.webchat.door import HOST_COOKIE
from bot.core.message import Document, Inbound
from bot.core.ports import Receive
from bot.web.protocols import HttpConnection, WebSocket
from tests.channels.telegram.doors import labels
from tests.channels.telegram.fake_api import Chat, FakeApi, Message
from tests.web.counter import Server

PATIENCE = 20.0
"""Seconds until a story gives up waiting; nothing waits that long when all is well."""
_NUMBERED = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
_NOTICED = re.compile(r"^• (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the customer has it."""

    words: str
    options: tuple[str, ...] = ()
    """What can be pressed, or is offered by number."""
    file: Document | None = None


class Wire(Protocol):
    """One customer's end of a channel."""

    async def types(self, words: str) -> None:
        """Write words; returns when the counter has them."""
        ...

    async def presses(self, label: str) -> None:
        """Press what begins with this label on the newest message that has it, or write it."""
        ...

    async def opens(self, payload: str) -> None:
        """Follow a deep link into the chat."""
        ...

    async def hears(self) -> Sequence[Heard]:
        """What came, or was changed, since the last thing done, oldest first."""
        ...


def tidy(words: str) -> str:
    """Without the no-break spaces that Babel puts into money."""
    return words.replace("\u00a0", " ").replace("\u202f", " ")


def _named(label: str, options: Sequence[str]) -> str | None:
    """The option that is meant: of this label, or else one that begins so."""
    whole = [each for each in options if tidy(each) == label]
    return next(iter(whole or [each for each in options if tidy(each).startswith(label)]), None)


# ------------------------------------------------------------------------- the web chat


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The app on a port of loopback."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="error",
        lifespan="off",
        http=HttpConnection,
        ws=WebSocket,
        ws_max_size=2 * FRAME_BYTES,
    )
    server, door = Server(config), config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await server.serves.wait()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        door.close()


def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=False)  # no TLS here, and its certificates take 30 ms to load


@dataclass
class Page:
    """A browser's page: one socket, with the frames that `bot/channels/webchat/wire.py` describes."""

    url: str
    cookie: str
    socket: ClientConnection
    _frames: list[dict[str, Any]] = field(default_factory=list)
    _new: list[dict[str, Any]] = field(default_factory=list)
    _closed: set[str] = field(default_factory=set)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    @classmethod
    async def visited(cls, url: str) -> Page:
        """Load the page, take its cookie, and say hello."""
        async with _http() as http:
            answer = await http.get(f"{url}/chat")
        cookie = SimpleCookie(answer.headers["set-cookie"])[HOST_COOKIE].value
        socket = await connect(
            f"ws{url.removeprefix('http')}/chat/ws",
            origin=url,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"{HOST_COOKIE}={cookie}"},
            proxy=None,
            max_queue=None,
        )
        page = cls(url, cookie, socket)
        await page._send(type="hello", v=1, seen=[], locale="pt-BR")
        await page._until("ready")
        await page.opens("")
        return page

    async def types(self, words: str) -> None:
        await self._does(type="say", text=words)

    async def presses(self, label: str) -> None:
        await self._drain()
        for frame in reversed(self._frames):
            found = _named(label, _options(frame, self._closed))
            if found is not None:
                button = next(b for b in frame["buttons"] if _drawn(b) == found)
                return await self._does(type="press", data=button[1], label=button[0])
        raise AssertionError(f"no button {label!r} on the page")

    async def opens(self, payload: str) -> None:
        await self._does(type="open", **({"start": payload} if payload else {}))

    async def hears(self) -> Sequence[Heard]:
        await self._drain()
        return [await self._heard(each) for each in self._new]

    async def _drain(self) -> None:
        """All that was sent before now: a ping is answered after it."""
        await self._send(type="ping")
        await self._until("pong")

    async def leaves(self) -> None:
        await self.socket.close()

    async def _heard(self, frame: dict[str, Any]) -> Heard:
        file = frame.get("document")
        options = _options(frame, self._closed)
        return Heard(frame["text"], options, await self._file(file) if file else None)

    async def _file(self, of: dict[str, str]) -> Document:
        async with _http() as http:
            cookie = {"Cookie": f"{HOST_COOKIE}={self.cookie}"}
            answer = await http.get(f"{self.url}{of['url']}", headers=cookie)
        assert answer.status_code == 200
        return Document(of["name"], answer.headers["content-type"], answer.content)

    async def _does(self, **frame: Any) -> None:
        self._new.clear()
        await self._send(id=f"w-{next(self._ids)}", **frame)
        await self._until("ack")

    async def _send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def _until(self, kind: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (frame := json.loads(await self.socket.recv()))["type"] != kind:
                assert frame["type"] != "error", frame
                if frame["type"] == "close":
                    self._closed.add(frame["nonce"])
                if frame["type"] == "message":
                    self._frames.append(frame)
                    self._new.append(frame)


def _options(frame: dict[str, Any], closed: set[str]) -> tuple[str, ...]:
    """What can be pressed now."""
    return () if frame.get("nonce") in closed else tuple(map(_drawn, frame.get("buttons", ())))


def _drawn(button: Sequence[str]) -> str:
    """A button with what stands small beside it, in one line as elsewhere."""
    label, _data, _kind, detail = button
    return f"{label} · {detail}" if detail else label


# ------------------------------------------------------------------------- the terminal


class Console(Terminal):
    """The driver itself, which counts the lines that were played."""

    def __init__(self, account: str, brand: str, folder: Path) -> None:
        self._reads, self._writes = os.pipe()
        self.printed = io.StringIO()
        self.played: asyncio.Queue[str] = asyncio.Queue()
        super().__init__(
            account, brand, folder=folder, stdin=self._reads, stdout=self.printed, locale="pt_BR"
        )

    async def start(self, receive: Receive) -> None:
        async def counted(event: Inbound) -> None:
            await receive(event)
            self.played.put_nowait(event.text or "")

        await super().start(counted)

    async def stop(self) -> None:
        await super().stop()
        os.close(self._writes)

    def write(self, line: str) -> None:
        os.write(self._writes, f"{line}\n".encode())


@dataclass
class Keyboard:
    """Somebody at a terminal: lines in, words out, files into a folder."""

    console: Console
    _before: int = 0

    async def types(self, words: str) -> None:
        self._before = len(self.console.printed.getvalue())
        line = " ".join(words.split())
        self.console.write(line)
        async with asyncio.timeout(PATIENCE):
            while await self.console.played.get() != line:
                pass  # the greeting, which nobody wrote

    async def presses(self, label: str) -> None:
        """An option is offered by its number, and found by its label as it stands there."""
        printed = tidy(self.console.printed.getvalue())
        now = printed[self._before :]
        offered = [*_NUMBERED.findall(now), *_NOTICED.findall(printed)]
        assert _named(label, offered) or label.lower() in now, f"no {label!r}:\n{now}"
        await self.types(label)

    async def opens(self, payload: str) -> None:
        await self.types(f"/start {payload}".strip())

    async def hears(self) -> Sequence[Heard]:
        printed = self.console.printed.getvalue()[self._before :]
        return [self._heard(each) for each in printed.split("\n\n") if each]

    def _heard(self, printed: str) -> Heard:
        words, arrow, path = printed.rpartition("→ ")
        if arrow and Path(path).exists():
            return Heard(
                words.rstrip("\n"), file=Document(Path(path).name, "", Path(path).read_bytes())
            )
        return Heard(printed, tuple(_NUMBERED.findall(printed)))


# ------------------------------------------------------------------------- Telegram


@dataclass
class Phone:
    """Somebody with Telegram: the strict Bot API of the tests keeps what they see."""

    api: FakeApi
    chat: Chat
    _seen: dict[int, str] = field(default_factory=dict)

    async def types(self, words: str) -> None:
        await self.sends(text=words)

    async def presses(self, label: str) -> None:
        self._look()
        for message in reversed(self.chat.heard):
            found = _named(label, labels(message))
            if found is not None:
                self.api.presses(self.chat, found)
                return await self._taken()
        raise AssertionError(f"no button {label!r} among {[labels(m) for m in self.chat.heard]}")

    async def opens(self, payload: str) -> None:
        await self.types(f"/start {payload}".strip())

    async def sends(self, **content: Any) -> None:
        self._look()
        self.api.writes(self.chat, **content)
        await self._taken()

    async def hears(self) -> Sequence[Heard]:
        """What the bot said since, in a new message or in place of an old one."""
        return [
            self._heard(each)
            for each in self.chat.heard
            if each.id not in self._seen or not each.text.startswith(self._seen[each.id])
        ]

    @staticmethod
    def _heard(message: Message) -> Heard:
        file = Document(message.file[1], "", message.file[2]) if message.file else None
        return Heard(message.text, labels(message), file)

    def _look(self) -> None:
        self._seen = {each.id: each.text for each in self.chat.messages.values()}

    async def _taken(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.api.pending:
                await asyncio.sleep(
                    0.001
                )  # until it is fetched: the poll that confirms it is on its way
