"""The record of who opened a document: who, when, through what; and from where, for one nobody knows.

Each access is an audit row `document.opened` about `document:<id>`. What would tell a person (the
name as it was then, the network it came from) stands in the row's body, which can be erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, cast, func, literal, select

from bot.core.ports import Read, Write
from bot.domain.periods import Period
from bot.domain.roles import Deed, Leave, leave
from storage import members
from storage.tables import audit, audit_body, document, person

_WHAT = "document.opened"


class Means(StrEnum):
    """By what a document was had."""

    CHAT = "chat"
    """Handed over in the chat, to somebody known."""
    MAIL = "mail"
    """Sent to the registered e-mail, at the wish of somebody known."""
    ENTRANCE = "entrance"
    """By its link in the chat, to somebody who proved who he is for this document alone."""
    LINK = "link"
    """By its link, to whoever has it: no login is required."""


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of the log."""

    id: int
    at: datetime
    document: int
    title: str
    means: Means | None
    """None: erased."""
    name: str | None
    """Who it was, as far as that was known; None: nobody, or erased."""
    through: str | None
    """The account of the chat; None: a page."""
    came_from: str | None
    """The network, of an access by a page."""


def note_access(
    write: Write, id: int, means: Means, *, name: str | None = None, came_from: str = ""
) -> None:
    """Note one access of a document. Whoever is here is who it was, under the name people have for them.

    `name` is what somebody called himself who is not a customer's person; `came_from` a network.
    """
    who = write.visitor.person if write.visitor else None
    if name is None and who is not None:
        name = write.scalar(select(person.c.name).where(person.c.id == who))
    after = {"means": means.value, "name": name, "from": came_from or None}
    write.audit(_WHAT, f"document:{id}", after={k: v for k, v in after.items() if v is not None})


def page(
    read: Read,
    customer_id: int,
    *,
    document_id: int | None = None,
    period: Period | None = None,
    up_to: int | None = None,
    offset: int = 0,
    limit: int = 8,
) -> Sequence[Access]:
    """Some accesses to a customer's documents, or to one of them, the newest first.

    Removed documents are among them. `period`: on these days of the brand's calendar. `up_to`: none
    that was noted after this entry.
    """
    log = _log(read, customer_id, document_id)
    if period is not None:
        first, after = (
            datetime.combine(day, time(), read.brand.zone)
            for day in (period.start, period.end + timedelta(days=1))
        )
        log = log.where(audit.c.at >= first, audit.c.at < after)
    if up_to is not None:
        log = log.where(audit.c.id <= up_to)
    rows = read.all(log.order_by(audit.c.at.desc(), audit.c.id.desc()).offset(offset).limit(limit))
    return [_access(row) for row in rows]


def count(read: Read, customer_id: int, *, document_id: int | None = None) -> int:
    """How many accesses `page` would tell in all."""
    log = _log(read, customer_id, document_id).with_only_columns(func.count())
    return int(read.scalar(log) or 0)


MOST_EXPORTED = 10_000
"""Entries of a log as a file: some years of a busy customer's."""


def as_file(read: Read, customer_id: int, up_to: int) -> Sequence[Access]:
    """The newest entries of a customer's log up to one, for the delivery; no flow calls it.

    So the file says what it said when it was handed out, also to who is no administrator any more
    when it is fetched once more.
    """
    return page(read, customer_id, limit=MOST_EXPORTED, up_to=up_to)


def note_exported(write: Write, customer_id: int) -> int:
    """Note that who is here has the log as a file; the id of its newest entry, 0 if there is none."""
    newest = page(write, customer_id, limit=1)
    write.audit("document-log.exported", f"customer:{customer_id}")
    return newest[0].id if newest else 0


def may_see_log(read: Read, person_id: int | None, customer_id: int) -> bool:
    """Whether a person decides for a customer: only administrators see who opened what."""
    role = members.role_of(read, person_id, customer_id)
    return leave(role, Deed.DECIDE) is Leave.YES


def _log(read: Read, customer_id: int, document_id: int | None) -> Any:
    subject = literal("document:") + cast(document.c.id, String(20))
    statement = (
        select(
            audit.c.id, audit.c.at, audit.c.through, document.c.id.label("document"),
            document.c.title, audit_body.c.after,
        )
        .select_from(
            document.join(audit, audit.c.subject == subject).outerjoin(
                audit_body, audit_body.c.audit == audit.c.id
            )
        )
        .where(
            document.c.brand == read.brand.id,
            document.c.customer == customer_id,
            audit.c.brand == read.brand.id,
            audit.c.what == _WHAT,
        )
    )  # fmt: skip
    return statement if document_id is None else statement.where(document.c.id == document_id)


def _access(row: Any) -> Access:
    body = row.after or {}
    return Access(
        id=row.id,
        at=row.at,
        document=row.document,
        title=row.title,
        means=Means(body["means"]) if "means" in body else None,
        name=body.get("name"),
        through=row.through,
        came_from=body.get("from"),
    )
