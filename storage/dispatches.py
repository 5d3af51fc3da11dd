"""The record of what was sent about a subject: who asked, when, to where, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from bot.core.ports import Read, State
from bot.domain.email import masked_email
from storage.prepared import Prepared
from storage.tables import address, message, message_body, person


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message of the ledger, as staff may see it."""

    id: int
    kind: str
    """reply · notice · mail · call"""
    lane: str
    """The account it leaves by: a channel's, `mail:<purpose>`, or `gateway:<name>`."""
    state: State
    attempts: int
    error: str | None
    to: str | None
    """Where it went, masked; None for a call, and once the body was erased."""
    asked_by: str | None
    """The person proved at the address that asked, at present."""
    through: str | None
    """The account of that address."""
    asked_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


AGAIN_AFTER = timedelta(minutes=2)
"""A mail asked for again within this time is the same wish, tapped twice."""

# The second condition is written out: only then do the planners see that the partial index fits.
_ABOUT = (
    message.c.subject == bindparam("subject"),
    message.c.subject != literal_column("''"),
)
_MAILED_SINCE = Prepared(
    lambda _dialect: (
        select(message.c.id)
        .where(
            *_ABOUT,
            message.c.kind == "mail",
            message.c.created_at > bindparam("since"),
            message.c.state.not_in([literal_column("'failed'"), literal_column("'replaced'")]),
        )
        .limit(1)
    )
)


def mailed_just_now(read: Read, subject: str) -> bool:
    """Whether a mail about a subject was asked for a moment ago, and did not fail."""
    since = read.now - AGAIN_AFTER
    return read.one(_MAILED_SINCE(subject=subject, since=since)) is not None


def of_subject(read: Read, subject: str) -> list[Dispatch]:
    """Every message about a subject ("invoice:12") of this brand, oldest first."""
    rows = read.all(
        select(
            message.c.id, message.c.kind, message.c.lane, message.c.state, message.c.attempts,
            message.c.error, message.c.created_at, message.c.due_at, message.c.sent_at,
            message.c.delivered_at, message.c.read_at, message_body.c.body, address.c.account,
            address.c.chat, person.c.name,
        )
        .join_from(message, message_body, isouter=True)
        .join(address, message.c.address == address.c.id, isouter=True)
        .join(person, address.c.person == person.c.id, isouter=True)
        .where(
            message.c.subject == subject,
            message.c.subject != literal_column("''"),
            message.c.brand == read.brand.id,
        )
        .order_by(message.c.id)
    )  # fmt: skip
    return [
        Dispatch(
            id=row.id,
            kind=row.kind,
            lane=row.lane,
            state=State(row.state),
            attempts=row.attempts,
            error=row.error,
            to=_masked(row),
            asked_by=row.name,
            through=row.account,
            asked_at=row.created_at,
            due_at=row.due_at,
            sent_at=row.sent_at,
            delivered_at=row.delivered_at,
            read_at=row.read_at,
        )
        for row in rows
    ]


def _masked(row: Any) -> str | None:
    if row.body is None:
        return None
    if row.kind == "call":
        return None
    if row.kind == "mail":
        return masked_email(row.body["to"])
    return f"***{row.chat[-4:]}" if len(row.chat) > 4 else "***"
