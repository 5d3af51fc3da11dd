"""The web chat keeps the contract of channels, over real WebSockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.channels.webchat import WebChat
from bot.channels.webchat.door import PLAIN_COOKIE
from bot.core.message import Address, Document, Inbound, Outbound
from tests.channels.contract import (
    Bold,
    Buttons,
    ChannelContract,
    Door,
    Edits,
    Files,
    People,
    Refusal,
    Repeats,
    Seen,
)
from tests.web.client import Page, new_cookie, page
from tests.web.counter import ACCOUNT, Counter, Served, serving


@dataclass
class Ledger(Counter):
    """The documents of the rows that were posted; what comes in goes to the test."""

    by_id: dict[int, Document] = field(default_factory=dict)

    async def receive(self, event: Inbound) -> None:
        """Replaced by the contract's own ears."""

    async def document(self, address: Address, id: int) -> Document | None:
        return self.by_id.get(id)


@dataclass
class Tab:
    """A browser's page: it sends again what was not acknowledged, as the real one does."""

    cookie: str
    page: Page
    frames: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)
    reader: asyncio.Task[None] | None = None

    async def read(self) -> None:
        while True:
            frame = await self.page.next()
            self.frames.append(frame)
            if frame["type"] == "error" and frame.get("id") == self.last.get("id"):
                await self.page.send(**self.last)

    async def send(self, **frame: Any) -> None:
        self.last = frame
        await self.page.send(**frame)

    async def settled(self) -> None:
        """Until everything sent before now has arrived."""
        pongs = self.count("pong")
        await self.page.send(type="ping")
        async with asyncio.timeout(10):
            while self.count("pong") == pongs:
                await asyncio.sleep(0.001)

    def count(self, kind: str) -> int:
        return sum(frame["type"] == kind for frame in self.frames)


class WebChatDoor:
    """Browsers at the web chat."""

    def __init__(self, served: Served, ledger: Ledger, stack: AsyncExitStack) -> None:
        self.channel: WebChat = served.chat
        self._served = served
        self._ledger = ledger
        self._stack = stack
        self._tabs: dict[Address, Tab] = {}
        self._ids = itertools.count(1)

    async def someone(self) -> Address:
        cookie = await new_cookie(self._served)
        tab = Tab(cookie, await self._stack.enter_async_context(page(self._served, cookie)))
        await tab.page.hello()
        tab.reader = asyncio.create_task(tab.read())
        self._stack.push_async_callback(self._leave, tab)
        at = Address(ACCOUNT, self.channel.door.chat_of({PLAIN_COOKIE: cookie}) or "")
        self._tabs[at] = tab
        return at

    @staticmethod
    async def _leave(tab: Tab) -> None:
        assert tab.reader
        tab.reader.cancel()
        await asyncio.wait({tab.reader})

    async def types(self, at: Address, words: str) -> None:
        await self._tabs[at].send(type="say", id=f"w{next(self._ids)}", text=words)

    async def presses(self, at: Address, label: str) -> None:
        tab = self._tabs[at]
        await tab.settled()
        data = next(
            button[1]
            for frame in reversed(tab.frames)
            for button in frame.get("buttons", ())
            if button[0] == label
        )
        await tab.send(type="press", id=f"p{next(self._ids)}", data=data, label=label)

    async def repeats(self) -> None:
        for tab in self._tabs.values():
            await tab.send(**tab.last)

    async def refuses(self, how: Refusal) -> None:
        raise NotImplementedError

    def posted(self, at: Address, id: int, message: Outbound, document: Document | None) -> None:
        if document:
            self._ledger.by_id[id] = document

    async def seen(self, at: Address) -> Sequence[Seen]:
        tab = self._tabs[at]
        await tab.settled()
        closed = {frame["nonce"] for frame in tab.frames if frame["type"] == "close"}
        return [
            await self._seen(tab, frame, closed)
            for frame in tab.frames
            if frame["type"] == "message"
        ]

    async def _seen(self, tab: Tab, frame: dict[str, Any], closed: set[str]) -> Seen:
        text = frame["text"]
        buttons = () if frame.get("nonce") in closed else frame.get("buttons", ())
        return Seen(
            text,
            tuple(button[0] for button in buttons),
            tuple(text[start : start + length] for start, length in frame.get("bold", ())),
            await self._fetched(tab, frame["document"]) if frame.get("document") else None,
        )

    async def _fetched(self, tab: Tab, document: dict[str, Any]) -> Document:
        async with httpx.AsyncClient(cookies={PLAIN_COOKIE: tab.cookie}) as http:
            answer = await http.get(f"{self._served.url}{document['url']}")
        return Document(document["name"], answer.headers["content-type"], answer.content)


class TestWebChat(ChannelContract, Files, Buttons, Edits, Bold, People, Repeats):
    """The contract."""

    @pytest.fixture
    async def door(self) -> AsyncIterator[Door]:
        ledger = Ledger()
        async with AsyncExitStack() as stack:
            served = await stack.enter_async_context(serving(ledger))
            yield WebChatDoor(served, ledger, stack)
