"""Telegram as its customers and the contract treat it: the driver, the fake behind it, by both ways in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette

from bot.app import LOCALES
from bot.channels.telegram import Telegram
from bot.core.message import Address, Document, Outbound
from bot.core.render import Catalogs
from tests.channels.contract import Refusal, Seen
from tests.channels.telegram.fake_api import TOKEN, FakeApi, Fault, Message
from tests.web.counter import Server

Mode = Literal["polling", "webhook"]
PUBLIC = "https://balcao.example.com"
CATALOGS = Catalogs(LOCALES)


def driver(api: FakeApi, **how: Any) -> Telegram:
    options: dict[str, Any] = {"token": TOKEN, "translate": CATALOGS.translate, "api_url": api.url}
    return Telegram("telegram", "fibra", **(options | how))


@asynccontextmanager
async def opened(mode: Mode, **how: Any) -> AsyncIterator[tuple[Telegram, FakeApi]]:
    """A driver that is not started yet, and its Bot API."""
    async with FakeApi().serving() as api:
        channel = driver(api, mode=mode, webhook_url=PUBLIC, webhook_secret="s" * 64, **how)
        try:
            if mode == "polling":
                yield channel, api
            else:
                async with reachable(api, Starlette(routes=list(channel.routes()))):
                    yield channel, api
        finally:
            await channel.stop()
            await channel.hang_up()


@asynccontextmanager
async def reachable(api: FakeApi, app: Starlette) -> AsyncIterator[int]:
    """The app on a port of loopback, where the public address leads to."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server, door = Server(config), config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    port = door.getsockname()[1]
    api.behind = lambda url: url.replace(PUBLIC, f"http://127.0.0.1:{port}")
    try:
        await server.serves.wait()
        yield port
    finally:
        api.webhook = {}
        server.should_exit = True
        await running
        door.close()


class TelegramDoor:
    """The contract's adaptor."""

    def __init__(self, channel: Telegram, api: FakeApi) -> None:
        self.channel = channel
        self.api = api
        self._ids = itertools.count(9000)

    async def someone(self) -> Address:
        return Address("telegram", str(self.api.chat(next(self._ids)).id))

    async def types(self, at: Address, words: str) -> None:
        self.api.writes(self.api.chats[int(at.chat)], text=words)

    async def presses(self, at: Address, label: str) -> None:
        self.api.presses(self.api.chats[int(at.chat)], label)

    async def repeats(self) -> None:
        self.api.hand_out_again()

    async def refuses(self, how: Refusal) -> None:
        if how == "gone":
            for chat in self.api.chats.values():
                chat.blocked = True
            return
        fault: Fault = "429" if how == "busy" else "502"
        self.api.faults.append(("sendM", fault))

    def posted(self, at: Address, id: int, message: Outbound, document: Document | None) -> None:
        """Telegram is told by the call alone."""

    async def seen(self, at: Address) -> Sequence[Seen]:
        return [as_seen(each) for each in self.api.chats[int(at.chat)].heard]


def as_seen(message: Message) -> Seen:
    units = message.text.encode("utf-16-le")
    bold = (
        units[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode("utf-16-le")
        for each in message.entities
        if each["type"] == "bold"
    )
    document = None
    if message.file:
        document = Document(message.file[1], "", message.file[2])
    return Seen(message.text, labels(message), tuple(bold), document)


def labels(message: Message) -> tuple[str, ...]:
    """What can be pressed under a message."""
    rows = (message.markup or {}).get("inline_keyboard", ())
    return tuple(button["text"] for row in rows for button in row)
