"""The staff's queue: all that waits for somebody of the business, whatever its kind, the oldest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select

from bot.core.message import JSON, Text, _
from bot.core.ports import Read, Write
from bot.domain.queue import Kind, parse
from storage import customers, received_files, registration
from storage.invoices import InvoiceState
from storage.tables import (
    address,
    approval,
    contact,
    customer,
    erasure,
    invoice,
    payment_claim,
    payment_promise,
    person,
    staff_decision,
)

MOST = 200
"""Rows that a look at the queue brings."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits."""

    kind: Kind
    id: int
    customer: int
    name: str
    """As people call the customer: the trade name, if there is one."""
    what: Text
    """What is asked for, in a line or some; personal values masked."""
    since: datetime
    person: int | None
    """Who asked."""
    asker: str
    through: str | None
    """The account it came by."""
    row: Any
    """What its kind knows besides."""

    @property
    def ref(self) -> str:
        """What it is called by, of whatever kind: "claim-12"."""
        return self.kind.named(self.id)


def waiting(read: Read, limit: int = MOST) -> list[Waiting]:
    """What waits for the staff of this brand, the oldest first."""
    found = list[Waiting]()
    for kind, of in _KINDS.items():
        rows = read.all(of.select(read).order_by(of.order).limit(limit))
        found += [of.make(read, kind, row) for row in rows]
    return sorted(found, key=lambda each: (each.since, each.ref))[:limit]


def get(read: Read, ref: str) -> Waiting | None:
    """What waits under that name; None if nothing does (any more)."""
    parsed = parse(ref)
    if parsed is None:
        return None
    kind, id = parsed
    of = _KINDS[kind]
    row = read.one(of.select(read).where(of.id == id))
    return None if row is None else of.make(read, kind, row)


def held(write: Write, ref: str) -> Waiting | None:
    """The same, held until the transaction ends: nobody decides, pays or withdraws it meanwhile."""
    of = get(write, ref)
    if of is None:
        return None
    about = {Kind.CHANGE: (approval, of.id), Kind.ERASURE: (erasure, of.id)}
    # A payment holds its invoice, before anything else.
    table, id = about.get(of.kind) or (invoice, of.row.invoice)
    write.one(select(table.c.id).where(table.c.id == id).with_for_update(key_share=True))
    return get(write, ref)


def details(read: Read, of: Waiting) -> list[tuple[Text, Text]]:
    """What else is to be known before it is decided, by label; values whole, as only staff sees them."""
    row = of.row
    match of.kind:
        case Kind.CLAIM:
            told = [
                (_("Invoice"), _plain(row.number)),
                (_("Amount"), _("{amount}", amount=row.amount)),
                (_("Due"), _("{day}", day=row.due_on)),
            ]
            if row.words:
                told.append((_("In their words"), _plain(row.words)))
            if row.file:
                here = [each.name for each in received_files.of_claim(read, of.id)]
                told.append((_("File"), _plain(", ".join(here) or row.file[1])))
            return told
        case Kind.CHANGE:
            before, after = _before_and_after(read, of)
            return [(_("Before"), _plain(before)), (_("After"), _plain(after))]
        case Kind.ERASURE:
            known = customers.get(read, of.customer)
            return [
                (_("To be answered by"), _("{day}", day=row.answer_by)),
                # Afterwards nobody knows where to answer to.
                (_("E-mail"), _plain(_flat(known.email if known else None))),
                (_("Phone"), _plain(_flat(known.phone if known else None))),
            ]
        case Kind.PROMISE:
            return [
                (_("Invoice"), _plain(row.number)),
                (_("Amount"), _("{amount}", amount=row.amount)),
                (_("Promised for"), _("{day}", day=row.promised_for)),
            ]


# ------------------------------------------------------------------------- each kind


_NAME = func.coalesce(customer.c.trade_name, customer.c.name).label("name")
_ASKER = func.coalesce(person.c.name, "").label("asker")


def _claims(read: Read) -> Select[Any]:
    """Not those whose invoice was paid or cancelled meanwhile."""
    return (
        select(
            payment_claim.c.id, payment_claim.c.customer, _NAME, payment_claim.c.person, _ASKER,
            payment_claim.c.account.label("through"), payment_claim.c.created_at,
            payment_claim.c.invoice, payment_claim.c.words, payment_claim.c.file,
            invoice.c.number, invoice.c.amount, invoice.c.due_on,
        )
        .join_from(payment_claim, invoice, invoice.c.id == payment_claim.c.invoice)
        .join(customer, customer.c.id == payment_claim.c.customer)
        .outerjoin(person, person.c.id == payment_claim.c.person)
        .where(
            payment_claim.c.brand == read.brand.id,
            payment_claim.c.state == "waiting",
            invoice.c.state == InvoiceState.OPEN.value,
        )
    )  # fmt: skip


def _claim(_read: Read, row: Any) -> tuple[Text, datetime]:
    what = _("Says that invoice {number} is paid ({amount})", number=row.number, amount=row.amount)
    return what, row.created_at


