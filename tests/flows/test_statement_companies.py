"""Statements of who speaks for several companies: each is of one company, which is asked where lists show all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand
from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk
from storage.bulk import NewCustomer
from storage.tables import audit, customer
from tests.documents.eyes import text as text_of_pdf

from .company import administrator_of
from .conftest import Visit
from .house import House
from .papers import PAPERS
from .talk import Talk
from .town import BRAND, Town, _bill

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


def test_the_company_is_asked_and_its_invoices_alone_are_told(
    rosa: Talk, house: House, branch: int
) -> None:
    rosa.says("statement of november")
    rosa.hears_only("Of which company?")
    rosa.sees("Sabiá Motores", "Oficina Sabiá Norte")
    rosa.presses("Oficina Sabiá Norte")

    rosa.hears("Statement of 11/2026\n", "F-1", "Charged: R$99.90")
    rosa.hears_no("2026-11-O")
    rosa.presses("PDF")
    said = text_of_pdf(rosa.documents[0].content)
    assert "Oficina Sabiá Norte" in said
    rows = house.rows(
        select(audit.c.subject, audit.c.customer).where(audit.c.what == "document.opened")
    )
    assert {tuple(row) for row in rows} == {(f"customer:{branch}", branch)}
    rosa.presses("Another period")
    rosa.hears_only("Of which company?")
    rosa.presses("Sabiá Motores")
    rosa.says("november")
    rosa.hears("2026-11-O")


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
