"""Members: the people of a customer, their roles, and what becomes of them.

Whoever changes a membership holds the lock on its customer's row, as `people.link` does, so that
of two changes at once the second finds what the first left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, func, literal_column, or_, select, union_all

from bot.core.ports import Read, Write
from bot.domain.customer_names import first_name
from bot.domain.roles import Member, Role, State
from storage.prepared import Prepared
from storage.tables import address, customer, membership, person


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody among the people of a customer."""

    person: int
    customer: int
    name: str
    role: Role
    state: State
    since: datetime

    @property
    def member(self) -> Member:
        return Member(self.person, self.role, self.state)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A customer somebody speaks for, and as what."""

    customer: int
    name: str
    """As people call it: the trade name, if there is one."""
    tax_id: str
    role: Role
    is_main: bool
    """It is no filial."""
    first_name: str
    """What a letter to it begins with."""


# ------------------------------------------------------------------------- who may what


def role_of(read: Read, person_id: int | None, customer_id: int | None) -> Role | None:
    """What a person may be for a customer of this brand; None: no active member.

    An administrator of the matriz is one of each filial too.
    """
    if person_id is None or customer_id is None:
        return None
    asked = _ROLES(brand=read.brand.id, customer=customer_id, person=person_id)
    roles = {row.role for row in read.all(asked)}
    if Role.ADMINISTRATOR in roles:
        return Role.ADMINISTRATOR
    return Role.COLLABORATOR if roles else None


def decides(write: Write, customer_id: int) -> bool:
    """Whether who does this decides for a customer: as its administrator, or as the business's staff."""
    if write.staff is not None:
        return True
    person = write.visitor.person if write.visitor else None
    return role_of(write, person, customer_id) is Role.ADMINISTRATOR


def administrators_of(read: Read, customer_id: int) -> tuple[int, ...]:
    """The persons who decide for a customer of this brand, those of its matriz among them."""
    rows = read.all(
        _COUNTING.where(
            customer.c.id == customer_id,
            customer.c.brand == read.brand.id,
            membership.c.role == Role.ADMINISTRATOR.value,
        ).order_by(membership.c.person)
    )
    return tuple(dict.fromkeys(row.person for row in rows))


def spoken_for(read: Read, person_id: int | None) -> tuple[Spoken, ...]:
    """The customers of this brand that a person speaks for: matrizes first, then by name.

    Those of the active memberships, and every filial of a matriz whose administrator they are.
    """
    if person_id is None:
        return ()
    rows = read.all(_SPOKEN(person=person_id))
    found: dict[int, Spoken] = {}
    for row in rows:
        if row.brand != read.brand.id:
            continue
        if row.id not in found or row.role == Role.ADMINISTRATOR:
            name = row.trade_name or row.name
            main = row.main_customer is None
            first = first_name(row.kind, row.name, row.trade_name)
            found[row.id] = Spoken(row.id, name, row.tax_id, Role(row.role), main, first)
    return tuple(found.values())


def chats_of(read: Read, person_id: int, *, account: str | None = None) -> tuple[int, ...]:
    """The addresses where somebody is proved now and can be written to, perhaps of one account alone."""
    statement = select(address.c.id).where(
        address.c.person == person_id,
        address.c.brand == read.brand.id,
        address.c.verified_until > read.now,
        address.c.bad.is_(None),
    )
    if account is not None:
        statement = statement.where(address.c.account == account)
    rows = read.all(statement.order_by(address.c.id))
    return tuple(row.id for row in rows)


# ------------------------------------------------------------------------- who there is


def page(read: Read, customer_id: int, offset: int = 0, limit: int = 8) -> list[Known]:
    """Some of the people of a customer: those who wait first, then administrators, then others, by name."""
    return _known(read.all(_people(read, customer_id).offset(offset).limit(limit)))


def get(read: Read, customer_id: int, person_id: int) -> Known | None:
    """One of the people of a customer; None for another's, as for nobody."""
    found = _known(read.all(_people(read, customer_id).where(membership.c.person == person_id)))
    return found[0] if found else None


def count(read: Read, customer_id: int, *, waiting: bool = False) -> int:
    """How many people a customer has, or how many of them wait to be let in."""
    statement = (
        select(func.count())
        .select_from(membership)
        .join(customer, customer.c.id == membership.c.customer)
        .where(membership.c.customer == customer_id, customer.c.brand == read.brand.id)
    )
    if waiting:
        statement = statement.where(~membership.c.active, membership.c.activated_at.is_(None))
    return int(read.scalar(statement) or 0)


