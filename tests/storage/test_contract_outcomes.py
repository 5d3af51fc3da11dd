"""What became of messages: written together, only forward, and told to whom it concerns."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.core.errors import Unavailable
from bot.core.message import Outbound
from bot.core.ports import LaneLimits, Settled, State, Turn
from storage.database import Database
from storage.tables import address, contact, customer, message
from storage.turns import Patience
from tests.conftest import OpenStorage
from tests.fakes import START, Clock

from .telling import (
    BRAND,
    HERE,
    Gate,
    directly,
    notice,
    only_message,
    reply,
    send_mail,
    states,
)

PLENTY = LaneLimits(per_second=1000, burst=1000)


# ------------------------------------------------------------------ settled


async def test_what_was_sent_is_written_with_the_providers_id(
    storage: Database, clock: Clock
) -> None:
    posted = await reply(storage)
    clock.forward(seconds=1)

    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="wamid.1")])

    row = await only_message(storage)
    assert (row.state, row.ref, row.sent_at) == ("sent", "wamid.1", clock.now)
    assert (row.owner, row.lease_until, row.error) == (None, None, None)


async def test_outcomes_of_many_are_one_transaction(storage: Database) -> None:
    rows = [await reply(storage, event=f"e{n}") for n in range(5)]
    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    settling = [
        asyncio.ensure_future(storage.ledger.settle([Settled(row.id, State.SENT)])) for row in rows
    ]
    await asyncio.sleep(0)
    batches = storage.ledger._gathering
    gate.let_go()
    await asyncio.gather(busy, *settling)

    assert batches is not None
    assert [outcome.id for outcome in batches.outcomes] == [row.id for row in rows]
    assert await states(storage) == ["sent"] * 5


async def test_nothing_to_settle_is_nothing_done(storage: Database) -> None:
    await storage.ledger.settle([])


async def test_a_mistake_in_one_outcome_leaves_the_others_written(storage: Database) -> None:
    """An outcome that is not written is a message sent twice."""
    first, second = await reply(storage), await reply(storage, event="e2")
    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    wrong = Settled(first.id, State.SENT, tell=notice(), tell_address=None)
    settling = [
        asyncio.ensure_future(storage.ledger.settle([outcome]))
        for outcome in (wrong, Settled(second.id, State.SENT))
    ]
    await asyncio.sleep(0)
    gate.let_go()
    await busy
    ended = await asyncio.gather(*settling, return_exceptions=True)

    assert [type(end) for end in ended] == [ValueError, type(None)]
    assert await states(storage) == ["sending", "sent"]


async def test_a_mistake_in_ones_only_outcome_is_told(storage: Database) -> None:
    posted = await reply(storage)

    with pytest.raises(ValueError, match="told"):
        await storage.ledger.settle([Settled(posted.id, State.SENT, tell=notice())])


async def test_an_outcome_that_meets_a_lock_is_not_taken_for_written(
    open_storage: OpenStorage, database_url: str
) -> None:
    storage = open_storage(owner="o", patience=Patience(plays=1, lock=0.01))
    posted = await reply(storage)

    with directly(database_url) as other:
        if other.dialect.name == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            other.execute(select(message.c.id).with_for_update())
        with pytest.raises(Unavailable):
            await storage.ledger.settle([Settled(posted.id, State.SENT)])
        other.rollback()

    assert await states(storage) == ["sending"]
    await storage.ledger.settle([Settled(posted.id, State.SENT)])
    assert await states(storage) == ["sent"]


async def test_an_outcome_is_written_though_nobody_is_left_to_tell(storage: Database) -> None:
    posted = await send_mail(storage)

    await storage.ledger.settle(
        [Settled(posted.id, State.SENT, tell=notice("Sent!"), tell_address=12345)]
    )

    assert await states(storage) == ["sent"]


async def test_who_stops_waiting_for_an_outcome_does_not_undo_it(storage: Database) -> None:
    first, second = await reply(storage), await reply(storage, event="e2")
    gate = Gate()
    busy = asyncio.ensure_future(storage.play(BRAND, gate))
    await asyncio.to_thread(gate.entered.wait)
    given_up = asyncio.ensure_future(storage.ledger.settle([Settled(first.id, State.SENT)]))
    await asyncio.sleep(0)
    given_up.cancel()
    other = asyncio.ensure_future(storage.ledger.settle([Settled(second.id, State.SENT)]))
    await asyncio.sleep(0)
    gate.let_go()
    await asyncio.gather(busy, other)

    assert await states(storage) == ["sent", "sent"]


async def test_outcomes_that_cannot_be_written_are_not_taken_for_written(
    open_storage: OpenStorage,
) -> None:
    storage = open_storage(owner="o")
    posted = await reply(storage)
    await storage.close()

    for _ in range(2):
        with pytest.raises(Unavailable):
            await storage.ledger.settle([Settled(posted.id, State.SENT)])


async def test_what_was_not_taken_is_queued_again_for_later(
    storage: Database, clock: Clock
) -> None:
    posted = await reply(storage)
    later = clock.now + timedelta(seconds=30)

    await storage.ledger.settle([Settled(posted.id, State.QUEUED, error="429", again_at=later)])

    row = await only_message(storage)
    assert (row.state, row.due_at, row.error, row.owner) == ("queued", later, "429", None)
    assert await storage.ledger.claim("web", PLENTY, 10) == []
    clock.forward(seconds=30)
    (again,) = await storage.ledger.claim("web", PLENTY, 10)
    assert again.body == Outbound("hello")


async def test_outcomes_of_a_process_thought_dead(open_storage: OpenStorage, clock: Clock) -> None:
    """It lives after all: what it sent was sent, but what it wants to repeat is another's by now."""
    slow, other = open_storage(owner="slow"), open_storage(owner="other")
    sent, busy = await reply(slow, event="e1"), await reply(slow, event="e2")
    clock.forward(seconds=61)
    await other.ledger.sweep()
    await other.ledger.claim("web", PLENTY, 1)
    await slow.ledger.settle(
        [Settled(sent.id, State.SENT, ref="r"), Settled(busy.id, State.QUEUED, error="429")]
    )
    (second,) = await other.ledger.claim("web", PLENTY, 1)
    await slow.ledger.settle([Settled(busy.id, State.QUEUED), Settled(busy.id, State.UNKNOWN)])

    assert await states(other) == ["sent", "sending"]
    assert second.id == busy.id


