"""Companies: a group of matriz and filiais, the one at hand, and lists that name each."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk, companies, membership
from storage.bulk import NewCustomer
from storage.tables import address, customer, invoice, person

from .company import acts, administrator_of, arrived, comes_in, invited
from .conftest import Visit
from .house import House
from .talk import Talk
from .town import Town, _bill

_rng = Random(7)
FILIAIS = {
    name: tax_id.generate_cnpj(_rng, root="12ABC345", branch=n)
    for n, name in enumerate(("norte", "sul"), 2)
}


@pytest.fixture
def group(house: House, town: Town) -> dict[str, int]:
    """Two filiais of the workshop with the same name, each with a bill."""

    def found(write: Write) -> dict[str, int]:
        ids = bulk.add_customers(
            write,
            [
                NewCustomer(name, "PJ", "Oficina Sabiá Filial", number, 5)
                for name, number in FILIAIS.items()
            ],
        )
        bulk.add_invoices(
            write,
            [_bill(ids[name], f"F-{n}", date(2026, 11, 20 + n)) for n, name in enumerate(ids)],
        )
        write.run(
            update(customer)
            .where(customer.c.id.in_(list(ids.values())))
            .values(main_customer=town.people["oficina"])
        )
        return ids

    return house.writes(found)


@pytest.fixture
def rosa(visit: Visit, group: dict[str, int]) -> Talk:
    """She administers the matriz, and so the whole group."""
    return administrator_of(visit)


def branch(name: str) -> str:
    number = FILIAIS[name]
    return f"Oficina Sabiá Filial (/{number[8:12]}-{number[12:]})"


def at_hand(house: House, chat: str) -> tuple[int, bool]:
    (row,) = house.rows(
        select(address.c.customer, address.c.all_companies).where(address.c.chat == chat)
    )
    return row.customer, row.all_companies


def test_who_speaks_for_one_company_is_offered_no_choice(visit: Visit) -> None:
    ana = visit("ana", locale="en")
    ana.identifies("ana")
    assert "Companies" not in [b.label for b in ana.heard[-1].buttons]
    ana.says("my companies")
    ana.hears("You speak for one company only")


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_from_one_company_to_another_and_to_all(
    visit: Visit, group: dict[str, int], house: House, door: str
) -> None:
    rosa = administrator_of(visit, door=door)
    rosa.hears("Thank you, Sabiá Motores!")
    rosa.says("companies")
    rosa.hears("Which company is it about?")
    rosa.says("3")
    rosa.hears(f"✅ It is about {branch('norte')} now.")
    assert at_hand(house, "rosa") == (group["norte"], False)
    rosa.says("my invoices")
    rosa.says("1")
    rosa.hears("Invoice F-0")
    rosa.says("all companies")
    rosa.says("1")
    rosa.hears("✅ Lists show all your companies now, and name them.")
    assert at_hand(house, "rosa") == (group["norte"], True)


def test_the_list_of_all_names_each_company(rosa: Talk) -> None:
    rosa.says("companies")
    rosa.sees("All companies", "Sabiá Motores", branch("norte"), branch("sul"))
    rosa.presses("All companies")
    rosa.says("my invoices")
    details = [b.detail for b in rosa.heard[-1].buttons if b.kind == "press"]
    assert details == [
        "Sabiá Motores · overdue since Nov 14, 2026",
        f"{branch('norte')} · due Nov 20, 2026",
        f"{branch('sul')} · due Nov 21, 2026",
        "Sabiá Motores · due Dec 12, 2026",
    ]


def test_what_is_chosen_makes_its_company_the_one_at_hand(
    rosa: Talk, house: House, group: dict[str, int]
) -> None:
    rosa.says("all companies")
    rosa.presses("All companies")
    rosa.says("my invoices")
    rosa.says("F-1")
    rosa.hears("Invoice F-1")
    assert at_hand(house, "rosa") == (group["sul"], True)
    rosa.presses("PDF")
    assert rosa.documents[0].name == "curral-F-1.pdf"
    rosa.presses("Another invoice")
    rosa.says("F-0")
    rosa.hears("Invoice F-0")
    assert at_hand(house, "rosa") == (group["norte"], True)


def test_the_second_copy_of_a_filial(rosa: Talk, house: House, group: dict[str, int]) -> None:
    rosa.says("all companies")
    rosa.presses("All companies")
    rosa.says("second copy")
    rosa.says("F-1")
    rosa.hears("There is no e-mail in your registration.")
    assert at_hand(house, "rosa") == (group["sul"], True)


def test_the_greeting_says_which_company_it_is_about(rosa: Talk) -> None:
    rosa.says("menu")
    rosa.hears("Hello! This is about Sabiá Motores.")
    rosa.says("companies")
    rosa.presses("All companies")
    rosa.says("menu")
    rosa.hears("Hello! This is about all your companies.")


def test_a_filial_that_an_import_took_out_of_the_group_is_greeted_by_its_own_name(
    rosa: Talk, house: House, group: dict[str, int]
) -> None:
    rosa.says("companies")
    rosa.says("3")
    alone = update(customer).where(customer.c.id.in_(list(group.values())))
    house.writes(lambda write: write.run(alone.values(main_customer=None)))
    rosa.says("menu")
    rosa.hears("Hello, Oficina Sabiá Filial!")


def test_a_collaborator_of_the_matriz_sees_no_filial(
    rosa: Talk, visit: Visit, group: dict[str, int], house: House
) -> None:
    lia = comes_in(visit, rosa, "Lia")
    lia.says("companies")
    lia.hears("You speak for one company only")
    assert acts(lia, companies.turn_to, group["norte"]) is False
    acts(lia, companies.show_all)
    lia.says("my invoices")
    lia.says("F-1")
    lia.hears_no("Invoice F-1", branch("sul"))


def test_nobody_turns_to_a_company_of_others(rosa: Talk, house: House, town: Town) -> None:
    for name in ("ana", "bruno"):
        assert acts(rosa, companies.turn_to, town.people[name]) is False
    rosa.says("all companies")
    rosa.presses("All companies")
    rosa.says("my invoices")
    rosa.says("B-7731")
    rosa.hears_no("Invoice B-7731")
    (row,) = house.rows(select(invoice.c.id).where(invoice.c.number == "B-7731"))
    assert row.id not in [b.data for b in rosa.buttons]


def test_who_loses_the_group_is_back_at_the_own_company(
    rosa: Talk, visit: Visit, group: dict[str, int], town: Town, house: House
) -> None:
    ivo = comes_in(visit, rosa, "Ivo")
    (who,) = house.rows(select(person.c.id).where(person.c.name == "Ivo"))
    acts(rosa, membership.change, town.people["oficina"], who.id, "promote")
    ivo.says("companies")
    ivo.presses(branch("sul"))
    ivo.says("my invoices")
    acts(rosa, membership.change, town.people["oficina"], who.id, "demote")
    ivo.presses("11/2026 · R$99.90")
    ivo.hears_no("Invoice F-1")
    assert at_hand(house, "Ivo") == (town.people["oficina"], False)


def test_a_press_on_a_company_that_left_the_group(
    rosa: Talk, group: dict[str, int], house: House
) -> None:
    rosa.says("companies")
    house.writes(lambda tx: companies.leave_group(tx, group["sul"]))
    rosa.presses(branch("sul"))
    rosa.hears("That option is not there any more.")


def test_a_company_that_leaves_the_group_takes_its_bills_along(
    rosa: Talk, group: dict[str, int], house: House, town: Town
) -> None:
    rosa.says("companies")
    rosa.presses(branch("sul"))
    house.writes(lambda tx: companies.leave_group(tx, group["sul"]))
    rosa.says("my invoices")
    rosa.hears_no("F-1")
    assert at_hand(house, "rosa")[0] == town.people["oficina"]


def test_a_bookkeeper_of_two_houses_changes_between_them(
    rosa: Talk, visit: Visit, town: Town, house: House
) -> None:
    bruno = administrator_of(visit, "bruno", "bruno")
    bruno.opens(f"join_{invited(rosa)}")
    bruno.presses("Yes")
    arrived(rosa)
    rosa.presses("Let in")
    rosa.presses("Yes")
    arrived(bruno)
    bruno.says("companies")
    bruno.sees("All companies", "Bruno Teles", "Sabiá Motores")
    bruno.presses("Sabiá Motores")
    bruno.says("who has access")
    bruno.hears("Only an administrator of your company decides")
    assert at_hand(house, "bruno")[0] == town.people["oficina"]


# ------------------------------------------------------------------------- em português


def test_as_empresas_em_portugues(visit: Visit, group: dict[str, int]) -> None:
    rosa = visit("rosa")
    rosa.identifies("oficina")
    rosa.says("trocar de empresa")
    rosa.hears("De qual empresa se trata?")
    rosa.presses("Todas as empresas")
    rosa.hears("✅ As listas agora mostram todas as suas empresas")
    rosa.says("menu")
    rosa.hears("Estamos tratando de todas as suas empresas.")
