"""Approvals: changes that somebody asked for and somebody else decides, once.

An approval says nothing about how a change is carried out: that is the room's of its kind
(`storage/carrying_out.py`), in the same transaction as the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON, Notice, NoticeButton, Text, _
from bot.core.ports import Read, Write
from bot.domain.roles import Role
from storage import members
from storage.people import here
from storage.tables import approval, customer, person


class State(StrEnum):
    """What became of a wish."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What is asked for, by whom, and what became of it."""

    id: int
    customer: int
    company: str
    """The customer's name."""
    kind: str
    subject: str
    values: JSON
    """What carries it out is handed; None once it is erased."""
    words: Text
    """What is asked for, as whoever decides reads it."""
    waits_for: str
    state: State
    asked_by: int | None
    asker: str
    """The name of who asks."""
    asked_from: int | None
    asked_at: datetime
    until: datetime
    decider: str | None
    decided_at: datetime | None


_asker, _decider = person.alias("asker"), person.alias("decider")


def ask(
    write: Write,
    customer_id: int,
    kind: str,
    values: JSON,
    *,
    words: Text,
    waits_for: Literal["administrator", "staff"],
    subject: str = "",
) -> int | None:
    """A change that somebody else decides: a row, and a notice with Approve / Deny to every active administrator.

    The notices are sent for `waits_for="administrator"`. `kind` names who carries it out, `values` what
    that is handed, `words` a sentence that says what is asked for ("E-mail: a***@x.com"), whole and masked as the
    decider may see it. Returns the row's id; None if one for this customer, kind and subject waits
    already. Raises LookupError if who asks does not speak for the customer.
    """
    visitor = here(write)
    if members.role_of(write, visitor.person, customer_id) is None:
        raise LookupError("who asks does not speak for this customer")
    waiting = _waiting(customer_id, kind, subject)
    write.run(
        update(approval)
        .where(*waiting, approval.c.until <= write.now)
        .values(state=State.EXPIRED.value)
    )
    until = write.now + timedelta(days=write.brand.people.approval_days)
    rows = write.run(
        insert(approval)
        .values(
            brand=write.brand.id,
            customer=customer_id,
            kind=kind,
            subject=subject,
            change=values,
            words=words.dump(),
            waits_for=waits_for,
            state=State.WAITING.value,
            asked_by=visitor.person,
            asked_from=visitor.address,
            asked_at=write.now,
            until=until,
        )
        .on_conflict_do_nothing()
        .returning(approval.c.id)
    )
    if not rows:
        return None
    id = int(rows[0].id)
    write.audit("approval.asked", f"approval:{id}", after={"kind": kind, "subject": subject})
    if waits_for == "administrator":
        _tell_administrators(write, id, customer_id)
    return id


def get(read: Read, id: int, by: int | None) -> Approval | None:
    """A wish that the person `by` may decide as an administrator; None for any other."""
    row = read.one(_select(read).where(approval.c.id == id))
    if row is None or row.waits_for != "administrator":
        return None
    if members.role_of(read, by, row.customer) is not Role.ADMINISTRATOR:
        return None
    return _approval(read, row)


def decide(write: Write, id: int, *, approve: bool) -> Approval | None:
    """Approve or deny, once; None if it is decided, over or not this customer's.

    Who asked does not decide, even if they became an administrator meanwhile.
    """
    visitor = here(write)
    found = get(write, id, visitor.person)
    if found is None or found.asked_by == visitor.person:
        return None
    members.lock(write, found.customer)
    if members.role_of(write, visitor.person, found.customer) is not Role.ADMINISTRATOR:
        return None
    state = State.APPROVED if approve else State.DENIED
    decided = write.run(
        update(approval)
        .where(
            approval.c.id == id,
            approval.c.state == State.WAITING.value,
            approval.c.until > write.now,
        )
        .values(state=state.value, decided_by=visitor.person, decided_at=write.now)
        .returning(approval.c.id)
    )
    if not decided:
        return None
    write.audit(
        f"approval.{state.value}",
        f"approval:{id}",
        before={"state": State.WAITING.value},
        after={"state": state.value, "kind": found.kind, "customer": found.customer},
    )
    return get(write, id, visitor.person)


