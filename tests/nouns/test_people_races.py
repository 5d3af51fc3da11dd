"""Two at once, among the people of a customer: one administrator stays, one joins, one decides."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.message import _
from bot.core.ports import Level, Turn
from storage import approvals, bulk, companies, joining, links, members, membership, people
from storage.database import Database
from storage.tables import approval, customer
from storage.tables import membership as rows

from .conftest import BRAND
from .conftest import people as everybody
from .test_races import TABS, at_once, turn


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
async def matriz(storage: Database) -> int:
    """A company with two administrators, Rosa and Ivo, and a collaborator, Lia; each at a chat of theirs."""
    ids = await storage.play(BRAND.id, lambda tx: bulk.add_customers(tx, everybody()))
    company = ids["matriz"]

    def enter(tx: Turn) -> Any:
        return people.link(tx, people.here(tx).address, company, by="code")

    def join(tx: Turn, link: int, name: str) -> str:
        return joining.join(tx, link, name)

    await storage.play(BRAND.id, turn(enter, "enter", "rosa"))
    for chat in ("ivo", "lia"):
        made = await storage.play(
            BRAND.id, turn(lambda tx: links.create(tx, company), f"make {chat}", "rosa")
        )
        await storage.play(
            BRAND.id, turn(partial(join, link=made, name=chat), f"join {chat}", chat)
        )
    for who, what in (("ivo", "activate"), ("ivo", "promote"), ("lia", "activate")):
        doing = partial(change, company=company, name=who, what=what)
        await storage.play(BRAND.id, turn(doing, f"{what} {who}", "rosa"))
    return company


def change(tx: Turn, company: int, name: str, what: str) -> str:
    there = {each.name: each.person for each in members.page(tx, company)}
    own = next(person for each, person in there.items() if each not in ("ivo", "lia"))
    return membership.change(tx, company, there.get(name, own), what)


@pytest.mark.parametrize("what", ["demote", "remove", "switch-off"])
async def test_of_two_administrators_who_end_each_other_at_once_one_stays(
    storage: Database, matriz: int, what: str
) -> None:
    found = await at_once(
        storage,
        turn(lambda tx: change(tx, matriz, "ivo", what), "e1", "rosa"),
        turn(lambda tx: change(tx, matriz, "rosa", what), "e2", "ivo"),
    )
    assert sorted(found) == ["done", "not-allowed"]
    left = await storage.read(BRAND.id, lambda read: members.administrators_of(read, matriz))
    assert len(left) == 1


async def test_of_two_administrators_who_demote_themselves_at_once_one_stays(
    storage: Database, matriz: int
) -> None:
    found = await at_once(
        storage,
        turn(lambda tx: change(tx, matriz, "rosa", "demote"), "e1", "rosa"),
        turn(lambda tx: change(tx, matriz, "ivo", "demote"), "e2", "ivo"),
    )
    assert sorted(found) == ["done", "last"]


async def test_of_many_who_open_one_link_at_once_one_waits(storage: Database, matriz: int) -> None:
    made = await storage.play(BRAND.id, turn(lambda tx: links.create(tx, matriz), "make", "rosa"))
    found = await at_once(
        storage,
        *(turn(lambda tx: joining.join(tx, made, "Tom"), f"e{n}", f"tab {n}") for n in range(TABS)),
    )
    assert sorted(found) == ["gone"] * (TABS - 1) + ["waiting"]
    there = await storage.read(
        BRAND.id, lambda read: read.all(select(rows.c.person).where(rows.c.customer == matriz))
    )
    assert len(there) == 4


async def test_of_two_administrators_who_decide_at_once_one_decides(
    storage: Database, matriz: int
) -> None:
    def ask(tx: Turn) -> int | None:
        return approvals.ask(tx, matriz, "plan", {}, words=_("Plan"), waits_for="administrator")

    asked = await at_once(storage, *(turn(ask, f"ask {n}", "lia") for n in range(3)))
    (id,) = [each for each in asked if each is not None]
    found = await at_once(
        storage,
        *(
            turn(
                partial(approvals.decide, id=id, approve=who == "rosa"),
                f"{who} {n}",
                who,
            )
            for n in range(3)
            for who in ("rosa", "ivo")
        ),
    )
    assert len([each for each in found if each is not None]) == 1
    (row,) = await storage.read(BRAND.id, lambda read: read.all(select(approval.c.state)))
    assert row.state in ("approved", "denied")


async def test_a_demotion_and_a_decision_at_once_do_not_both_count_wrongly(
    storage: Database, matriz: int
) -> None:
    def ask(tx: Turn) -> int | None:
        return approvals.ask(tx, matriz, "plan", {}, words=_("Plan"), waits_for="administrator")

    id = await storage.play(BRAND.id, turn(ask, "ask", "lia"))
    assert id is not None
    decided, demoted = await at_once(
        storage,
        turn(lambda tx: approvals.decide(tx, id, approve=True), "e1", "ivo"),
        turn(lambda tx: change(tx, matriz, "ivo", "demote"), "e2", "rosa"),
    )
    assert demoted == "done"
    (row,) = await storage.read(BRAND.id, lambda read: read.all(select(approval.c.state)))
    assert row.state == ("waiting" if decided is None else "approved")


async def test_who_is_removed_while_turning_to_the_company_is_not_there(
    storage: Database, matriz: int
) -> None:
    ids = await storage.read(
        BRAND.id,
        lambda read: [
            row.id
            for row in read.all(select(customer.c.id).where(customer.c.main_customer == matriz))
        ],
    )
    (filial,) = ids

    def enter(tx: Turn) -> Any:
        return people.link(tx, people.here(tx).address, filial, by="code")

    await storage.play(BRAND.id, turn(enter, "filial", "lia"))
    turned, removed = await at_once(
        storage,
        turn(lambda tx: companies.turn_to(tx, matriz), "e1", "lia"),
        turn(lambda tx: change(tx, matriz, "lia", "remove"), "e2", "rosa"),
    )
    assert removed == "done"
    visitor = await storage.play(BRAND.id, turn(people.here, "look", "lia"))
    assert visitor.customer == filial if not turned else visitor.level is Level.STRANGER
