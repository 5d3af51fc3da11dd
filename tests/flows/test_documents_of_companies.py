"""Documents and contracts of a group: of the company at hand, or of all of them, each named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk
from storage.bulk import NewCustomer
from storage.tables import audit, customer, document

from .company import administrator_of
from .conftest import Visit
from .filed import FEATURES_ON, file, link_to, offer
from .house import House
from .talk import Talk
from .town import Town

FILIAL = tax_id.generate_cnpj(Random(7), root="12ABC345", branch=2)


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter(features=FEATURES_ON)


@pytest.fixture
def group(house: House, town: Town) -> Mapping[str, int]:
    """The workshop and a filial of it, with a document each, and one of somebody else."""

    def found(write: Write) -> dict[str, int]:
        ids = bulk.add_customers(write, [NewCustomer("norte", "PJ", "Sabiá Norte", FILIAL, 5)])
        write.run(
            update(customer)
            .where(customer.c.id == ids["norte"])
            .values(main_customer=town.people["oficina"])
        )
        file(write, town.people["oficina"], "Balance sheet", 9)
        file(write, ids["norte"], "Payslip", 10)
        file(write, town.people["bruno"], "Bruno's report", 10)
        return ids

    ids = house.writes(found)
    offer(house, Town({**town.people, **ids}, {}), "norte")
    return ids


@pytest.fixture
def rosa(visit: Visit, group: Mapping[str, int]) -> Talk:
    """She administers the matriz, and so the whole group; her lists show all of it."""
    talk = administrator_of(visit)
    talk.says("companies")
    talk.presses("All companies")
    return talk


def test_the_list_names_the_companies_and_what_is_chosen_makes_its_own_the_one_at_hand(
    rosa: Talk, house: House, group: Mapping[str, int]
) -> None:
    rosa.says("my documents")
    rosa.sees("Payslip", "Balance sheet")
    assert [b.detail for b in rosa.heard[-1].buttons if b.kind == "press"] == [
        "Sabiá Norte · 10/2026", "Sabiá Motores · 09/2026",
    ]  # fmt: skip
    rosa.presses("Payslip")
    rosa.hears("Payslip", "Month: 10/2026")
    rosa.presses("Open it here")

    assert [got.name for got in rosa.documents] == ["payslip.pdf"]
    opened = select(audit.c.customer).where(audit.c.what == "document.opened")
    assert [row.customer for row in house.rows(opened)] == [group["norte"]]
    rosa.presses("Who opened it")
    rosa.hears("Who opened Payslip", "in the chat (web)")


def test_words_find_a_document_of_any_company_and_nobody_elses(rosa: Talk) -> None:
    rosa.says("my documents")
    rosa.says("september")
    rosa.hears("Balance sheet", "Month: 09/2026")
    rosa.says("my documents")
    rosa.says("Bruno's report")
    rosa.hears("I did not find that option.")


def test_contracts_too(rosa: Talk) -> None:
    rosa.says("my contracts")
    assert [b.detail for b in rosa.heard[-1].buttons if b.kind == "press"] == [
        "Sabiá Norte · to be accepted"
    ]
    rosa.presses("Fibre")
    rosa.presses("Accept it")
    rosa.presses("Yes")
    rosa.hears("✅ Accepted: Fibre.")


def test_a_link_to_a_document_of_the_group_needs_no_second_proof(
    visit: Visit, house: House, town: Town, group: Mapping[str, int]
) -> None:
    rosa = administrator_of(visit)
    rosa.says("my documents")
    (slip,) = house.rows(select(document.c.id).where(document.c.title == "Payslip"))
    token = link_to(house, Town({**group}, {}), slip.id, "norte")
    rosa.opens(f"doc_{token}")
    rosa.hears("Payslip", "Month: 10/2026")
    rosa.presses("Open it here")
    assert len(rosa.documents) == 1


def test_with_one_company_at_hand_the_others_are_not_listed(
    visit: Visit, group: Mapping[str, int]
) -> None:
    rosa = administrator_of(visit)
    rosa.says("my documents")

    rosa.sees("Balance sheet")
