"""Confirmations of a registration, kept as evidence: the exact words, who, when, through what, which version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert  # compiles for SQLite too

from bot.core.brand import Brand
from bot.core.message import JSON
from bot.core.ports import Read, Visitor, Write
from bot.domain.calendar import add_months
from bot.domain.permissions import DEFAULTS
from bot.domain.roles import Role
from bot.domain.standing import Status
from storage import members, registration
from storage.people import here
from storage.registration import Registered
from storage.tables import confirmation, confirmation_ask, confirmation_body, customer

ASK_AGAIN_AFTER = timedelta(hours=20)
"""Who said "not now" is asked at the next contact, which is not the next minute."""


class State(StrEnum):
    """Where a customer's confirmation stands."""

    OFF = "off"
    """The brand asks for none."""
    PENDING = "pending"
    """Never confirmed."""
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    """Confirmed longer ago than the brand wants."""


def version(known: Registered, brand: Brand) -> str:
    """A hash of everything a registration holds: the same as long as nothing of it changes (SHA-256, hex)."""
    fields = [*DEFAULTS, *(each.key for each in brand.registration.custom)]
    held = {field: known.value(field) for field in fields}
    held["contacts"] = sorted(held["contacts"])
    text = json.dumps(held, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def confirm(write: Write, customer_id: int, seen: str, evidence: Mapping[str, JSON]) -> bool:
    """Keep a yes as evidence; False if the registration is not the one that was shown any more.

    `seen` is the version that was on the screen, `evidence` what `chat.consent` returned.
    """
    visitor = here(write)
    members.lock(write, customer_id)
    known = registration.get(write, customer_id)
    if known is None or visitor.customer != customer_id or version(known, write.brand) != seen:
        return False
    ((id,),) = write.run(
        insert(confirmation)
        .values(
            brand=write.brand.id, customer=customer_id, person=visitor.person,
            address=visitor.address, through=visitor.at.account,
            at=datetime.fromisoformat(evidence["at"]), version=seen, digest=evidence["digest"],
        )
        .returning(confirmation.c.id)
    )  # fmt: skip
    write.run(insert(confirmation_body).values(confirmation=id, words=evidence["words"]))
    write.audit(
        "registration.confirmed", f"customer:{customer_id}",
        after={"confirmation": id, "version": seen},
    )  # fmt: skip
    return True


def note_asked(write: Write, customer_id: int) -> None:
    """They were asked now, whatever comes of it.

    It counts for the customer, over all chats and all administrators: it is one registration, and
    whoever says "not now" in one chat is not asked for the same in the next. Nobody's yes is kept away
    by it: the question comes again at the first contact after `ASK_AGAIN_AFTER`, wherever that is, and
    each may start the flow from the menu at any time.
    """
    new = upsert(confirmation_ask).values(customer=customer_id, at=write.now)
    write.run(
        new.on_conflict_do_update(
            index_elements=[confirmation_ask.c.customer], set_={"at": new.excluded.at}
        )
    )


def last(read: Read, customer_id: int) -> Any | None:
    """The latest confirmation (id, person, through, at, version, digest, words), or None."""
    return read.one(
        select(confirmation, confirmation_body.c.words)
        .join_from(confirmation, confirmation_body, isouter=True)
        .where(confirmation.c.customer == customer_id, confirmation.c.brand == read.brand.id)
        .order_by(confirmation.c.at.desc(), confirmation.c.id.desc())
        .limit(1)
    )


def state_of(read: Read, customer_id: int) -> State:
    """Where a customer's confirmation stands today."""
    if not read.brand.registration.confirm_every_months:
        return State.OFF
    latest = read.scalar(
        select(func.max(confirmation.c.at)).where(
            confirmation.c.customer == customer_id, confirmation.c.brand == read.brand.id
        )
    )
    if latest is None:
        return State.PENDING
    return State.CONFIRMED if latest > _oldest(read) else State.EXPIRED


def due(read: Read, visitor: Visitor) -> bool:
    """Whether this person is to be asked now: an administrator, of a customer still in the base."""
    if not read.brand.registration.confirm_every_months or visitor.customer is None:
        return False
    if state_of(read, visitor.customer) is State.CONFIRMED:
        return False
    asked = read.scalar(
        select(confirmation_ask.c.at).where(confirmation_ask.c.customer == visitor.customer)
    )
    if asked is not None and asked > read.now - ASK_AGAIN_AFTER:
        return False
    status = read.scalar(
        select(customer.c.status).where(
            customer.c.id == visitor.customer, customer.c.brand == read.brand.id
        )
    )
    if status in (None, Status.CANCELLED.value):
        return False
    return members.role_of(read, visitor.person, visitor.customer) is Role.ADMINISTRATOR


def coverage(read: Read) -> dict[State, int]:
    """How many customers still in the base are in which state, for staff."""
    latest = (
        select(confirmation.c.customer, func.max(confirmation.c.at).label("at"))
        .where(confirmation.c.brand == read.brand.id)
        .group_by(confirmation.c.customer)
        .subquery()
    )
    in_base = (customer.c.brand == read.brand.id, customer.c.status != Status.CANCELLED.value)
    whole = read.scalar(select(func.count()).select_from(customer).where(*in_base)) or 0
    among = (
        select(func.count()).select_from(customer).join(latest, latest.c.customer == customer.c.id)
    )
    confirmed = read.scalar(among.where(*in_base, latest.c.at > _oldest(read))) or 0
    ever = read.scalar(among.where(*in_base)) or 0
    return {
        State.PENDING: whole - ever,
        State.CONFIRMED: confirmed,
        State.EXPIRED: ever - confirmed,
    }


def _oldest(read: Read) -> datetime:
    """A confirmation older than this has run out; by the brand's calendar."""
    months = read.brand.registration.confirm_every_months
    day = add_months(read.today, -months)
    return datetime.combine(day, read.now.astimezone(read.brand.zone).timetz())
