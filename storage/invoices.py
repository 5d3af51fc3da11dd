"""Invoices: what a customer owes and owed, how it is paid today, and its second copy by e-mail.

An invoice is found only through its customer: another's id gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, bindparam, case, func, select

from bot.core.brand import Brand, Terms
from bot.core.message import DocumentRef, Mail, Notice
from bot.core.ports import Read, Write
from bot.domain import boleto, pix
from bot.domain.boleto import Boleto
from bot.domain.charges import Charges, amount_due
from bot.domain.payments import NOTHING
from storage.dispatches import mailed_just_now
from storage.finding import matching
from storage.people import here
from storage.prepared import Prepared
from storage.tables import contact, invoice, invoice_line

Filter = Literal["open", "paid", "cancelled", "all"]

_MOST_SEARCHED = 600
"""Invoices one customer's words are matched against: 50 years of them."""


class InvoiceState(StrEnum):
    """What became of an invoice; overdue is derived from its due date."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class SecondCopy(StrEnum):
    """What became of a wish for a second copy."""

    QUEUED = "queued"
    """It leaves as soon as this turn is committed."""
    ALREADY = "already"
    """It was asked for a moment ago and is on its way."""
    UNKNOWN = "unknown"
    """The customer has no such invoice."""
    CANCELLED = "cancelled"
    """Nothing is owed and nothing was paid: there is no copy to send."""
    NO_EMAIL = "no-email"
    BAD_EMAIL = "bad-email"
    """Mail to the registered address came back."""


class Invoice(NamedTuple):
    """An invoice as its row holds it; money in reais."""

    id: int
    customer: int
    number: str
    period: str
    """The month it is for, "2026-11"."""
    issued_on: date
    due_on: date
    amount: Decimal
    state: InvoiceState
    paid_on: date | None = None
    paid_amount: Decimal | None = None
    barcode: str | None = None
    """44 digits; None where there is no boleto."""
    pix_code: str | None = None
    """A gateway's own code; without it one of the brand's key is made."""
    received: Decimal = NOTHING
    """What its payments come to so far; of an open one, what was paid of it in part."""
    coded_after: Decimal = NOTHING
    """What had been paid when its barcode and code were made."""

    @property
    def missing(self) -> Decimal:
        """What lacks of the amount, without fine and interest; nothing unless it is open."""
        return max(self.amount - self.received, NOTHING) if self.is_open else NOTHING

    @property
    def paid_in_part(self) -> bool:
        return self.is_open and self.received > 0

    @property
    def is_open(self) -> bool:
        return self.state is InvoiceState.OPEN

    @property
    def codes_hold(self) -> bool:
        """Whether its codes ask for what is missing: those from before a part was paid ask for more."""
        return self.coded_after == self.received

    def has_pix(self, brand: Brand) -> bool:
        """Whether there is a way to pay it by PIX (`pix_of`)."""
        own = self.pix_code is not None and self.codes_hold
        return self.is_open and (own or brand.pix is not None)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing an invoice is for; a discount is negative."""

    description: str
    amount: Decimal


COLUMNS = tuple(invoice.c[name] for name in Invoice._fields)
_INVOICE = select(*COLUMNS)
ORDER = (
    case((invoice.c.state == "open", 0), (invoice.c.state == "paid", 1), else_=2),
    case((invoice.c.state == "open", invoice.c.due_on)),
    invoice.c.due_on.desc(),
    invoice.c.id,
)
"""Open first, the oldest due first; then paid and cancelled, the newest first."""
_THEIRS = _INVOICE.where(
    invoice.c.brand == bindparam("brand"), invoice.c.customer == bindparam("customer")
)
_GET = Prepared(lambda _dialect: _THEIRS.where(invoice.c.id == bindparam("id")))
_PAGE = Prepared(
    lambda _dialect: _THEIRS.order_by(*ORDER).offset(bindparam("offset")).limit(bindparam("limit"))
)
_LINES = Prepared(
    lambda _dialect: (
        select(invoice_line.c.description, invoice_line.c.amount)
        .where(invoice_line.c.invoice == bindparam("invoice"))
        .order_by(invoice_line.c.position)
    )
)


