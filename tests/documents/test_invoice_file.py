"""The invoice as a file: the same bytes every time, its title and date, what it refuses to be."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import typst

from bot.documents import invoice_pdf, typesetter
from bot.documents.invoice_pdf import InvoiceDocument, InvoicePrinter

from .eyes import lines
from .samples import BRAND, CANCELLED, ENGLISH, OPEN, OVERDUE, PAID, invoice

PRINTER = InvoicePrinter()

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">'
    '<path fill="#046" d="M0 0h40v10h-40z"/></svg>'
)


def test_the_file_is_the_same_bytes_for_the_same_invoice() -> None:
    first = PRINTER.render(OVERDUE)
    PRINTER.render(PAID)

    assert PRINTER.render(OVERDUE) == first
    assert InvoicePrinter().render(OVERDUE) == first


def test_the_file_bears_the_date_it_was_given_and_no_other() -> None:
    pdf = PRINTER.render(invoice(created_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)))

    assert set(re.findall(rb"D:\d+", pdf)) == {b"D:20200203040506"}


def test_the_file_names_its_title_author_and_language() -> None:
    pdf = PRINTER.render(invoice(words=ENGLISH))

    assert b"/Title(Invoice 2026-001234)" in pdf
    assert b"/Author(Rede Clara Fibra)" in pdf
    assert b"/Lang(en)" in pdf
    assert b"/Lang(pt-BR)" in PRINTER.render(OPEN)


@pytest.mark.parametrize("document", [OPEN, OVERDUE, PAID, CANCELLED], ids=lambda d: d.state)
def test_the_file_can_be_read_aloud_and_kept_for_years(document: InvoiceDocument) -> None:
    compiler = typesetter.Typesetter("invoice.typ")._compiler
    source = typesetter.source("invoice.typ", invoice_pdf._inputs(document))

    # Typst refuses what PDF/UA-1 (accessibility) or PDF/A-2a (archive) forbid.
    _, warnings = compiler.compile_with_warnings(
        source, format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=0
    )
    assert [warning.message for warning in warnings] == []


def test_the_file_carries_the_brands_logo_in_place_of_its_initial() -> None:
    brand = replace(BRAND, address=())
    plain = lines(PRINTER.render(invoice(brand=brand)))
    marked = lines(PRINTER.render(invoice(brand=replace(brand, logo_svg=LOGO))))

    assert plain == ["R", *marked]


def test_the_file_is_not_made_with_a_logo_that_is_no_picture() -> None:
    with pytest.raises(typst.TypstError):
        PRINTER.render(invoice(brand=replace(BRAND, logo_svg="<p>logo</p>")))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lines": ()}, "at least one line"),
        ({"barcode": None}, "both"),
        ({"boleto_line": None}, "both"),
        ({"pix_code": "0" * 513}, "512"),
        ({"created_at": datetime(2026, 1, 1)}, "aware"),  # noqa: DTZ001
    ],
)
def test_an_invoice_that_contradicts_itself_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        invoice(**changes)


@pytest.mark.parametrize("accent", ["", "red", "#12345", '#123456"', "#12345g"])
def test_an_accent_that_is_no_colour_is_refused(accent: str) -> None:
    with pytest.raises(ValueError, match="accent"):
        replace(BRAND, accent=accent)
