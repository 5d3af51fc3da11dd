"""A year's payments for income tax, and the annual clearance declaration of Lei 12.007/2009."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.core.brand import Brand
from bot.core.message import DocumentRef
from bot.delivery.variables import VARIABLES
from bot.edges.reports import mail_values
from storage import bulk
from storage import statement_papers as papers
from storage.invoices import InvoiceState
from storage.statement_papers import Kind
from storage.tables import invoice
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .house import House
from .papers import PAPERS, opened
from .talk import Talk, plain
from .town import BRAND, Town, _bill


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, features=PAPERS)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    """Ana, who reads English, before the menu."""
    ana = visit(locale="en")
    ana.identifies("ana")
    return ana


def page(talk: Talk) -> str:
    (paper,) = talk.documents
    return text_of_pdf(paper.content).replace("\u00a0", " ").replace("\n", "")


def bills(house: House, town: Town, *more: tuple[str, date, InvoiceState]) -> None:
    """More invoices of Ana's."""
    made = [_bill(town.people["ana"], number, due, state=state) for number, due, state in more]
    house.writes(lambda write: bulk.add_invoices(write, made))


def reopen(house: House, number: str) -> None:
    house.writes(
        lambda write: write.run(
            update(invoice)
            .where(invoice.c.number == number)
            .values(state="open", paid_on=None, paid_amount=None)
        )
    )


# ------------------------------------------------------------------ the year's payments


def test_the_year_is_chosen_and_its_payments_told_by_the_day_of_payment(ana: Talk) -> None:
    ana.presses("Statements and declarations")
    ana.presses("Payments for income tax")
    ana.hears_only("Payments of which year?")
    ana.sees("2026", "2025")
    ana.presses("2025")

    ana.hears_only(
        "Payments of 2025, by the day of payment\n"
        "12/2025: R$99.90\n"
        "Total: R$99.90\n"
        f"Paid to: Curral Fibra Ltda., {_masked(BRAND.tax_id)}\n"
        "\n"
        "Anything else about the payments of 2025?"
    )
    ana.sees("PDF", "Send by e-mail", "Another year", "No, thank you")


def _masked(cnpj: str) -> str:
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


def test_what_was_paid_in_another_year_than_it_was_due_counts_where_it_was_paid(
    ana: Talk, house: House, town: Town
) -> None:
    bills(house, town, ("2025-11-A", date(2025, 11, 10), InvoiceState.OPEN))
    payment = bulk.Payment("2025-11-A", date(2026, 1, 5), Decimal("103.00"))
    house.writes(lambda write: bulk.mark_paid(write, [payment]))

    ana.says("income tax 2025")
    ana.hears("Total: R$99.90")
    ana.says("income tax 2026")
    ana.hears("01/2026: R$202.90", "The year is not over: these are the payments up to today.")


def test_a_year_without_payments_says_so(ana: Talk, house: House) -> None:
    ana.says("income tax 2019")
    ana.hears_only("There is no payment of yours on record in 2019.")
    ana.sees("Another year", "No, thank you")
    assert opened(house) == []
    ana.presses("Another year")
    ana.hears_only("Payments of which year?")
    ana.says("2018")
    ana.hears_only("There is no payment of yours on record in 2018.")


def test_who_has_paid_nothing_yet_hears_so(visit: Visit) -> None:
    elza = visit("elza", locale="en")
    elza.identifies("elza")
    elza.says("income tax")
    elza.hears("There is no payment of yours on record yet.")


def test_a_payment_without_its_day_is_left_out_and_said(ana: Talk, house: House) -> None:
    house.writes(
        lambda write: write.run(
            update(invoice).where(invoice.c.number == "2026-05-A").values(paid_on=None)
        )
    )
    ana.says("income tax 2026")

    ana.hears("1 paid invoice has no day of payment on record and is not counted.")
    ana.hears_no("05/2026")


@pytest.mark.parametrize("flow", ["income tax", "annual clearance", "statement of"])
def test_a_year_beyond_all_invoices_is_asked_for_again(ana: Talk, flow: str) -> None:
    ana.says(f"{flow} 1950")
    ana.hears("which")


@pytest.mark.parametrize("said", ["income tax 2025", "payments for income tax of last year"])
def test_the_year_that_was_said_is_not_asked_for(ana: Talk, said: str) -> None:
    ana.says(said)
    ana.hears("Payments of 2025, by the day of payment")


def test_asked_for_the_year_a_wish_for_something_else_is_no_year(ana: Talk) -> None:
    ana.says("income tax")
    ana.says("statement of last year")
    ana.hears("Statement of 2025\n")
    ana.says("income tax")
    ana.says("last year")
    ana.hears("Payments of 2025, by the day of payment")


