"""Join: an invite link lets one person ask to come in, and shows nothing until an administrator says yes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.core.ports import Level
from storage import people
from storage.tables import address, link, membership, message_body, session

from .company import acts, administrator_of, arrived, comes_in, invited, waits
from .conftest import Visit
from .house import House
from .talk import Talk
from .town import Town

LOOKS = ["web", "lists", "text"]


@pytest.fixture
def rosa(visit: Visit) -> Talk:
    """The administrator of the workshop."""
    return administrator_of(visit)


def level(house: House, chat: str) -> tuple[object, ...]:
    (row,) = house.rows(
        select(address.c.verified_until, address.c.fresh_until).where(address.c.chat == chat)
    )
    return tuple(row)


@pytest.mark.parametrize("door", LOOKS)
def test_from_the_link_to_being_let_in(rosa: Talk, visit: Visit, door: str) -> None:
    token = invited(rosa)
    rosa.hears("Copy this link", "I will tell you here when they ask to come in.")

    lia = visit("lia", door=door, locale="en")
    lia.opens(f"join_{token}")
    lia.hears("Welcome to Curral Fibra! You were invited.", "What is your name?")
    lia.says("Lia Bookkeeper")
    lia.hears("Thank you, Lia Bookkeeper! I asked the administrator.")

    (asked,) = arrived(rosa)
    assert "Lia Bookkeeper opened your invite link" in asked.text
    rosa.presses("Let in")
    rosa.hears("Let Lia Bookkeeper in?", "Sabiá Motores")
    rosa.presses("Yes")
    rosa.hears("✅ Saved: Lia Bookkeeper is in. I told them.")

    (told,) = arrived(lia)
    assert told.text.startswith("✅ An administrator of Sabiá Motores let you in.")
    lia.says("my invoices")
    lia.hears("Here are your invoices")


def test_a_leaked_link_shows_nothing(rosa: Talk, visit: Visit, town: Town) -> None:
    token = invited(rosa)
    thief = visit("thief", locale="en")
    thief.opens(f"join_{token}")
    thief.says("Rosa")
    for wish in ("my invoices", "second copy", "who has access", "menu", "oi", "invite somebody"):
        thief.says(wish)
        thief.hears_no("Sabiá", "Oficina", "2026-1", "99", "contas")
    for seen in thief.shown:
        assert "Sabiá" not in seen.text
        assert "Oficina" not in seen.text


def test_a_link_works_once(rosa: Talk, visit: Visit) -> None:
    token = invited(rosa)
    lia, tom = visit("lia", locale="en"), visit("tom", locale="en")
    lia.opens(f"join_{token}")
    tom.opens(f"join_{token}")
    lia.says("Lia")
    tom.says("Tom")
    tom.hears("That invite link does not work any more")
    late = visit("late", locale="en")
    late.opens(f"join_{token}")
    late.hears("That invite link does not work any more")
    assert len(arrived(rosa)) == 1


def test_a_link_runs_out(rosa: Talk, visit: Visit) -> None:
    token = invited(rosa)
    lia = visit("lia", locale="en")
    lia.opens(f"join_{token}")
    lia.after(minutes=10)
    rosa.after(days=7, minutes=1)
    late = visit("late", locale="en")
    late.opens(f"join_{token}")
    late.hears("That invite link does not work any more")


def test_ended_links_do_not_work(rosa: Talk, visit: Visit) -> None:
    token = invited(rosa)
    rosa.says("invite link")
    rosa.hears("1 invite link was not used yet.")
    rosa.presses("End them all")
    rosa.hears("✅ Saved: those links do not work any more.")
    late = visit("late", locale="en")
    late.opens(f"join_{token}")
    late.hears("That invite link does not work any more")


@pytest.mark.parametrize(
    "payload",
    ["join_", "join_1", "join_1-" + "0" * 32, "join_zz", "join_-", "join_1-é", "join_" + "9" * 60],
)
def test_an_invented_link_is_no_link(rosa: Talk, visit: Visit, payload: str) -> None:
    invited(rosa)
    thief = visit("thief", locale="en")
    thief.opens(payload)
    thief.hears("That invite link does not work any more")


def test_a_name_is_asked_again_until_it_is_one(rosa: Talk, visit: Visit) -> None:
    token = invited(rosa)
    lia = visit("lia", locale="en")
    lia.opens(f"join_{token}")
    for none in ("?", "http://x.example", "lia@example.com", "1", "L" * 61):
        lia.says(none)
        lia.hears("What is your name?")
    lia.says("  Lia   Prado ")
    lia.hears("Thank you, Lia Prado!")


def test_who_waits_hears_why_and_may_be_the_customer_after_all(rosa: Talk, visit: Visit) -> None:
    lia = waits(visit, rosa, "Lia")
    lia.says("menu")
    lia.hears("has still to let you in")
    lia.says("my invoices")
    lia.hears("has still to let you in")
    lia.presses("I have the registered e-mail")
    lia.hears("What is the CPF or CNPJ")


def test_who_asked_twice_waits_once(rosa: Talk, visit: Visit, house: House) -> None:
    lia = waits(visit, rosa, "Lia")
    again = invited(rosa)
    lia.opens(f"join_{again}")
    lia.says("Lia")
    lia.hears("You asked already")
    assert len(house.rows(select(membership))) == 2


def test_rejected(rosa: Talk, visit: Visit, house: House) -> None:
    lia = waits(visit, rosa, "Lia")
    arrived(rosa)
    rosa.presses("Reject")
    rosa.hears("Reject Lia?")
    rosa.presses("Yes")
    rosa.hears("✅ Saved: Lia stays outside.")
    (told,) = arrived(lia)
    assert "The administrator did not let you in." in told.text
    assert level(house, "Lia") == (None, None)
    rosa.presses("Let in")
    rosa.hears("not among the people of this company any more")


def test_the_second_administrator_finds_it_done(rosa: Talk, visit: Visit) -> None:
    ivo = comes_in(visit, rosa, "Ivo")
    rosa.says("who has access")
    rosa.presses("Ivo")
    rosa.presses("Make administrator")
    rosa.presses("Yes")
    lia = waits(visit, rosa, "Lia")
    assert len(arrived(rosa)) == 1
    assert len(arrived(ivo)) == 2
    rosa.presses("Let in")
    rosa.presses("Yes")
    ivo.presses("Reject")
    ivo.hears("Lia is collaborator now: there is nothing to do.")
    lia.says("my invoices")
    lia.hears("Here are your invoices")


def test_the_token_is_in_no_row(rosa: Talk, visit: Visit, house: House) -> None:
    token = invited(rosa)
    lia = visit("lia", locale="en")
    lia.opens(f"join_{token}")
    seal = token.partition("-")[2]
    for column in (message_body.c.body, session.c.data, link.c.purpose):
        for (value,) in house.rows(select(column)):
            assert seal not in str(value)


def test_somebody_known_for_another_company_comes_in_as_the_same_person(
    rosa: Talk, visit: Visit, house: House, town: Town
) -> None:
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    bruno.opens(f"join_{invited(rosa)}")
    bruno.hears("You were invited. Shall I ask to let you in, as Bruno Teles?")
    bruno.presses("Yes")
    bruno.hears("Thank you, Bruno Teles!")
    bruno.says("my invoices")
    bruno.hears("Here are your invoices")
    arrived(rosa)
    rosa.presses("Let in")
    rosa.presses("Yes")
    rows = house.rows(
        select(membership.c.person, membership.c.customer, membership.c.role)
        .where(membership.c.active)
        .order_by(membership.c.customer)
    )
    assert {row.customer for row in rows if row.role == "collaborator"} == {town.people["oficina"]}
    assert len({row.person for row in rows}) == 2


def test_only_an_administrator_invites(rosa: Talk, visit: Visit, house: House) -> None:
    lia = comes_in(visit, rosa, "Lia")
    before = len(house.rows(select(link)))
    lia.says("who has access")
    lia.hears("Only an administrator of your company decides", "Shall I pass your wish on?")
    assert len(house.rows(select(link))) == before


def test_who_has_waited_long_still_reads_as_stranger(rosa: Talk, visit: Visit) -> None:
    waits(visit, rosa, "Lia")
    lia = visit("Lia", locale="en")
    visitor = acts(lia, people.here)
    assert (visitor.level, visitor.customer, visitor.person) == (Level.STRANGER, None, None)


def test_who_was_let_in_while_being_asked_goes_on_with_the_wish(rosa: Talk, visit: Visit) -> None:
    lia = waits(visit, rosa, "Lia")
    lia.says("my invoices")
    lia.hears("has still to let you in")
    arrived(rosa)
    rosa.presses("Let in")
    rosa.presses("Yes")
    arrived(lia)
    lia.presses("I have the registered e-mail")
    lia.hears("Meanwhile something changed", "Here are your invoices")


# ------------------------------------------------------------------------- em português


def test_o_convite_em_portugues(visit: Visit) -> None:
    rosa = visit("rosa")
    rosa.identifies("oficina")
    rosa.says("link de convite")
    rosa.hears("Criar um link que convida uma pessoa para Sabiá Motores?")
    rosa.presses("Sim")
    rosa.hears("Copie este link e mande para a pessoa que você quer convidar:")
    token = rosa.copied[0].rpartition("/")[2]

    lia = visit("lia")
    lia.opens(f"join_{token}")
    lia.hears("Boas-vindas a Curral Fibra!", "Qual é o seu nome?")
    lia.says("Lia")
    lia.hears("Até ele liberar não posso mostrar nada")
    arrived(rosa)
    rosa.hears("Lia abriu o seu link de convite")
    rosa.presses("Liberar acesso")
    rosa.hears("Liberar o acesso de Lia?")
    rosa.presses("Sim")
    rosa.hears("✅ Salvo: Lia tem acesso.")
    arrived(lia)
    lia.hears("Um administrador de Sabiá Motores liberou o seu acesso.")
