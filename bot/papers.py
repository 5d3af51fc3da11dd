"""From rows to paper: what an invoice's PDF and its QR code say in a language, and its mail's values."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, DocumentRef, Text, _, ngettext
from bot.core.ports import Read
from bot.core.render import Renderer
from bot.documents.codes import qr_png
from bot.documents.contract_pdf import ContractPage, ContractPrinter, ContractWords, Party
from bot.documents.invoice_pdf import (
    InvoiceDocument,
    InvoicePrinter,
    InvoiceState,
    InvoiceWords,
    Letterhead,
    Payer,
    invoice_lines,
)
from bot.domain.boleto import format_line
from bot.domain.contract_text import blocks
from bot.domain.phone import format_phone
from bot.domain.tax_id import format_tax_id, kind_of
from storage import documents
from storage.contracts import WholeContract
from storage.customers import Customer
from storage.documents import WholeInvoice, document_data

_WORDS: dict[str, Text] = {
    "title": _("Invoice"),
    "number": _("No."),
    "document_number": _("Document number"),
    "reference": _("Reference"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "paid_on": _("Paid on"),
    "payer": _("Payer"),
    "beneficiary": _("Beneficiary"),
    "description": _("Description"),
    "amount": _("Amount"),
    "subtotal": _("Subtotal"),
    "total": _("Total"),
    "total_due": _("Total to pay"),
    "total_paid": _("Total paid"),
    "state_open": _("Open"),
    "state_overdue": _("Overdue"),
    "state_paid": _("Paid"),
    "state_cancelled": _("Cancelled"),
    "stamp_paid": _("PAID"),
    "stamp_cancelled": _("CANCELLED"),
    "note_paid": _("This invoice is paid. Keep this page as your copy."),
    "note_cancelled": _("This invoice was cancelled. There is nothing to pay."),
    "pix_title": _("Pay with PIX"),
    "pix_hint": _("Point your bank's app at the code, or copy the text below it."),
    "pix_code": _("PIX copy and paste"),
    "pix_alt": _("QR code of the PIX payment"),
    "boleto_title": _("Pay the boleto"),
    "boleto_hint": _("Type this line into your bank's app, or scan the bars."),
    "barcode_alt": _("Bar code of the boleto"),
}
"""The fixed words of an invoice's page; those with a value are made beside it."""