def test_the_pdf_of_the_year_names_payer_and_payee(ana: Talk, house: House) -> None:
    ana.says("income tax 2026")
    ana.presses("PDF")

    assert ana.documents[0].name == "curral-pagamentos-2026.pdf"
    said = page(ana)
    for words in ("Ana Prado Nogueira", "Curral Fibra Ltda.", "March", "R$129.50", "R$928.70"):
        assert words in said, words
    assert opened(house) == [
        {"kind": "income-tax-text", "of": "2026"}, {"kind": "income-tax-pdf", "of": "2026"},
    ]  # fmt: skip
    ana.taps_again()
    ana.hears_nothing()


def test_the_year_by_e_mail(ana: Talk) -> None:
    ana.says("income tax 2025")
    ana.presses("Send by e-mail")
    ana.presses("Yes")

    (mail,) = ana.gets_mail()
    assert mail["Subject"] == "Payments of 2025"
    assert "Total paid: R$99.90" in plain(mail).replace("\u00a0", " ")
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == "curral-pagamentos-2025.pdf"
    ana.hears("✅ Sent: Payments of 2025 went to a***@e***.com.")


# ------------------------------------------------------------------ the annual clearance


def test_a_paid_year_is_declared_and_handed_out(ana: Talk, house: House) -> None:
    ana.presses("Statements and declarations")
    ana.presses("Annual clearance declaration")
    ana.hears_only("Declaration of which year?")
    ana.sees("2025")
    ana.presses("2025")
    ana.hears_only(
        "✅ 1 invoice due in 2025, paid: R$99.90.\n"
        "So declares Curral Fibra Ltda. under Lei 12.007/2009. The declaration replaces the"
        " receipts of 2025 and of the years before.\n"
        "\n"
        "Anything else about the declaration of 2025?"
    )
    ana.presses("PDF")

    assert ana.documents[0].name == "curral-quitacao-2025.pdf"
    said = page(ana)
    for words in (
        "Annual clearance declaration", "Under Lei 12.007 of 29 July 2009",
        "in which there was an invoice: December.", "2025-12-A", "All paid",
    ):  # fmt: skip
        assert words in said, words
    kinds = [each["kind"] for each in opened(house)]
    assert kinds == ["clearance-text", "clearance-pdf"]


def test_a_year_with_an_open_invoice_names_it_and_leads_to_paying_it(
    ana: Talk, house: House, town: Town
) -> None:
    bills(house, town, ("2025-11-A", date(2025, 11, 10), InvoiceState.OPEN))
    ana.says("annual clearance 2025")

    ana.hears_only(
        "1 invoice due in 2025 is still open, so the year cannot be declared paid yet:\n"
        "2025-11-A, due Nov 10, 2025, R$99.90"
    )
    ana.sees("Pay invoice 2025-11-A", "I do not agree with it", "Another year", "No, thank you")
    assert opened(house) == []
    ana.presses("Pay invoice 2025-11-A")
    ana.hears("Invoice 2025-11-A (11/2025)")
    ana.presses("Pay with PIX")
    assert len(ana.copied) == 1


def test_many_open_invoices_are_named_in_part(ana: Talk, house: House, town: Town) -> None:
    bills(
        house, town,
        *((f"2024-{m:02}-A", date(2024, m, 10), InvoiceState.OPEN) for m in range(1, 9)),
    )  # fmt: skip
    ana.says("annual clearance 2024")

    ana.hears("8 invoices due in 2024 are still open", "2024-05-A, due", "and 3 more")
    assert len([b for b in ana.heard[-1].buttons if b.label.startswith("Pay ")]) == 3


def test_who_disputes_an_invoice_is_led_to_the_team(ana: Talk, house: House, town: Town) -> None:
    bills(house, town, ("2025-11-A", date(2025, 11, 10), InvoiceState.OPEN))
    ana.says("annual clearance 2025")
    ana.presses("I do not agree with it")

    ana.hears(
        "Tell our team which invoice", "the other months can be declared paid", "What is it about?"
    )


def test_once_paid_the_same_press_declares_it(ana: Talk, house: House, town: Town) -> None:
    bills(house, town, ("2025-11-A", date(2025, 11, 10), InvoiceState.OPEN))
    ana.says("annual clearance 2025")
    payment = bulk.Payment("2025-11-A", date(2026, 11, 20), Decimal("103.00"))
    house.writes(lambda write: bulk.mark_paid(write, [payment]))
    ana.presses("Pay invoice 2025-11-A")

    ana.hears("✅ 2 invoices due in 2025, all paid: R$202.90.")


