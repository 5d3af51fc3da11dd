"""A counter with its customers, and people who talk to it; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from bot.core.brand import Brand
from bot.core.message import Address, Document, Inbound, Outbound
from tests.fakes import Clock
from tests.transcript import Transcript

from .house import House, open_house
from .town import BRAND, TAX_IDS, Town, settle


class Talk(Transcript):
    """Somebody at one of the doors."""

    def __init__(self, house: House, town: Town, chat: str, door: str, locale: str) -> None:
        super().__init__(self._plays, Address(door, chat), house.clock, locale=locale)
        self.house = house
        self.town = town
        self.documents = list[Document]()
        """What came in the last turn."""

    def _plays(self, event: Inbound) -> list[Outbound]:
        return self._took(self.house.hears(event))

    def _took(self, came: list[tuple[Outbound, Document | None]]) -> list[Outbound]:
        self.documents = [file for _message, file in came if file]
        return [message for message, _file in came]

    # -------------------------------------------------------------- time and mail

    def after(self, **time: float) -> None:
        """Some time goes by: `after(minutes=16)`."""
        self.house.clock.forward(**time)

    def gets_mail(self) -> list[Any]:
        """The mails that leave now; what this chat is told of it is heard."""
        before = len(self.house.post.mails)
        self.heard = self._took(self.house.mail_goes(self.at))
        self.shown += self.heard
        return self.house.post.mails[before:]

    def reads_code(self) -> str:
        """The digits of the code that just came by mail."""
        (mail,) = self.gets_mail()
        subject = str(mail["Subject"])
        digits = "".join(c for c in mail.get_body(("plain",)).get_content() if c.isdigit())
        code = digits[:6]
        assert len(code) == 6, subject
        return code

    def identifies(self, name: str = "ana") -> None:
        """All the way to being known."""
        self.says("quero me identificar")
        self.says(TAX_IDS[name])
        self.says(self.reads_code())

    # -------------------------------------------------------------- seen

    @property
    def question(self) -> str:
        """The last message, the one that asks."""
        return self.heard[-1].text.replace("\u00a0", " ") if self.heard else ""

    def option(self, number: int) -> str:
        """The label of one of the options of the last message, by its number."""
        return [b.label.replace("\u00a0", " ") for b in self._last_buttons if b.kind != "nav"][number - 1]

    @property
    def copied(self) -> list[str]:
        """What came alone in its message, to be copied."""
        return [each.text for each in self.heard if each.copyable]


Visit = Callable[..., Talk]


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
def open_counter(database_url: str, clock: Clock, brand: Brand) -> Iterator[Callable[..., House]]:
    """Open the counter, as another brand perhaps: `open_counter(features=…)`."""
    with ExitStack() as stack:

        def open_it(**changes: Any) -> House:
            house: House = stack.enter_context(
                open_house(database_url, replace(brand, **changes), clock)
            )
            return house

        yield open_it


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter()


@pytest.fixture
def town(house: House) -> Town:
    return house.writes(settle)


@pytest.fixture
def visit(house: House, town: Town) -> Visit:
    """Somebody comes in: `visit("bruno", door="lists", locale="es")`."""

    def come(chat: str = "ana", *, door: str = "web", locale: str = "pt_BR", at: House = house) -> Talk:
        return Talk(at, town, chat, door, locale)

    return come


@pytest.fixture
def talk(visit: Visit) -> Talk:
    """A stranger at the web chat."""
    return visit()


@pytest.fixture
def ana(talk: Talk) -> Talk:
    """Ana, who has proved who she is, before the menu."""
    talk.identifies("ana")
    return talk