def _changes(read: Read) -> Select[Any]:
    """Also those nobody decided in time: that is when another may be asked for, and loses nobody's wish."""
    return (
        select(
            approval.c.id, approval.c.customer, _NAME, approval.c.asked_by.label("person"), _ASKER,
            address.c.account.label("through"), approval.c.asked_at, approval.c.kind,
            approval.c.change, approval.c.words,
        )
        .join_from(approval, customer, customer.c.id == approval.c.customer)
        .outerjoin(person, person.c.id == approval.c.asked_by)
        .outerjoin(address, address.c.id == approval.c.asked_from)
        .where(
            approval.c.brand == read.brand.id,
            approval.c.waits_for == "staff",
            approval.c.state == "waiting",
        )
    )  # fmt: skip


def _change(_read: Read, row: Any) -> tuple[Text, datetime]:
    return (Text.load(row.words) if row.words else Text("")), row.asked_at


def _erasures(read: Read) -> Select[Any]:
    return (
        select(
            erasure.c.id, erasure.c.customer, _NAME, erasure.c.person, _ASKER, erasure.c.through,
            erasure.c.asked_at, erasure.c.subject, erasure.c.answer_by, erasure.c.address,
        )
        .join_from(erasure, customer, customer.c.id == erasure.c.customer)
        .outerjoin(person, person.c.id == erasure.c.person)
        .where(erasure.c.brand == read.brand.id, erasure.c.state == "waiting")
    )  # fmt: skip


def _erasure(_read: Read, row: Any) -> tuple[Text, datetime]:
    if row.subject.startswith("customer:"):
        what = _("Asks to have all data of this customer deleted, by {day}", day=row.answer_by)
    else:
        what = _("Asks to have their own name and chat deleted, by {day}", day=row.answer_by)
    return what, row.asked_at


def _promises(read: Read) -> Select[Any]:
    """Those that were not kept, and of which nobody has said what follows."""
    decided = select(staff_decision.c.id).where(
        staff_decision.c.brand == read.brand.id,
        staff_decision.c.subject
        == literal(f"{Kind.PROMISE.value}-") + cast(payment_promise.c.id, String(20)),
    )
    return (
        select(
            payment_promise.c.id, payment_promise.c.customer, _NAME, payment_promise.c.person,
            _ASKER, literal(None).label("through"), payment_promise.c.invoice,
            payment_promise.c.promised_for, invoice.c.number, invoice.c.amount,
        )
        .join_from(payment_promise, invoice, invoice.c.id == payment_promise.c.invoice)
        .join(customer, customer.c.id == payment_promise.c.customer)
        .outerjoin(person, person.c.id == payment_promise.c.person)
        .where(
            payment_promise.c.brand == read.brand.id,
            payment_promise.c.promised_for < read.today,
            invoice.c.state == InvoiceState.OPEN.value,
            ~decided.exists(),
        )
    )  # fmt: skip


def _promise(read: Read, row: Any) -> tuple[Text, datetime]:
    what = _(
        "Promised to pay invoice {number} ({amount}) by {day}, and did not: may another day be promised?",
        number=row.number, amount=row.amount, day=row.promised_for,
    )  # fmt: skip
    return what, datetime.combine(
        row.promised_for + timedelta(days=1), time(), tzinfo=read.brand.zone
    )


@dataclass(frozen=True, slots=True)
class _Of:
    """How a kind is looked for."""

    select: Callable[[Read], Select[Any]]
    told: Callable[[Read, Any], tuple[Text, datetime]]
    id: Any
    order: Any

    def make(self, read: Read, kind: Kind, row: Any) -> Waiting:
        what, since = self.told(read, row)
        return Waiting(
            kind, row.id, row.customer, row.name, what, since, row.person, row.asker, row.through,
            row,
        )  # fmt: skip


_KINDS: Mapping[Kind, _Of] = {
    Kind.CLAIM: _Of(_claims, _claim, payment_claim.c.id, payment_claim.c.id),
    Kind.CHANGE: _Of(_changes, _change, approval.c.id, approval.c.id),
    Kind.ERASURE: _Of(_erasures, _erasure, erasure.c.id, erasure.c.id),
    Kind.PROMISE: _Of(
        _promises, _promise, payment_promise.c.id, payment_promise.c.promised_for
    ),
}  # fmt: skip


# ------------------------------------------------------------------------- before and after


def _before_and_after(read: Read, of: Waiting) -> tuple[str, str]:
    """What a change of the registration makes of what; nothing for another kind of change."""
    values = of.row.change or {}
    known = registration.get(read, of.customer)
    if of.row.kind != registration.KIND or known is None or "field" not in values:
        return "", _flat(values)
    wish = values.get("wish")
    if wish is None:
        return _flat(known.value(values["field"])), _flat(values["value"])
    named = read.scalar(
        select(contact.c.value).where(
            contact.c.id == wish.get("id"), contact.c.customer == of.customer
        )
    )
    every = [each.value for each in known.contacts if each.kind == values["field"]]
    after = f"{wish['op']}: {wish.get('value') or named or ''}"
    return ", ".join(every), f"{after} ({wish['label']})" if wish.get("label") else after


def _flat(value: JSON) -> str:
    """A value in one line; what is empty is a dash."""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in (None, "") else str(value)


def _plain(value: str) -> Text:
    return Text("{value}", {"value": value})