@pytest.mark.parametrize("year", ["2026", "2027"])
def test_a_year_that_is_not_over_is_not_declared(ana: Talk, year: str) -> None:
    ana.says(f"annual clearance {year}")

    ana.hears(
        f"The declaration covers a whole year, and {year} is not over. You can have it from January"
        f" {int(year) + 1}"
    )
    ana.presses("Another year")
    ana.hears_only("Declaration of which year?")


def test_a_year_without_invoices_has_nothing_to_declare(ana: Talk) -> None:
    ana.says("annual clearance 2019")
    ana.hears_only("No invoice of yours was due in 2019, so there is nothing to declare.")


def test_who_only_began_this_year_hears_from_when_on(visit: Visit) -> None:
    bruno, elza = visit("bruno", locale="en"), visit("elza", locale="en")
    bruno.identifies("bruno")
    bruno.says("annual clearance")
    bruno.hears("2026 is not over")
    elza.identifies("elza")
    elza.says("annual clearance")
    elza.hears("You have no invoices yet.")


def test_what_is_open_of_earlier_years_is_excepted_not_declared(
    ana: Talk, house: House, town: Town
) -> None:
    bills(house, town, ("2024-06-A", date(2024, 6, 10), InvoiceState.OPEN))
    ana.says("annual clearance 2025")
    ana.hears("It excepts what is still open of earlier years: 2024-06-A.")
    ana.presses("PDF")

    assert "It does not cover these invoices of earlier years, still open: 2024-06-A." in page(ana)


def test_a_payment_taken_back_meanwhile_takes_the_offer_of_the_pdf_with_it(
    ana: Talk, house: House
) -> None:
    ana.says("annual clearance 2025")
    reopen(house, "2025-12-A")
    ana.presses("PDF")

    assert ana.documents == []
    ana.hears("1 invoice due in 2025 is still open")


def test_a_payment_taken_back_before_the_mail_left_is_told(ana: Talk, house: House) -> None:
    ana.says("annual clearance 2025")
    ana.presses("Send by e-mail")
    ana.presses("Yes")
    ana.hears("On its way to")
    reopen(house, "2025-12-A")

    assert ana.gets_mail() == []
    ana.hears("I could not send Annual clearance declaration of 2025")


def test_the_declaration_by_e_mail(ana: Talk) -> None:
    ana.says("annual clearance 2025")
    ana.presses("Send by e-mail")
    ana.says("yes")

    (mail,) = ana.gets_mail()
    assert mail["Subject"] == "Annual clearance declaration of 2025"
    assert "Brazilian Lei 12.007/2009" in plain(mail)
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == "curral-quitacao-2025.pdf"


# ------------------------------------------------------------------ what mails are filled with


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (Kind.STATEMENT, "2026-01-01..2026-12-31"),
        (Kind.INCOME_TAX, "2026"),
        (Kind.CLEARANCE, "2025"),
    ],
)
def test_a_mail_has_a_value_for_every_variable(
    house: House, town: Town, kind: Kind, of: str
) -> None:
    ref = papers.reference(house.brand, kind, town.people["ana"], of)
    paper = house.reads(lambda read: papers.paper(read, ref))
    assert paper is not None
    values = mail_values(paper, ref)

    assert set(values) == {variable.name for variable in VARIABLES["statement"]}
    needed = {variable.name for variable in VARIABLES["statement"] if variable.needed}
    assert {name for name in needed if values[name] is None} == set()


def test_there_is_no_document_of_nobody(house: House) -> None:
    ref = DocumentRef("income-tax-pdf", 999_999, "x.pdf", "application/pdf", "2025")
    assert house.reads(lambda read: papers.paper(read, ref)) is None


# ------------------------------------------------------------------ in Portuguese


def test_tudo_em_portugues(visit: Visit) -> None:
    ana = visit()
    ana.identifies("ana")
    ana.says("imposto de renda 2025")
    ana.hears("Pagamentos de 2025, pela data do pagamento", "12/2025: R$ 99,90")
    ana.presses("PDF")
    assert "declaramos que o cliente acima identificado pagou" in page(ana)
    ana.says("informe de pagamentos do ano passado")
    ana.hears("Pagamentos de 2025")
    ana.says("quitação anual de 2025")
    ana.hears("✅ 1 fatura com vencimento em 2025, paga: R$ 99,90.")
    ana.presses("PDF")
    assert "Nos termos da Lei nº 12.007, de 29 de julho de 2009" in page(ana)
