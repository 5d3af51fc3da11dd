"""Statements on paper, read as eyes, archives and screen readers read them; one page or many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents import report, typesetter
from bot.documents.clearance_pdf import clearance_report
from bot.documents.income_tax_pdf import income_tax_report
from bot.documents.invoice_pdf import Payer
from bot.documents.report import Cell, Column, Report, ReportPrinter, Row
from bot.documents.statement_pdf import statement_report
from bot.domain import statements as rules
from bot.domain.periods import year_of

from .desks import TODAY, bill, charge, desk, many, statement, year
from .eyes import lines, pages, printed, text
from .samples import BRAND, PAYER

PRINTER = ReportPrinter()
PAID = {3: (Decimal("199.80"), 2), 12: (Decimal("99.90"), 1)}
MIXED = (
    bill("A-01", date(2026, 9, 10), "paid"),
    bill("A-02", date(2026, 10, 10), "cancelled"),
    bill("A-03", date(2026, 11, 10)),
    bill("A-04", date(2026, 12, 10)),
)


def page(of: Report) -> str:
    return text(PRINTER.render(of)).replace("\u00a0", " ")


# ------------------------------------------------------------------ a period


def test_a_statement_says_each_invoice_its_state_and_the_sums() -> None:
    said = lines(PRINTER.render(statement(MIXED)))

    for words in (
        "Statement", "Jan 1, 2026 to Dec 31, 2026", PAYER.name, "A-01", "Paid on Sep 10, 2026",
        "Cancelled", "10 days late", "R$102.23", "Open", "R$299.70", "R$202.13", "Page 1 of 1",
        "1 invoice overdue; amount for payment on Nov 20, 2026",
    ):  # fmt: skip
        assert words in said, words


def test_a_statement_says_what_the_fine_and_the_interest_are() -> None:
    assert "includes a fine of R$2.00 and interest of R$0.33" in page(statement(MIXED))
    settled = page(statement(year(2026, 9)))
    assert "includes a fine" not in settled
    assert "Nothing is owed in this period." in settled
    assert "R$0.00" in settled


def test_invoices_that_are_only_in_the_sums_are_counted() -> None:
    entries = [rules.entry(each, charge) for each in MIXED]
    of = statement_report(desk(), year_of(2026), rules.totals(entries), entries[1:])
    assert "1 earlier invoice of this period is in the sums and not in the list." in page(of)
    assert "in the sums" not in page(statement(MIXED))


def test_a_statement_of_nothing_says_so() -> None:
    said = page(statement([]))
    assert "No invoices were due in this period." in said
    assert "Due on" not in said


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (20, 1), (60, 2), (130, 4)])
def test_many_rows_go_on_with_their_header_and_number_on_every_page(
    count: int, sheets: int
) -> None:
    pdf = PRINTER.render(statement(many(count)))
    said = lines(pdf)

    assert pages(pdf) == sheets
    assert said.count("Due on") == sheets
    assert [words for words in said if words.startswith("N-")] == [
        f"N-{n:04}" for n in range(count)
    ]
    assert {f"Page {n} of {sheets}" for n in range(1, sheets + 1)} <= set(said)
    assert said.count("Total") == 1
    heads = [words for words in said if words.startswith(f"{BRAND.name} · Statement")]
    assert len(heads) == sheets - 1


def test_no_page_is_left_blank() -> None:
    pdf = PRINTER.render(statement(many(60)))
    assert pages(pdf) == 2
    assert all(not printed(pdf, 40, page).blank(0, 1, 0.1, 0.5) for page in range(2))


# ------------------------------------------------------------------ a year


def test_the_years_payments_name_every_month_and_who_was_paid() -> None:
    said = page(income_tax_report(desk(), rules.year_paid(2025, PAID)))

    for words in (
        "Payments of the year", "January", "March", "R$199.80", "December", "R$299.70",
        "paid Rede Clara Fibra (CNPJ 12.ABC.345/01DE-35) the amounts below", "R$0.00",
    ):  # fmt: skip
        assert words in said.replace("\n", ""), words
    assert "not over" not in said
    assert "no day of payment" not in said


def test_what_is_left_out_of_the_years_payments_is_said() -> None:
    said = page(income_tax_report(desk(), rules.year_paid(2026, PAID, undated=2)))
    assert "The year is not over: these are the payments up to Nov 20, 2026." in said
    assert "2 paid invoices due in this year have no day of payment on record" in said


@pytest.mark.parametrize(
    ("locale", "month"), [("pt_BR", "Março"), ("en", "March"), ("es", "Marzo")]
)
def test_months_are_named_in_the_readers_language(locale: str, month: str) -> None:
    assert month in page(income_tax_report(desk(locale), rules.year_paid(2025, PAID)))


# ------------------------------------------------------------------ Lei 12.007/2009


def test_a_clearance_declares_what_the_law_asks_for() -> None:
    of = rules.clearance(2025, year(2025), TODAY)
    said = page(clearance_report(desk(), of)).replace("\n", "")

    for words in (
        "Under Lei 12.007 of 29 July 2009", "from January to December 2025",
        "replaces, as proof that the customer's obligations were met, the receipts",
        "of 2025 and of the years before it", "All paid", "R$1,198.80", "CLEARED", PAYER.tax_id,
    ):  # fmt: skip
        assert words in said, words
    assert "does not cover" not in said


def test_a_clearance_names_the_months_it_is_of_and_what_it_excepts() -> None:
    old = [bill(f"OLD-{n}", date(2024, 1, n), "open") for n in range(1, 15)]
    of = rules.clearance(2025, [*year(2025, 3), *old], TODAY)
    said = page(clearance_report(desk(), of)).replace("\n", "")

    assert "in which there was an invoice: January, February, March." in said
    assert "OLD-1, OLD-2" in said
    assert "OLD-12 and 2 more." in said
    few = rules.clearance(2025, [*year(2025, 3), old[0]], TODAY)
    assert "still open: OLD-1." in page(clearance_report(desk(), few)).replace("\n", "")


@pytest.mark.parametrize(
    "of",
    [
        rules.clearance(2025, [], TODAY),
        rules.clearance(2026, year(2026), TODAY),
        rules.clearance(2025, [*year(2025), bill("X", date(2025, 3, 3))], TODAY),
    ],
    ids=lambda of: of.verdict.value,
)
def test_what_is_not_cleared_is_never_declared(of: rules.Clearance) -> None:
    with pytest.raises(ValueError, match="is not declared paid"):
        clearance_report(desk(), of)


# ------------------------------------------------------------------ the file

REPORTS = {
    "statement": statement(MIXED),
    "long": statement(many(60)),
    "empty": statement([]),
    "income-tax": income_tax_report(desk(), rules.year_paid(2025, PAID)),
    "clearance": clearance_report(desk(), rules.clearance(2025, year(2025), TODAY)),
}


@pytest.mark.parametrize("of", REPORTS.values(), ids=REPORTS.keys())
def test_the_file_is_the_same_bytes_and_can_be_read_aloud_and_kept_for_years(of: Report) -> None:
    assert PRINTER.render(of) == ReportPrinter().render(of)
    compiler = typesetter.Typesetter("report.typ")._compiler
    source = typesetter.source("report.typ", report._inputs(of))
    # Typst refuses what PDF/UA-1 (accessibility) or PDF/A-2a (archive) forbid.
    _made, warnings = compiler.compile_with_warnings(
        source,
        format="pdf",
        pdf_standards=["ua-1", "a-2a"],
        timestamp=0,
    )
    assert [warning.message for warning in warnings] == []


LONG = " ".join(["Maria Aparecida dos Santos Albuquerque de Vasconcelos"] * 4)


def test_long_names_and_large_amounts_stay_on_the_page() -> None:
    brand = replace(BRAND, name=LONG, legal_name=LONG, email=f"{'a' * 60}@example.com")
    payer = Payer(LONG, PAYER.tax_id, (LONG, LONG))
    bills = [bill("X" * 40, date(2026, 3, 10), "open", "12345678901.23"), *MIXED]
    of = statement(bills, desk(brand=brand, payer=payer))
    pdf = PRINTER.render(of)
    seen = printed(pdf, 60)

    margin = 15 / 210
    assert pages(pdf) == 1
    assert seen.blank(0, margin, 0.02, 1)
    assert seen.blank(1 - margin, 1, 0.02, 1)
    assert "R$12,345,678,901.23" in page(of)


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=80), st.text(max_size=60))
def test_whatever_stands_in_a_name_or_a_number_is_printed_as_words(name: str, number: str) -> None:
    at = desk(payer=Payer(name, PAYER.tax_id, (number,)))
    assert pages(PRINTER.render(statement([bill(number, date(2026, 3, 10))], at))) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"columns": (Column("wide", 179.0),), "rows": (), "sum": None}, "wider"),
        ({"rows": (Row((Cell("one"),)),)}, "a cell for each column"),
        ({"facts": (("a", "b"),) * 5}, "facts"),
        ({"created_at": datetime(2026, 1, 1)}, "aware"),  # noqa: DTZ001
    ],
)
def test_a_report_that_contradicts_itself_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(statement(MIXED), **changes)
