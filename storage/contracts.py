"""Contracts: models with variables, offers of them to customers, and the evidence of their acceptance.

The words of an offer are fixed when it is made and never change; an acceptance holds their digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, insert, select, update

from bot.core.brand import Brand
from bot.core.message import JSON, DocumentRef
from bot.core.ports import Read, Write
from bot.domain.contract_text import BadModel, digest, fill, tidy, variables
from bot.domain.roles import Deed, Leave, leave
from bot.domain.tax_id import format_tax_id
from storage import customers, members
from storage.customers import Customer
from storage.people import here
from storage.tables import contract, contract_acceptance, contract_model, person

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Model:
    """A contract model in one version."""

    id: int
    name: str
    version: int
    body: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as offered, and what became of it."""

    id: int
    customer: int
    title: str
    version: int
    """Of its model."""
    sha256: str
    """Of its words."""
    offered_at: datetime
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    """What who accepted it was called then."""
    accepted_through: str | None = None
    """The account of the chat."""

    @property
    def code(self) -> str:
        """What names these very words to people: the beginning of their digest."""
        return self.sha256[:12].upper()

    def ref(self, brand: Brand) -> DocumentRef:
        """How the delivery is told of its page."""
        name = re.sub(r"[^A-Za-z0-9]+", "-", self.title).strip("-")[:60] or "contract"
        return DocumentRef(
            "contract", self.id, f"{brand.id}-{name}-{self.id}.pdf", "application/pdf"
        )


@dataclass(frozen=True, slots=True)
class WholeContract:
    """A contract with all that its page says."""

    contract: Contract
    customer: Customer
    text: str
    offered_on: date


class Accepting(StrEnum):
    """What became of a wish to accept."""

    OK = "ok"
    ALREADY = "already"
    CHANGED = "changed"
    """These are not the words that were shown."""
    NOT_ALLOWED = "not-allowed"
    """An administrator has to do it."""
    GONE = "gone"
    """Withdrawn, or no contract of this customer."""


# ------------------------------------------------------------------------- models and offers


def add_model(write: Write, name: str, body: str) -> Model:
    """Keep a model under a name: its first version, or the next. The same words again are no new one.

    Raises BadModel for words that may not be, or a name that is empty or longer than 120.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise BadModel(f"a contract's name has 1 to {_LONGEST_NAME} characters")
    body = tidy(body)
    variables(body)
    latest = model(write, name)
    if latest is not None and latest.body == body:
        return latest
    version = latest.version + 1 if latest else 1
    ((id,),) = write.run(
        insert(contract_model)
        .values(
            brand=write.brand.id, name=name, version=version, body=body, created_at=write.now
        )
        .returning(contract_model.c.id)
    )  # fmt: skip
    write.audit("contract.modelled", f"contract-model:{id}", after={"version": version})
    return Model(id, name, version, body)


def model(read: Read, name: str) -> Model | None:
    """The newest version of a model, or None."""
    row = read.one(
        select(*(contract_model.c[each] for each in Model.__slots__))
        .where(contract_model.c.brand == read.brand.id, contract_model.c.name == name)
        .order_by(contract_model.c.version.desc())
        .limit(1)
    )
    return None if row is None else Model(**row._mapping)


def offer(
    write: Write, customer_id: int, name: str, values: Mapping[str, str] | None = None
) -> int:
    """Offer a customer the newest version of a model; the row's id.

    `values` are those of its own variables; they also win over what the record would fill in.
    Raises LookupError for another brand's customer or an unknown model, BadModel as `fill` does.
    """
    owner = customers.get(write, customer_id)
    if owner is None:
        raise LookupError("no such customer of this brand")
    of = model(write, name)
    if of is None:
        raise LookupError("no such contract model")
    text = fill(of.body, _known(write, owner) | dict(values or {}))
    ((id,),) = write.run(
        insert(contract)
        .values(
            brand=write.brand.id, customer=customer_id, model=of.id, title=of.name, text=text,
            sha256=digest(text), offered_at=write.now,
        )
        .returning(contract.c.id)
    )  # fmt: skip
    write.audit(
        "contract.offered", f"contract:{id}", after={"model": of.id, "sha256": digest(text)}
    )
    return int(id)


def withdraw(write: Write, id: int, customer_id: int) -> bool:
    """Take back an offer that nobody has accepted; False if there is none."""
    taken = write.run(
        update(contract)
        .where(*_open(write, customer_id), contract.c.id == id)
        .values(withdrawn_at=write.now)
        .returning(contract.c.id)
    )
    if taken:
        write.audit("contract.withdrawn", f"contract:{id}")
    return bool(taken)


# ------------------------------------------------------------------------- looked at


def page(read: Read, of: int | Sequence[int], offset: int = 0, limit: int = 8) -> list[Contract]:
    """Some of the contracts of a customer, or of several: those to be accepted first, then the newest."""
    rows = _CONTRACT.where(*_mine(read, of)).order_by(
        contract.c.accepted_at.is_not(None), contract.c.offered_at.desc(), contract.c.id.desc()
    )
    return _all(read, rows.offset(offset).limit(limit))


def get(read: Read, id: int, of: int | Sequence[int]) -> Contract | None:
    """A contract of this customer, or of one of these; None for another's, a withdrawn one, or none at all."""
    found = _all(read, _CONTRACT.where(*_mine(read, of), contract.c.id == id))
    return found[0] if found else None