@pytest.mark.parametrize(
    ("reports", "ends"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "delivered"], "delivered"),
        (["sent", "failed"], "failed"),
        (["failed", "sent", "delivered", "read"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["read", "failed"], "read"),
    ],
)
async def test_receipts_only_move_a_message_forward(
    storage: Database, reports: list[str], ends: str
) -> None:
    posted = await reply(storage)
    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="wamid.1")])

    for report in reports:
        await storage.ledger.receipt("web", "wamid.1", State(report))

    assert await states(storage) == [ends]
    row = await only_message(storage)
    assert (row.read_at is not None) is (ends == "read")
    assert row.sent_at == START


async def test_a_message_refused_later_says_why(storage: Database) -> None:
    posted = await reply(storage)
    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="wamid.1")])

    await storage.ledger.receipt("web", "wamid.1", State.FAILED, "outside_window")

    assert (await only_message(storage)).error == "outside_window"


async def test_a_receipt_of_another_account_is_not_ours(storage: Database) -> None:
    posted = await reply(storage)
    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="1")])

    await storage.ledger.receipt("telegram", "1", State.READ)
    await storage.ledger.receipt("web", "2", State.READ)

    assert await states(storage) == ["sent"]


async def test_a_receipt_may_come_before_the_outcome_is_written(storage: Database) -> None:
    posted = await reply(storage)

    await storage.ledger.receipt("web", "wamid.1", State.DELIVERED)
    await storage.ledger.receipt("web", "wamid.1", State.READ)
    await storage.ledger.settle([Settled(posted.id, State.SENT, ref="wamid.1")])

    assert await states(storage) == ["read"]
    assert not storage.ledger._early


