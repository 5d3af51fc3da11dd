"""Is your registration still right? Asked after one's own task when due; a yes is kept as evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand, CustomField, Registration
from storage import confirmations
from storage.confirmations import State
from storage.tables import confirmation, confirmation_body, customer

from .conftest import Visit
from .house import House
from .registering import OPEN, column, identified
from .talk import Talk
from .town import TAX_IDS, Town

ASKED = "Is your registration with Curral Fibra still right? A look takes a minute."


@pytest.fixture
def brand() -> Brand:
    return replace(OPEN, registration=Registration(confirm_every_months=12))


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def does_something(talk: Talk) -> None:
    """A task of one's own, to its end."""
    talk.says("my registration")
    talk.presses("It is all right")


def test_it_is_asked_after_ones_own_task_and_not_before(ana: Talk) -> None:
    ana.says("hi")
    ana.hears_no("still right?")
    ana.says("my registration")
    ana.hears_no("still right?")
    ana.presses("It is all right")

    ana.hears("All right! Write whenever you need me.", ASKED)
    ana.sees("See it all at once", "Field by field", "Not now")


def test_a_yes_to_all_of_it_is_kept_as_evidence(ana: Talk, house: House, town: Town) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    words = ana.hears(
        "Name: Ana Prado Nogueira", "Do you confirm that all of this is right? (version "
    )
    ana.presses("Yes")

    ana.hears_only("✅ Thank you, your registration is confirmed!")
    (row,) = house.rows(select(confirmation, confirmation_body.c.words).join(confirmation_body))
    assert (row.customer, row.through) == (town.people["ana"], "web")
    assert row.person is not None
    assert row.words == words
    assert row.version[:8] in row.words
    assert len(row.version) == len(row.digest) == 64


def test_confirmed_it_is_asked_again_after_its_months(ana: Talk) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    ana.presses("Yes")
    does_something(ana)
    ana.hears_only("All right! Write whenever you need me.")
    ana.after(days=364)
    ana.says("identify")
    ana.says(TAX_IDS["ana"])
    ana.says(ana.reads_code())
    does_something(ana)
    ana.hears_only("All right! Write whenever you need me.")
    ana.after(days=2)
    does_something(ana)

    ana.hears(ASKED)


def test_the_registration_says_whether_it_is_confirmed_and_since_when(ana: Talk) -> None:
    ana.says("my registration")
    ana.hears("Nobody has confirmed it yet.")
    ana.presses("It is all right")
    ana.presses("See it all at once")
    ana.presses("Yes")
    ana.says("my registration")
    ana.hears("Confirmed on Nov 20, 2026.")
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("11.222.333-4")
    ana.presses("Save")
    ana.says("my registration")
    ana.hears("Confirmed on Nov 20, 2026, and changed since.")
    ana.gets_mail()
    ana.after(days=366)
    ana.says("identify")
    ana.says(TAX_IDS["ana"])
    ana.says(ana.reads_code())
    ana.says("my registration")
    ana.hears("It was confirmed on Nov 20, 2026: that is a while ago, so I will ask again.")


def test_not_now_is_not_asked_again_today_but_tomorrow(ana: Talk) -> None:
    does_something(ana)
    ana.presses("Not now")
    ana.hears_only("All right, another time.")
    does_something(ana)
    ana.hears_no("still right?")
    ana.after(days=1)
    does_something(ana)

    ana.hears(ASKED)


def test_not_now_in_one_chat_holds_in_another_until_tomorrow_and_keeps_no_yes_away(
    ana: Talk, visit: Visit
) -> None:
    """One registration, one question a day: in whichever chat she writes first."""
    phone = identified(visit, chat="ana's phone")
    does_something(ana)
    ana.presses("Not now")
    does_something(phone)
    phone.hears_no("still right?")

    for talk in (phone, ana):
        talk.after(days=1)
    does_something(phone)
    phone.hears(ASKED)
    does_something(ana)
    ana.hears_no("still right?")

    ana.says("confirm my registration")
    ana.presses("See it all at once")
    ana.presses("Yes")
    ana.hears("✅ Thank you, your registration is confirmed!")
    phone.presses("Field by field")
    phone.hears("Still right?")


def test_field_by_field_each_is_asked_and_then_the_whole_confirmed(ana: Talk, house: House) -> None:
    does_something(ana)
    ana.presses("Field by field")
    ana.hears("CPF: ***.", "Still right?")
    for _field in range(8):
        ana.presses("Yes")
    ana.hears("Do you confirm that all of this is right?")
    ana.presses("Yes")

    ana.hears("✅ Thank you, your registration is confirmed!")
    assert len(house.rows(select(confirmation.c.id))) == 1


