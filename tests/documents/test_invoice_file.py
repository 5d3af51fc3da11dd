"""The invoice as a file: the same bytes every time, what it says about itself, how it is heard, what it refuses."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

import pytest

from bot.documents.invoice_pdf import InvoiceDocument, InvoicePrinter, Payer

from .eyes import about, heard, inflated, letters, lines, text, undecorated
from .samples import BRAND, CANCELLED, ENGLISH, OPEN, OVERDUE, PAID, PIX_CODE, PORTUGUESE, invoice

PRINTER = InvoicePrinter()


def by_state(document: InvoiceDocument) -> str:
    return document.state


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_the_file_is_the_same_bytes_for_the_same_invoice() -> None:
    first = PRINTER.render(OVERDUE)
    PRINTER.render(PAID)

    assert PRINTER.render(OVERDUE) == first
    assert InvoicePrinter().render(OVERDUE) == first


def test_files_of_two_invoices_have_two_ids() -> None:
    ids = [
        re.findall(rb"/ID\[<(\w{32})><\1>\]", PRINTER.render(document))
        for document in (OPEN, invoice(number="2026-001235"))
    ]

    assert [len(found) for found in ids] == [1, 1]
    assert ids[0] != ids[1]


def test_the_file_bears_the_date_it_was_given_and_no_other() -> None:
    pdf = PRINTER.render(invoice(created_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)))

    assert {about(pdf)[name] for name in ("CreationDate", "ModDate")} == {"D:20200203040506Z"}
    assert set(re.findall(rb"D:\d+|\d{4}-\d\d-\d\dT[\d:+]+", inflated(pdf))) == {
        b"D:20200203040506",
        b"2020-02-03T04:05:06+00:00",
    }


def test_the_files_date_keeps_its_zone() -> None:
    zone = timezone(-timedelta(hours=3))
    pdf = PRINTER.render(invoice(created_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=zone)))

    assert about(pdf)["CreationDate"] == "D:20200203040506-03'00"


def test_the_file_names_its_title_author_and_language() -> None:
    said = about(PRINTER.render(invoice(words=ENGLISH)))

    assert said["Title"] == "Invoice 2026-001234"
    assert said["Author"] == "Rede Clara Fibra"
    assert said["Language"] == "en"
    assert about(PRINTER.render(OPEN))["Language"] == "pt-BR"


@pytest.mark.parametrize("name", ["Ação (1) \\ [x] <y>", "Ω & <b>", ") Tj (", "São João"])
def test_whatever_the_brand_is_called_the_file_names_it_so(name: str) -> None:
    pdf = PRINTER.render(invoice(brand=replace(BRAND, name=name), number=name))

    assert (about(pdf)["Author"], about(pdf)["Title"]) == (name, f"Fatura {name}")
    assert f"<rdf:li>{escape(name)}</rdf:li>".encode() in inflated(pdf)


def test_the_file_is_heard_as_it_is_read() -> None:
    told = [(part.kind, plain(part.words)) for part in heard(PRINTER.render(OVERDUE)) if part.words]

    assert told == [
        ("P", "Rede Clara Fibra"),
        ("P", "CNPJ 12.ABC.345/01DE-35 · Rua das Acácias, 120 · São Paulo SP · 01310-100"),
        ("H1", "Fatura"),
        ("P", "Nº 2026-001234"),
        ("P", "Total a pagar R$ 138,15"),
        ("P", "Valor para pagamento em 20/11/2026"),
        ("P", "Vencimento 10/11/2026"),
        ("P", "Referência novembro de 2026"),
        ("P", "Vencida"),
        ("P", "Pagador Maria Aparecida dos Santos"),
        (
            "P",
            "CPF 529.982.247-25 "
            "Av. Brasil, 1500, ap. 32 · Jardim América, São Paulo SP · 01430-001",
        ),
        ("P", "Emissão 20/11/2026"),
        *(("TH", "Descrição"), ("TH", "Valor")),
        *(("TD", "Internet fibra 600 Mega"), ("TD", "R$ 109,90")),
        *(("TD", "Wi-Fi 6 em comodato"), ("TD", "R$ 15,00")),
        *(("TD", "IP fixo"), ("TD", "R$ 20,10")),
        *(("TD", "Desconto por pontualidade"), ("TD", "-R$ 10,00")),
        *(("P", "Valor da fatura"), ("P", "R$ 135,00")),
        *(("P", "Multa"), ("P", "R$ 2,70")),
        *(("P", "Juros"), ("P", "R$ 0,45")),
        *(("P", "Total"), ("P", "R$ 138,15")),
        ("H2", "Pague com PIX"),
        ("P", PORTUGUESE.pix_hint),
        ("P", "PIX copia e cola"),
        ("P", PIX_CODE),
        ("H2", "Boleto"),
        ("P", "00190.00009 01238.798977 77700.168188 3 37690000013500"),
        ("P", "Beneficiário · CNPJ 12.ABC.345/01DE-35 Rede Clara Fibra"),
        ("P", "Nº do documento 2026-001234"),
        ("P", "Vencimento 10/11/2026"),
        ("P", "Pagador · CPF 529.982.247-25 Maria Aparecida dos Santos"),
        ("P", "Emissão 20/11/2026"),
        ("P", "Valor R$ 135,00"),
        ("P", PORTUGUESE.boleto_hint),
        (
            "P",
            "Rede Clara Fibra · +55 11 90000-0001 · financeiro@example.com · example.com",
        ),
    ]


def test_who_does_not_see_the_codes_is_told_what_they_are() -> None:
    figures = [part.alt for part in heard(PRINTER.render(OPEN)) if part.kind == "Figure"]

    assert figures == [PORTUGUESE.pix_alt, PORTUGUESE.barcode_alt]


@pytest.mark.parametrize("document", [OPEN, OVERDUE, PAID, CANCELLED], ids=by_state)
def test_the_file_can_be_read_aloud_and_kept_for_years(document: InvoiceDocument) -> None:
    """What PDF/UA-1 (accessibility) and PDF/A-2a (archive) demand of such a page."""
    pdf = PRINTER.render(document)
    (page,) = letters(pdf)
    parts = heard(pdf)

    # All that is drawn is decoration, or content of one part of the structure.
    marks = [mark for part in parts for mark in part.marks]
    assert sorted(marks) == sorted(undecorated(pdf)) == list(range(len(marks)))
    # Every glyph says what it stands for, and its font is in the file.
    assert [letter for letter in page if letter.words in ("\0", "\ufffd")] == []
    assert all(letter.embedded for letter in page)
    # What is not read aloud is the initial of the brand and the stamp.
    unread = "".join(letter.words for letter in page if letter.mark < 0)
    assert unread == {"paid": "RPAGA", "cancelled": "RCANCELADA"}.get(document.state, "R")
    assert next(part.kind for part in parts if part.kind.startswith("H")) == "H1"
    inside = inflated(pdf)
    assert all(
        word in inside
        for word in (
            *(b"/MarkInfo<</Marked true>>", b"/DisplayDocTitle true", b"/Scope/Column"),
            *(b"/S/GTS_PDFA1", b"acsp", b"<dc:title>"),  # colours are those of an sRGB profile
        )
    )


def test_a_page_brings_the_rare_letters_only_if_it_has_some() -> None:
    plain_file = PRINTER.render(OPEN)
    greek = PRINTER.render(invoice(payer=Payer("Διμήτρης", "CPF")))

    assert "Διμήτρης" in lines(greek)
    assert len(plain_file) < 46_000 < 100_000 < len(greek)


def test_what_no_font_has_is_copied_as_it_was_written() -> None:
    pdf = PRINTER.render(invoice(payer=Payer("日本語 Ltda.", "CPF")))

    assert "日本語 Ltda." in text(pdf)


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
