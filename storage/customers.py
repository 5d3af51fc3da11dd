"""Customers: who pays, where they can be reached, and which companies belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from bot.core.ports import Read
from bot.domain.customer_names import first_name
from bot.domain.phone import match_key
from bot.domain.postal_code import format_postal_code
from bot.domain.standing import Status
from storage.prepared import Prepared
from storage.tables import contact, customer


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with the primary e-mail and phone, as one query brings it."""

    id: int
    brand: str
    kind: str
    """PF (a person) or PJ (a company)."""
    name: str
    tax_id: str
    """Bare and upper case."""
    due_day: int
    trade_name: str | None = None
    status: Status = Status.ACTIVE
    main_customer: int | None = None
    """The matriz, of a filial."""
    payment_form: str = "boleto"
    plan: str | None = None
    postal_code: str | None = None
    street: str | None = None
    street_number: str | None = None
    complement: str | None = None
    district: str | None = None
    city: str | None = None
    state: str | None = None
    born_on: date | None = None
    """Of a company: when it was opened."""
    registry_number: str | None = None
    """RG of a person; inscrição estadual, or ISENTO, of a company."""
    permission_group: str | None = None
    external_id: str | None = None
    email: str | None = None
    email_bad: str | None = None
    """Why nothing is sent to that e-mail any more."""
    phone: str | None = None
    """E.164."""

    @property
    def can_be_mailed(self) -> bool:
        """Whether there is a primary e-mail that has not failed."""
        return self.email is not None and self.email_bad is None

    @property
    def first_name(self) -> str:
        """What a letter begins with."""
        return first_name(self.kind, self.name, self.trade_name)

    @property
    def address(self) -> tuple[str, ...]:
        """The postal address in up to three lines, without what is not known."""
        street = ", ".join(p for p in (self.street, self.street_number, self.complement) if p)
        city = " - ".join(p for p in (self.city, self.state) if p)
        code = format_postal_code(self.postal_code) if self.postal_code else None
        lines = (street, self.district, ", ".join(p for p in (city, code) if p))
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Contact:
    """An e-mail address or a phone of a customer."""

    id: int
    kind: str
    """email · phone"""
    value: str
    """The address in the form to send to; a phone in E.164."""
    label: str | None
    is_primary: bool
    bad: str | None
    """Why nothing is sent there any more."""


_email = contact.alias("email")
_phone = contact.alias("phone")
_CUSTOMER = select(
    *(customer.c[name] for name in Customer.__slots__ if name in customer.c),
    _email.c.value.label("email"),
    _email.c.bad.label("email_bad"),
    _phone.c.value.label("phone"),
).select_from(
    customer.outerjoin(
        _email,
        (_email.c.customer == customer.c.id) & (_email.c.kind == "email") & _email.c.is_primary,
    ).outerjoin(
        _phone,
        (_phone.c.customer == customer.c.id) & (_phone.c.kind == "phone") & _phone.c.is_primary,
    )
)
_GET = Prepared(
    lambda _dialect: _CUSTOMER.where(
        customer.c.id == bindparam("id"), customer.c.brand == bindparam("brand")
    )
)


def get(read: Read, id: int) -> Customer | None:
    """A customer of this brand by row id, or None."""
    return _of(read.one(_GET(id=id, brand=read.brand.id)))


def by_tax_id(read: Read, tax_id: str) -> Customer | None:
    """The customer of this brand with a bare tax id, or None."""
    return _of(
        read.one(_CUSTOMER.where(customer.c.brand == read.brand.id, customer.c.tax_id == tax_id))
    )


def by_phone(read: Read, e164: str) -> tuple[Customer, ...]:
    """The customers of this brand with that phone among their contacts, however it was spelled.

    A Brazilian mobile matches with and without its ninth digit: on area code and last eight digits.
    Raises `Invalid` ("format") for no E.164 number.
    """
    rows = read.all(_CUSTOMER.where(customer.c.brand == read.brand.id, has_phone(e164)))
    return tuple(_customer(row) for row in rows)


def has_phone(e164: str) -> Any:
    """The condition that a row of `customer` has this phone; see `by_phone`."""
    return customer.c.id.in_(
        select(contact.c.customer).where(
            contact.c.kind == "phone", contact.c.value.in_(_spellings(e164))
        )
    )


def group_of(read: Read, id: int) -> tuple[Customer, ...]:
    """The companies a customer belongs with: the matriz first, then its filiais by name.

    A customer without a group is alone in it; empty if there is no such customer.
    """
    of_this = select(customer.c.id, customer.c.main_customer).where(
        customer.c.id == id, customer.c.brand == read.brand.id
    )
    row = read.one(of_this)
    if row is None:
        return ()
    main = row.main_customer or row.id
    rows = read.all(
        _CUSTOMER.where(
            customer.c.brand == read.brand.id,
            (customer.c.id == main) | (customer.c.main_customer == main),
        ).order_by(customer.c.id != main, customer.c.name, customer.c.id)
    )
    return tuple(_customer(row) for row in rows)


def contacts(read: Read, id: int) -> tuple[Contact, ...]:
    """Every e-mail address and phone of a customer, e-mails first, the primary ones before others."""
    rows = read.all(
        select(*(contact.c[name] for name in Contact.__slots__))
        .join(customer, customer.c.id == contact.c.customer)
        .where(contact.c.customer == id, customer.c.brand == read.brand.id)
        .order_by(contact.c.kind, contact.c.is_primary.desc(), contact.c.id)
    )
    return tuple(Contact(**row._mapping) for row in rows)


def _spellings(e164: str) -> list[str]:
    key = match_key(e164)
    if key == e164 or key[2] in "2345":
        # Abroad; or a landline, which never had a ninth digit: with one it is somebody's mobile.
        return [e164]
    # With an index on the value, two exact spellings cost less than a search by ending.
    return [f"+55{key}", f"+55{key[:2]}9{key[2:]}"]


def _of(row: Any) -> Customer | None:
    return None if row is None else _customer(row)


def _customer(row: Any) -> Customer:
    return Customer(**{**row._mapping, "status": Status(row.status)})