class Papers:
    """Renders a brand's documents, from rows read at that moment."""

    def __init__(self, renderers: dict[str, Renderer]) -> None:
        """`renderers` by brand."""
        self._renderers = renderers
        self._printer = lru_cache(1)(InvoicePrinter)
        self._contracts = lru_cache(1)(ContractPrinter)

    def warm_up(self) -> None:
        """Load the fonts, so that the first document is not the slow one."""
        self._printer()

    def document(
        self, whole: WholeInvoice, ref: DocumentRef, brand: Brand, locale: str
    ) -> Document:
        """A document as it stands now. Raises Permanent where there is nothing to show any more."""
        match ref.kind:
            case "pix-qr":
                if whole.pix is None:
                    raise Permanent("gone", "nothing is owed any more")
                content = qr_png(whole.pix)
            case "invoice-pdf":
                content = self._printer().render(self._page(whole, brand, locale))
            case kind:
                raise Permanent("gone", f"no document is called {kind!r}")
        return Document(ref.name, ref.media_type, content)

    def contract(
        self, whole: WholeContract, ref: DocumentRef, brand: Brand, locale: str
    ) -> Document:
        """A contract as it stands now: its words as they were offered, and whether they are accepted."""
        of, renderer = whole.contract, self._renderers[brand.id]

        def said(text: Text) -> str:
            return renderer.plain(text, locale)

        accepted = None
        if of.accepted_at is not None:
            accepted = said(
                _(
                    "{name}, {at}, through {through}",
                    name=of.accepted_by or "",
                    at=of.accepted_at,
                    through=of.accepted_through or "",
                )
            )
        beneficiary = brand.legal_name or brand.name
        page = ContractPage(
            brand=Letterhead(brand.name, _labelled(brand.tax_id), accent=brand.color),
            words=ContractWords(
                language=locale.replace("_", "-"),
                page=said(_("Page {n} of {of}", n="{n}", of="{of}")),
                code=said(_("Code")),
                accepted=said(_("Accepted")),
                open=said(_("Nobody has accepted this contract yet.")),
                digest=said(_("SHA-256 of the words:")),
            ),
            title=of.title,
            version=said(_("Version {version}", version=of.version)),
            offered=said(_("offered on {day}", day=whole.offered_on)),
            parties=(
                Party(
                    said(_("Provider")), beneficiary, _labelled(brand.tax_id), tuple(brand.address)
                ),
                Party(
                    said(_("Customer")),
                    whole.customer.name,
                    _labelled(whole.customer.tax_id),
                    whole.customer.address,
                ),
            ),
            parts=blocks(whole.text),
            code=of.code,
            sha256=of.sha256,
            created_at=of.accepted_at or of.offered_at,
            accepted=accepted,
        )
        return Document(ref.name, ref.media_type, self._contracts().render(page))

    def _page(self, whole: WholeInvoice, brand: Brand, locale: str) -> InvoiceDocument:
        renderer = self._renderers[brand.id]
        of, charges = whole.invoice, whole.charges
        state = _state(whole)
        owed = state in ("open", "overdue")

        def said(value: Decimal | date) -> str:
            return renderer.plain(_("{value}", value=value), locale)

        total = charges.total if owed else (of.paid_amount or of.amount)
        return InvoiceDocument(
            brand=letterhead(brand),
            payer=payer(whole.customer),
            words=self._words(whole, renderer, locale),
            number=of.number,
            reference=_period(of.period, locale),
            issued_on=said(of.issued_on),
            due_on=said(of.due_on),
            lines=invoice_lines(
                [
                    *((line.description, line.amount) for line in whole.lines),
                    *(
                        (
                            renderer.plain(_("Paid in part on {day}", day=part.paid_on), locale),
                            -part.counted.kept,
                        )
                        for part in whole.payments
                    ),
                ],
                said,
            ),
            amount=said(of.missing if of.paid_in_part else of.amount),
            total=said(total),
            state=state,
            created_at=datetime.combine(whole.today, time(), UTC),
            fine=said(charges.fine) if charges.fine else None,
            interest=said(charges.interest) if charges.interest else None,
            as_of=said(whole.today) if state == "overdue" else None,
            paid_on=said(of.paid_on) if of.paid_on else None,
            pix_code=whole.pix,
            boleto_line=format_line(whole.boleto.line) if whole.boleto else None,
            barcode=whole.boleto.barcode if whole.boleto else None,
        )

    def _words(self, whole: WholeInvoice, renderer: Renderer, locale: str) -> InvoiceWords:
        def said(text: Text) -> str:
            return renderer.plain(text, locale)

        days = ngettext(
            "Interest ({count} day)", "Interest ({count} days)", whole.charges.days_late
        )
        return InvoiceWords(
            **{name: said(text) for name, text in _WORDS.items()},
            language=locale.replace("_", "-"),
            more_lines=said(_("and {n} more items", n="{n}")),
            as_of=said(_("if paid on {date}", date="{date}")),
            fine=said(_("Fine")),
            interest=said(days),
        )


def letterhead(brand: Brand) -> Letterhead:
    """The brand as its documents show it."""
    return Letterhead(
        name=brand.name,
        tax_id=_labelled(brand.tax_id),
        address=brand.address,
        phone=format_phone(brand.phone) if brand.phone else "",
        email=brand.email,
        site=brand.site,
        legal_name=brand.legal_name,
        accent=brand.color,
    )


def payer(customer: Customer) -> Payer:
    """The customer as documents show it."""
    return Payer(customer.name, _labelled(customer.tax_id), customer.address)


def mail_values(whole: WholeInvoice, file: str) -> dict[str, JSON]:
    """The variables of `second-copy`; `file` is the attachment's name, empty if there is none."""
    return {**documents.mail_values(whole), "attachment": file or None}


def whole_invoice(read: Read, id: int) -> WholeInvoice:
    """An invoice with everything a paper says of it. Raises Permanent if it is gone."""
    found = document_data(read, id)
    if found is None:
        raise Permanent("gone", "the invoice is not there any more")
    return found


def _state(whole: WholeInvoice) -> InvoiceState:
    state = whole.invoice.state.value
    if state == "open":
        return "overdue" if whole.charges.days_late else "open"
    return "paid" if state == "paid" else "cancelled"


def _period(period: str, locale: str) -> str:
    year, month = map(int, period.split("-"))
    return format_date(date(year, month, 1), "MMMM y", locale=locale)


def _labelled(tax_id: str) -> str:
    if not tax_id:
        return ""
    label = "CPF" if kind_of(tax_id) == "PF" else "CNPJ"
    return f"{label} {format_tax_id(tax_id)}"
