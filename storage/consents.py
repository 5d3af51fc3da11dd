"""Consents: what somebody agreed to, in exactly which words, and whether it still stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.message import JSON
from bot.core.ports import Read, Write
from storage.people import here
from storage.tables import confirmation, confirmation_body, consent, contract, contract_acceptance


class Of(StrEnum):
    """What was agreed to."""

    PURPOSE = "purpose"
    """Something that rests on consent alone, and can be withdrawn."""
    REGISTRATION = "registration"
    """That a registration is right."""
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something somebody said yes to."""

    of: Of
    id: int
    title: str
    """The purpose's key or the contract's title; nothing for a registration."""
    at: datetime
    through: str
    digest: str
    words: str | None
    """Exactly what was on the screen; None: erased."""
    person: int | None
    withdrawn_at: datetime | None = None

    @property
    def key(self) -> str:
        """What names it among all that was agreed to."""
        return f"{self.of.value}:{self.id}"

    @property
    def can_be_withdrawn(self) -> bool:
        return self.of is Of.PURPOSE and self.withdrawn_at is None


def give(
    write: Write, customer_id: int, purpose: str, evidence: Mapping[str, JSON], *, locale: str
) -> int:
    """Keep a yes of whoever is here; `evidence` is what `chat.consent` returned. The row's id.

    Raises LookupError if they are not known as somebody of this customer.
    """
    visitor = here(write)
    if visitor.person is None or visitor.customer != customer_id:
        raise LookupError("nobody of this customer is here")
    ((id,),) = write.run(
        insert(consent)
        .values(
            brand=write.brand.id, customer=customer_id, person=visitor.person,
            address=visitor.address, purpose=purpose, words=evidence["words"],
            digest=evidence["digest"], locale=locale, through=visitor.at.account,
            given_at=datetime.fromisoformat(evidence["at"]),
        )
        .returning(consent.c.id)
    )  # fmt: skip
    write.audit(
        "consent.given", f"consent:{id}", after={"purpose": purpose, "digest": evidence["digest"]}
    )
    return int(id)


def withdraw(
    write: Write, customer_id: int, purpose: str, *, person: int | None = None, by: str = "chat"
) -> int:
    """End what was agreed to for a purpose, by one person or (None) by all; how many consents ended."""
    statement = update(consent).where(
        consent.c.brand == write.brand.id,
        consent.c.customer == customer_id,
        consent.c.purpose == purpose,
        consent.c.withdrawn_at.is_(None),
    )
    if person is not None:
        statement = statement.where(consent.c.person == person)
    ended = write.run(statement.values(withdrawn_at=write.now).returning(consent.c.id))
    for row in ended:
        write.audit(
            "consent.withdrawn", f"consent:{row.id}", before={"purpose": purpose}, after={"by": by}
        )
    return len(ended)


def agreed(read: Read, customer_id: int, *, person: int | None = None) -> Sequence[Agreed]:
    """All that was agreed to for a customer, or by one of its people alone; the newest first."""
    found = [
        *_purposes(read, customer_id, person),
        *_registrations(read, customer_id, person),
        *_contracts(read, customer_id, person),
    ]
    return sorted(found, key=lambda each: (each.at, each.key), reverse=True)


def _purposes(read: Read, customer_id: int, person: int | None) -> Sequence[Agreed]:
    mine = (consent.c.brand == read.brand.id, consent.c.customer == customer_id)
    rows = read.all(select(consent).where(*mine, *_by(consent.c.person, person)))
    return [
        Agreed(
            Of.PURPOSE, row.id, row.purpose, row.given_at, row.through, row.digest, row.words,
            row.person, row.withdrawn_at,
        )
        for row in rows
    ]  # fmt: skip


def _registrations(read: Read, customer_id: int, person: int | None) -> Sequence[Agreed]:
    rows = read.all(
        select(confirmation, confirmation_body.c.words)
        .join_from(confirmation, confirmation_body, isouter=True)
        .where(
            confirmation.c.brand == read.brand.id,
            confirmation.c.customer == customer_id,
            *_by(confirmation.c.person, person),
        )
    )
    return [
        Agreed(
            Of.REGISTRATION, row.id, "", row.at, row.through, row.digest, row.words, row.person
        )
        for row in rows
    ]  # fmt: skip


def _contracts(read: Read, customer_id: int, person: int | None) -> Sequence[Agreed]:
    rows = read.all(
        select(contract.c.title, contract_acceptance)
        .join_from(contract, contract_acceptance)
        .where(
            contract.c.brand == read.brand.id,
            contract.c.customer == customer_id,
            *_by(contract_acceptance.c.person, person),
        )
    )
    return [
        Agreed(
            Of.CONTRACT, row.contract, row.title, row.at, row.through, row.sha256,
            row.words or None, row.person,
        )
        for row in rows
    ]  # fmt: skip


def _by(column: Any, person: int | None) -> tuple[Any, ...]:
    return () if person is None else (column == person,)
