"""What is not kept is erased, in small bites, and what is kept stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.core.message import Address
from bot.core.ports import Turn
from bot.core.session import ERASE_AFTER, REST_AFTER
from storage import bulk, codes, housekeeping
from storage.bulk import NewCustomer
from storage.database import Database
from storage.housekeeping import erase_stale
from storage.tables import code, contact_change, contact_proof, inbound, session, throttle
from storage.throttle import Allowance
from tests.fakes import Clock

from .telling import BRAND, count_up, counted, events, said

NOTHING = dict.fromkeys(
    ("session", "inbound", "code", "contact_proof", "contact_change", "throttle", "received_file"),
    0,
)


async def number(storage: Database, table: Any) -> int:
    found = await storage.read(
        BRAND, lambda read: read.scalar(select(func.count()).select_from(table))
    )
    return int(found or 0)


async def test_answers_are_erased_a_day_after_a_session_rests(
    storage: Database, clock: Clock
) -> None:
    await storage.play(BRAND, count_up(said("e1")))
    await storage.play(BRAND, lambda tx: tx.run(update(session).values(data=greeted(tx))))
    clock.forward(seconds=(REST_AFTER + ERASE_AFTER).total_seconds())
    await storage.play(BRAND, count_up(said("e2", at=Address("web", "later"))))

    assert await erase_stale(storage, clock.now) == NOTHING
    clock.forward(seconds=1)
    assert await erase_stale(storage, clock.now) == NOTHING | {"session": 1}
    assert await erase_stale(storage, clock.now) == NOTHING

    _visitor, found = await storage.play(BRAND, lambda tx: tx.open(said("e3")))
    assert (found.stack, found.shown, found.accepted, found.greeted) == ([], None, "", True)
    assert found.revision == 2
    assert await storage.play(BRAND, counted(Address("web", "later"))) == 1
    assert await storage.play(BRAND, count_up(said("e4"))) == 1


def greeted(tx: Turn) -> Any:
    _visitor, state = tx.open(said("look"))
    state.greeted, state.accepted = True, "n1:1"
    return state.dump()


async def test_events_are_known_for_thirty_days(storage: Database, clock: Clock) -> None:
    await storage.play(BRAND, count_up(said("e1")))
    clock.forward(days=30)
    await storage.play(BRAND, count_up(said("e2")))

    assert (await erase_stale(storage, clock.now))["inbound"] == 0
    clock.forward(seconds=1)
    assert (await erase_stale(storage, clock.now))["inbound"] == 1
    assert await storage.play(BRAND, count_up(said("e2"))) is None


async def test_codes_go_a_day_after_they_ran_out(storage: Database, clock: Clock) -> None:
    def make(tx: Turn) -> None:
        visitor, _session = tx.open(said("e1"))
        values = {
            "address": visitor.address, "purpose": "login", "hash": "x", "created_at": tx.now,
            "expires_at": tx.now + timedelta(minutes=10),
        }  # fmt: skip
        tx.run(insert(code).values(values))

    await storage.play(BRAND, make)
    clock.forward(days=1, minutes=10)
    assert (await erase_stale(storage, clock.now))["code"] == 0
    clock.forward(seconds=1)
    assert (await erase_stale(storage, clock.now))["code"] == 1
    assert await number(storage, code) == 0


async def test_pauses_go_when_nobody_remembers_them(storage: Database, clock: Clock) -> None:
    def make(tx: Turn) -> None:
        rows = [
            {"key": "free", "count": 1, "since": tx.now, "until": None},
            {"key": "over", "count": 6, "since": tx.now, "until": tx.now + timedelta(hours=1)},
            {"key": "long", "count": 6, "since": tx.now, "until": tx.now + timedelta(days=9)},
        ]
        tx.run(insert(throttle).values(rows))

    await storage.play(BRAND, make)
    clock.forward(days=2)
    assert (await erase_stale(storage, clock.now))["throttle"] == 0
    clock.forward(seconds=1)
    assert (await erase_stale(storage, clock.now))["throttle"] == 1
    clock.forward(hours=1)
    assert (await erase_stale(storage, clock.now))["throttle"] == 1
    assert await number(storage, throttle) == 1


def test_no_allowance_remembers_longer_than_pauses_are_kept() -> None:
    allowances = [value for value in vars(codes).values() if isinstance(value, Allowance)]

    assert allowances
    assert max(allowance.forget for allowance in allowances) <= housekeeping.PAUSES_KEPT


async def test_it_is_done_in_bites_so_that_turns_go_on_in_between(
    storage: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "CHUNK", 3)
    for n in range(8):
        await storage.play(BRAND, count_up(said(f"e{n}", at=Address("web", str(n)))))
    clock.forward(days=31)
    bites = []
    play = storage.maintain

    async def bite(work: Any) -> Any:
        done = await play(work)
        bites.append(done)
        return done

    monkeypatch.setattr(storage, "maintain", bite)

    erased = await erase_stale(storage, clock.now)

    assert erased == NOTHING | {"session": 8, "inbound": 8}
    assert bites == [3, 3, 2, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0]
    assert await events(storage) == 0
    assert await number(storage, inbound) == 0


async def test_whoever_comes_back_while_it_runs_keeps_what_they_say(
    storage: Database, clock: Clock
) -> None:
    await storage.play(BRAND, count_up(said("e1")))
    clock.forward(days=3)
    stale = clock.now
    await storage.play(BRAND, count_up(said("e2")))

    assert (await erase_stale(storage, stale))["session"] == 0
    assert await storage.play(BRAND, counted()) == 2


async def test_what_proved_and_what_could_be_undone_goes_when_it_is_over(
    storage: Database, clock: Clock
) -> None:
    def make(tx: Turn) -> None:
        visitor, _session = tx.open(said("e1"))
        ids = bulk.add_customers(tx, [NewCustomer("1", "PF", "Ana", "1" * 11, 10)])
        of = {"customer": ids["1"], "address": visitor.address}
        tx.run(
            insert(contact_proof).values(
                **of, kind="email", value="a@example.com", by="code", tries=0, created_at=tx.now
            )
        )
        tx.run(
            insert(contact_change).values(
                **of, brand=BRAND, kind="email", before=[], shown="", at=tx.now,
                until=tx.now + timedelta(hours=48),
            )
        )  # fmt: skip

    await storage.play(BRAND, make)
    clock.forward(days=1)
    assert (await erase_stale(storage, clock.now))["contact_proof"] == 0
    clock.forward(seconds=1)
    assert (await erase_stale(storage, clock.now))["contact_proof"] == 1
    clock.forward(days=8)
    assert (await erase_stale(storage, clock.now))["contact_change"] == 1
    assert await number(storage, contact_proof) == await number(storage, contact_change) == 0
