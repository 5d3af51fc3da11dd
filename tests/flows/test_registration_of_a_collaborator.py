"""A collaborator's change waits for an administrator of the same customer, who approves or denies it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot.core.brand import Brand
from bot.core.ports import Write
from storage.tables import address, membership, person

from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, column, emails, identified, mail_to, waiting
from .talk import Talk
from .town import Town


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def boss(visit: Visit) -> Talk:
    return identified(visit, "oficina", chat="boss")


@pytest.fixture
def clerk(boss: Talk, visit: Visit, house: House, town: Town) -> Talk:
    """A collaborator, who has just proved who they are."""
    talk = visit("clerk", locale="en")
    talk.says("hi")

    def join(write: Write) -> None:
        ((who,),) = write.run(
            insert(person)
            .values(brand=write.brand.id, name="Clara", created_at=write.now)
            .returning(person.c.id)
        )
        write.run(
            insert(membership).values(
                person=who, customer=town.people["oficina"], role="collaborator", active=True,
                created_at=write.now,
            )
        )  # fmt: skip
        soon = write.now + timedelta(days=1)
        write.run(
            update(address)
            .where(address.c.chat == "clerk")
            .values(
                person=who, customer=town.people["oficina"], verified_until=soon, fresh_until=soon
            )
        )

    house.writes(join)
    return talk


def asks_for_email(clerk: Talk) -> None:
    clerk.says("change my registration")
    clerk.presses("E-mail")
    clerk.says("novo@example.org")
    clerk.says(code_in(mail_to(clerk.gets_mail(), "novo@")))
    clerk.presses("Save")


def hears_of_it(talk: Talk, house: House) -> None:
    talk.heard = [out for to, out, _file in house.doors["web"].came if to == talk.at][-1:]
    talk.shown += talk.heard


def test_it_waits_for_an_administrator(clerk: Talk, house: House, town: Town) -> None:
    asks_for_email(clerk)

    clerk.hears("E-mail: an administrator of your registration has to approve it.")
    assert waiting(house) == [("email", "administrator")]
    assert emails(house, town.people["oficina"]) == ["contas@example.net"]


def test_approved_it_counts_and_both_are_told(
    boss: Talk, clerk: Talk, house: House, town: Town
) -> None:
    asks_for_email(clerk)
    hears_of_it(boss, house)
    boss.hears("Clara", "E-mail: n***@e***.org")
    boss.presses("Approve")
    if emails(house, town.people["oficina"]) == ["contas@example.net"]:
        boss.presses("Yes")

    assert emails(house, town.people["oficina"]) == ["novo@example.org"]
    hears_of_it(clerk, house)
    clerk.hears("approved what you asked for")


def test_denied_nothing_changes(boss: Talk, clerk: Talk, house: House, town: Town) -> None:
    asks_for_email(clerk)
    hears_of_it(boss, house)
    boss.presses("Deny")

    assert emails(house, town.people["oficina"]) == ["contas@example.net"]


def test_a_second_wish_for_the_same_field_does_not_pile_up(clerk: Talk, house: House) -> None:
    for number in ("12.345.678-9", "98.765.432-1"):
        clerk.says("change my registration")
        clerk.presses("State registration")
        clerk.says(number)
        clerk.presses("Save")

    clerk.hears("State registration: that could not be saved.")
    assert waiting(house) == [("registry_number", "administrator")]


def test_contacts_wait_too(clerk: Talk, house: House, town: Town) -> None:
    clerk.says("my contacts")
    clerk.presses("c***@e***.net")
    clerk.presses("Another name")
    clerk.says("old")

    clerk.hears("An administrator of your registration has to approve it.")
    assert waiting(house) == [("contacts:email", "administrator")]
    assert column(house, town.people["oficina"], "registry_number") is None
