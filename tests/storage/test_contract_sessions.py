"""Who is at an address and where they stand: found again, told apart, and only while it is proved."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.core.brand import Brand
from bot.core.message import Address, Inbound, Outbound
from bot.core.ports import Level, Turn, Visitor
from bot.core.session import Run, Session, Shown
from storage.database import Database
from storage.tables import address, inbound, person, session
from tests.conftest import OpenStorage
from tests.fakes import START, Clock

from .telling import BRAND, HERE, count_up, counted, said


def visit(event: Inbound) -> Any:
    return lambda tx: tx.open(event)


def prove(tx: Turn, **until: timedelta) -> None:
    """Make somebody of whoever is here, as the codes do."""
    visitor, _session = tx.open(said("prove"))
    ((who,),) = tx.run(
        insert(person).values(brand=BRAND, name="Ana", created_at=tx.now).returning(person.c.id)
    )
    instants = {name: tx.now + after for name, after in until.items()}
    tx.run(update(address).where(address.c.id == visitor.address).values(person=who, **instants))


async def test_a_new_address_is_a_stranger_with_a_new_session(storage: Database) -> None:
    visitor, new = await storage.play(BRAND, visit(said("e1", name="Ana", locale="pt-br")))

    assert visitor == Visitor(
        address=visitor.address, at=HERE, level=Level.STRANGER, name="Ana", locale="pt_BR"
    )
    assert new == Session(visitor.address)


async def test_what_was_saved_is_found_again_word_for_word(storage: Database, clock: Clock) -> None:
    def save(tx: Turn) -> Session:
        _visitor, state = tx.open(said("e1"))
        run = Run(
            "r1", "menu", {"a": "ção 😀 \ud83d", "b": [1, None, {"c": True}]}, {"d": 1}, ["?a"]
        )
        state.stack = [run, Run("r2", "bill")]
        state.shown = Shown("r2", "which", "choice", "n1", clock.now, ids=[1, "x"], words="Qual?")
        state.accepted, state.greeted = "n0:1", True
        tx.save(state)
        return state

    saved = await storage.play(BRAND, save)
    clock.forward(hours=1)
    _visitor, found = await storage.play(BRAND, visit(said("e2")))

    assert found == saved
    assert (found.revision, found.seen_at) == (1, START)


async def test_a_session_may_be_saved_twice_in_a_turn(storage: Database) -> None:
    def save_twice(tx: Turn) -> None:
        _visitor, state = tx.open(said("e1"))
        tx.save(state)
        state.greeted = True
        tx.save(state)

    await storage.play(BRAND, save_twice)
    _visitor, found = await storage.play(BRAND, visit(said("e2")))

    assert (found.revision, found.greeted) == (2, True)


async def test_one_new_address_met_by_many_at_once_is_made_once(open_storage: OpenStorage) -> None:
    stores = [open_storage(owner=f"o{n}") for n in range(2)]

    played = await asyncio.gather(
        *(stores[n % 2].play(BRAND, count_up(said(f"e{n}"))) for n in range(8))
    )

    assert sorted(n for n in played if n) == [1, 2, 3, 4, 5, 6, 7, 8]
    made = await stores[0].read(
        BRAND, lambda read: read.scalar(select(func.count()).select_from(address))
    )
    assert made == 1


async def test_the_level_lasts_as_long_as_its_proof(storage: Database, clock: Clock) -> None:
    await storage.play(
        BRAND,
        lambda tx: prove(tx, verified_until=timedelta(days=30), fresh_until=timedelta(minutes=10)),
    )

    async def seen() -> tuple[Level, bool]:
        visitor, _session = await storage.play(BRAND, visit(said("look")))
        return visitor.level, visitor.person is not None

    assert await seen() == (Level.FRESH, True)
    clock.forward(minutes=10)
    assert await seen() == (Level.VERIFIED, True)
    clock.forward(days=30)
    assert await seen() == (Level.STRANGER, False)


async def test_fresh_alone_proves_nothing(storage: Database) -> None:
    await storage.play(BRAND, lambda tx: prove(tx, fresh_until=timedelta(minutes=10)))

    visitor, _session = await storage.play(BRAND, visit(said("look")))

    assert visitor.level is Level.STRANGER


async def test_a_visitor_is_known_anew_after_an_action_proved_them(storage: Database) -> None:
    def work(tx: Turn) -> tuple[Visitor, Visitor, Any]:
        before, _session = tx.open(said("e1"))
        prove(tx, verified_until=timedelta(days=1))
        return before, tx.reopen(), tx.visitor

    before, after, held = await storage.play(BRAND, work)

    assert (before.level, after.level) == (Level.STRANGER, Level.VERIFIED)
    assert held == after


async def test_an_address_must_be_opened_before_it_is_answered(storage: Database) -> None:
    with pytest.raises(LookupError):
        await storage.play(BRAND, lambda tx: tx.reopen())
    with pytest.raises(LookupError):
        await storage.play(BRAND, lambda tx: tx.reply([Outbound("?")]))


async def test_what_the_channel_tells_of_a_person_is_kept_up_to_date(storage: Database) -> None:
    async def visitor(event: Inbound) -> Visitor:
        found: Visitor = (await storage.play(BRAND, visit(event)))[0]
        return found

    await visitor(said("e1", name="Ana"))
    phone = Inbound(id="e2", address=HERE, phone="+5511900000012", name="Ana\0 Lúcia \ud83d")
    assert (await visitor(phone)).phone == "+5511900000012"
    known = await visitor(said("e3"))
    assert (known.name, known.phone) == ("Ana Lúcia ?", "+5511900000012")


async def test_a_language_once_known_is_not_changed_by_the_channel(storage: Database) -> None:
    """The channel's belief counts for the first greeting; what a person chose counts ever after."""
    for n, locale in enumerate([None, "xx", "es-AR", "en", None]):
        visitor, _session = await storage.play(BRAND, visit(said(f"e{n}", locale=locale)))

    assert visitor.locale == "es"


