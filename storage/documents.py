"""What pages and mails about an invoice say, gathered when they leave; and who opened one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from bot.core.message import JSON
from bot.core.ports import Read, Write
from bot.domain.boleto import Boleto, format_line
from bot.domain.charges import Charges
from storage import customers, invoices, payments
from storage.customers import Customer
from storage.invoices import Invoice, Line
from storage.payments import Paid
from storage.prepared import Prepared
from storage.tables import invoice


@dataclass(frozen=True, slots=True)
class WholeInvoice:
    """An invoice with all that a page or a mail about it says, as of `today`."""

    invoice: Invoice
    customer: Customer
    lines: tuple[Line, ...]
    charges: Charges
    today: date
    pix: str | None = None
    """The code that pays it today; None once nothing is owed."""
    boleto: Boleto | None = None
    payments: tuple[Paid, ...] = ()
    """What was paid of it in part, while it is open."""


_INVOICE = Prepared(
    lambda _dialect: select(*invoices.COLUMNS).where(
        invoice.c.id == bindparam("id"), invoice.c.brand == bindparam("brand")
    )
)


def document_data(read: Read, invoice_id: int) -> WholeInvoice | None:
    """Everything a page or a mail about an invoice says, in three queries; None if there is no such invoice.

    For the delivery, which renders what an action has already decided to send: it is not scoped by
    customer, and no flow calls it.
    """
    row = read.one(_INVOICE(id=invoice_id, brand=read.brand.id))
    if row is None:
        return None
    (found,) = invoices.from_rows([row])
    payer = customers.get(read, found.customer)
    if payer is None:
        return None
    return WholeInvoice(
        invoice=found,
        customer=payer,
        lines=tuple(invoices.lines(read, found)) or (Line(found.number, found.amount),),
        charges=invoices.charges_today(found, read.brand.terms, read.today),
        today=read.today,
        pix=invoices.pix_of(found, read.brand, read.today),
        boleto=invoices.boleto_of(found),
        payments=tuple(payments.parts_of(read, found)),
    )


def mail_values(whole: WholeInvoice) -> dict[str, JSON]:
    """The variables of a second copy, by the names that mail templates use.

    Money is Decimal, days are dates: the template's filters write them in the reader's language.
    """
    of = whole.invoice
    return {
        "customer_name": whole.customer.name,
        "first_name": whole.customer.first_name,
        "invoice_number": of.number,
        "period": date(int(of.period[:4]), int(of.period[5:7]), 1),
        "lines": [{"description": line.description, "amount": line.amount} for line in whole.lines],
        "issued_on": of.issued_on,
        "due_on": of.due_on,
        "state": of.state.value,
        "amount": of.amount,
        "payments": [{"day": each.paid_on, "amount": each.counted.kept} for each in whole.payments],
        "fine": whole.charges.fine,
        "interest": whole.charges.interest,
        "total": whole.charges.total,
        "today": whole.today,
        "paid_on": of.paid_on,
        "paid_amount": of.paid_amount,
        "boleto_line": format_line(whole.boleto.line) if whole.boleto else None,
        "pix_code": whole.pix,
    }


def note_opened(write: Write, invoice_id: int, customer: int, *, kind: str) -> bool:
    """Note that a document of an invoice was handed to who is here; False for another's invoice.

    `kind` is what was handed out: "invoice-pdf", "pix" (its code and the QR of it), "boleto-line", "card-page".
    """
    if invoices.get(write, invoice_id, customer) is None:
        return False
    write.audit("document.opened", f"invoice:{invoice_id}", after={"kind": kind})
    return True
