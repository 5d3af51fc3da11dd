"""Messages enter the ledger: replies already leased to their process, notices, mails and calls queued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import Call, Mail, Notice, Outbound
from bot.core.ports import Posted, Visitor
from storage.begun import Begun
from storage.prepared import Prepared
from storage.tables import address, message, message_body

LEASE = timedelta(seconds=60)
"""How long a process may take to send what it holds, before the sweep thinks it dead."""

_ACCOUNT = Prepared(
    lambda _dialect: select(address.c.account, address.c.chat).where(
        address.c.id == bindparam("id"), address.c.brand == bindparam("brand")
    )
)
_POSTED = ("kind", "brand", "lane", "dedup", "address", "subject", "repeatable", "due_at")
_POST = Prepared(
    lambda _dialect: (
        insert(message)
        .values({name: bindparam(name) for name in _POSTED})
        .values(state="queued", attempts=0, created_at=bindparam("now"))
        .on_conflict_do_nothing(index_elements=[message.c.dedup])
        .returning(message.c.id)
    )
)
_BODY = Prepared(
    lambda _dialect: insert(message_body).values(message=bindparam("id"), body=bindparam("body"))
)


def replies_queued(address_id: Any) -> ColumnElement[bool]:
    """Rows of replies to an address that did not leave yet and wait for their next attempt."""
    return and_(
        message.c.address == address_id,
        message.c.state == literal_column("'queued'"),
        message.c.kind == literal_column("'reply'"),
    )


_FORGET = Prepared(
    lambda _dialect: update(message).where(replies_queued(bindparam("at"))).values(state="replaced")
)


@lru_cache(maxsize=32)
def _replies(count: int) -> Prepared:
    """All rows of a turn's replies in one statement.

    Types are named: SQLAlchemy deduces those of the first row alone, and an untyped instant would
    be written in the driver's form, which does not sort with ours.
    """
    shared: dict[str, Any] = {
        n: bindparam(n, type_=message.c["created_at" if n == "now" else n].type)
        for n in ("brand", "lane", "address", "owner", "lease_until", "now")
    }
    now = shared.pop("now")
    rows: list[dict[str, Any]] = [
        shared
        | {
            "kind": "reply", "state": "sending", "repeatable": True, "attempts": 1, "subject": "",
            "dedup": bindparam(f"dedup{n}"), "due_at": now, "created_at": now,
        }
        for n in range(count)
    ]  # fmt: skip
    return Prepared(
        lambda _dialect: insert(message).values(rows).returning(message.c.id, message.c.dedup)
    )


@lru_cache(maxsize=32)
def _bodies(count: int) -> Prepared:
    rows: list[dict[str, Any]] = [
        {
            "message": bindparam(f"id{n}"),
            "body": bindparam(f"body{n}", type_=message_body.c.body.type),
        }
        for n in range(count)
    ]
    return Prepared(lambda _dialect: insert(message_body).values(rows))


def reply(
    begun: Begun,
    brand: str,
    visitor: Visitor,
    messages: Sequence[Outbound],
    *,
    dedups: Sequence[str],
    owner: str,
) -> list[Posted]:
    """Rows for one address, `sending` and leased to `owner`, as they leave and in that order."""
    if not messages:
        return []
    values: dict[str, Any] = {
        "brand": brand,
        "lane": visitor.at.account,
        "address": visitor.address,
        "owner": owner,
        "lease_until": begun.now + LEASE,
        "now": begun.now,
    }
    for n, dedup in enumerate(dedups):
        values[f"dedup{n}"] = dedup
    # The order of RETURNING is nobody's promise.
    ids = {dedup: id for id, dedup in begun.run(_replies(len(messages)), values)}
    bodies: dict[str, Any] = {}
    for n, (dedup, body) in enumerate(zip(dedups, messages, strict=True)):
        bodies |= {f"id{n}": ids[dedup], f"body{n}": body.dump()}
    begun.run(_bodies(len(messages)), bodies)
    return [
        Posted(
            id=ids[dedup],
            kind="reply",
            lane=visitor.at.account,
            brand=brand,
            address=visitor.address,
            at=visitor.at,
            body=body,
            locale=visitor.locale,
            attempts=1,
            created_at=begun.now,
            dedup=dedup,
        )
        for dedup, body in zip(dedups, messages, strict=True)
    ]


def post(
    begun: Begun,
    brand: str,
    body: Mail | Notice | Call,
    *,
    dedup: str,
    address_id: int | None = None,
    subject: str = "",
    due: datetime | None = None,
    repeatable: bool = True,
) -> int | None:
    """A queued row, and its lane woken after the commit; None if `dedup` was posted before.

    Raises ValueError for a notice without an address, LookupError if no address of this brand has
    that id.
    """
    if isinstance(body, Mail):
        kind, lane = "mail", f"mail:{body.purpose}"
    elif isinstance(body, Call):
        kind, lane = "call", f"gateway:{body.gateway}"
    elif address_id is None:
        raise ValueError("a notice needs an address")
    else:
        places = begun.run(_ACCOUNT, {"id": address_id, "brand": brand})
        if not places:
            raise LookupError("no such address of this brand")
        kind, lane = "notice", places[0][0]
    rows = begun.run(
        _POST,
        {
            "kind": kind, "brand": brand, "lane": lane, "dedup": dedup, "address": address_id,
            "subject": subject, "repeatable": repeatable, "due_at": due or begun.now,
            "now": begun.now,
        },
    )  # fmt: skip
    if not rows:
        return None
    id: int = rows[0][0]
    begun.run(_BODY, {"id": id, "body": body.dump()})
    if due is None or due <= begun.now:
        begun.lanes.add(lane)
    return id


def forget_queued_replies(begun: Begun, address_id: int) -> None:
    """Replies that still wait are replaced by those of the turn at hand."""
    begun.run(_FORGET, {"at": address_id})
