"""Lanes: one sending account's queue, its limit kept in the database, and who is next in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import Address, Call, Mail, Notice, Outbound
from bot.core.ports import LaneLimits, Posted
from storage.among import is_among
from storage.begun import Begun
from storage.posting import LEASE
from storage.prepared import Prepared
from storage.tables import address, lane, message, message_body

# Written out, for a bound value would hide from the planners that a partial index fits.
_QUEUED: ColumnElement[str] = literal_column("'queued'")
_SENDING: ColumnElement[str] = literal_column("'sending'")
_TO_CHATS = ("reply", "notice")


def _claim(*, ordered: bool) -> Prepared:
    """Mark the next due rows of a lane as `sending`.

    `ordered`: one row of an address at a time, the earliest, and none while another is on its way
    or waits on a back-off.
    """

    def make(_dialect: str) -> Any:
        m, ahead, leaving = message.c, message.alias("ahead"), message.alias("leaving")
        due = select(m.id).where(
            m.lane == bindparam("lane"), m.state == _QUEUED, m.due_at <= bindparam("now")
        )
        if ordered:
            # By no column that has an index: that of what is leased is the short one.
            busy = select(func.coalesce(leaving.c.address, 0)).where(
                leaving.c.lane == bindparam("lane"), leaving.c.state == _SENDING
            )
            # A scalar, for planners would make a join of an EXISTS and read the whole queue; and no
            # lane in it, for an address has one lane besides its mails and calls.
            earliest = (
                select(func.min(ahead.c.id))
                .where(
                    ahead.c.address == m.address,
                    ahead.c.state == _QUEUED,
                    ahead.c.kind != "mail",
                    ahead.c.kind != "call",
                )
                .scalar_subquery()
            )
            due = due.where(m.address.not_in(busy), m.id == earliest)
        due = due.order_by(m.due_at, m.id).limit(bindparam("most"))
        # A CTE of its own, so that PostgreSQL cannot run it twice and lock more than the limit.
        next_ones = due.with_for_update(of=message, skip_locked=True).cte("next_ones")
        return (
            update(message)
            .where(m.id.in_(select(next_ones.c.id)))
            .values(
                state="sending",
                owner=bindparam("owner"),
                lease_until=bindparam("lease_until"),
                attempts=m.attempts + 1,
            )
            .returning(m.id)
        )

    return Prepared(make)


_CLAIM_ORDERED = _claim(ordered=True)
_CLAIM_ANY = _claim(ordered=False)
_LANE = Prepared(
    lambda _dialect: (
        select(lane.c.tokens, lane.c.refilled_at)
        .where(lane.c.name == bindparam("lane"))
        .with_for_update()
    )
)
_NEW_LANE = Prepared(
    lambda _dialect: (
        insert(lane)
        .values(name=bindparam("lane"), tokens=bindparam("tokens"), refilled_at=bindparam("now"))
        .on_conflict_do_nothing()
    )
)
_TAKE = Prepared(
    lambda _dialect: (
        update(lane)
        .where(lane.c.name == bindparam("lane"))
        .values(tokens=bindparam("tokens"), refilled_at=bindparam("now"))
    )
)
_WHOLE = Prepared(
    lambda _dialect: (
        select(
            message.c.id, message.c.kind, message.c.lane, message.c.brand, message.c.address,
            message.c.attempts, message.c.created_at, message.c.dedup, message_body.c.body,
            address.c.account, address.c.chat, address.c.locale, address.c.bad,
        )
        .join_from(message, message_body, isouter=True)
        .join(address, message.c.address == address.c.id, isouter=True)
        .where(is_among(message.c.id, bindparam("ids")))
    )
)  # fmt: skip


def claim(
    begun: Begun, name: str, limits: LaneLimits, most: int, *, owner: str
) -> Sequence[Posted]:
    """Up to `most` due rows of a lane, leased to `owner`; no more than its tokens allow.

    The bucket holds `burst` tokens and fills at `per_second`. Rows whose address is bad, or whose
    body was erased, fail here and take no token. Of an address only its earliest row is given, and
    none while another is `sending`; mails and calls have no order.
    """
    tokens, refilled_at = _bucket(begun, name, limits)
    claimed: list[Posted] = []
    while (free := min(most - len(claimed), int(tokens))) > 0:
        rows = begun.run(
            _CLAIM_ANY if name.startswith(("mail:", "gateway:")) else _CLAIM_ORDERED,
            {
                "lane": name, "most": free, "owner": owner, "now": begun.now,
                "lease_until": begun.now + LEASE,
            },
        )  # fmt: skip
        if not rows:
            break
        sendable = _sendable(begun, [id for (id,) in rows])
        tokens -= len(sendable)
        claimed += sendable
    if claimed:
        begun.run(_TAKE, {"lane": name, "tokens": tokens, "now": refilled_at})
    return sorted(claimed, key=lambda posted: posted.id)


def _bucket(begun: Begun, name: str, limits: LaneLimits) -> tuple[float, datetime]:
    """The tokens of a lane now, its row locked, and the instant up to which it is filled."""
    rows = begun.run(_LANE, {"lane": name})
    if not rows:
        full = {"lane": name, "tokens": float(limits.burst), "now": begun.now}
        begun.run(_NEW_LANE, full)
        rows = begun.run(_LANE, {"lane": name})
    ((tokens, refilled_at),) = rows
    # Another worker's clock may be ahead of ours.
    until = max(refilled_at, begun.now)
    grown = (until - refilled_at).total_seconds() * limits.per_second
    return min(float(limits.burst), tokens + grown), until


def _sendable(begun: Begun, ids: Sequence[int]) -> list[Posted]:
    """The claimed rows with all that their delivery needs; the hopeless ones fail."""
    rows = begun.look(_WHOLE(ids=ids))
    sendable = []
    for row in rows:
        hopeless = "erased" if row.body is None else row.bad if row.kind in _TO_CHATS else None
        if hopeless is None:
            sendable.append(posted(row))
        else:
            begun.execute(
                update(message)
                .where(message.c.id == row.id)
                .values(state="failed", error=hopeless, owner=None, lease_until=None)
            )
    return sendable


def posted(row: Any) -> Posted:
    """A ledger row, joined with its body and address, as the delivery handles it."""
    kinds: dict[str, Any] = {"reply": Outbound, "notice": Notice, "mail": Mail, "call": Call}
    return Posted(
        id=row.id,
        kind=row.kind,
        lane=row.lane,
        brand=row.brand,
        address=row.address,
        at=None if row.account is None else Address(row.account, row.chat),
        body=kinds[row.kind].load(row.body),
        locale=row.locale,
        attempts=row.attempts,
        created_at=row.created_at,
        dedup=row.dedup,
    )