def page(
    read: Read, customer: int, which: Filter = "all", offset: int = 0, limit: int = 8
) -> list[Invoice]:
    """Some of a customer's invoices: open (oldest due first), paid (newest first), cancelled."""
    if which == "all":
        found = _PAGE(brand=read.brand.id, customer=customer, offset=offset, limit=limit)
        return from_rows(read.all(found))
    statement = _of(read, customer, which).order_by(*ORDER)
    return from_rows(read.all(statement.offset(offset).limit(limit)))


def count(read: Read, customer: int, which: Filter = "all") -> int:
    """How many invoices of a state a customer has."""
    statement = _of(read, customer, which).with_only_columns(func.count())
    return int(read.scalar(statement) or 0)


def open_of(read: Read, customer: int) -> list[Invoice]:
    """What a customer owes, the oldest due first."""
    return from_rows(read.all(_of(read, customer, "open").order_by(*ORDER)))


def get(read: Read, id: int, customer: int) -> Invoice | None:
    """An invoice of this customer; None for another's, as for one that does not exist."""
    found = from_rows(read.all(_GET(brand=read.brand.id, customer=customer, id=id)))
    return found[0] if found else None


def page_of(read: Read, customers: Sequence[int], offset: int = 0, limit: int = 8) -> list[Invoice]:
    """Some of the invoices of several customers, in `page` order; each is told by its `customer`."""
    statement = _INVOICE.where(*_any(read, customers)).order_by(*ORDER)
    return from_rows(read.all(statement.offset(offset).limit(limit)))


def get_of(read: Read, id: int, customers: Sequence[int]) -> Invoice | None:
    """An invoice of one of these customers; None for another's, as for one that does not exist."""
    found = from_rows(read.all(_INVOICE.where(*_any(read, customers), invoice.c.id == id)))
    return found[0] if found else None


def find_of(read: Read, customers: Sequence[int], text: str) -> list[Invoice]:
    """The invoices of several customers that words mean; see `find`."""
    return matching(page_of(read, customers, limit=_MOST_SEARCHED), text, read.today)


def lines(read: Read, of: Invoice) -> list[Line]:
    """What an invoice is for, in its own order."""
    return [Line(row.description, row.amount) for row in read.all(_LINES(invoice=of.id))]


def find(read: Read, customer: int, text: str) -> list[Invoice]:
    """A customer's invoices that words mean: a number, a month, a date, an amount; in `page` order."""
    return matching(page(read, customer, limit=_MOST_SEARCHED), text, read.today)


# ------------------------------------------------------------------------- how it is paid


def charges_today(of: Invoice, terms: Terms, today: date) -> Charges:
    """What an open invoice costs if paid today; zero for one that is paid or cancelled.

    Of one that was paid in part it is what is missing, with fine and interest on that.
    """
    if of.state is not InvoiceState.OPEN:
        return Charges(NOTHING, NOTHING, NOTHING)
    return amount_due(
        of.missing,
        of.due_on,
        today,
        terms.fine_percent,
        terms.interest_percent_month,
        terms.rounding,
    )


def pix_of(of: Invoice, brand: Brand, today: date) -> str | None:
    """The PIX code that pays an open invoice today, fine and interest included.

    A gateway's own code wins: what it asks for is the gateway's to say; but not one from before a part
    was paid, which asks for all of it again. None: nothing is owed, or
    neither invoice nor brand has a way to be paid by PIX. Raises `Invalid` for a brand whose key,
    name or city no PIX code can carry.
    """
    if of.state is not InvoiceState.OPEN:
        return None
    if of.pix_code is not None and of.codes_hold:
        return of.pix_code
    total = charges_today(of, brand.terms, today).total
    if brand.pix is None or total <= 0:
        return None
    return pix.encode(brand.pix.key, brand.pix.name, brand.pix.city, total, txid_of(of.number))


def txid_of(number: str) -> str:
    """The txid that names an invoice: the last 25 letters and digits of its number, or *** ."""
    return re.sub(r"[^A-Za-z0-9]", "", number)[-25:] or "***"


