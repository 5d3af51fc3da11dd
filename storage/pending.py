"""Changes asked of a gateway: one open per subject; the record changes only when it has said yes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON, Address, Call, Inbound, Notice, Outcome, Text
from bot.core.ports import Read, Write
from storage.reached import chats_of_customer
from storage.tables import address, pending_change

_LONGEST_KEY = 250

Ticket = Mapping[str, JSON]
"""Who waits for the outcome, as `chat.wait` hands it: address, run, key."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that a gateway was asked for."""

    id: int
    customer: int
    subject: str
    """What it is about: one is open at a time ("customer:5:method")."""
    kind: str
    """form · charge · card · look"""
    body: JSON
    ticket: JSON
    told: JSON
    ref: str | None
    """Of the gateway's page, where there is one."""
    result: JSON
    """`{"ok": bool, …}` once it has ended; of a card's page its url meanwhile."""
    created_at: datetime
    ended_at: datetime | None


_COLUMNS = tuple(pending_change.c[name] for name in Pending.__slots__)


def begin(
    write: Write,
    customer_id: int,
    subject: str,
    kind: str,
    body: JSON,
    *,
    ticket: Ticket | None,
    done: Text | None,
    failed: Text | None,
    patience: int,
) -> int | None:
    """Note a change and post its call; its id, or None if one for this subject is under way.

    `done` and `failed` are told to whoever waits no more (without a ticket: to every chat of the
    customer); names in braces are filled from the outcome's own texts. `patience` is in seconds.
    """
    told = {"done": done and done.dump(), "failed": failed and failed.dump()}
    rows = write.run(
        insert(pending_change)
        .values(
            brand=write.brand.id, customer=customer_id, subject=subject, kind=kind, body=body,
            ticket=None if ticket is None else dict(ticket), told=told, created_at=write.now,
        )
        .on_conflict_do_nothing()
        .returning(pending_change.c.id)
    )  # fmt: skip
    if not rows:
        return None
    id = int(rows[0].id)
    write.audit("payment.change_asked", f"customer:{customer_id}", after={"change": id, **body})
    post(write, "change", {"change": id}, dedup=f"change:{id}", patience=patience)
    return id


def post(
    write: Write,
    action: str,
    values: Mapping[str, JSON],
    *,
    dedup: str,
    patience: int | None = None,
    subject: str = "",
    gateway: str | None = None,
) -> int | None:
    """A call to the brand's gateway, to leave after the commit; None if `dedup` was posted before."""
    name = gateway or write.brand.payments.gateway
    call = Call(name, action, values) if patience is None else Call(name, action, values, patience)
    return write.post(call, dedup=dedup_of(write, dedup, gateway=name), subject=subject)


def dedup_of(read: Read, dedup: str, *, gateway: str | None = None) -> str:
    """The ledger's key of a call that is `dedup` to its gateway."""
    key = f"call:{gateway or read.brand.payments.gateway}:{read.brand.id}:{dedup}"
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:150]}:{hashlib.sha256(key.encode()).hexdigest()}"


def refuse(write: Write, ticket: Ticket, why: str) -> None:
    """Answer a `chat.wait` whose wish cannot be asked for at all, without asking the gateway."""
    values = {"ticket": dict(ticket), "result": {"ok": False, "why": why}}
    post(write, "answer", values, dedup=f"answer:{ticket['run']}:{ticket['key']}", patience=600)


def withdraw(write: Write, gateway: str, ref: str) -> int | None:
    """Have a charge deleted at its gateway, so that it cannot be paid any more; once a day."""
    day = write.today.isoformat()
    return post(write, "withdraw", {"ref": ref}, dedup=f"withdraw:{ref}:{day}", gateway=gateway)


def get(read: Read, id: int) -> Pending | None:
    """A change of this brand."""
    return _of(read.one(_select(read).where(pending_change.c.id == id)))


