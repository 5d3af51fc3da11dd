"""A process may die at any point of a call: performed again, it changes, charges and says nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.core.errors import Unavailable
from bot.core.message import Call
from bot.core.ports import LaneLimits, Posted
from bot.domain.payments import Charge
from storage import booking, cards, charges, collecting, dispatches, pending
from storage.tables import audit, message, message_body
from tests.conftest import OpenStorage
from tests.payments.fake_asaas import FakeAsaas
from tests.payments.fake_wire import Trouble
from tests.payments.office import Office
from tests.payments.test_cards import autopays, entered, page_opened
from tests.payments.test_changes import asks


async def calls_of(office: Office) -> list[Posted]:
    """Every call of the ledger, as the delivery was handed it."""
    rows = await office.reads(
        lambda read: read.all(
            select(message.c.id, message.c.lane, message.c.brand, message_body.c.body)
            .join(message_body, message_body.c.message == message.c.id)
            .where(message.c.kind == "call")
            .order_by(message.c.id)
        )
    )
    return [
        Posted(row.id, "call", row.lane, row.brand, None, None, Call.load(row.body), None)
        for row in rows
    ]


async def performed_again(office: Office) -> None:
    for posted in await calls_of(office):
        await office.paying.desk.perform(posted)
        await office.quiet()


async def traces(office: Office, fake: FakeAsaas) -> Any:
    """What was said, what is noted, and what is at the gateway."""
    notes = await office.reads(
        lambda read: read.all(select(audit.c.what).where(audit.c.what != "charge.issued"))
    )
    changes = [asked for asked in fake.asked if not asked.startswith("GET")]
    cards_there = await office.reads(lambda read: cards.of(read, office.ids["ana"]))
    return list(office.chat.sent), [row.what for row in notes], changes, cards_there


async def test_a_change_of_form(office: Office, fake: FakeAsaas) -> None:
    await asks(office, "pix")
    before = await traces(office, fake)
    await performed_again(office)
    assert await traces(office, fake) == before


async def test_a_change_that_was_given_up(office: Office, fake: FakeAsaas) -> None:
    fake.trouble.append(Trouble("status", "POST", "/payments", 400))
    await asks(office, "pix")
    before = await traces(office, fake)
    (first, *_rest) = await calls_of(office)
    await office.paying.desk.give_up(first, "refused")
    await office.quiet()
    assert await traces(office, fake) == before


async def test_a_card_page_and_its_card(office: Office, fake: FakeAsaas) -> None:
    await page_opened(office)
    await performed_again(office)
    assert len(fake.checkouts) == 1
    await entered(office, fake)
    before = await traces(office, fake)
    await performed_again(office)
    assert await traces(office, fake) == before


async def test_a_collection_its_receipt_and_what_the_clock_posts(
    office: Office, fake: FakeAsaas
) -> None:
    await autopays(office, fake)
    await office.later(days=20)
    await office.writes(lambda tx: collecting.tend(tx, 10))
    before = await traces(office, fake)
    await performed_again(office)
    assert await traces(office, fake) == before


async def test_an_outcome_that_the_database_could_not_book_is_booked_later(
    office: Office, fake: FakeAsaas, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = office.storage.play
    away = 1

    async def play(brand: str, work: Any) -> Any:
        nonlocal away
        if away and fake.payments:  # the gateway has taken it already
            away -= 1
            raise Unavailable
        return await played(brand, work)

    monkeypatch.setattr(office.paying.desk, "_storage", _Flaky(office, play))
    assert await asks(office, "pix") == ["One moment."]
    assert (await office.calls())[0] == ("queued", "database")

    assert await office.later(seconds=10) == ["Now by pix."]
    assert len(fake.made("curral:A-0013")) == 1


class _Flaky:
    """A storage whose `play` is another's."""

    def __init__(self, office: Office, play: Any) -> None:
        self.play = play
        self.read = office.storage.read


async def test_a_reading_that_another_overtook_is_made_again(
    office: Office, fake: FakeAsaas, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks(office, "pix")
    (row,) = fake.made("curral:A-0013")
    gateway = office.paying.gateways["main"]
    read = gateway.read

    async def slow(ref: str) -> Charge | None:
        """The first answer is old by the time it arrives: meanwhile it was paid, and that booked."""
        old = await read(ref)
        if fake.payments[ref]["status"] == "PENDING":
            fake.paid(ref)
            paid = await read(ref)
            assert paid is not None
            await office.storage.play(
                "curral",
                lambda tx: booking.seen(tx, "main", paid, booking.revision(tx, "main", ref)),
            )
        return old

    monkeypatch.setattr(gateway, "read", slow)
    await office.writes(lambda tx: charges.look(tx, row["id"], dedup="e1", gateway="main"))
    assert ("queued", "raced") in await office.calls()
    await office.later(seconds=10)

    assert (await office.row_of("A-0013")).state == "paid"
    assert {state for state, _error in await office.calls()} == {"sent"}


async def test_what_a_dead_process_held_is_performed_by_the_next(
    office: Office, fake: FakeAsaas, open_storage: OpenStorage
) -> None:
    dead = open_storage(owner="dead")
    id = await office.id_of("A-0013")
    await dead.play("curral", lambda tx: pending.post(tx, "issue", {"invoice": id}, dedup="x"))
    (held,) = await dead.ledger.claim("gateway:main", LaneLimits(), 1)
    await office.paying.desk.perform(held)  # and it dies before it could say so

    office.clock.forward(minutes=2)
    await office.storage.ledger.sweep()
    await office.later(seconds=1)

    assert len(fake.made("curral:A-0013")) == 1
    assert await office.calls() == [("sent", None)]


async def test_the_record_of_an_invoice_names_the_calls_about_it(
    office: Office, fake: FakeAsaas
) -> None:
    await office.later(days=30)
    await office.writes(lambda tx: collecting.tend(tx, 10))
    id = await office.id_of("A-0014")
    found = await office.reads(lambda read: dispatches.of_subject(read, f"invoice:{id}"))
    assert [(each.kind, each.lane, each.state, each.to) for each in found] == [
        ("call", "gateway:main", "sent", None)
    ]