def decide_by_staff(write: Write, id: int, *, approve: bool) -> Approval | None:
    """Somebody of the business approves or denies what waits for them, once; None if that is over.

    Also what was not decided in time: that is when another may be asked for, and loses nobody's wish.
    """
    if write.staff is None:
        return None
    state = State.APPROVED if approve else State.DENIED
    decided = write.run(
        update(approval)
        .where(
            approval.c.id == id,
            approval.c.brand == write.brand.id,
            approval.c.waits_for == "staff",
            approval.c.state == State.WAITING.value,
        )
        .values(state=state.value, decided_at=write.now)
        .returning(approval.c.customer, approval.c.kind)
    )
    if not decided:
        return None
    write.audit(
        f"approval.{state.value}",
        f"approval:{id}",
        before={"state": State.WAITING.value},
        after={"state": state.value, "kind": decided[0].kind, "customer": decided[0].customer},
    )
    return _approval(write, write.one(_select(write).where(approval.c.id == id)))


def waiting_for(read: Read, by: int | None, limit: int = 50) -> list[Approval]:
    """What waits for the person `by` as an administrator, of whichever company, the oldest first."""
    theirs = [
        each.customer for each in members.spoken_for(read, by) if each.role is Role.ADMINISTRATOR
    ]
    rows = read.all(
        _select(read)
        .where(
            approval.c.customer.in_(theirs),
            approval.c.waits_for == "administrator",
            approval.c.state == State.WAITING.value,
            approval.c.until > read.now,
        )
        .order_by(approval.c.asked_at, approval.c.id)
        .limit(limit)
    )
    return [_approval(read, row) for row in rows]


def tell_asker(write: Write, of: Approval, text: Text) -> None:
    """Tell whoever asked what became of it, where they asked, or wherever else they are proved."""
    if of.asked_by is None:
        return
    chats = members.chats_of(write, of.asked_by)
    if of.asked_from in chats:
        chats = (of.asked_from,)
    for chat in chats:
        write.post(
            Notice(text), dedup=f"approval:{of.id}:told:{chat}", address=chat,
            subject=f"approval:{of.id}",
        )  # fmt: skip


# ------------------------------------------------------------------------- inside


def _tell_administrators(write: Write, id: int, customer_id: int) -> None:
    asked = _approval(write, write.one(_select(write).where(approval.c.id == id)))
    text = _(
        "**{name}** ({company}) asks for your approval:\n{words}",
        name=asked.asker,
        company=asked.company,
        words=asked.words,
    )
    buttons = (
        NoticeButton(_("Approve"), "approve", {"approval": id}),
        NoticeButton(_("Deny"), "deny", {"approval": id}),
    )
    for administrator in members.administrators_of(write, customer_id):
        if administrator == asked.asked_by:
            continue
        notice = Notice(text, buttons, person=administrator, until=asked.until)
        for chat in members.chats_of(write, administrator):
            write.post(
                notice, dedup=f"approval:{id}:asked:{chat}", address=chat, subject=f"approval:{id}"
            )


def _waiting(customer_id: int, kind: str, subject: str) -> tuple[Any, ...]:
    return (
        approval.c.customer == customer_id,
        approval.c.kind == kind,
        approval.c.subject == subject,
        approval.c.state == State.WAITING.value,
    )


def _select(read: Read) -> Select[Any]:
    return (
        select(
            approval.c.id, approval.c.customer, func.coalesce(customer.c.trade_name, customer.c.name).label("company"), approval.c.kind,
            approval.c.subject, approval.c.change, approval.c.words, approval.c.waits_for,
            approval.c.state, approval.c.asked_by, func.coalesce(_asker.c.name, "").label("asker"),
            approval.c.asked_from, approval.c.asked_at, approval.c.until,
            _decider.c.name.label("decider"), approval.c.decided_at,
        )
        .join_from(approval, customer, customer.c.id == approval.c.customer)
        .outerjoin(_asker, _asker.c.id == approval.c.asked_by)
        .outerjoin(_decider, _decider.c.id == approval.c.decided_by)
        .where(approval.c.brand == read.brand.id)
    )  # fmt: skip


def _approval(read: Read, row: Any) -> Approval:
    over = row.state == State.WAITING.value and row.until <= read.now
    return Approval(
        id=row.id,
        customer=row.customer,
        company=row.company,
        kind=row.kind,
        subject=row.subject,
        values=row.change,
        words=Text.load(row.words) if row.words else Text(""),
        waits_for=row.waits_for,
        state=State.EXPIRED if over else State(row.state),
        asked_by=row.asked_by,
        asker=row.asker,
        asked_from=row.asked_from,
        asked_at=row.asked_at,
        until=row.until,
        decider=row.decider,
        decided_at=row.decided_at,
    )
