"""A new code before anything is changed; and who has no e-mail for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from storage.tables import contact_proof

from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, emails, identified, mail_to, proved, waiting
from .talk import Talk
from .town import TAX_IDS, Town


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def test_who_did_not_enter_a_code_lately_is_asked_for_one(ana: Talk) -> None:
    ana.after(minutes=11)
    ana.says("change my registration")
    ana.hears_only(
        "Before anything is changed, I make sure that it is you. I sent a code to a***@e***.com:"
        " please write its 6 digits here."
    )
    ana.says(ana.reads_code())

    ana.hears(
        "Thank you! For the next 10 minutes you can change things.", "What do you want to change?"
    )


def test_wrong_codes_are_counted_as_at_the_entrance(ana: Talk) -> None:
    ana.after(minutes=11)
    ana.says("change my registration")
    right = ana.reads_code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        ana.says(wrong)
        ana.hears(f"Tries left: {left}.")
    ana.says(wrong)

    ana.hears("There were many tries in a short time.")
    ana.sees("Talk to a person")


def test_a_stranger_enters_once_and_goes_on(visit: Visit) -> None:
    talk = visit(locale="en")
    talk.says("change my registration")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())

    talk.hears("Thank you, Ana!", "What do you want to change?")


def test_who_saves_too_late_is_asked_once_more_and_loses_nothing(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("change my registration")
    ana.presses("E-mail")
    ana.says("nova@example.org")
    ana.says(code_in(mail_to(ana.gets_mail(), "nova@")))
    ana.after(minutes=14)
    ana.presses("Save")
    ana.hears("That took a while", "I make sure that it is you")
    ana.says(ana.reads_code())
    ana.hears("Not saved yet:", "E-mail: n***@e***.org")
    ana.presses("Save")

    assert emails(house, town.people["ana"]) == ["nova@example.org"]


def test_without_an_email_that_works_a_new_one_waits_for_staff(
    visit: Visit, house: House, town: Town
) -> None:
    carla = proved(visit, house, town, "carla")
    carla.says("change my registration")
    carla.hears("I have no e-mail of yours that works.")
    carla.presses("Update my e-mail")
    carla.says("carla@example.com")
    carla.says(code_in(mail_to(carla.gets_mail(), "carla@")))

    carla.hears("Our team will check it, and from then on this is your e-mail with us.")
    assert waiting(house) == [("email", "staff")]
    assert emails(house, town.people["carla"]) == []


def test_a_second_copy_without_an_address_leads_to_the_new_email(
    visit: Visit, house: House, town: Town
) -> None:
    carla = proved(visit, house, town, "carla")
    carla.says("second copy")
    carla.presses("11/2026 · R$99.90")
    carla.presses("Update my e-mail")

    carla.hears_only("What is the new e-mail?")


def test_cancelled_after_a_code_was_sent_it_still_says_that_nothing_changed(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("change my registration")
    ana.presses("E-mail")
    ana.says("nova@example.org")
    ana.says("cancel")

    ana.hears("Discarded: nothing of your registration was changed.")
    assert emails(house, town.people["ana"]) == ["ana@example.com"]


def test_a_code_for_a_new_email_that_is_guessed_at_is_given_up(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("change my registration")
    ana.presses("E-mail")
    ana.says("nova@example.org")
    right = code_in(mail_to(ana.gets_mail(), "nova@"))
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _try in range(5):
        ana.says(wrong)

    ana.hears("There were many tries in a short time.", "What do you want to change?")
    (row,) = house.rows(select(contact_proof.c.proved_at))
    assert row.proved_at is None


def test_the_new_email_may_be_written_again_at_the_code(ana: Talk) -> None:
    ana.says("change my registration")
    ana.presses("E-mail")
    ana.says("nvoa@example.org")
    ana.says("nova@example.org")

    ana.hears("I sent a code to n***@e***.org.")
    ana.says(code_in(mail_to(ana.gets_mail(), "nova@")))
    ana.hears("Not saved yet:", "E-mail: n***@e***.org")


def test_where_nothing_is_mailed_the_team_is_asked(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.after(minutes=11)
    ana.house = open_counter(features={**OPEN.features, "mail": False})
    ana.says("change my registration")

    ana.hears("To change something I would send you a code by e-mail, which I cannot right now.")