def name_of(read: Read, person_id: int | None) -> str:
    """What somebody is called; nothing for nobody."""
    found = read.scalar(
        select(person.c.name).where(person.c.id == person_id, person.c.brand == read.brand.id)
    )
    return "" if found is None else str(found)


def own_email_of(read: Read, person_id: int | None) -> str | None:
    """The own e-mail of a person (`storage.own_email`); None for nobody's."""
    found = read.scalar(
        select(person.c.email).where(person.c.id == person_id, person.c.brand == read.brand.id)
    )
    return None if found is None else str(found)


def lock(write: Write, customer_id: int) -> str:
    """Hold the people of a customer, and of its matriz, as they are until the turn ends.

    Returns what the customer is called: the trade name, if there is one. Raises LookupError for another brand's customer.
    """
    matriz = select(customer.c.main_customer).where(customer.c.id == customer_id).scalar_subquery()
    rows = write.all(
        select(customer.c.id, func.coalesce(customer.c.trade_name, customer.c.name).label("name"))
        .where(
            customer.c.brand == write.brand.id,
            or_(customer.c.id == customer_id, customer.c.id == matriz),
        )
        .order_by(customer.c.id)
        .with_for_update(key_share=True)
    )
    for row in rows:
        if row.id == customer_id:
            return str(row.name)
    raise LookupError("no such customer of this brand")


# ------------------------------------------------------------------------- inside


_COUNTING = (
    select(membership.c.person, membership.c.role)
    .join_from(
        customer,
        membership,
        or_(
            membership.c.customer == customer.c.id,
            (membership.c.customer == customer.c.main_customer)
            & (membership.c.role == Role.ADMINISTRATOR.value),
        ),
    )
    .where(membership.c.active)
)
"""Memberships that count for a customer: its own, and the administrators of its matriz."""

_ROLES = Prepared(
    lambda _dialect: _COUNTING.where(
        customer.c.id == bindparam("customer"),
        customer.c.brand == bindparam("brand"),
        membership.c.person == bindparam("person"),
    )
)


def _spoken(_dialect: str) -> Any:
    columns = (
        customer.c.id, customer.c.kind, customer.c.name, customer.c.trade_name, customer.c.tax_id,
        customer.c.main_customer, customer.c.brand, membership.c.role,
    )  # fmt: skip
    theirs = (membership.c.person == bindparam("person"), membership.c.active)
    # Two searches from the few memberships: with an OR, or with the brand among the conditions,
    # SQLite begins at every customer instead.
    own = select(*columns).join_from(membership, customer, customer.c.id == membership.c.customer)
    filiais = select(*columns).join_from(
        membership, customer, customer.c.main_customer == membership.c.customer
    )
    both = union_all(
        own.where(*theirs),
        filiais.where(*theirs, membership.c.role == literal_column("'administrator'")),
    ).subquery()
    return select(*both.c).order_by(both.c.main_customer.is_not(None), both.c.name, both.c.id)


_SPOKEN = Prepared(_spoken)

_ORDER = (
    case(
        (~membership.c.active & membership.c.activated_at.is_(None), 0),
        (~membership.c.active, 3),
        (membership.c.role == Role.ADMINISTRATOR.value, 1),
        else_=2,
    ),
    person.c.name,
    person.c.id,
)


def _people(read: Read, customer_id: int) -> Select[Any]:
    return (
        select(
            membership.c.person, membership.c.customer, person.c.name, membership.c.role,
            membership.c.active, membership.c.activated_at, membership.c.created_at,
        )
        .join_from(membership, person, person.c.id == membership.c.person)
        .join(customer, customer.c.id == membership.c.customer)
        .where(membership.c.customer == customer_id, customer.c.brand == read.brand.id)
        .order_by(*_ORDER)
    )  # fmt: skip


def _known(rows: Iterable[Any]) -> list[Known]:
    return [
        Known(
            row.person, row.customer, row.name, Role(row.role),
            state_of(row.active, row.activated_at), row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def state_of(active: bool, activated_at: datetime | None) -> State:
    """What a row of `membership` says of somebody."""
    if active:
        return State.ACTIVE
    return State.WAITING if activated_at is None else State.OFF
