"""Companies: the one at hand, what proof it keeps, and how groups are made."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.core.ports import Level
from storage import companies, invoices, people
from storage.companies import Grouped
from storage.tables import audit, audit_body, customer, membership

from .conftest import OTHER, Folk
from .desk import Desk


def prove(desk: Desk, chat: str, customer_id: int) -> int:
    visitor = desk.visit(chat)
    return desk.turn(people.link, visitor.address, customer_id, by="code", fresh=True)["person"]


def also_speaks_for(desk: Desk, who: int, customer_id: int, role: str) -> None:
    desk.turn(
        lambda write: write.run(
            membership.insert().values(
                person=who, customer=customer_id, role=role, active=True, created_at=write.now
            )
        )
    )


def test_a_fresh_code_counts_in_the_whole_group(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    assert desk.turn(companies.turn_to, folk["filial"]) is True
    assert desk.visitor is not None
    assert (desk.visitor.customer, desk.visitor.level) == (folk["filial"], Level.FRESH)
    assert desk.turn(companies.turn_to, folk["filial"]) is True
    assert desk.visitor.level is Level.FRESH


@pytest.mark.parametrize("role", ["collaborator", "administrator"])
def test_a_fresh_code_counts_for_no_other_company(desk: Desk, folk: Folk, role: str) -> None:
    who = prove(desk, "ana", folk["ana"])
    also_speaks_for(desk, who, folk["bruno"], role)
    assert desk.turn(companies.turn_to, folk["bruno"]) is True
    assert desk.visitor is not None
    assert (desk.visitor.customer, desk.visitor.level) == (folk["bruno"], Level.VERIFIED)


def test_a_company_of_others_cannot_be_turned_to(desk: Desk, folk: Folk) -> None:
    prove(desk, "ana", folk["ana"])
    for other in ("bruno", "matriz", "filial"):
        assert desk.turn(companies.turn_to, folk[other]) is False
    assert desk.turn(companies.turn_to, 10**6) is False
    assert desk.visitor is not None
    assert desk.visitor.customer == folk["ana"]


def test_a_stranger_turns_to_nothing(desk: Desk, folk: Folk) -> None:
    desk.visit("stranger")
    assert desk.turn(companies.turn_to, folk["ana"]) is False
    assert desk.turn(companies.show_all) is False


def test_all_is_remembered_until_one_is_chosen_or_another_is_proved(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    assert desk.turn(companies.show_all) is True
    assert desk.visit("rosa").all_companies
    desk.turn(companies.turn_to, folk["filial"], show="same")
    assert desk.visit("rosa").all_companies
    desk.turn(companies.turn_to, folk["matriz"])
    assert not desk.visit("rosa").all_companies
    desk.turn(companies.show_all)
    prove(desk, "rosa", folk["matriz"])
    assert desk.visit("rosa").all_companies
    prove(desk, "rosa", folk["ana"])
    assert not desk.visit("rosa").all_companies


def test_what_was_chosen_is_on_record(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    desk.turn(companies.turn_to, folk["filial"])
    (row,) = desk.rows(
        select(audit.c.customer, audit_body.c.before, audit_body.c.after)
        .join(audit_body, audit_body.c.audit == audit.c.id)
        .where(audit.c.what == "company.chosen")
    )
    assert row == (folk["matriz"], {"customer": folk["matriz"]}, {"customer": folk["filial"]})


def test_invoices_of_several_customers_are_those_of_these_alone(desk: Desk, folk: Folk) -> None:
    both = [folk["ana"], folk["bruno"]]
    with desk.begin() as tx:
        found = invoices.page_of(tx, both, limit=50)
        assert {each.customer for each in found} == set(both)
        assert [each.number for each in found[:2]] == ["A-0012", "B-0020"]
        assert invoices.page_of(tx, []) == []
        theirs = {each.number: each.id for each in invoices.page_of(tx, [folk["carla"]])}
        assert invoices.get_of(tx, theirs["C-0030"], both) is None
        assert invoices.find_of(tx, both, "C-0030") == []
        assert [each.number for each in invoices.find_of(tx, both, "B-0020")] == ["B-0020"]
    desk.brand = OTHER
    with desk.begin() as tx:
        assert invoices.page_of(tx, both) == []


def main_of(desk: Desk, id: int) -> int | None:
    ((main,),) = desk.rows(select(customer.c.main_customer).where(customer.c.id == id))
    return None if main is None else int(main)


def test_one_group_a_company_and_no_cycles(desk: Desk, folk: Folk) -> None:
    desk.turn(
        lambda write: write.run(
            update(customer).where(customer.c.id == folk["bruno"]).values(kind="PJ")
        )
    )
    join = companies.join_group
    assert desk.turn(join, folk["matriz"], folk["filial"]) is Grouped.NO_MAIN
    assert desk.turn(join, folk["matriz"], folk["bruno"]) is Grouped.IN_ANOTHER
    assert desk.turn(join, folk["filial"], folk["bruno"]) is Grouped.IN_ANOTHER
    assert desk.turn(join, folk["bruno"], folk["bruno"]) is Grouped.UNKNOWN
    assert desk.turn(join, folk["ana"], folk["matriz"]) is Grouped.UNKNOWN
    assert desk.turn(join, folk["bruno"], folk["matriz"]) is Grouped.DONE
    assert main_of(desk, folk["bruno"]) == folk["matriz"]
    assert desk.turn(companies.leave_group, folk["bruno"]) is Grouped.DONE
    assert desk.turn(companies.leave_group, folk["bruno"]) is Grouped.UNKNOWN
    assert main_of(desk, folk["bruno"]) is None
    rows = desk.rows(select(audit.c.id).where(audit.c.what == "company.grouped"))
    assert len(rows) == 2


def test_another_brand_groups_nothing_here(desk: Desk, folk: Folk) -> None:
    desk.brand = OTHER
    assert desk.turn(companies.join_group, folk["filial"], folk["matriz"]) is Grouped.UNKNOWN
    assert desk.turn(companies.leave_group, folk["filial"]) is Grouped.UNKNOWN


def test_chats_at_a_filial_that_leaves_are_nobodys_there(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    desk.turn(companies.turn_to, folk["filial"])
    prove(desk, "edu", folk["filial"])
    desk.visitor = None
    desk.turn(companies.leave_group, folk["filial"])
    rosa = desk.visit("rosa")
    assert (rosa.customer, rosa.level) == (folk["matriz"], Level.VERIFIED)
    assert desk.visit("edu").customer == folk["filial"]