def boleto_of(of: Invoice) -> Boleto | None:
    """The boleto of an open invoice, with the due date its code leaves in doubt; None without one.

    None too where a part was paid since it was made: no bank would take less than it asks for.
    """
    if of.state is not InvoiceState.OPEN or of.barcode is None:
        return None
    slip = boleto.parse(of.barcode, of.due_on)
    return slip if of.codes_hold or slip.amount == of.missing else None


# ------------------------------------------------------------------------- second copy


def send_second_copy(
    write: Write,
    id: int,
    customer: int,
    *,
    request: str,
    sent: Notice | None,
    failed: Notice | None,
    unsent: Notice | None = None,
    locale: str,
) -> SecondCopy:
    """Mail an invoice to its customer's registered e-mail, and to nowhere else.

    `request` names this wish (the event that confirmed it): played twice, it is one mail. `sent`,
    `failed` and `unsent` are what this chat is told when the mail server has answered (see `Mail`). A paid invoice goes out as
    its receipt. The mail carries ids only; what it says is read when it leaves (`documents`).
    """
    # Locked, so that of two tabs that confirm at once one finds the other's mail.
    row = write.one(_MAILABLE(brand=write.brand.id, customer=customer, id=id))
    if row is None:
        return SecondCopy.UNKNOWN
    if row.state == InvoiceState.CANCELLED:
        return SecondCopy.CANCELLED
    if row.email is None:
        return SecondCopy.NO_EMAIL
    if row.email_bad is not None:
        return SecondCopy.BAD_EMAIL
    subject = f"invoice:{id}"
    if mailed_just_now(write, subject):
        return SecondCopy.ALREADY
    visitor = here(write)
    name = file_name(write.brand, row.number)
    mail = Mail(
        template="second-copy",
        to=row.email,
        locale=locale,
        values={"invoice": id},
        documents=(DocumentRef("invoice-pdf", id, name, "application/pdf"),),
        purpose="invoices",
        tell=visitor.address,
        sent=sent,
        failed=failed,
        unsent=unsent,
    )
    posted = write.post(
        mail, dedup=f"{subject}:mail:{request}", address=visitor.address, subject=subject
    )
    if posted is None:
        return SecondCopy.ALREADY
    write.audit("invoice.mailed", subject, after={"message": posted})
    return SecondCopy.QUEUED


def file_name(brand: Brand, number: str) -> str:
    """What an invoice's PDF is called, the same in every language."""
    return f"{brand.id}-{re.sub(r'[^A-Za-z0-9-]+', '-', number).strip('-')}.pdf"


_MAILABLE = Prepared(
    lambda _dialect: (
        select(
            invoice.c.number,
            invoice.c.state,
            contact.c.value.label("email"),
            contact.c.bad.label("email_bad"),
        )
        .select_from(
            invoice.outerjoin(
                contact,
                (contact.c.customer == invoice.c.customer)
                & (contact.c.kind == "email")
                & contact.c.is_primary,
            )
        )
        .where(
            invoice.c.id == bindparam("id"),
            invoice.c.brand == bindparam("brand"),
            invoice.c.customer == bindparam("customer"),
        )
        .with_for_update(of=invoice, key_share=True)
    )
)


# ------------------------------------------------------------------------- inside


def from_rows(rows: Iterable[Any]) -> list[Invoice]:
    """Rows that hold `COLUMNS`, perhaps among others, as invoices."""
    return [_from_row(row) for row in rows]


_in_order = attrgetter(*Invoice._fields)
_STATE = Invoice._fields.index("state")


def _from_row(row: Any) -> Invoice:
    values = list(_in_order(row))
    values[_STATE] = InvoiceState(values[_STATE])
    return Invoice(*values)


def _mine(read: Read, customer: int) -> tuple[Any, ...]:
    return (invoice.c.brand == read.brand.id, invoice.c.customer == customer)


def _any(read: Read, customers: Sequence[int]) -> tuple[Any, ...]:
    return (invoice.c.brand == read.brand.id, invoice.c.customer.in_(customers))


def _of(read: Read, customer: int, which: Filter = "all") -> Select[Any]:
    statement = _INVOICE.where(*_mine(read, customer))
    return statement if which == "all" else statement.where(invoice.c.state == which)
