"""The whole counter behind a bot, and its customers: engine, storage, flows, mail, all over HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from bot.app import App, build
from bot.core.brand import Brand
from bot.delivery.smtp import SmtpAccount
from bot.settings import BrandSettings, ChannelSettings, Http, Settings
from tests.channels.telegram.doors import PUBLIC, Mode, labels, reachable
from tests.channels.telegram.fake_api import TOKEN, Chat, FakeApi, Message
from tests.delivery.mail_server import Inbox, mail_server
from tests.fakes import Clock, Tokens
from tests.flows.town import BRAND, TAX_IDS, settle

SERVER_KEY = "a key for tests alone, of 40 characters."
VARIABLE = "TOKEN_OF_THE_TEST_BOT"
PATIENCE = 20.0


@dataclass
class Counter:
    """One process of the counter."""

    app: App
    api: FakeApi
    inbox: Inbox
    clock: Clock

    async def quiet(self) -> None:
        """Until every update is committed and confirmed, and every answer to it has left."""
        async with asyncio.timeout(PATIENCE):
            while self.api.pending or self.api.again:
                await asyncio.sleep(0.002)
        await self.at_rest()

    async def at_rest(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.app.dispatcher.idle()
            await self.app.counter.stop()
            await self.app.dispatcher.idle()

    async def later(self, **time: float) -> None:
        """Time goes by, and what waited for it leaves."""
        self.clock.forward(**time)
        self.app.dispatcher.wake("telegram")
        await self.at_rest()


@asynccontextmanager
async def counter(
    url: str,
    api: FakeApi,
    mode: Mode,
    clock: Clock,
    *,
    furnished: bool = False,
    beside: tuple[FakeApi, Brand] | None = None,
) -> AsyncIterator[Counter]:
    """Open the counter on a database, with its town in it unless it is `furnished` already.

    `beside` is a second bot, of another brand, in the same process.
    """
    brands, bots = [BRAND], [_bot("telegram", BRAND, api, mode)]
    if beside:
        brands.append(beside[1])
        bots.append(_bot("second", beside[1], beside[0], mode))
    async with AsyncExitStack() as stack:
        inbox = await stack.enter_async_context(mail_server())
        settings = Settings(
            brands=tuple(BrandSettings(id=brand.id, name=brand.name) for brand in brands),
            channels=tuple(bots),
            http=Http(public_url=PUBLIC),
            database={"url": url},  # type: ignore[arg-type]
            server_key=SERVER_KEY,  # type: ignore[arg-type]
        )
        account = SmtpAccount(
            "mail",
            "127.0.0.1",
            "faturas@example.com",
            port=inbox.port,
            security="none",
            default=True,
        )
        stack.enter_context(patch("storage.turns.JOIN_SECONDS", 0.0))
        with patch.dict("os.environ", {VARIABLE: TOKEN}):
            app = build(
                settings,
                clock=clock,
                rng=random.Random(1),
                new_token=Tokens("b" if furnished else "a"),
                brands={brand.id: brand for brand in brands},
                accounts=[account],
            )
        if not furnished:
            await app.database.play(BRAND.id, settle)
        if mode == "webhook":
            await stack.enter_async_context(reachable(api, app.asgi))
        await app.start()
        try:
            yield Counter(app, api, inbox, clock)
        finally:
            await app.stop()


def _bot(name: str, brand: Brand, api: FakeApi, mode: Mode) -> ChannelSettings:
    return ChannelSettings(
        name=name, kind="telegram", brand=brand.id, token_env=VARIABLE, mode=mode, api_url=api.url
    )


@dataclass
class Someone:
    """A customer with the app in their hand."""

    counter: Counter
    chat: Chat
    seen: dict[int, str] = field(default_factory=dict)
    """The newest message before the last thing they did."""
    shown: list[Message] = field(default_factory=list)

    @classmethod
    def at(cls, counter: Counter, id: int = 11, **how: Any) -> Someone:
        return cls(counter, counter.api.chat(id, **how))

    async def says(self, text: str) -> None:
        self._before()
        self.counter.api.writes(self.chat, text=text)
        await self.counter.quiet()

    async def sends(self, **content: Any) -> None:
        self._before()
        self.counter.api.writes(self.chat, **content)
        await self.counter.quiet()

    async def presses(self, label: str) -> None:
        self._before()
        self.counter.api.presses(self.chat, self.written(label))
        await self.counter.quiet()

    async def shares(self, phone: str, owner: int | None = None) -> None:
        """Their own contact, or another one that they forward."""
        assert owner is not None or self.chat.keyboard["keyboard"][0][0]["request_contact"]
        whose = {"user_id": owner if owner is not None else self.chat.id}
        await self.sends(contact={"phone_number": phone, "first_name": "Ana", **whose})

    async def identifies(self, name: str = "ana", phone: str = "5511900000012") -> None:
        """Phone and CPF: all the way to being known."""
        await self.says("quero me identificar")
        await self.says(TAX_IDS[name])
        await self.presses("Meu telefone")
        await self.shares(phone)
        self.hears("Tudo certo")

    def _before(self) -> None:
        self.seen = {each.id: each.text for each in self.chat.messages.values()}

    def written(self, label: str) -> str:
        """A label as it stands on the newest button that begins so."""
        found = [
            each
            for message in reversed(self.chat.heard)
            for each in labels(message)
            if each.replace("\u00a0", " ").startswith(label)
        ]
        assert found, f"no button {label!r} among {[labels(m) for m in self.chat.heard]}"
        return found[0]

    # ------------------------------------------------------------------ heard

    @property
    def new(self) -> list[Message]:
        """What the bot said since the last thing they did, in a new message or in place of an old one."""
        return [
            each
            for each in self.chat.heard
            if each.id not in self.seen or not each.text.startswith(self.seen[each.id])
        ]

    @property
    def words(self) -> str:
        return "\n".join(each.text for each in self.new).replace("\u00a0", " ")

    def hears(self, *parts: str) -> None:
        for part in parts:
            assert part in self.words, f"{part!r} is not in:\n{self.words}"

    def times(self, words: str) -> int:
        """How often words stand in the chat."""
        return sum(words in each.text for each in self.chat.heard)