def test_what_is_wrong_is_changed_on_the_way_and_the_new_version_is_confirmed(
    ana: Talk, house: House, town: Town
) -> None:
    does_something(ana)
    ana.presses("Field by field")
    for _field in range(2):
        ana.presses("Yes")
    ana.hears("Birth date: not informed", "Still right?")
    ana.presses("No")
    ana.hears("What is the date?")
    ana.says("10/02/1990")
    ana.presses("Save")
    ana.hears(
        "✅ Saved: Birth date.",
        "Birth date: **/**/1990",
        "Do you confirm that all of this is right?",
    )
    ana.presses("Yes")

    ana.hears("✅ Thank you, your registration is confirmed!")
    assert str(column(house, town.people["ana"], "born_on")) == "1990-02-10"
    (row,) = house.rows(
        select(confirmation.c.version, confirmation_body.c.words).join(confirmation_body)
    )
    assert "**/**/1990" in row.words


def test_a_no_to_the_whole_leads_to_the_change(ana: Talk, house: House) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    ana.presses("No")

    ana.hears("What do you want to change?")
    assert house.rows(select(confirmation.c.id)) == []


def test_what_nobody_may_change_here_leads_to_the_team(
    ana: Talk,
) -> None:
    does_something(ana)
    ana.presses("Field by field")
    ana.presses("No")

    ana.hears("That cannot be changed here, but our team can.")


def test_a_registration_that_changed_under_the_yes_is_shown_again(
    ana: Talk, house: House, town: Town
) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    house.writes(
        lambda write: write.run(
            update(customer).where(customer.c.id == town.people["ana"]).values(street="Rua Nova")
        )
    )
    ana.presses("Yes")

    ana.hears("Something changed meanwhile, so please look again.", "Rua Nova")
    assert house.rows(select(confirmation.c.id)) == []


def test_a_yes_typed_and_a_double_tap_confirm_once(ana: Talk, house: House) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    ana.says("yes")
    ana.says("yes")

    assert len(house.rows(select(confirmation.c.id))) == 1


def test_a_required_field_that_is_empty_is_filled_in_first(
    ana: Talk, open_counter: Callable[..., House], house: House
) -> None:
    needed = CustomField("nickname", {"en": "Nickname"}, required=True)
    ana.house = open_counter(registration=Registration(confirm_every_months=12, custom=(needed,)))
    does_something(ana)
    ana.presses("See it all at once")
    ana.hears(
        "Nickname is still missing in your registration.", "Nickname: what shall stand there?"
    )
    ana.says("Aninha")
    ana.presses("Save")
    ana.hears("Nickname: Aninha", "Do you confirm that all of this is right?")


def test_where_the_brand_asks_for_none_nobody_is_asked(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.house = open_counter(registration=Registration())
    does_something(ana)
    ana.hears_only("All right! Write whenever you need me.")
    ana.says("hi")

    assert "Confirm my registration" not in [b.label for b in ana.heard[-1].buttons]


def test_it_can_be_confirmed_from_the_menu_too(ana: Talk) -> None:
    ana.says("hi")
    ana.presses("Confirm my registration")

    ana.hears_only(ASKED)


def test_staff_sees_how_many_confirmed(ana: Talk, house: House, town: Town) -> None:
    does_something(ana)
    ana.presses("See it all at once")
    ana.presses("Yes")

    found = house.reads(confirmations.coverage)
    assert found == {State.CONFIRMED: 1, State.PENDING: len(town.people) - 1, State.EXPIRED: 0}
    ana.after(days=400)
    assert house.reads(confirmations.coverage)[State.EXPIRED] == 1


def test_confirmar_em_portugues(visit: Visit) -> None:
    talk = visit()
    talk.identifies("ana")
    talk.says("meu cadastro")
    talk.presses("Está tudo certo")
    talk.hears("O seu cadastro na Curral Fibra ainda está certo?")
    talk.presses("Ver tudo de uma vez")
    talk.presses("Sim")

    talk.hears("✅ Obrigado, seu cadastro está confirmado!")


def test_who_went_away_without_an_answer_comes_back_to_their_own_task_first(ana: Talk) -> None:
    does_something(ana)
    ana.hears(ASKED)
    ana.after(minutes=20)
    ana.says("my invoices")
    ana.hears("Here are your invoices")
    ana.hears_no("still right?", "You were away")
    ana.presses("11/2026 · R$99.90")
    ana.presses("PDF")
    ana.presses("No, thank you")

    ana.hears("All right! Write whenever you need me.", ASKED)


def test_who_went_away_in_the_middle_is_asked_whether_to_go_on(ana: Talk) -> None:
    does_something(ana)
    ana.presses("Field by field")
    ana.presses("Yes")
    ana.after(minutes=20)
    ana.says("hi")

    ana.hears("You were away for a while. Shall we go on with Confirm my registration?")