async def test_receipts_that_belong_to_nothing_are_not_kept_for_ever(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.ledger.EARLY_RECEIPTS", 3)

    for n in range(5):
        await storage.ledger.receipt("web", f"r{n}", State.READ)

    assert list(storage.ledger._early) == ["r2", "r3", "r4"]


async def test_no_provider_reports_that_something_is_queued(storage: Database) -> None:
    with pytest.raises(ValueError, match="queued"):
        await storage.ledger.receipt("web", "r", State.QUEUED)
    assert not storage.ledger._early


# ------------------------------------------------------------------ flagged and told


async def test_a_bad_chat_is_flagged(storage: Database) -> None:
    posted = await reply(storage)

    await storage.ledger.settle([Settled(posted.id, State.FAILED, error="blocked", flag=True)])

    bad = await storage.read(BRAND, lambda read: read.scalar(select(address.c.bad)))
    assert bad == "blocked"


async def test_a_bad_mail_address_is_flagged_and_no_other(storage: Database) -> None:
    def register(tx: Turn) -> None:
        ((id,),) = tx.run(
            insert(customer)
            .values(brand=BRAND, kind="PF", name="Ana", tax_id="0", due_day=1, created_at=tx.now)
            .returning(customer.c.id)
        )
        for value, primary in (("ana@example.com", True), ("ana@example.org", False)):
            tx.run(
                insert(contact).values(
                    customer=id, kind="email", value=value, is_primary=primary, created_at=tx.now
                )
            )

    await storage.play(BRAND, register)
    posted = await send_mail(storage)

    await storage.ledger.settle([Settled(posted.id, State.FAILED, error="bad_address", flag=True)])

    rows = await storage.read(
        BRAND, lambda read: read.all(select(contact.c.value, contact.c.bad).order_by(contact.c.id))
    )
    assert [tuple(row) for row in rows] == [
        ("ana@example.com", "bad_address"), ("ana@example.org", None),
    ]  # fmt: skip
    assert await storage.read(BRAND, lambda read: read.scalar(select(address.c.bad))) is None


async def test_the_customer_is_told_once_in_the_same_transaction(storage: Database) -> None:
    woken: list[str] = []
    posted = await send_mail(storage)
    storage.ledger.on_posted(woken.append)
    outcome = Settled(
        posted.id, State.SENT, tell=notice("It was sent."), tell_address=posted.address
    )

    await storage.ledger.settle([outcome])
    await storage.ledger.settle([outcome])

    assert await states(storage) == ["sent", "queued"]
    (told,) = await storage.ledger.claim("web", PLENTY, 10)
    assert (told.body, told.at) == (notice("It was sent."), HERE)
    assert told.dedup == f"told:{posted.id}:sent"
    assert woken[0] == "web"


async def test_nobody_is_told_of_an_outcome_that_did_not_count(storage: Database) -> None:
    posted = await send_mail(storage)
    await storage.ledger.settle([Settled(posted.id, State.FAILED, error="refused")])

    await storage.ledger.settle(
        [Settled(posted.id, State.SENT, tell=notice("Sent!"), tell_address=posted.address)]
    )

    assert await states(storage) == ["failed"]


# ------------------------------------------------------------------ the sweep


async def test_what_a_dead_process_held_is_repeated_or_unknown(
    open_storage: OpenStorage, clock: Clock
) -> None:
    dead, alive = open_storage(owner="dead"), open_storage(owner="alive")
    await reply(dead)
    await send_mail(dead, dedup="campaign", repeatable=False)
    woken: list[str] = []
    alive.ledger.on_posted(woken.append)

    clock.forward(seconds=59)
    assert await alive.ledger.sweep() == {"queued": 0, "unknown": 0}
    clock.forward(seconds=2)
    assert await alive.ledger.sweep() == {"queued": 1, "unknown": 1}

    assert await states(alive) == ["queued", "unknown"]
    assert woken == ["web"]
    (again,) = await alive.ledger.claim("web", PLENTY, 10)
    assert again.body == Outbound("hello")
    assert await alive.ledger.claim("mail:other", PLENTY, 10) == []


async def test_sweeps_of_many_processes_queue_each_row_once(
    open_storage: OpenStorage, clock: Clock
) -> None:
    stores = [open_storage(owner=f"o{n}") for n in range(3)]
    for n in range(10):
        await reply(stores[0], event=f"e{n}")
    clock.forward(seconds=61)

    swept = await asyncio.gather(*(store.ledger.sweep() for store in stores))

    assert sum(found["queued"] for found in swept) == 10
