"""The dispatcher on the real ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.errors import Permanent, Temporary
from bot.core.message import (
    JSON,
    Address,
    Document,
    DocumentRef,
    Inbound,
    Limits,
    Mail,
    Notice,
    Outbound,
    Text,
)
from bot.core.ports import Posted, State, Turn
from bot.delivery.alarms import Alarms
from bot.delivery.dispatcher import Dispatcher, Pace
from bot.delivery.mails import MailDelivery
from bot.delivery.smtp import Mailer, SmtpAccount
from bot.delivery.templates import Templates
from storage.database import Database
from storage.tables import message
from tests.conftest import OpenStorage
from tests.delivery.fakes import FakeChannel
from tests.delivery.mail_server import Inbox, mail_server
from tests.fakes import Clock

ANA = Address("web", "ana")
SECOND_COPY = Mail(
    template="second-copy",
    to="ana@example.org",
    locale="pt_BR",
    purpose="invoices",
    sent=Notice(Text("It was sent.")),
    failed=Notice(Text("It could not be sent.")),
)


class Words:
    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> Sequence[Outbound]:
        return [Outbound(notice.text.source)]


async def values(posted: Posted) -> Mapping[str, JSON]:
    return {
        "invoice_number": "2026-7", "due_on": date(2026, 11, 30), "state": "open",
        "amount": Decimal("99.90"), "total": Decimal("99.90"), "today": date(2026, 11, 20),
    }  # fmt: skip


async def render(brand: str, ref: DocumentRef, locale: str) -> Document:
    raise Permanent("gone")


class House:
    """One process: a dispatcher on its storage."""

    def __init__(self, storage: Database, brand: Brand, clock: Clock, port: int) -> None:
        self.storage, self.brand, self.clock = storage, brand, clock
        self.chat, rng, alarms = FakeChannel(), random.Random(5), Alarms()
        account = SmtpAccount("main", "127.0.0.1", "a@example.com", port=port, security="none")
        brands = {brand.id: brand}
        mails = MailDelivery(
            Mailer([account], alarms=alarms, clock=clock, rng=rng),
            Templates(alarms=alarms),
            brands,
            values,
            render,
            token=lambda id: f"seal{id}",
            clock=clock,
        )
        self.dispatcher = Dispatcher(
            storage.ledger, {"web": self.chat}, mails,
            brands=brands, words={brand.id: Words()}, render=render,
            notice_token=storage.keys.notice_token, clock=clock, rng=rng,
            pace=Pace(poll=3600.0, sweep=3600.0),
        )  # fmt: skip

    async def turn(self, event: str, *replies: str, mail: Mail | None = None) -> None:
        """Play a turn, hand its replies over, and wait for all that follows from it."""

        def work(tx: Turn) -> Sequence[Posted]:
            inbound = Inbound(event, ANA, text="oi")
            tx.record(inbound)
            visitor, session = tx.open(inbound)
            tx.forget_reply_queue()
            if mail:
                told = Mail(**{**_fields(mail), "tell": visitor.address})
                tx.post(told, dedup=f"m:{event}", address=visitor.address)
            tx.save(session)
            return tx.reply([Outbound(each) for each in replies])

        self.dispatcher.deliver(await self.storage.play(self.brand.id, work))
        await self.dispatcher.idle()

    async def later(self, **time: float) -> None:
        self.clock.forward(**time)
        for lane in ("web", "mail:invoices"):
            self.dispatcher.wake(lane)
        await self.dispatcher.idle()

    async def states(self) -> list[tuple[str, str, str | None]]:
        """(kind, state, error) of every row."""
        statement = select(message.c.kind, message.c.state, message.c.error).order_by(message.c.id)
        rows = await self.storage.read(self.brand.id, lambda read: read.all(statement))
        return [(row.kind, row.state, row.error) for row in rows]


def _fields(mail: Mail) -> dict[str, JSON]:
    return {name: getattr(mail, name) for name in Mail.__slots__}


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with mail_server() as inbox:
        yield inbox


@pytest.fixture
async def house(
    storage: Database, brand: Brand, clock: Clock, inbox: Inbox
) -> AsyncIterator[House]:
    house = House(storage, brand, clock, inbox.port)
    await house.dispatcher.start()
    yield house
    await house.dispatcher.stop()


async def test_a_second_copy_goes_from_the_turn_to_the_inbox_and_back_to_the_chat(
    house: House, inbox: Inbox
) -> None:
    await house.turn("e1", "On its way.", mail=SECOND_COPY)
    assert [mail["To"] for mail in inbox.mails] == ["ana@example.org"]
    assert house.chat.said_to("ana") == ["On its way.", "It was sent."]
    assert await house.states() == [
        ("mail", "sent", None), ("reply", "sent", None), ("notice", "sent", None),
    ]  # fmt: skip


async def test_what_was_not_taken_comes_later_in_its_order(house: House) -> None:
    house.chat.faults["ana"] = [None, Temporary("limit")]
    await house.turn("e1", "one", "two", "three")
    assert house.chat.said_to("ana") == ["one"]
    assert [state for _kind, state, _error in await house.states()] == ["sent", "queued", "queued"]
    await house.later(minutes=1)
    assert house.chat.said_to("ana") == ["one", "two", "three"]
    assert [state for _kind, state, _error in await house.states()] == ["sent"] * 3


async def test_a_reply_that_waited_is_replaced_by_the_next_turns(house: House) -> None:
    house.chat.faults["ana"] = [Temporary("limit")]
    await house.turn("e1", "old")
    await house.turn("e2", "new")
    await house.later(minutes=5)
    assert house.chat.said_to("ana") == ["new"]
    assert [state for _kind, state, _error in await house.states()] == ["replaced", "sent"]


async def test_a_reply_that_fails_while_the_next_turn_waits_behind_it_is_replaced(
    house: House,
) -> None:
    house.chat.faults["ana"] = [Temporary("limit")]

    def answer(event: str, words: str) -> Callable[[Turn], Sequence[Posted]]:
        def played(tx: Turn) -> Sequence[Posted]:
            inbound = Inbound(event, ANA, text="oi")
            tx.record(inbound)
            tx.open(inbound)
            return tx.reply([Outbound(words)])

        return played

    old = await house.storage.play(house.brand.id, answer("e1", "old"))
    new = await house.storage.play(house.brand.id, answer("e2", "new"))
    house.dispatcher.deliver(old)
    house.dispatcher.deliver(new)
    await house.dispatcher.idle()
    await house.later(minutes=5)
    assert house.chat.said_to("ana") == ["new"]
    assert [state for _kind, state, _error in await house.states()] == ["replaced", "sent"]


async def test_a_chat_that_is_gone_gets_nothing_more(house: House) -> None:
    house.chat.faults["ana"] = [Permanent("blocked", flag=True)]
    await house.turn("e1", "one", "two", mail=SECOND_COPY)
    assert house.chat.sent == []
    assert await house.states() == [
        ("mail", "sent", None), ("reply", "failed", "blocked"), ("reply", "failed", "blocked"),
        ("notice", "failed", "blocked"),
    ]  # fmt: skip


async def test_what_a_dead_process_held_is_sent_by_the_next(
    open_storage: OpenStorage, brand: Brand, clock: Clock, inbox: Inbox
) -> None:
    def work(tx: Turn) -> None:
        inbound = Inbound("e1", ANA, text="oi")
        tx.record(inbound)
        visitor, _session = tx.open(inbound)
        tx.post(SECOND_COPY, dedup="m", address=visitor.address)
        tx.reply([Outbound("one"), Outbound("two")])

    dead = open_storage(owner="dead")
    await dead.play(brand.id, work)
    (mail,) = await dead.ledger.claim("mail:invoices", FakeChannel().lane_limits, 1)
    assert mail.kind == "mail"
    clock.forward(minutes=2)
    house = House(open_storage(owner="next"), brand, clock, inbox.port)
    await house.dispatcher.start()
    await house.dispatcher.idle()
    await house.dispatcher.stop()
    assert house.chat.said_to("ana") == ["one", "two"]
    assert [mail["Message-ID"] for mail in inbox.mails] == [
        f"<{mail.id}.seal{mail.id}@example.com>"
    ]
    assert {state for _kind, state, _error in await house.states()} == {State.SENT.value}
