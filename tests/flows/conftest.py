"""A counter with its customers, and people who talk to it; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from bot.core.brand import Brand
from tests.fakes import Clock
from tests.furnished import Furnished, Rows

from . import house as houses
from .house import House, open_house
from .paying import Pages, gateways
from .talk import Talk
from .town import BRAND, Town, settle

Visit = Callable[..., Talk]


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
def open_counter(
    database_url: str, clock: Clock, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """Open the counter, as another brand perhaps: `open_counter(features=…)`."""
    # Outcomes wait for a group to join, which a lone customer's turns would wait for in vain.
    monkeypatch.setattr("storage.turns.JOIN_SECONDS", 0.0)
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
def town(house: House, database_rows: Rows, furnished: Furnished) -> Town:
    settled = settle, house.brand.id, house.clock()
    return furnished.once(database_rows, settled, lambda: house.writes(settle))


@pytest.fixture
def visit(house: House, town: Town) -> Visit:
    """Somebody comes in: `visit("bruno", door="lists", locale="es")`."""

    def come(
        chat: str = "ana", *, door: str = "web", locale: str = "pt_BR", at: House = house
    ) -> Talk:
        return Talk(at, town, chat, door, locale)

    return come


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    """The gateway of whoever has one: it takes cards on pages of its own."""
    pages = Pages()
    monkeypatch.setattr("bot.edges.paying.gateways_of", gateways(pages))
    return pages


@pytest.fixture
def files_by_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the doors takes files."""
    takes = replace(houses.CONTACT, files_in=20 * 2**20)
    monkeypatch.setitem(houses.DOORS, "phone", takes)


@pytest.fixture
def talk(visit: Visit) -> Talk:
    """A stranger at the web chat."""
    return visit()


@pytest.fixture
def ana(talk: Talk) -> Talk:
    """Ana, who has proved who she is, before the menu."""
    talk.identifies("ana")
    return talk
