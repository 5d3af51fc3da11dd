"""People with access: an administrator lists, lets in, promotes, demotes and removes; a collaborator asks."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage import membership
from storage.tables import address, audit, person
from storage.tables import membership as rows

from .company import acts, administrator_of, arrived, comes_in, waits
from .conftest import Visit
from .house import House
from .talk import Talk
from .town import Town


@pytest.fixture
def rosa(visit: Visit) -> Talk:
    return administrator_of(visit)


@pytest.fixture
def lia(visit: Visit, rosa: Talk) -> Talk:
    return comes_in(visit, rosa, "Lia")


def role(house: House, name: str) -> tuple[str, bool]:
    (row,) = house.rows(
        select(rows.c.role, rows.c.active)
        .join(person, person.c.id == rows.c.person)
        .where(person.c.name == name)
    )
    return row.role, row.active


def test_the_list_says_role_and_state(rosa: Talk, lia: Talk, visit: Visit) -> None:
    waits(visit, rosa, "Tom")
    rosa.says("who has access")
    rosa.hears("These people speak for Sabiá Motores; 1 waits for you.")
    rosa.sees("Invite somebody", "Tom", "Sabiá Motores", "Lia")
    details = [b.detail for b in rosa.heard[-1].buttons if b.kind == "press"]
    assert details == ["", "waits to be let in", "administrator", "collaborator"]


def test_a_long_list_has_pages_and_is_searched_by_name(rosa: Talk, visit: Visit) -> None:
    for n in range(9):
        waits(visit, rosa, f"Person {'abcdefghi'[n]}")
    rosa.says("who has access")
    rosa.hears("9 wait for you")
    rosa.presses("More")
    rosa.hears("These people speak for")
    assert "Sabiá Motores" in [b.label for b in rosa.heard[-1].buttons]
    rosa.presses("Previous")
    rosa.says("person h")
    rosa.hears("Person h: waits to be let in, since Nov")
    rosa.presses("Back to the list")
    rosa.hears("These people speak for")


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_promoted_demoted_and_removed_in_every_look(visit: Visit, house: House, door: str) -> None:
    rosa = administrator_of(visit, door=door)
    rosa.says("invite somebody")
    rosa.says("yes")
    token = rosa.copied[0].rpartition("/")[2]
    lia = visit("Lia", locale="en")
    lia.opens(f"join_{token}")
    lia.says("Lia")
    rosa.says("who has access")
    rosa.says("Lia")
    rosa.says("let in")
    rosa.says("yes")
    for wish, saved, after in (
        ("make administrator", "✅ Saved: Lia is an administrator now.", "administrator"),
        ("make collaborator", "✅ Saved: Lia is a collaborator now.", "collaborator"),
    ):
        rosa.says("who has access")
        rosa.says("lia")
        rosa.says(wish)
        rosa.says("yes")
        rosa.hears(saved)
        assert role(house, "Lia") == (after, True)
        arrived(lia)
    rosa.says("who has access")
    rosa.says("lia")
    rosa.says("remove")
    rosa.hears("Remove Lia from Sabiá Motores? Their access ends at once, in every chat.")
    rosa.says("yes")
    rosa.hears("✅ Saved: Lia is removed. I told them.")
    (told,) = arrived(lia)
    assert "An administrator ended your access to Sabiá Motores here." in told.text


def test_who_was_removed_is_a_stranger_in_the_middle_of_a_task(rosa: Talk, lia: Talk) -> None:
    lia.says("my invoices")
    lia.hears("Here are your invoices")
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Remove")
    rosa.presses("Yes")
    arrived(lia)
    lia.says("1")
    lia.hears("Your access was ended by an administrator")
    lia.hears_no("2026-11-O", "R$")


def test_who_was_switched_off_hears_why_and_comes_back(rosa: Talk, lia: Talk) -> None:
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Switch off")
    rosa.presses("Yes")
    arrived(lia)
    lia.says("oi")
    lia.hears("An administrator switched off your access")
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Let in")
    rosa.presses("Yes")
    arrived(lia)
    lia.says("my invoices")
    lia.hears("Here are your invoices")


def test_the_last_administrator_cannot_go(rosa: Talk, lia: Talk, house: House) -> None:
    for wish in ("Make collaborator", "Switch off", "Remove"):
        rosa.says("who has access")
        rosa.presses("Sabiá Motores")
        rosa.presses(wish)
        rosa.presses("Yes")
        rosa.hears("This is the last administrator, and one must stay.")
    assert role(house, "Sabiá Motores") == ("administrator", True)


def test_who_removes_themselves_is_a_stranger(rosa: Talk, lia: Talk) -> None:
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Make administrator")
    rosa.presses("Yes")
    rosa.says("who has access")
    rosa.presses("Sabiá Motores")
    rosa.presses("Remove")
    rosa.presses("Yes")
    rosa.hears("✅ Saved")
    rosa.says("my invoices")
    rosa.hears("Your access was ended")


def test_a_no_changes_nothing(rosa: Talk, lia: Talk, house: House) -> None:
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Remove")
    rosa.presses("No")
    rosa.hears("All right, nothing was done.")
    assert role(house, "Lia") == ("collaborator", True)


def test_a_double_tap_removes_once(rosa: Talk, lia: Talk, house: House) -> None:
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Remove")
    rosa.presses("Yes")
    rosa.taps_again()
    rosa.hears_nothing()
    assert len(house.rows(select(audit.c.id).where(audit.c.what == "person.remove"))) == 1


def test_a_stale_press_on_somebody_who_is_gone(
    rosa: Talk, lia: Talk, house: House, town: Town
) -> None:
    rosa.says("who has access")
    (who,) = house.rows(select(person.c.id).where(person.c.name == "Lia"))
    acts(rosa, membership.change, town.people["oficina"], who.id, "remove")
    rosa.presses("Lia")
    rosa.hears("That option is not there any more.")


def test_changed_while_the_question_stood(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Remove")
    (who,) = house.rows(select(person.c.id).where(person.c.name == "Lia"))
    acts(rosa, membership.change, town.people["oficina"], who.id, "remove")
    rosa.presses("Yes")
    rosa.hears("That person is not among the people of this company any more.")


def test_a_collaborator_hands_the_wish_on(rosa: Talk, lia: Talk) -> None:
    lia.says("who has access")
    lia.hears("Only an administrator of your company decides who has access here.")
    lia.presses("Ask my administrator")
    lia.says("short")
    lia.hears("Please tell us a little more")
    lia.says("Please let in my colleague Bia from accounting.")
    lia.hears("✅ I told 1 administrator.")
    (asked,) = arrived(rosa)
    assert "Lia (Sabiá Motores) asks you:\nPlease let in my colleague Bia" in asked.text
    rosa.presses("People with access")
    rosa.hears("These people speak for")


def test_a_collaborator_who_would_rather_not(lia: Talk) -> None:
    lia.says("who has access")
    lia.presses("No, thank you")
    lia.hears("All right!")


def test_who_cannot_be_told_is_said_so(rosa: Talk, lia: Talk, house: House) -> None:
    rosa.says("leave")
    rosa.presses("Yes")
    lia.says("ask my administrator")
    lia.presses("Ask my administrator")
    lia.says("Please let in my colleague Bia from accounting.")
    lia.hears("None of your administrators can be reached in a chat now.")


def test_an_administrator_of_another_customer_reaches_nobody_here(
    rosa: Talk, lia: Talk, visit: Visit, town: Town
) -> None:
    bruno = administrator_of(visit, "bruno", "bruno")
    bruno.says("who has access")
    bruno.sees("Invite somebody", "Bruno Teles")
    bruno.says("Lia")
    bruno.hears_no("collaborator")


def test_who_lapsed_asks_to_be_let_in_again(rosa: Talk, lia: Talk, house: House) -> None:
    rosa.after(days=30, minutes=1)
    rosa.identifies("oficina")
    lia.says("my invoices")
    lia.hears("an administrator has to let you in again")
    lia.presses("Ask to be let in again")
    lia.presses("Yes")
    lia.hears("I asked the administrators")
    arrived(rosa)
    rosa.presses("Let in")
    rosa.presses("Yes")
    rosa.hears("✅ Saved: Lia is in again.")
    (told,) = arrived(lia)
    assert "let you in again" in told.text
    lia.says("my invoices")
    lia.hears("Here are your invoices")


def test_two_chats_that_open_the_counter_first_have_one_administrator(
    visit: Visit, house: House
) -> None:
    administrator_of(visit, chat="rosa")
    administrator_of(visit, chat="laptop")
    assert len(house.rows(select(rows))) == 1
    people = house.rows(select(address.c.person).where(address.c.person.is_not(None)))
    assert len({row.person for row in people}) == 1


def test_a_collaborator_is_asked_for_no_code_that_would_reach_others(lia: Talk) -> None:
    lia.after(minutes=11)
    lia.says("invite somebody")
    lia.hears_no("I sent a code")
    lia.hears("Only an administrator can do that.", "Shall I pass your wish on?")


def test_an_invitation_needs_a_fresh_code(rosa: Talk) -> None:
    rosa.after(minutes=11)
    rosa.says("invite somebody")
    rosa.hears("I sent a code to c***@e***.net")
    rosa.says(rosa.reads_code())
    rosa.hears("Make a link that invites one person to Sabiá Motores?", "It works once, for 7 days")
    rosa.presses("Yes")
    assert rosa.copied[0].startswith("http://127.0.0.1:8080/join/curral/")


# ------------------------------------------------------------------------- em português


def test_a_lista_em_portugues(visit: Visit, lia: Talk) -> None:
    rosa = visit("casa")
    rosa.identifies("oficina")
    rosa.says("quem tem acesso")
    rosa.hears("Estas pessoas têm acesso a Sabiá Motores.")
    rosa.says("lia")
    rosa.hears("Lia: colaborador, desde")
    rosa.presses("Tornar administrador")
    rosa.presses("Sim")
    rosa.hears("✅ Salvo: Lia agora é administrador.")