def text_of(read: Read, of: Contract) -> str:
    """The words of a contract."""
    return str(read.scalar(select(contract.c.text).where(contract.c.id == of.id)))


def may_accept(read: Read, person_id: int | None, customer_id: int) -> bool:
    """Whether a person binds a customer: administrators do."""
    return leave(members.role_of(read, person_id, customer_id), Deed.DECIDE) is Leave.YES


def whole(read: Read, id: int) -> WholeContract | None:
    """All that a contract's page says, for the delivery; not scoped by customer, and no flow calls it."""
    found = _all(read, _CONTRACT.where(contract.c.id == id, contract.c.brand == read.brand.id))
    owner = customers.get(read, found[0].customer) if found else None
    if owner is None:
        return None
    offered_on = found[0].offered_at.astimezone(read.brand.zone).date()
    return WholeContract(found[0], owner, text_of(read, found[0]), offered_on)


# ------------------------------------------------------------------------- opened and accepted


def note_opened(write: Write, id: int, customer_id: int) -> bool:
    """Note that a contract's words were handed to who is here; False for another's."""
    if get(write, id, customer_id) is None:
        return False
    write.audit("contract.opened", f"contract:{id}")
    return True


def accept(
    write: Write, id: int, customer_id: int, *, sha256: str, words: str, locale: str
) -> dict[str, JSON]:
    """Accept a contract for a customer, once; who, when, through what and to which words is kept.

    `sha256` is of the words that were shown, `words` the question as it stood on the screen. Returns
    `{"result", "at", "by"}`: of an acceptance before, when it was (ISO 8601) and whose.
    """
    visitor = here(write)
    if visitor.person is None or not may_accept(write, visitor.person, customer_id):
        return _outcome(Accepting.NOT_ALLOWED)
    accepted = write.run(
        update(contract)
        .where(*_open(write, customer_id), contract.c.id == id, contract.c.sha256 == sha256)
        .values(accepted_at=write.now)
        .returning(contract.c.id)
    )
    if not accepted:
        found = get(write, id, customer_id)
        if found is None:
            return _outcome(Accepting.GONE)
        if found.accepted_at is None:
            return _outcome(Accepting.CHANGED)
        return _outcome(Accepting.ALREADY, found.accepted_at, found.accepted_by)
    name = str(write.scalar(select(person.c.name).where(person.c.id == visitor.person)))
    write.run(
        insert(contract_acceptance).values(
            contract=id, at=write.now, person=visitor.person, person_name=name,
            address=visitor.address, through=visitor.at.account, sha256=sha256, words=words,
            locale=locale,
        )
    )  # fmt: skip
    write.audit(
        "contract.accepted", f"contract:{id}", before={"accepted": False}, after={"sha256": sha256}
    )
    return _outcome(Accepting.OK, write.now, name)


# ------------------------------------------------------------------------- inside


_CONTRACT: Select[Any] = (
    select(
        *(contract.c[name] for name in Contract.__slots__ if name in contract.c),
        contract_model.c.version,
        contract_acceptance.c.person_name.label("accepted_by"),
        contract_acceptance.c.through.label("accepted_through"),
    )
    .select_from(
        contract.join(contract_model, contract_model.c.id == contract.c.model).outerjoin(
            contract_acceptance, contract_acceptance.c.contract == contract.c.id
        )
    )
    .where(contract.c.withdrawn_at.is_(None))
)


def _known(read: Read, owner: Customer) -> dict[str, str]:
    """The variables that the record fills in; see `bot.domain.contract_text.KNOWN`."""
    brand = read.brand
    known = {
        "customer_name": owner.name,
        "customer_tax_id": format_tax_id(owner.tax_id),
        "customer_address": ", ".join(owner.address),
        "customer_email": owner.email,
        "plan": owner.plan,
        "due_day": str(owner.due_day),
        "brand_name": brand.name,
        "brand_legal_name": brand.legal_name or brand.name,
        "brand_tax_id": format_tax_id(brand.tax_id) if brand.tax_id else "",
        "brand_address": ", ".join(brand.address),
        "today": f"{read.today:%d/%m/%Y}",
    }
    return {name: value or "" for name, value in known.items()}


def _outcome(
    result: Accepting, at: datetime | None = None, by: str | None = None
) -> dict[str, JSON]:
    return {"result": result.value, "at": at.isoformat() if at else None, "by": by}


def _all(read: Read, statement: Select[Any]) -> list[Contract]:
    return [Contract(**row._mapping) for row in read.all(statement)]


def _mine(read: Read, of: int | Sequence[int]) -> Sequence[Any]:
    whose = contract.c.customer
    return (
        contract.c.brand == read.brand.id,
        whose == of if isinstance(of, int) else whose.in_(of),
    )


def _open(read: Read, customer_id: int) -> Sequence[Any]:
    return (
        *_mine(read, customer_id),
        contract.c.accepted_at.is_(None),
        contract.c.withdrawn_at.is_(None),
    )
