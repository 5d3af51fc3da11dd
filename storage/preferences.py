"""Preferences: which of the optional messages a customer's mails and a person's chats bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.message import JSON
from bot.core.ports import Read, Write
from bot.domain.privacy import BY_CONSENT, OPTIONAL, Kind
from bot.domain.roles import Role
from storage import consents, members
from storage.people import here
from storage.tables import customer, preference

VALUE = "unsubscribe"
"""The value of a mail that is neither required nor asked for: `optional(kind, customer)`."""


def optional(kind: Kind, customer_id: int) -> Mapping[str, JSON]:
    """What the values of an optional mail hold besides, so that it leaves with a way to end it.

    Raises ValueError for a required kind.
    """
    if kind not in OPTIONAL:
        raise ValueError(f"{kind.value} is required: nobody unsubscribes from it")
    return {VALUE: {"kind": kind.value, "customer": customer_id}}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the messages of one kind come."""

    kind: Kind
    required: bool
    chat: bool
    mail: bool


def wanted(read: Read, customer_id: int, kind: Kind, *, person: int | None = None) -> bool:
    """Whether a message of a kind is wanted, in the chats of a person or (None) in the customer's mails."""
    return _standing(read, customer_id, kind, person)


def all_of(read: Read, customer_id: int, person: int) -> list[Standing]:
    """Every kind, as it stands for a person's chats and the customer's mails; the required ones first."""
    kinds = sorted(Kind, key=lambda kind: kind in OPTIONAL)
    return [
        Standing(
            kind,
            kind not in OPTIONAL,
            chat=_standing(read, customer_id, kind, person),
            mail=_standing(read, customer_id, kind, None),
        )
        for kind in kinds
    ]


def switch(
    write: Write,
    customer_id: int,
    kind: Kind,
    *,
    on: bool,
    evidence: Mapping[str, JSON] | None = None,
    locale: str = "",
) -> bool:
    """Switch a kind on or off in the chats of whoever is here; of an administrator also in the customer's mails.

    What rests on consent is switched on with its `evidence`, as `chat.consent` returned it. Returns
    whether the mails were switched too. Raises ValueError for a required kind or without that
    evidence, LookupError if who is here does not speak for the customer.
    """
    visitor = here(write)
    role = members.role_of(write, visitor.person, customer_id)
    if role is None or visitor.person is None:
        raise LookupError("who is here does not speak for this customer")
    if kind not in OPTIONAL:
        raise ValueError(f"{kind.value} is required: it cannot be switched off")
    if on and kind in BY_CONSENT:
        if evidence is None:
            raise ValueError(f"{kind.value} rests on consent")
        consents.give(write, customer_id, kind.value, evidence, locale=locale)
    decides = role is Role.ADMINISTRATOR
    before = {
        "chat": _standing(write, customer_id, kind, visitor.person),
        "mail": _standing(write, customer_id, kind, None),
    }
    _put(write, customer_id, kind, on, visitor.person, through=visitor.at.account)
    if decides:
        _put(write, customer_id, kind, on, None, through=visitor.at.account)
    if not on and kind in BY_CONSENT:
        consents.withdraw(write, customer_id, kind.value, person=visitor.person)
    write.audit(
        "preference.changed", f"customer:{customer_id}",
        before={"kind": kind.value, **before},
        after={"kind": kind.value, "chat": on, "mail": on if decides else before["mail"]},
    )  # fmt: skip
    return decides


def unsubscribe(write: Write, customer_id: int, kind: Kind) -> bool:
    """End the mails of a kind by the link in one of them; False if they had ended already.

    What rests on consent ends in the chats too: whoever has the mailbox withdraws it for all.
    Raises LookupError for another brand's customer, ValueError for a required kind.
    """
    if kind not in OPTIONAL:
        raise ValueError(f"{kind.value} is required: nobody unsubscribes from it")
    mine = select(customer.c.id).where(
        customer.c.id == customer_id, customer.c.brand == write.brand.id
    )
    if write.scalar(mine) is None:
        raise LookupError("no such customer of this brand")
    was = _standing(write, customer_id, kind, None)
    if was:
        _put(write, customer_id, kind, False, None, through="mail")
    ended = 0
    if kind in BY_CONSENT:
        ended = consents.withdraw(write, customer_id, kind.value, by="mail")
        write.run(
            update(preference)
            .where(
                preference.c.customer == customer_id,
                preference.c.kind == kind.value,
                preference.c.wanted,
            )
            .values(wanted=False, through="mail", changed_at=write.now)
        )
    if was or ended:
        write.audit(
            "preference.changed", f"customer:{customer_id}",
            before={"kind": kind.value, "mail": was},
            after={"kind": kind.value, "mail": False, "by": "link"},
        )  # fmt: skip
    return was or bool(ended)


def _standing(read: Read, customer_id: int, kind: Kind, person: int | None) -> bool:
    if kind not in OPTIONAL:
        return True
    said = read.scalar(
        select(preference.c.wanted).where(
            preference.c.brand == read.brand.id,
            preference.c.customer == customer_id,
            preference.c.kind == kind.value,
            preference.c.person.is_(None) if person is None else preference.c.person == person,
        )
    )
    return OPTIONAL[kind] if said is None else bool(said)


def _put(
    write: Write, customer_id: int, kind: Kind, on: bool, person: int | None, *, through: str
) -> None:
    new = insert(preference).values(
        brand=write.brand.id, customer=customer_id, person=person, kind=kind.value, wanted=on,
        through=through, changed_at=write.now,
    )  # fmt: skip
    scope = [preference.c.customer, preference.c.kind]
    if person is not None:
        scope.insert(1, preference.c.person)
    write.run(
        new.on_conflict_do_update(
            index_elements=scope,
            index_where=text("person IS NULL" if person is None else "person IS NOT NULL"),
            set_={name: new.excluded[name] for name in ("wanted", "through", "changed_at")},
        )
    )
