"""Messages enter the ledger with their turn: replies leased, notices and mails queued, each key once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.core.brand import Brand
from bot.core.message import Address, Button, Mail, Notice, NoticeButton, Outbound, _
from bot.core.ports import LaneLimits, PressedNotice, Turn
from storage.database import Database
from storage.keys import notice_token
from storage.tables import audit, audit_body, message, message_body
from tests.conftest import OpenStorage
from tests.fakes import SERVER_KEY, START, Clock

from .telling import BRAND, HERE, answer, mail, notice, only_message, post_notices, said, states


async def test_a_reply_is_sending_and_leased_to_this_process(storage: Database) -> None:
    ((posted),) = await storage.play(BRAND, answer(said("e1"), "hello"))
    row = await only_message(storage)

    assert (row.id, row.kind, row.brand, row.lane) == (posted.id, "reply", BRAND, "web")
    assert (row.state, row.owner, row.repeatable, row.attempts) == ("sending", "first", True, 1)
    assert (row.lease_until - START).total_seconds() == 60
    assert row.dedup == posted.dedup == "reply:web/e1:0"


async def test_replies_of_a_turn_are_counted_on(storage: Database) -> None:
    def twice(tx: Turn) -> list[str]:
        first = answer(said("e1"), "a", "b")(tx)
        return [p.dedup for p in [*first, *tx.reply([Outbound("c")])]]

    assert await storage.play(BRAND, twice) == [
        "reply:web/e1:0", "reply:web/e1:1", "reply:web/e1:2",
    ]  # fmt: skip
    assert await storage.play(BRAND, lambda tx: tx.open(said("x")) and list(tx.reply([]))) == []


async def test_an_answer_to_no_event_has_a_key_of_its_own(storage: Database) -> None:
    def unasked(tx: Turn) -> str:
        tx.open(said("never recorded"))
        return tx.reply([Outbound("the time is over")])[0].dedup

    keys = {await storage.play(BRAND, unasked) for _ in range(3)}

    assert len(keys) == 3


async def test_a_body_comes_back_as_it_was(storage: Database) -> None:
    body = Outbound("Olá 😀\0", ((0, 3),), buttons=(Button("Sim", "n:1"),), nonce="n", locale="en")

    def reply(tx: Turn) -> None:
        tx.open(said("e1"))
        tx.reply([body])

    await storage.play(BRAND, reply)
    (found,) = await storage.ledger.history(HERE, 0, 10)

    assert found.body == body


async def test_what_was_posted_under_a_key_is_posted_once(storage: Database) -> None:
    def post(tx: Turn) -> list[int | None]:
        return [tx.post(mail(), dedup="second-copy:12:2026-11") for _ in range(2)]

    first, again = await storage.play(BRAND, post)
    later = (await storage.play(BRAND, post))[0]

    assert first is not None
    assert (again, later) == (None, None)
    assert await states(storage) == ["queued"]


async def test_a_mail_has_the_lane_of_its_purpose_and_a_notice_that_of_its_account(
    storage: Database,
) -> None:
    def post(tx: Turn) -> None:
        visitor, _session = tx.open(said("e1"))
        tx.post(mail(purpose="codes"), dedup="m", address=visitor.address, subject="invoice:12")
        tx.post(notice(), dedup="n", address=visitor.address, repeatable=False)

    await storage.play(BRAND, post)
    rows = await storage.read(BRAND, lambda read: read.all(select(message).order_by(message.c.id)))

    assert [(r.kind, r.lane, r.subject, r.repeatable) for r in rows] == [
        ("mail", "mail:codes", "invoice:12", True),
        ("notice", "web", "", False),
    ]


async def test_a_notice_needs_an_address_of_its_brand(
    open_storage: OpenStorage, brand: Brand
) -> None:
    other = Brand(id="outra", name="Outra Telecom")
    storage = open_storage(owner="o", brands={brand.id: brand, other.id: other})
    visitor, _session = await storage.play(BRAND, lambda tx: tx.open(said("e1")))

    with pytest.raises(ValueError, match="address"):
        await storage.play(BRAND, lambda tx: tx.post(notice(), dedup="n"))
    for brand_id, address in ((BRAND, 12345), ("outra", visitor.address)):
        with pytest.raises(LookupError):
            await storage.play(
                brand_id,
                lambda tx, a=address: tx.post(notice(), dedup="n", address=a),  # type: ignore[misc]
            )


# ------------------------------------------------------------------ buttons of notices

PRESSED = Notice(
    _("Pay {what}?", what="it"), (NoticeButton(_("Pay"), "pay", {"invoice": 12}),), once=True
)


async def post_one(storage: Database) -> int:
    def post(tx: Turn) -> int:
        visitor, _session = tx.open(said("e1"))
        id = tx.post(PRESSED, dedup="n", address=visitor.address)
        assert id is not None
        return id

    return await storage.play(BRAND, post)


async def test_a_pressed_button_finds_its_notice(storage: Database) -> None:
    id = await post_one(storage)
    token = storage.keys.notice_token(id)

    assert token == notice_token(SERVER_KEY, id)
    found = await storage.play(BRAND, lambda tx: tx.notice(token))
    assert found == PressedNotice(id, PRESSED, found.address if found else 0, used=False)


async def test_a_button_of_nobodys_finds_nothing(storage: Database) -> None:
    id = await post_one(storage)
    ((reply),) = await storage.play(BRAND, answer(said("e2"), "no notice"))

    for token in ("", "x", f"{id}.aaaaaaaaaaaaaaaa", storage.keys.notice_token(reply.id)):
        assert await storage.play(BRAND, lambda tx, t=token: tx.notice(t)) is None  # type: ignore[misc]


async def test_who_writes_finds_the_last_notices_with_buttons_of_this_chat(
    storage: Database, clock: Clock
) -> None:
    old = await post_one(storage)
    clock.forward(days=2)

    def more(tx: Turn) -> list[int]:
        here, _session = tx.open(said("e2"))
        there, _session = tx.open(said("e3", at=Address("web", "other")))
        plain = Notice(_("Paid."))
        posted = [
            tx.post(each, dedup=f"m{n}", address=at.address)
            for n, (each, at) in enumerate([(PRESSED, here), (plain, here), (PRESSED, there)])
        ]
        return [id for id in posted if id is not None]

    new, _plain, _theirs = await storage.play(BRAND, more)

    def found(days: float, most: int) -> Callable[[Turn], list[int]]:
        def look(tx: Turn) -> list[int]:
            tx.open(said("e4"))
            since = clock.now - timedelta(days=days)
            return [each.id for each in tx.recent_notices(since, most)]

        return look

    assert await storage.play(BRAND, found(7, 5)) == [new, old]
    assert await storage.play(BRAND, found(1, 5)) == [new]
    assert await storage.play(BRAND, found(7, 2)) == [new]


async def test_a_once_only_notice_counts_one_press(storage: Database) -> None:
    id = await post_one(storage)
    token = storage.keys.notice_token(id)

    assert await storage.play(BRAND, lambda tx: tx.use_notice(id))
    assert not await storage.play(BRAND, lambda tx: tx.use_notice(id))
    found = await storage.play(BRAND, lambda tx: tx.notice(token))
    assert found is not None
    assert found.used


# ------------------------------------------------------------------ replaced replies


async def test_replies_that_still_wait_are_replaced_when_the_talk_moved_on(
    storage: Database,
) -> None:
    await storage.play(BRAND, answer(said("e1"), "late", "sent"))
    await post_notices(storage, 1)
    await storage.play(BRAND, answer(said("o", at=Address("web", "other")), "not theirs"))
    await storage.play(
        BRAND,
        lambda tx: tx.run(
            update(message)
            .where(message.c.kind == "reply", message.c.dedup != "reply:web/e1:1")
            .values(state="queued")
        ),
    )

    def move_on(tx: Turn) -> None:
        tx.open(said("e2"))
        tx.forget_reply_queue()

    await storage.play(BRAND, move_on)

    assert await states(storage) == ["replaced", "sending", "queued", "queued"]
    claimed = await storage.ledger.claim("web", LaneLimits(), 10)
    assert [p.dedup for p in claimed] == ["reply:web/o:0"]


# ------------------------------------------------------------------ audit, secrets


async def test_an_audit_row_says_who_through_what_before_and_after(storage: Database) -> None:
    def change(tx: Turn) -> None:
        tx.open(said("e1"))
        tx.audit("customer.email", "customer:12", before={"email": "a"}, after={"email": "b"})
        tx.audit("invoice.read", "invoice:3")

    await storage.play(BRAND, change)
    rows = await storage.read(
        BRAND,
        lambda read: read.all(
            select(audit, audit_body.c.before, audit_body.c.after)
            .join_from(audit, audit_body, isouter=True)
            .order_by(audit.c.id)
        ),
    )

    assert [(r.what, r.subject, r.through, r.at, r.brand) for r in rows] == [
        ("customer.email", "customer:12", "web", START, BRAND),
        ("invoice.read", "invoice:3", "web", START, BRAND),
    ]
    assert [(r.before, r.after) for r in rows] == [({"email": "a"}, {"email": "b"}), (None, None)]
    assert all(r.address for r in rows)
    bodies = await storage.read(
        BRAND, lambda read: read.scalar(select(func.count()).select_from(audit_body))
    )
    assert bodies == 1


async def test_what_the_clock_does_is_nobodys(storage: Database) -> None:
    await storage.play(BRAND, lambda tx: tx.audit("campaign.planned", "rule:1"))

    (row,) = await storage.read(BRAND, lambda read: read.all(select(audit)))
    assert (row.person, row.customer, row.address, row.through) == (None,) * 4


async def test_secrets_are_derived_and_not_stored(storage: Database) -> None:
    code, hashed = await storage.play(
        BRAND, lambda tx: (tx.secret("code", 7, 6), tx.keyed_hash("code", "123456"))
    )

    assert code == storage.keys.digits("code", 7, 6)
    assert hashed == storage.keys.hash("code", "123456")


async def test_ids_of_messages_do_not_come_again(storage: Database) -> None:
    """A token of a notice that was erased must not open the next one."""
    first = await post_one(storage)

    def erase(tx: Turn) -> None:
        tx.run(message_body.delete())
        tx.run(message.delete())

    await storage.play(BRAND, erase)

    assert await post_one(storage) > first


async def test_a_mails_code_is_in_no_row(storage: Database) -> None:
    code = storage.keys.digits("code", 7, 6)
    body = Mail("code", "ana@example.com", "pt_BR", code=7, purpose="codes")

    await storage.play(BRAND, lambda tx: tx.post(body, dedup="code:7"))

    rows = await storage.read(
        BRAND,
        lambda read: read.all(
            select(message, message_body.c.body).join_from(message, message_body)
        ),
    )
    assert "ana@example.com" in repr(rows)
    assert code not in repr(rows)
