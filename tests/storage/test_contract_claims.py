"""Lanes: who is next, in which order, and never more than the account may send."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.core.message import Address, Mail
from bot.core.ports import LaneLimits, Posted, Settled, State, Turn
from storage.database import Database
from storage.lanes import _CLAIM_ANY, _CLAIM_ORDERED
from storage.tables import address, lane, message, message_body
from tests.conftest import OpenStorage
from tests.fakes import START, Clock

from .telling import (
    BRAND,
    HERE,
    answer,
    directly,
    mail,
    notice,
    only_message,
    post_notices,
    said,
    states,
)

PLENTY = LaneLimits(per_second=1000, burst=1000)


async def one_each(storage: Database, count: int) -> list[int]:
    """A notice for each of so many addresses."""

    def work(tx: Turn) -> list[int]:
        ids = []
        for n in range(count):
            visitor, _session = tx.open(said("open", at=Address("web", f"a{n}")))
            id = tx.post(notice(f"for {n}"), dedup=f"campaign:{n}", address=visitor.address)
            assert id is not None
            ids.append(id)
        return ids

    return await storage.play(BRAND, work)


async def post_mails(storage: Database, count: int, *, due: timedelta = timedelta(0)) -> None:
    def work(tx: Turn) -> None:
        visitor, _session = tx.open(said("open"))
        for n in range(count):
            key = f"m{n}:{due}"
            tx.post(mail(), dedup=key, address=visitor.address, due=tx.now + due)

    await storage.play(BRAND, work)


def ids(posted: list[Posted] | tuple[Posted, ...]) -> list[int]:
    return [p.id for p in posted]


# ------------------------------------------------------------------ what is claimed


async def test_a_claimed_row_is_leased_and_has_all_its_delivery_needs(
    storage: Database, clock: Clock
) -> None:
    await storage.play(BRAND, lambda tx: tx.open(said("e1", locale="es")))
    (id,) = await post_notices(storage, 1)
    clock.forward(minutes=5)

    (posted,) = await storage.ledger.claim("web", PLENTY, 10)
    row = await only_message(storage)

    assert posted == Posted(
        id=id,
        kind="notice",
        lane="web",
        brand=BRAND,
        address=row.address,
        at=HERE,
        body=notice("Notice 0"),
        locale="es",
        attempts=1,
        created_at=START,
        dedup=f"n:{HERE}:0",
    )
    assert (row.state, row.owner, row.lease_until) == (
        "sending", "first", clock.now + timedelta(seconds=60),
    )  # fmt: skip


async def test_a_mail_comes_with_its_body_and_who_asked(storage: Database) -> None:
    await post_mails(storage, 1)

    (posted,) = await storage.ledger.claim("mail:other", PLENTY, 10)

    assert isinstance(posted.body, Mail)
    assert (posted.kind, posted.at, posted.body.to) == ("mail", HERE, "ana@example.com")


async def test_a_mail_that_nobody_asked_for_has_no_address(storage: Database) -> None:
    await storage.play(BRAND, lambda tx: tx.post(mail(), dedup="m"))

    (posted,) = await storage.ledger.claim("mail:other", PLENTY, 10)

    assert (posted.address, posted.at) == (None, None)


async def test_only_what_is_due_in_this_lane_is_claimed(storage: Database, clock: Clock) -> None:
    await post_mails(storage, 2, due=timedelta(minutes=10))
    await one_each(storage, 2)

    assert await storage.ledger.claim("mail:other", PLENTY, 10) == []
    clock.forward(minutes=10)
    assert len(await storage.ledger.claim("mail:other", PLENTY, 10)) == 2
    assert await storage.ledger.claim("mail:other", PLENTY, 10) == []


async def test_no_more_is_claimed_than_asked_for(storage: Database) -> None:
    made = await one_each(storage, 5)

    claimed = [await storage.ledger.claim("web", PLENTY, 2) for _ in range(4)]

    assert [ids(list(batch)) for batch in claimed] == [made[:2], made[2:4], made[4:], []]


async def test_many_claimants_at_once_take_each_row_once(open_storage: OpenStorage) -> None:
    stores = [open_storage(owner=f"o{n}") for n in range(3)]
    made = await one_each(stores[0], 30)

    claimed = await asyncio.gather(
        *(store.ledger.claim("web", PLENTY, 4) for store in stores for _ in range(4))
    )

    assert sorted(p.id for batch in claimed for p in batch) == made


# ------------------------------------------------------------------ limits


async def test_workers_together_never_send_more_than_the_account_may(
    open_storage: OpenStorage, clock: Clock
) -> None:
    """Two processes, any interleaving: at any time at most the burst and what has flowed since."""
    limits = LaneLimits(per_second=2, burst=5)
    stores = [open_storage(owner=f"o{n}") for n in range(2)]
    await one_each(stores[0], 60)
    taken: list[float] = []
    start = clock.now

    for seconds in (0, 0, 0.2, 0.3, 0.5, 0, 1, 3, 10, 0):
        clock.forward(seconds=seconds)
        batches = await asyncio.gather(
            *(store.ledger.claim("web", limits, 4) for store in stores for _ in range(2))
        )
        elapsed = (clock.now - start).total_seconds()
        taken += [elapsed] * sum(len(batch) for batch in batches)

    for i, begin in enumerate(taken):
        for j in range(i, len(taken)):
            assert j - i + 1 <= limits.burst + limits.per_second * (taken[j] - begin) + 1e-6
    assert taken.count(0) == 5
    # After 3 and 10 seconds the bucket was full, and it holds no more than the burst.
    assert [taken.count(second) for second in (0.5, 1, 2, 5, 15)] == [1, 1, 2, 5, 5]


async def test_a_clock_behind_anothers_neither_gives_nor_costs_slots(
    open_storage: OpenStorage, clock: Clock
) -> None:
    limits = LaneLimits(per_second=1, burst=2)
    ahead = Clock(clock.now + timedelta(seconds=30))
    first, second = open_storage(owner="a", clock=ahead), open_storage(owner="b")
    await one_each(second, 10)

    assert len(await first.ledger.claim("web", limits, 1)) == 1
    assert len(await second.ledger.claim("web", limits, 9)) == 1
    assert len(await first.ledger.claim("web", limits, 9)) == 0


async def test_an_empty_lane_takes_no_slots_and_writes_nothing(
    storage: Database, database_url: str
) -> None:
    limits = LaneLimits(per_second=1, burst=1)
    for _ in range(5):
        assert await storage.ledger.claim("web", limits, 3) == []

    await one_each(storage, 1)
    assert len(await storage.ledger.claim("web", limits, 3)) == 1
    with directly(database_url) as connection:
        assert connection.execute(select(lane.c.tokens)).scalar_one() == 0.0


async def test_lanes_have_slots_of_their_own(storage: Database) -> None:
    limits = LaneLimits(per_second=1, burst=1)
    await one_each(storage, 2)
    await post_mails(storage, 2)

    assert len(await storage.ledger.claim("web", limits, 9)) == 1
    assert len(await storage.ledger.claim("mail:other", limits, 9)) == 1


# ------------------------------------------------------------------ order


async def test_one_address_gets_one_message_at_a_time_in_order(storage: Database) -> None:
    made = await post_notices(storage, 3)
    heard = []

    for _ in range(3):
        (posted,) = await storage.ledger.claim("web", PLENTY, 10)
        assert await storage.ledger.claim("web", PLENTY, 10) == []
        heard.append(posted.id)
        await storage.ledger.settle([Settled(posted.id, State.SENT)])

    assert heard == made


async def test_what_waits_on_a_back_off_holds_the_rest_of_its_address_and_no_other(
    storage: Database, clock: Clock
) -> None:
    first, second = await post_notices(storage, 2)
    (posted,) = await storage.ledger.claim("web", PLENTY, 10)
    later = clock.now + timedelta(minutes=1)
    await storage.ledger.settle([Settled(posted.id, State.QUEUED, error="busy", again_at=later)])
    (other,) = await post_notices(storage, 1, at=Address("web", "other"))

    assert ids(list(await storage.ledger.claim("web", PLENTY, 10))) == [other]
    clock.forward(minutes=1)
    (again,) = await storage.ledger.claim("web", PLENTY, 10)
    assert (again.id, again.attempts) == (first, 2)
    await storage.ledger.settle([Settled(first, State.FAILED, error="refused")])
    assert ids(list(await storage.ledger.claim("web", PLENTY, 10))) == [second]


async def test_a_notice_waits_for_the_reply_that_is_on_its_way(storage: Database) -> None:
    (notice_id,) = await post_notices(storage, 1)
    ((reply),) = await storage.play(BRAND, answer(said("e1"), "first this"))

    assert await storage.ledger.claim("web", PLENTY, 10) == []
    await storage.ledger.settle([Settled(reply.id, State.SENT)])
    assert ids(list(await storage.ledger.claim("web", PLENTY, 10))) == [notice_id]


async def test_mails_of_one_person_do_not_wait_for_each_other(storage: Database) -> None:
    await post_mails(storage, 3)

    assert len(await storage.ledger.claim("mail:other", PLENTY, 10)) == 3


async def test_who_waits_longest_is_first(storage: Database, clock: Clock) -> None:
    late = await post_notices(storage, 1, at=Address("web", "late"))
    await storage.play(
        BRAND, lambda tx: tx.run(update(message).values(due_at=tx.now + timedelta(seconds=9)))
    )
    soon = await post_notices(storage, 1, at=Address("web", "soon"))
    clock.forward(seconds=10)

    assert ids(list(await storage.ledger.claim("web", PLENTY, 1))) == soon
    assert ids(list(await storage.ledger.claim("web", PLENTY, 1))) == late


async def test_the_next_of_an_address_wakes_its_lane(storage: Database) -> None:
    """Nobody need look at a lane in vain: what became free is told."""
    woken: list[str] = []
    await post_notices(storage, 2)
    storage.ledger.on_posted(woken.append)
    (first,) = await storage.ledger.claim("web", PLENTY, 10)
    assert woken == []

    await storage.ledger.settle([Settled(first.id, State.SENT)])
    assert woken == ["web"]
    (second,) = await storage.ledger.claim("web", PLENTY, 10)
    await storage.ledger.settle([Settled(second.id, State.SENT)])
    assert woken == ["web"]


# ------------------------------------------------------------------ what cannot be sent


async def test_nothing_is_sent_to_a_bad_address_and_no_slot_is_spent(storage: Database) -> None:
    limits = LaneLimits(per_second=1, burst=1)
    made = await one_each(storage, 3)
    first = select(message.c.address).where(message.c.id == made[0]).scalar_subquery()
    await storage.play(
        BRAND,
        lambda tx: tx.run(update(address).where(address.c.id == first).values(bad="blocked")),
    )

    claimed = await storage.ledger.claim("web", limits, 10)

    assert ids(list(claimed)) == [made[1]]
    assert await states(storage) == ["failed", "sending", "queued"]


async def test_an_erased_message_is_not_sent(storage: Database) -> None:
    await post_mails(storage, 1)
    await storage.play(BRAND, lambda tx: tx.run(delete(message_body)))

    assert await storage.ledger.claim("mail:other", PLENTY, 10) == []
    assert (await only_message(storage)).error == "erased"


# ------------------------------------------------------------------ plans


@pytest.mark.parametrize("lane_name", ["web", "mail:other"])
async def test_a_claim_looks_at_no_message_that_was_sent(sqlite_url: str, lane_name: str) -> None:
    """A long history must not make it slow: every step of the plan goes by a partial index."""
    prepared = _CLAIM_ANY if lane_name.startswith("mail:") else _CLAIM_ORDERED
    ready = prepared._compile("sqlite")
    values = dict.fromkeys(("lane", "owner", "now", "lease_until", "most"), None)
    values |= {"now": START, "lease_until": START, "most": 1}
    with directly(sqlite_url) as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        plan = driver.execute(
            "EXPLAIN QUERY PLAN " + ready.sql, ready.parameters(values)
        ).fetchall()

    steps = [
        row[3] for row in plan if "message" in row[3] or "ahead" in row[3] or "leaving" in row[3]
    ]
    partial = ("ix_message_due", "ix_message_waiting", "ix_message_leased", "INTEGER PRIMARY KEY")
    assert len(steps) >= 2
    for step in steps:
        assert any(index in step for index in partial), steps
