"""The ledger read again: what a channel was handed, and what was sent about an invoice."""

from __future__ import annotations

from sqlalchemy import insert, select

from bot.core.message import Address, Outbound
from bot.core.ports import Settled, State, Turn
from storage.database import Database
from storage.dispatches import of_subject
from storage.tables import address, message, message_body, person
from tests.fakes import START, Clock

from .telling import BRAND, HERE, answer, mail, notice, post_notices, reply, said, send_mail


async def test_history_is_what_the_channel_was_handed(storage: Database) -> None:
    seen = await reply(storage, "seen")
    later = await reply(storage, "later", event="e2")
    await post_notices(storage, 1)
    await send_mail(storage)
    await storage.play(BRAND, answer(said("o", at=Address("web", "other")), "not theirs"))
    failed = await reply(storage, "failed", event="e3")
    await storage.ledger.settle(
        [Settled(failed.id, State.FAILED), Settled(seen.id, State.SENT, ref="1")]
    )

    everything = await storage.ledger.history(HERE, 0, 10)

    assert [p.body for p in everything] == [Outbound("seen"), Outbound("later")]
    assert [p.id for p in await storage.ledger.history(HERE, seen.id, 10)] == [later.id]
    assert await storage.ledger.history(Address("web", "nobody"), 0, 10) == []


async def test_history_gives_the_newest_in_order(storage: Database) -> None:
    made = [(await reply(storage, event=f"e{n}")).id for n in range(5)]

    assert [p.id for p in await storage.ledger.history(HERE, 0, 3)] == made[-3:]


async def test_every_dispatch_about_an_invoice_can_be_looked_up(
    storage: Database, clock: Clock
) -> None:
    """Who asked, when, by which server, to where (masked), with what result: REQUIREMENTS 3.18."""
    posted = await send_mail(storage, subject="invoice:12")
    await storage.play(BRAND, lambda tx: tx.post(mail(), dedup="x", subject="invoice:13"))

    def prove(tx: Turn) -> None:
        values = {"brand": BRAND, "name": "Ana Prado", "created_at": tx.now}
        ((who,),) = tx.run(insert(person).values(values).returning(person.c.id))
        tx.run(address.update().values(person=who))

    await storage.play(BRAND, prove)
    clock.forward(seconds=2)
    await storage.ledger.settle([Settled(posted.id, State.FAILED, error="refused")])

    (found,) = await storage.read(BRAND, lambda read: of_subject(read, "invoice:12"))

    assert (found.id, found.kind, found.lane) == (posted.id, "mail", "mail:other")
    assert (found.to, found.asked_by, found.through) == ("a***@e***.com", "Ana Prado", "web")
    assert (found.asked_at, found.sent_at) == (START, None)
    assert (found.state, found.attempts, found.error) == (State.FAILED, 1, "refused")
    assert await storage.read(BRAND, lambda read: of_subject(read, "")) == []


async def test_a_dispatch_to_a_chat_shows_its_last_signs_and_an_erased_one_nothing(
    storage: Database,
) -> None:
    def post(tx: Turn) -> None:
        for chat, key in (("5511900000012", "a"), ("123", "b")):
            visitor, _session = tx.open(said("e", at=Address("web", chat)))
            tx.post(notice(), dedup=key, address=visitor.address, subject="invoice:12")

    await storage.play(BRAND, post)
    found = await storage.read(BRAND, lambda read: of_subject(read, "invoice:12"))
    assert [dispatch.to for dispatch in found] == ["***0012", "***"]

    await storage.play(BRAND, lambda tx: tx.run(message_body.delete()))
    found = await storage.read(BRAND, lambda read: of_subject(read, "invoice:12"))
    assert [dispatch.to for dispatch in found] == [None, None]
    assert len(await storage.read(BRAND, lambda read: read.all(select(message)))) == 2
