"""Wishes to be erased: asked, withdrawn, and what is known of them until the business has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON, Mail
from bot.core.ports import Read, Write
from bot.domain.privacy import answer_by
from bot.domain.queue import Kind
from bot.domain.roles import Role
from storage import customers, members
from storage.people import here
from storage.tables import erasure


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to be erased."""

    id: int
    subject: str
    """`customer:<id>`: everything of a customer; `person:<id>`: one of its people alone."""
    asked_at: datetime
    answer_by: date
    state: str
    """waiting · withdrawn · done · denied"""
    ended_at: datetime | None

    @property
    def whole(self) -> bool:
        """Whether it is about the customer, not about a person alone."""
        return self.subject.startswith("customer:")


def subject_of(read: Read, customer_id: int, person_id: int | None) -> str | None:
    """What a person may have erased: everything of a customer they decide for, else themselves.

    None for who does not speak for the customer.
    """
    role = members.role_of(read, person_id, customer_id)
    if role is None:
        return None
    return f"customer:{customer_id}" if role is Role.ADMINISTRATOR else f"person:{person_id}"


def waiting(read: Read, customer_id: int, person_id: int | None) -> Wish | None:
    """The wish of this person that has not been answered yet, or None."""
    subject = subject_of(read, customer_id, person_id)
    row = read.one(
        select(*(erasure.c[name] for name in Wish.__slots__)).where(
            erasure.c.brand == read.brand.id,
            erasure.c.customer == customer_id,
            erasure.c.subject == (subject or ""),
            erasure.c.state == "waiting",
        )
    )
    return None if row is None else Wish(*row)


def ask(write: Write, customer_id: int, evidence: Mapping[str, JSON]) -> dict[str, JSON]:
    """Note the wish of whoever is here, and tell the business by e-mail.

    `evidence` is what `chat.consent` returned. Returns `{"asked": bool, "answer_by": date}`; not asked:
    one waited already, and its day is told. Raises LookupError for who does not speak for the customer.
    """
    visitor = here(write)
    subject = subject_of(write, customer_id, visitor.person)
    if subject is None:
        raise LookupError("who is here does not speak for this customer")
    due = answer_by(write.today)
    rows = write.run(
        insert(erasure)
        .values(
            brand=write.brand.id, customer=customer_id, subject=subject, person=visitor.person,
            address=visitor.address, through=visitor.at.account, words=evidence["words"],
            digest=evidence["digest"], asked_at=write.now, answer_by=due, state="waiting",
        )
        .on_conflict_do_nothing()
        .returning(erasure.c.id)
    )  # fmt: skip
    if not rows:
        known = waiting(write, customer_id, visitor.person)
        return {"asked": False, "answer_by": (known.answer_by if known else due).isoformat()}
    id = int(rows[0].id)
    write.audit(
        "erasure.asked", f"erasure:{id}",
        after={"subject": subject, "digest": evidence["digest"], "answer_by": due.isoformat()},
    )  # fmt: skip
    _tell(write, customer_id, id, subject, "asked", due)
    return {"asked": True, "answer_by": due.isoformat()}


def withdraw(write: Write, customer_id: int) -> bool:
    """Take the wish of whoever is here back; False if none waits (any more)."""
    visitor = here(write)
    subject = subject_of(write, customer_id, visitor.person)
    rows = write.run(
        update(erasure)
        .where(
            erasure.c.brand == write.brand.id,
            erasure.c.customer == customer_id,
            erasure.c.subject == (subject or ""),
            erasure.c.state == "waiting",
        )
        .values(state="withdrawn", ended_at=write.now)
        .returning(erasure.c.id, erasure.c.subject, erasure.c.answer_by)
    )
    for row in rows:
        write.audit("erasure.withdrawn", f"erasure:{row.id}")
        _tell(write, customer_id, row.id, row.subject, "withdrawn", row.answer_by)
    return bool(rows)


def deny(write: Write, id: int, *, reason: str) -> bool:
    """The business answers that it cannot be done, and why; False if it waits no more."""
    rows = write.run(
        update(erasure)
        .where(
            erasure.c.id == id, erasure.c.brand == write.brand.id, erasure.c.state == "waiting"
        )
        .values(state="denied", reason=reason[:200], ended_at=write.now)
        .returning(erasure.c.id)
    )  # fmt: skip
    if rows:
        write.audit("erasure.denied", f"erasure:{id}")
    return bool(rows)


def end(write: Write, customer_id: int, subject: str, *, reason: str) -> None:
    """Note that a wish was carried out, or that the business erased of its own accord."""
    done: dict[str, Any] = {"state": "done", "reason": reason[:200], "ended_at": write.now}
    rows = write.run(
        update(erasure)
        .where(
            erasure.c.brand == write.brand.id,
            erasure.c.customer == customer_id,
            erasure.c.subject == subject,
            erasure.c.state == "waiting",
        )
        .values(**done)
        .returning(erasure.c.id)
    )
    if rows:
        return
    write.run(
        insert(erasure).values(
            brand=write.brand.id, customer=customer_id, subject=subject, through="command",
            words="", digest="", asked_at=write.now, answer_by=write.today, **done,
        )
    )  # fmt: skip


def _tell(
    write: Write, customer_id: int, id: int, subject: str, what: str, due: date
) -> int | None:
    """Mail the business what happened to a wish; None where it has no e-mail, or nothing can be mailed."""
    if not (write.brand.email and write.brand.has("mail")):
        return None
    known = customers.get(write, customer_id)
    visitor = here(write)
    return write.post(
        Mail(
            template="erasure-request",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "customer_name": known.name if known else None,
                "first_name": known.first_name if known else None,
                "customer": customer_id,
                "what": what,
                "person_name": None
                if subject.startswith("customer:")
                else members.name_of(write, visitor.person),
                "channel": visitor.at.account,
                "answer_by": format_date(due, "long", locale=write.brand.locale),
                "reply_to": known.email if known else None,
                "queue": [Kind.ERASURE.named(id)] if what == "asked" else [],
            },
            reply_to=known.email if known else None,
        ),
        dedup=f"erasure:{id}:{what}",
        address=visitor.address,
        subject=f"erasure:{id}",
    )
