"""Two at once: one administrator, one mail, and no more tries than there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.message import Address, Inbound, Mail
from bot.core.ports import Turn
from storage import bulk, codes, invoices, people, throttle
from storage.database import Database
from storage.tables import code, membership, message
from storage.throttle import Allowance

from .conftest import BRAND, TAX_IDS, bills
from .conftest import people as everybody

TABS = 8


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
async def ids(storage: Database) -> dict[str, int]:
    def fill(tx: Turn) -> dict[str, int]:
        ids = bulk.add_customers(tx, everybody())
        bulk.add_invoices(tx, bills(ids))
        return ids

    return await storage.play(BRAND.id, fill)


def turn(action: Callable[[Turn], Any], event: str, chat: str) -> Callable[[Turn], Any]:
    """An action in the turn of an event."""

    def play(tx: Turn) -> Any:
        said = Inbound(event, Address("web", chat), text="oi")
        tx.record(said)
        tx.open(said)
        return action(tx)

    return play


async def at_once(storage: Database, *turns: Callable[[Turn], Any]) -> list[Any]:
    return await asyncio.gather(*(storage.play(BRAND.id, each) for each in turns))


async def test_of_many_who_enter_at_once_one_is_the_administrator(
    storage: Database, ids: dict[str, int]
) -> None:
    def enter(tx: Turn) -> int:
        return people.link(tx, people.here(tx).address, ids["ana"], by="code")["person"]

    persons = await at_once(storage, *(turn(enter, f"e{n}", f"chat {n}") for n in range(TABS)))
    assert len(set(persons)) == 1
    rows = await storage.read(BRAND.id, lambda read: read.all(select(membership.c.role)))
    assert [row.role for row in rows] == ["administrator"]


async def test_of_many_tries_at_once_only_the_free_ones_go_ahead(storage: Database) -> None:
    three = Allowance("three", free=3, forget=timedelta(hours=6))

    def refused(tx: Turn) -> bool:
        return throttle.take(tx, [(three, "x")]) is not None

    found = await at_once(storage, *(turn(refused, f"e{n}", f"chat {n}") for n in range(TABS)))
    assert sorted(found) == [False] * 3 + [True] * (TABS - 3)


async def test_of_many_wrong_codes_at_once_five_are_tries(
    storage: Database, ids: dict[str, int]
) -> None:
    def ask(tx: Turn) -> tuple[int, str]:
        id = codes.request_code(tx, TAX_IDS["ana"], "identify", lambda *_: Mail("code", "", "en"))
        return id["code"], tx.secret("code", id["code"], codes.DIGITS)

    id, secret = await storage.play(BRAND.id, turn(ask, "ask", "ana"))
    wrong = f"{(int(secret) + 1) % 10**codes.DIGITS:0{codes.DIGITS}}"

    def guess(tx: Turn) -> Any:
        return codes.check_code(tx, id, wrong)["result"]

    found = await at_once(storage, *(turn(guess, f"e{n}", "ana") for n in range(TABS)))
    assert sorted(found) == ["paused"] * (TABS - 5) + ["spent"] + ["wrong"] * 4
    rows = await storage.read(BRAND.id, lambda read: read.all(select(code.c.tries)))
    assert [row.tries for row in rows] == [codes.TRIES]


async def test_a_second_copy_confirmed_in_many_chats_at_once_is_one_mail(
    storage: Database, ids: dict[str, int]
) -> None:
    (first, *_rest) = await storage.read(BRAND.id, lambda r: invoices.open_of(r, ids["ana"]))

    def send(tx: Turn) -> str:
        return invoices.send_second_copy(
            tx, first.id, ids["ana"],
            request=str(people.here(tx).at), sent=None, failed=None, locale="pt_BR",
        )  # fmt: skip

    found = await at_once(storage, *(turn(send, f"e{n}", f"chat {n}") for n in range(TABS)))
    assert sorted(found) == ["already"] * (TABS - 1) + ["queued"]
    assert len(await storage.read(BRAND.id, lambda read: read.all(select(message)))) == 1
