"""The dispatcher on the real ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from sqlalchemy import insert, select

from bot.core.brand import Brand
from bot.core.errors import Permanent, Temporary
from bot.core.message import (
    Inbound,
    Outbound,
)
from bot.core.ports import Posted, State, Turn
from storage.database import Database
from storage.tables import contact, customer
from tests.conftest import OpenStorage
from tests.delivery.fakes import FakeChannel
from tests.delivery.ledger_house import ANA, SECOND_COPY, House
from tests.delivery.mail_server import (
    CA,
    PASSWORD,
    USER,
    Inbox,
    Script,
    mail_server,
    scripted_server,
)
from tests.fakes import Clock


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


async def test_while_a_login_is_refused_mails_are_kept_and_leave_once_it_is_mended(
    open_storage: OpenStorage, brand: Brand, clock: Clock
) -> None:
    async with mail_server(starttls=True, login=True) as inbox:
        how = {"host": "localhost", "security": "starttls", "ca_file": CA, "user": USER}
        wrong = House(open_storage(owner="a"), brand, clock, inbox.port, **how, password="errada")
        await wrong.dispatcher.start()
        for event in ("e1", "e2", "e3"):
            await wrong.turn(event, "On its way.", mail=SECOND_COPY)
        await wrong.later(hours=20)
        await wrong.dispatcher.stop()
        assert {state for kind, state, _error in await wrong.states() if kind == "mail"} == {
            "queued"
        }
        assert list(wrong.alarms.standing) == ["smtp:main"]
        assert "login_refused" in wrong.alarms.standing["smtp:main"]
        assert wrong.chat.said_to("ana") == ["On its way."] * 3  # of the trouble nothing yet

        right = House(open_storage(owner="b"), brand, clock, inbox.port, **how, password=PASSWORD)
        clock.forward(minutes=20)
        await right.dispatcher.start()
        await right.dispatcher.idle()
        await right.dispatcher.stop()
    assert len(inbox.mails) == 3
    assert {state for _kind, state, _error in await right.states()} == {"sent"}
    assert right.chat.said_to("ana") == ["It was sent."] * 3
    assert right.alarms.standing == {}


def registered(mail: str) -> Callable[[Turn], None]:
    """A customer with that address."""

    def register(tx: Turn) -> None:
        ((id,),) = tx.run(
            insert(customer)
            .values(
                brand=tx.brand.id, kind="PF", name="Ana", tax_id="0", due_day=1, created_at=tx.now
            )
            .returning(customer.c.id)
        )
        address = {"kind": "email", "value": mail, "is_primary": True, "created_at": tx.now}
        tx.run(insert(contact).values(customer=id, **address))

    return register


@pytest.mark.parametrize(
    ("answer", "error", "flagged"),
    [
        ("550 5.1.1 no such user", "bad_address", True),
        ("550 5.7.1 not here", "refused", False),
    ],
)
async def test_a_mail_that_is_refused_for_good_is_told_and_flags_only_a_bad_address(
    open_storage: OpenStorage, brand: Brand, clock: Clock, answer: str, error: str, flagged: bool
) -> None:
    storage = open_storage(owner="a")
    await storage.play(brand.id, registered("ana@example.org"))
    async with scripted_server(Script().says(RCPT=answer)) as script:
        house = House(storage, brand, clock, script.port)
        await house.dispatcher.start()
        await house.turn("e1", "On its way.", mail=SECOND_COPY)
        await house.dispatcher.stop()
    assert ("mail", "failed", error) in await house.states()
    assert house.chat.said_to("ana") == ["On its way.", "It could not be sent."]
    bad = await storage.read(brand.id, lambda read: read.scalar(select(contact.c.bad)))
    assert bad == ("bad_address" if flagged else None)


async def test_only_a_mail_nobody_must_get_can_be_ended_with_one_click(
    storage: Database, brand: Brand, clock: Clock, inbox: Inbox
) -> None:
    def end(posted: Posted) -> str | None:
        return "https://example.com/fim/1" if posted.dedup == "m:campaign" else None

    house = House(storage, brand, clock, inbox.port, unsubscribe=end)
    await house.dispatcher.start()
    for event in ("campaign", "required"):
        await house.turn(event, mail=SECOND_COPY)
    await house.dispatcher.stop()
    campaign, required = inbox.mails
    assert campaign["List-Unsubscribe"] == "<https://example.com/fim/1>"
    assert campaign["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in required
