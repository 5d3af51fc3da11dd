"""Statements and declarations as documents: what one refers to, what it says, and having it by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.message import DocumentRef, Mail, Notice
from bot.core.ports import Read, Write
from bot.domain.customer_names import names
from bot.domain.periods import Period
from bot.domain.statements import Clearance, Verdict, YearPaid
from storage import customers, members
from storage.customers import Customer
from storage.dispatches import mailed_just_now
from storage.people import here
from storage.statements import Statement, clearance, statement, year_paid
from storage.tables import contact, customer


class Kind(StrEnum):
    """What can be had; the value is the document's kind, as the ledger and the audit name it."""

    STATEMENT = "statement-pdf"
    STATEMENT_OF_ALL = "statement-of-all-pdf"
    """Of every company that somebody speaks for."""
    INCOME_TAX = "income-tax-pdf"
    CLEARANCE = "clearance-pdf"


class Mailed(StrEnum):
    """What became of a wish to have one by e-mail."""

    QUEUED = "queued"
    ALREADY = "already"
    """It was asked for a moment ago and is on its way."""
    UNKNOWN = "unknown"
    """There is nothing of the kind to send (any more)."""
    NO_EMAIL = "no-email"
    BAD_EMAIL = "bad-email"


_WORDS = {
    Kind.STATEMENT: "extrato",
    Kind.STATEMENT_OF_ALL: "extrato-de-todas",
    Kind.INCOME_TAX: "pagamentos",
    Kind.CLEARANCE: "quitacao",
}
"""In the names of files, the same in every language."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What one of these documents says, and whose it is, as of `today`."""

    customer: Customer
    of: Statement | YearPaid | Clearance
    today: date
    companies: Mapping[int, str] = field(default_factory=dict)
    """What each of several customers is called; empty: it is of the one."""


MOST_ON_PAPER = 1000
"""Invoices listed in a PDF, some 25 pages of them; of the earlier ones it has the sums."""


def reference(
    brand: Brand, kind: Kind, customer: int, of: str, person: int | None = None
) -> DocumentRef:
    """A document of these: `of` is the period (`Period.dump`) or the year.

    `person`: whose companies they are, for that of all.
    """
    name = f"{brand.id}-{_WORDS[kind]}-{of.replace('..', '-a-')}.pdf"
    detail = of if person is None else f"{of};{person}"
    return DocumentRef(kind.value, customer, name, "application/pdf", detail)


def paper(read: Read, ref: DocumentRef) -> Paper | None:
    """What a document says now; None if there is no such customer, or a clearance that is none any more.

    For the delivery, which renders what a flow has already decided to hand out.
    """
    if ref.kind == Kind.STATEMENT_OF_ALL:
        return _paper_of_all(read, ref)
    whose = customers.get(read, ref.id)
    if whose is None:
        return None
    of: Statement | YearPaid | Clearance
    match Kind(ref.kind):
        case Kind.INCOME_TAX:
            of = year_paid(read, whose.id, int(ref.detail))
        case Kind.CLEARANCE:
            of = clearance(read, whose.id, int(ref.detail))
            if of.verdict is not Verdict.CLEARED:
                return None
        case _:
            of = statement(read, whose.id, Period.load(ref.detail), most=MOST_ON_PAPER)
    return Paper(whose, of, read.today)


def _paper_of_all(read: Read, ref: DocumentRef) -> Paper | None:
    """Of those companies that are spoken for now, whichever they were when it was asked for."""
    period, _, person = ref.detail.partition(";")
    companies = names(members.spoken_for(read, int(person)))
    first = customers.get(read, next(iter(companies))) if companies else None
    if first is None:
        return None
    of = statement(read, list(companies), Period.load(period), most=MOST_ON_PAPER)
    return Paper(first, of, read.today, companies)


def note_opened(write: Write, customer: int, *, kind: str, of: str) -> bool:
    """Note that one of these was shown or handed to who is here; False for a customer of another brand."""
    if customers.get(write, customer) is None:
        return False
    write.audit("document.opened", f"customer:{customer}", after={"kind": kind, "of": of})
    return True


def send(
    write: Write,
    customer_id: int,
    ref: DocumentRef,
    *,
    request: str,
    sent: Notice | None,
    failed: Notice | None,
    unsent: Notice | None = None,
    locale: str,
) -> Mailed:
    """Mail one of these to its customer's registered e-mail, and to nowhere else.

    `request` names this wish (the event that confirmed it): played twice, it is one mail. The mail
    carries the reference only; what it says is read when it leaves. Raises ValueError for a document
    that is another customer's.
    """
    if ref.id != customer_id:
        raise ValueError("a document goes to its own customer")
    # Locked, so that of two tabs that confirm at once one finds the other's mail.
    row = write.one(
        _MAILABLE.where(customer.c.id == customer_id, customer.c.brand == write.brand.id)
    )
    if row is None:
        return Mailed.UNKNOWN
    if row.email is None:
        return Mailed.NO_EMAIL
    if row.email_bad is not None:
        return Mailed.BAD_EMAIL
    if ref.kind == Kind.CLEARANCE:
        found = clearance(write, customer_id, int(ref.detail))
        if found.verdict is not Verdict.CLEARED:
            return Mailed.UNKNOWN
    subject = f"{ref.kind}:{customer_id}:{ref.detail}"
    if mailed_just_now(write, subject):
        return Mailed.ALREADY
    visitor = here(write)
    mail = Mail(
        template="statement",
        to=row.email,
        locale=locale,
        documents=(ref,),
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
        return Mailed.ALREADY
    after = {"kind": ref.kind, "of": ref.detail, "message": posted}
    write.audit("statement.mailed", f"customer:{customer_id}", after=after)
    return Mailed.QUEUED


_MAILABLE = (
    select(contact.c.value.label("email"), contact.c.bad.label("email_bad"))
    .select_from(
        customer.outerjoin(
            contact,
            (contact.c.customer == customer.c.id)
            & (contact.c.kind == "email")
            & contact.c.is_primary,
        )
    )
    .with_for_update(of=customer, key_share=True)
)
