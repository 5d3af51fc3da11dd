"""The whole counter behind one kind of door, and the people who come to it, in plain calls that wait until all is quiet."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar
from unittest.mock import patch

import httpx

from bot.app import App, build
from bot.channels.webchat.sockets import Bounds
from bot.core.brand import Brand
from bot.core.message import Document
from bot.core.ports import Read, Turn
from bot.delivery.smtp import SmtpAccount
from bot.settings import BrandSettings, ChannelSettings, Http, Settings
from bot.web.gateway_hook import TOKEN_HEADER
from tests.channels.telegram.fake_api import TOKEN, FakeApi
from tests.delivery.mail_server import mail_server
from tests.fakes import Clock, Tokens
from tests.flows.talk import plain
from tests.payments.fake_asaas import HOOK_TOKEN, KEY, asaas_at_loopback

from .town import TAX_ID, Town
from .wires import Console, Heard, Keyboard, Page, Phone, Wire, served, tidy

T = TypeVar("T")
Door: TypeAlias = Literal["web chat", "terminal", "telegram"]
DOORS: Sequence[Door] = ("web chat", "terminal", "telegram")
PUBLIC = "https://balcao.example.com"
_SECRETS = {"BOT_OF_THE_STORY": TOKEN, "KEY_OF_THE_STORY": KEY, "HOOK_OF_THE_STORY": HOOK_TOKEN}
_CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
_LINK = re.compile(r"https://balcao\.example\.com/\S+")


class Counter:
    """One process of the counter, on a database that the town lives in."""

    def __init__(self, door: Door, url: str, brand: Brand, town: Town, clock: Clock, folder: Path):
        self.door = door
        self.brand = brand
        self.town = town
        self.clock = clock
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._people = itertools.count(1)
        self._run(self._open(url, folder))

    async def _open(self, url: str, folder: Path) -> None:
        enter = self._stack.enter_async_context
        self.inbox = await enter(mail_server())
        self.asaas = await enter(asaas_at_loopback(self.clock))
        self.api = await enter(FakeApi().serving())
        self._consoles = [
            Console(name, self.brand.id, folder / name)
            for name in ("terminal", "terminal-2", "terminal-3")
            if self.door == "terminal"
        ]
        gateway = {
            "kind": "asaas", "token_env": "KEY_OF_THE_STORY",
            "webhook_token_env": "HOOK_OF_THE_STORY", "url": self.asaas.url,
        }  # fmt: skip
        settings = Settings(
            brands=(BrandSettings(id=self.brand.id, name=self.brand.name, gateway=gateway),),
            channels=self._entries(),
            http=Http(public_url=PUBLIC),
            database={"url": url},
            server_key="a key for tests alone, of 40 characters.",
        )
        account = SmtpAccount(
            "mail", "127.0.0.1", "faturas@example.com", port=self.inbox.port, security="none",
            default=True,
        )  # fmt: skip
        # Outcomes wait for a group to join, which a lone customer's turns would wait for in vain.
        self._stack.enter_context(patch("storage.turns.JOIN_SECONDS", 0.0))
        # A story writes faster than people do.
        hasty = partial(Bounds, per_second=1e6, burst=1_000_000)
        self._stack.enter_context(patch("bot.channels.webchat.driver.Bounds", hasty))
        with patch.dict("os.environ", _SECRETS):
            self.app: App = build(
                settings,
                clock=self.clock,
                rng=random.Random(1),
                new_token=Tokens(),
                channels=self._consoles,
                brands={self.brand.id: self.brand},
                accounts=[account],
            )
        self.at = await enter(served(self.app.asgi)) if self.door == "web chat" else ""
        self.http = await enter(
            httpx.AsyncClient(transport=httpx.ASGITransport(self.app.asgi), base_url=PUBLIC)
        )
        await self.app.start()
        self._stack.push_async_callback(self.app.stop)

    def _entries(self) -> tuple[ChannelSettings, ...]:
        brand = self.brand.id
        match self.door:
            case "telegram":
                return (
                    ChannelSettings(
                        name="telegram", kind="telegram", brand=brand,
                        token_env="BOT_OF_THE_STORY", mode="polling", api_url=self.api.url,
                    ),
                )  # fmt: skip
            case "web chat":
                return (ChannelSettings(name="site", kind="webchat", brand=brand),)
            case "terminal":
                return ()

    def close(self) -> None:
        self._run(self._stack.aclose())
        self._runner.close()

    # -------------------------------------------------------------- what happens

    def _run(self, what: Any) -> Any:
        return self._runner.run(what)

    def quiet(self, what: Any = None) -> Any:
        """Do something, and wait until nothing is left to be done."""

        async def happens() -> Any:
            result = await what if what is not None else None
            for _each in range(2):
                await self.app.dispatcher.idle()
                await self.app.counter.stop()
            await self.app.dispatcher.idle()
            return result

        return self._run(happens())

    def visitor(self, name: str = "Ana") -> Visitor:
        """Somebody comes in, whom the counter does not know; Telegram knows a name of theirs."""
        number = next(self._people)
        match self.door:
            case "web chat":
                wire: Wire = self._run(Page.visited(self.at))
                self._stack.push_async_callback(wire.leaves)  # type: ignore[attr-defined]
            case "terminal":
                wire = Keyboard(self._consoles[number - 1])
            case "telegram":
                wire = Phone(self.api, self.api.chat(10 + number, name=name))
        return Visitor(self, wire)

    def after(self, **time: float) -> None:
        """Time goes by, and what waited for it is done."""
        self.clock.forward(**time)
        self.tends()

    def tends(self) -> None:
        """The clock's part: what is looked at every few minutes."""

        async def tend() -> None:
            for each in self.app.tend:
                await each()
            for lane in ("mail:other", *self.app.channels, f"gateway:{self.brand.id}"):
                self.app.dispatcher.wake(lane)

        self.quiet(tend())

    def hooked(self, event: dict[str, Any]) -> None:
        """Asaas tells what happened there."""
        path = f"/gateway/{self.brand.id}"
        answer = self.quiet(self.http.post(path, json=event, headers={TOKEN_HEADER: HOOK_TOKEN}))
        assert answer.status_code == 200

    def gets(self, url: str, **how: Any) -> httpx.Response:
        """Open a link, as a browser in Portuguese does."""
        answer: httpx.Response = self.quiet(
            self.http.get(url, headers={"Accept-Language": "pt-BR"}, **how)
        )
        return answer

    def posts(self, url: str) -> httpx.Response:
        """Press the one button of the page behind a link."""
        headers = {"Accept-Language": "pt-BR", "Origin": PUBLIC}
        answer: httpx.Response = self.quiet(self.http.post(url, headers=headers))
        return answer

    # -------------------------------------------------------------- what there is

    @property
    def mails(self) -> list[EmailMessage]:
        return self.inbox.mails

    def mail_to(self, address: str) -> str:
        """The words of the newest mail to somebody."""
        return plain([mail for mail in self.mails if address in mail["To"]][-1])

    def writes(self, work: Callable[[Turn], T]) -> T:
        """Something done beside the conversation: an import, a payment."""
        result: T = self.quiet(self.app.database.play(self.brand.id, work))
        return result

    def reads(self, work: Callable[[Read], T]) -> T:
        result: T = self._run(self.app.database.read(self.brand.id, work))
        return result

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, as plain tuples."""
        return [tuple(row) for row in self.reads(lambda read: read.all(statement))]


class Visitor:
    """Somebody who talks to the counter."""

    def __init__(self, counter: Counter, wire: Wire) -> None:
        self.counter = counter
        self.wire = wire
        self.transcript: list[str] = []
        self._heard: Sequence[Heard] = ()
        self.listens()

    # -------------------------------------------------------------- said

    def says(self, *lines: str) -> None:
        """Write one message after the other."""
        for words in lines:
            self._does(f"> {words}", self.wire.types(words))

    def presses(self, *chosen: str) -> None:
        """Press one option after the other, by its label; in the terminal it is written."""
        for label in chosen:
            self._does(f"> [{label}]", self.wire.presses(label))

    def opens(self, payload: str) -> None:
        """Follow a deep link into the chat."""
        self._does(f"> (link {payload.partition('_')[0]})", self.wire.opens(payload))

    def shares_phone(self, phone: str) -> None:
        """Telegram's own contact button."""
        assert isinstance(self.wire, Phone)
        contact = {"phone_number": phone, "first_name": "A", "user_id": self.wire.chat.id}
        self._does("> (contact)", self.wire.sends(contact=contact))

    def _does(self, shown: str, what: Any) -> None:
        self.transcript.append(shown)
        now = int(self.counter.clock().timestamp())
        with patch("tests.channels.telegram.fake_api.NOW", now):
            self.counter.quiet(what)
        self.listens()

    def identifies(self, name: str = "ana") -> None:
        """All the way to being known, by the code that comes by mail."""
        self.says("quero me identificar")
        self.says(TAX_ID[name])
        if "Código por e-mail" in self.options:
            self.presses("Código por e-mail")
        self.reads_code()
        self.hears("Tudo certo")

    def reads_code(self) -> None:
        """Write the digits that came by mail just now."""
        (code,) = _CODE.findall(plain(self.counter.mails[-1]))
        self.says(code)

    def proves_again(self, email: str) -> None:
        """Have the code for a change sent to a registered e-mail, masked as it is shown, and write it."""
        asked = next((each for each in self.options if email in each), None)
        if asked is not None:
            self.presses(asked)
        self.reads_code()

    # -------------------------------------------------------------- heard

    def listens(self) -> None:
        """Look at what came since the last thing done; others may have caused it."""
        before = len(self._heard) if self.transcript and self.transcript[-1][:1] != ">" else 0
        self._heard = self.counter.quiet(self.wire.hears())
        for each in self._heard[before:]:
            drawn = f"\n   {' | '.join(each.options)}" if each.options else ""
            file = f"\n   [{each.file.name}]" if each.file else ""
            self.transcript.append(f"{each.words}{drawn}{file}")

    @property
    def words(self) -> str:
        return tidy("\n".join(each.words for each in self._heard))

    @property
    def options(self) -> tuple[str, ...]:
        """Everything that can be pressed among it."""
        return tuple(tidy(label) for each in self._heard for label in each.options)

    @property
    def files(self) -> list[Document]:
        return [each.file for each in self._heard if each.file]

    def hears(self, *parts: str) -> None:
        """These words, one after the other, since the last thing done."""
        self.listens()
        at = 0
        for part in parts:
            found = self.words.find(part, at)
            assert found >= 0, f"{part!r} is not in what was heard after {at}:\n{self.words}"
            at = found + len(part)

    def hears_no(self, *parts: str) -> None:
        self.listens()
        for part in parts:
            assert part not in self.words, f"{part!r} was heard:\n{self.words}"

    def is_offered(self, *labels: str) -> None:
        """Options that begin so are there, in this order."""
        offered = iter(self.options)
        for label in labels:
            assert any(each.startswith(label) for each in offered), (label, self.options)

    def is_not_offered(self, *labels: str) -> None:
        for label in labels:
            assert not [each for each in self.options if each.startswith(label)], self.options

    def gets_file(self, *, begins: bytes = b"%PDF") -> Document:
        """The one file that came of this kind."""
        self.listens()
        (file,) = [each for each in self.files if each.content.startswith(begins)]
        return file

    def gets_link(self) -> str:
        """The one link to a page of ours that came, without a word beside it."""
        (url,) = [each.words for each in self._heard if _LINK.fullmatch(each.words)]
        return url


def link_in(mail: str) -> str:
    """The link to a page of ours in a mail."""
    return str(_LINK.findall(mail)[0])