def open_for(read: Read, subject: str) -> Pending | None:
    """The change of a subject that is under way."""
    return _of(
        read.one(
            _select(read).where(
                pending_change.c.subject == subject, pending_change.c.ended_at.is_(None)
            )
        )
    )


def by_page(read: Read, ref: str) -> Pending | None:
    """The change whose hosted page this is, open or over."""
    newest = _select(read).where(pending_change.c.ref == ref).order_by(pending_change.c.id.desc())
    return _of(read.one(newest.limit(1)))


def note(write: Write, id: int, *, ref: str, result: JSON) -> None:
    """The gateway has given a page: the change goes on when the page is done with."""
    write.run(
        update(pending_change)
        .where(pending_change.c.id == id, pending_change.c.ended_at.is_(None))
        .values(ref=ref, result=result)
    )


def watch(write: Write, id: int, customer_id: int, ticket: Ticket) -> Pending | None:
    """From now on this ticket waits for the outcome; None if there is no such change."""
    rows = write.run(
        update(pending_change)
        .where(
            pending_change.c.id == id,
            pending_change.c.brand == write.brand.id,
            pending_change.c.customer == customer_id,
        )
        .values(ticket=dict(ticket))
        .returning(pending_change.c.id)
    )
    return get(write, id) if rows else None


def let_go(write: Write, of: Pending) -> None:
    """Whoever waited has had an answer, and the change goes on: the chats are told how it ends.

    Whoever began to wait since `of` was read goes on waiting.
    """
    now = get(write, of.id)
    if now is not None and now.ended_at is None and now.ticket == of.ticket:
        write.run(update(pending_change).where(pending_change.c.id == of.id).values(ticket=None))


def end(write: Write, id: int, result: Mapping[str, JSON]) -> bool:
    """What became of it, once; False if it had ended before. Without a ticket the chats are told."""
    rows = write.run(
        update(pending_change)
        .where(pending_change.c.id == id, pending_change.c.ended_at.is_(None))
        .values(result=dict(result), ended_at=write.now)
        .returning(*_COLUMNS)
    )
    if not rows:
        return False
    ended = Pending(**rows[0]._mapping)
    what = "payment.change_done" if result.get("ok") else "payment.change_failed"
    write.audit(what, f"customer:{ended.customer}", after={"change": id, "result": dict(result)})
    words = told(ended)
    if ended.ticket is None and words is not None:
        for chat in chats_of_customer(write, ended.customer):
            write.post(Notice(words), dedup=f"change:{id}:told:{chat}", address=chat)
    return True


def told(of: Pending) -> Text | None:
    """The words for whoever waits no more."""
    result = of.result or {}
    words = (of.told or {}).get("done" if result.get("ok") else "failed")
    if not words:
        return None
    text = Text.load(words)
    filled = {name: value for name, value in result.items() if isinstance(value, str)}
    return Text(text.source, {**filled, **text.values}, text.plural)


def answer(read: Read, ticket: Ticket, id: str, result: JSON, words: Text | None) -> Inbound | None:
    """The event that brings an outcome to whoever waits; None if that address is gone.

    `id` makes it one event however often it is handed in.
    """
    row = read.one(
        select(address.c.account, address.c.chat).where(
            address.c.id == ticket["address"], address.c.brand == read.brand.id
        )
    )
    if row is None:
        return None
    outcome = Outcome(ticket["run"], ticket["key"], result, words)
    return Inbound(id, Address(row.account, row.chat), outcome=outcome)


def tell_at(write: Write, event: Inbound, notice: Notice) -> None:
    """Tell an outcome as a notice, once, where nobody can be handed the event."""
    at = write.scalar(
        select(address.c.id).where(
            address.c.account == event.address.account, address.c.chat == event.address.chat
        )
    )
    if at is not None:
        write.post(notice, dedup=f"told:{event.id}", address=at)


def _select(read: Read) -> Any:
    return select(*_COLUMNS).where(pending_change.c.brand == read.brand.id)


def _of(row: Any) -> Pending | None:
    return None if row is None else Pending(**row._mapping)
