"""An invoice as a PDF page: what is owed, PIX with its QR code, and the bars of the boleto."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from bot.documents.invoice_sheet import drawn
from bot.documents.pdf_file import ORDINARY, shelf
from bot.documents.typesetter import printable, printable_copy

InvoiceState = Literal["open", "overdue", "paid", "cancelled"]

_LONGEST_PIX_CODE = 512  # EMV QRCPS merchant-presented mode, 3.1


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The brand as its documents show it. `tax_id` carries its own label: "CNPJ 12.ABC.345/01DE-35"."""

    name: str
    tax_id: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    site: str = ""
    legal_name: str = ""
    """The beneficiary, as the bank names it; empty: `name`."""
    accent: str = "#0b6e4f"
    """The brand's colour, `#rrggbb`. Any will do: words in it are darkened until they can be read."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.accent):
            raise ValueError("accent must be a colour as #rrggbb")


@dataclass(frozen=True, slots=True)
class Payer:
    """Who owes. `tax_id` carries its own label: "CPF 529.982.247-25"."""

    name: str
    tax_id: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of the invoice. `rest` is the formatted sum of this line and all after it."""

    description: str
    amount: str
    rest: str


@dataclass(frozen=True, slots=True)
class InvoiceWords:
    """Every word of the page that is not the invoice's own, in the reader's language."""

    language: str
    """BCP 47: "pt-BR", "en", "es"."""
    title: str
    number: str
    """Stands before the number, under the title: "No."."""
    document_number: str
    """The same on the bank slip, where it stands alone: "Document number"."""
    reference: str
    issued_on: str
    due_on: str
    paid_on: str
    payer: str
    beneficiary: str
    description: str
    amount: str
    more_lines: str
    """With `{n}`, two or more: "and {n} more items"."""
    subtotal: str
    fine: str
    interest: str
    total: str
    total_due: str
    total_paid: str
    as_of: str
    """With `{date}`: "if paid on {date}"."""
    state_open: str
    state_overdue: str
    state_paid: str
    state_cancelled: str
    stamp_paid: str
    stamp_cancelled: str
    note_paid: str
    note_cancelled: str
    pix_title: str
    pix_hint: str
    pix_code: str
    pix_alt: str
    """What the QR code is, for those who do not see it."""
    boleto_title: str
    boleto_hint: str
    barcode_alt: str


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice, ready to print: dates and amounts are the caller's formatted words.

    `fine`, `interest` and `as_of` are None where there are none; `total` is with them. The
    ways to pay are shown for an open or overdue invoice only.

    Raises:
        ValueError: no line; a line of the boleto without its barcode or the reverse; a PIX code
            longer than the standard allows; a naive `created_at`.
    """

    brand: Letterhead
    payer: Payer
    words: InvoiceWords
    number: str
    reference: str
    issued_on: str
    due_on: str
    lines: tuple[InvoiceLine, ...]
    amount: str
    total: str
    state: InvoiceState
    created_at: datetime
    """Aware; written into the PDF, so that one invoice always gives the same bytes."""
    fine: str | None = None
    interest: str | None = None
    as_of: str | None = None
    paid_on: str | None = None
    pix_code: str | None = None
    """The BR Code, printed and drawn exactly as it is."""
    boleto_line: str | None = None
    """The digitable line with its dots and spaces."""
    barcode: str | None = None
    """44 digits."""

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("an invoice has at least one line")
        if (self.boleto_line is None) != (self.barcode is None):
            raise ValueError("a boleto has both its line and its barcode")
        if self.pix_code is not None and len(self.pix_code) > _LONGEST_PIX_CODE:
            raise ValueError(f"a PIX code has at most {_LONGEST_PIX_CODE} characters")
        if self.created_at.tzinfo is None:
            raise ValueError("created_at must be aware")


def invoice_lines(
    items: Sequence[tuple[str, Decimal]], money: Callable[[Decimal], str]
) -> tuple[InvoiceLine, ...]:
    """Lines from (description, amount); `money` formats an amount in the reader's language."""
    lines: list[InvoiceLine] = []
    rest = Decimal(0)
    for description, amount in reversed(items):
        rest += amount
        lines.append(InvoiceLine(description, money(amount), money(rest)))
    return tuple(reversed(lines))


class InvoicePrinter:
    """Prints invoices on one A4 page each; safe to share between threads, since it keeps nothing of a page."""

    def __init__(self) -> None:
        """Reads the fonts, if no other printer has."""
        shelf(ORDINARY)

    def render(self, document: InvoiceDocument) -> bytes:
        """The invoice as a tagged PDF; the same document gives the same bytes.

        Raises:
            ValueError: the barcode is not 44 digits, or the PIX code is empty.
        """
        return drawn(_printable(document))


_OWN_WORDS = (
    *("number", "reference", "issued_on", "due_on", "amount", "total"),
    *("fine", "interest", "as_of", "paid_on", "boleto_line"),
)


def _printable(document: InvoiceDocument) -> InvoiceDocument:
    """The same with every word made printable; its codes stay as they are."""
    payer = document.payer
    own: dict[str, Any] = {
        name: printable(word)
        for name in _OWN_WORDS
        if (word := getattr(document, name)) is not None
    }
    return replace(
        document,
        brand=_printable_brand(document.brand),
        words=_printable_words(document.words),
        payer=Payer(
            printable(payer.name), printable(payer.tax_id), tuple(map(printable, payer.address))
        ),
        lines=tuple(
            InvoiceLine(printable(of.description), printable(of.amount), printable(of.rest))
            for of in document.lines
        ),
        **own,
    )


@lru_cache(64)
def _printable_brand(brand: Letterhead) -> Letterhead:
    return printable_copy(brand)


@lru_cache(64)
def _printable_words(words: InvoiceWords) -> InvoiceWords:
    return printable_copy(words)
