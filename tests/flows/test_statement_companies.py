"""Statements of who speaks for several companies: of all of them, each named, or of one; declarations of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from sqlalchemy import insert, select, update

from bot.core.brand import Brand
from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk, companies
from storage.bulk import NewCustomer
from storage.tables import audit, contact, customer
from tests.documents.eyes import text as text_of_pdf

from .company import acts, administrator_of
from .conftest import Visit
from .house import House
from .papers import PAPERS
from .talk import Talk
from .town import BRAND, TAX_IDS, Town, _bill

REST = ("See or pay an invoice", "Another period", "No, thank you")
OF_ALL = ("PDF", "See or pay an invoice", "Of one company", "Another period", "No, thank you")
"""No mail: what is of several companies does not go to the address of one."""
BRANCH = tax_id.generate_cnpj(Random(9), root="12ABC345", branch=2)


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, features=BRAND.features | PAPERS)


@pytest.fixture
def branch(house: House, town: Town) -> int:
    """A filial of the workshop, with a bill of its own."""

    def found(write: Write) -> int:
        new = NewCustomer("norte", "PJ", "Oficina Sabiá Norte", BRANCH, 5)
        (id,) = bulk.add_customers(write, [new]).values()
        bulk.add_invoices(write, [_bill(id, "F-1", date(2026, 11, 25))])
        matriz = town.people["oficina"]
        write.run(update(customer).where(customer.c.id == id).values(main_customer=matriz))
        return id

    return house.writes(found)


@pytest.fixture
def rosa(visit: Visit, branch: int) -> Talk:
    """She administers both, and has lists show all."""
    rosa = administrator_of(visit)
    rosa.says("companies")
    rosa.presses("All companies")
    return rosa


def test_the_statement_of_all_names_each_company_and_sums_them(
    rosa: Talk, house: House, branch: int, town: Town
) -> None:
    rosa.says("statement of november")
    rosa.hears_only(
        "Statement of 11/2026\n"
        "Nov 14, 2026 · 2026-11-O · R$99.90 · Sabiá Motores · 6 days late, R$102.10 today\n"
        "Nov 25, 2026 · F-1 · R$99.90 · Oficina Sabiá Norte · open\n"
        "\n"
        "Sabiá Motores: charged R$99.90, to pay today R$102.10\n"
        "Oficina Sabiá Norte: charged R$99.90, to pay today R$99.90\n"
        "\n"
        "Charged: R$199.80\n"
        "Paid: R$0.00\n"
        "Open: R$199.80\n"
        "Fine and interest: R$2.20\n"
        "To pay today: R$202.00\n"
        "\n"
        "Anything else about the statement of 11/2026?"
    )
    rosa.sees(*OF_ALL)
    rosa.presses("PDF")
    (paper,) = rosa.documents
    assert paper.name == "curral-extrato-de-todas-2026-11-01-a-2026-11-30.pdf"
    said = text_of_pdf(paper.content)
    for words in ("Oficina Sabiá Ltda and 1 more company", "Oficina Sabiá Norte", "R$202.00"):
        assert words in said, words
    rows = house.rows(select(audit.c.subject).where(audit.c.what == "document.opened"))
    both = {f"customer:{branch}", f"customer:{town.people['oficina']}"}
    assert {row.subject for row in rows} == both


def test_an_invoice_chosen_from_it_makes_its_company_the_one_at_hand(rosa: Talk) -> None:
    rosa.says("statement of november")
    rosa.presses("See or pay an invoice")
    details = [b.detail for b in rosa.heard[-1].buttons if b.kind == "press"]
    assert details == [
        "Sabiá Motores · 6 days late, R$102.10 today", "Oficina Sabiá Norte · open",
    ]  # fmt: skip
    rosa.says("F-1")
    rosa.hears("Invoice F-1", "Due: Nov 25, 2026")


def test_of_all_companies_one_can_be_chosen_and_that_one_goes_by_mail(
    rosa: Talk, house: House, branch: int
) -> None:
    rosa.says("statement of november")
    rosa.presses("Of one company")
    rosa.hears_only("Of which company?")
    rosa.presses("Oficina Sabiá Norte")

    rosa.hears("Statement of 11/2026\n", "F-1 · R$99.90 · open", "Charged: R$99.90")
    rosa.hears_no("2026-11-O")
    rosa.sees("PDF", "Send by e-mail", *REST)
    rosa.presses("PDF")
    assert "Oficina Sabiá Norte" in text_of_pdf(rosa.documents[0].content)
    rosa.hears("Anything else about the statement of 11/2026?")
    rosa.presses("Another period")
    rosa.says("november")
    rosa.hears("2026-11-O", "F-1")


def test_a_second_page_an_empty_period_and_names_longer_than_a_row(
    rosa: Talk, house: House, branch: int
) -> None:
    long = "Associação dos Produtores Rurais do Alto Vale do Rio Sabiá"

    def more(write: Write) -> None:
        bulk.add_invoices(write, [_bill(branch, f"M-{n}", date(2026, 11, n)) for n in range(1, 15)])
        write.run(update(customer).values(name=long, trade_name=None))

    house.writes(more)
    rosa.says("statement of 2019")
    rosa.hears_only("No invoice of yours is due in 2019.")
    rosa.says("statement of november")
    rosa.hears("The last 12 invoices; the PDF has 4 more.", "Charged: R$1,598.40")
    rosa.presses("See or pay an invoice")
    rosa.presses("More")
    details = {b.detail for b in rosa.heard[-1].buttons if b.kind == "press"}
    ends = [f"/{number[8:12]}-{number[12:]}" for number in (BRANCH, TAX_IDS["oficina"])]
    assert {each.partition(" · ")[0] for each in details} == {
        f"Associação dos Produ… ({end})" for end in ends
    }


def test_an_administrator_of_the_filial_alone_sees_its_own_alone(
    visit: Visit, house: House, branch: int
) -> None:
    new = {"customer": branch, "kind": "email", "value": "norte@example.org", "is_primary": True}
    house.writes(lambda write: write.run(insert(contact).values(**new, created_at=write.now)))
    ivo = visit("ivo", locale="en")
    ivo.says("quero me identificar")
    ivo.says(BRANCH)
    ivo.says(ivo.reads_code())
    acts(ivo, companies.show_all)  # though nothing in the menu leads there
    ivo.says("statement of november")
    ivo.hears("F-1 · R$99.90 · open", "Charged: R$99.90")
    ivo.hears_no("2026-11-O", "Oficina Sabiá Norte ·")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("income tax 2025", "There is no payment of yours on record in 2025."),
        ("annual clearance 2025", "No invoice of yours was due in 2025"),
    ],
)
def test_the_year_that_was_said_is_not_forgotten_over_the_question(
    rosa: Talk, said: str, heard: str
) -> None:
    rosa.says(said)
    rosa.says("2")
    rosa.hears(heard)


def test_of_the_company_at_hand_nothing_is_asked(rosa: Talk) -> None:
    rosa.says("companies")
    rosa.presses("Oficina Sabiá Norte")
    rosa.says("statement of november")
    rosa.hears("Statement of 11/2026\n", "F-1")