async def test_whoever_writes_can_be_reached_again(storage: Database) -> None:
    await storage.play(BRAND, visit(said("e1")))
    await storage.play(BRAND, lambda tx: tx.run(update(address).values(bad="blocked")))

    await storage.play(BRAND, visit(said("e2")))

    assert await storage.read(BRAND, lambda read: read.scalar(select(address.c.bad))) is None


async def test_an_account_that_changes_its_brand_forgets_who_was_proved(
    open_storage: OpenStorage, brand: Brand
) -> None:
    other = Brand(id="outra", name="Outra Telecom")
    storage = open_storage(owner="o", brands={brand.id: brand, other.id: other})
    await storage.play(BRAND, lambda tx: prove(tx, verified_until=timedelta(days=1)))

    visitor, _session = await storage.play("outra", visit(said("e2")))

    assert (visitor.level, visitor.person) == (Level.STRANGER, None)
    (kept,) = await storage.read(BRAND, lambda read: read.all(select(address)))
    assert (kept.brand, kept.person, kept.verified_until) == ("outra", None, None)
    visitor, _session = await storage.play(BRAND, visit(said("e3")))
    assert visitor.level is Level.STRANGER


@pytest.mark.parametrize(
    "id", ["x" * 5000, "null \0 in it", "half an emoji \ud83d", "tab\tand\nline"]
)
async def test_an_event_is_known_again_whatever_its_id(storage: Database, id: str) -> None:
    assert await storage.play(BRAND, count_up(said(id))) == 1
    assert await storage.play(BRAND, count_up(said(id))) is None
    assert await storage.play(BRAND, count_up(said(id + "x"))) == 2


async def test_an_event_is_recorded_with_its_instant(storage: Database, clock: Clock) -> None:
    await storage.play(BRAND, count_up(said("e1")))

    rows = await storage.read(BRAND, lambda read: read.all(select(inbound)))

    assert [(row.account, row.event, row.at) for row in rows] == [("web", "e1", clock.now)]


async def test_two_chats_do_not_share_a_session(storage: Database) -> None:
    other = Address("web", "somebody else")
    await storage.play(BRAND, count_up(said("e1")))
    await storage.play(BRAND, count_up(said("e2", at=other)))
    await storage.play(BRAND, count_up(said("e3", at=other)))

    assert await storage.play(BRAND, counted()) == 1
    assert await storage.play(BRAND, counted(other)) == 2


async def test_the_database_refuses_a_second_session_of_an_address(storage: Database) -> None:
    await storage.play(BRAND, count_up(said("e1")))

    with pytest.raises(IntegrityError):
        await storage.play(
            BRAND,
            lambda tx: tx.run(
                insert(session).values(
                    address=tx.open(said("e2"))[0].address, revision=1, data={}, seen_at=tx.now
                )
            ),
        )
