"""An administrator who was invited gets codes at an e-mail of their own; and a fresh code is no role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

import handlers
from bot.core.brand import Brand
from bot.core.flow import FRESH, Registry
from bot.core.message import _
from bot.core.ports import Turn
from handlers._approved import settle
from storage import erasures, links, membership, people, registration
from storage.tables import audit, customer, field_change, person
from storage.tables import membership as memberships

from .company import acts, administrator_of, arrived, comes_in
from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, mail_to
from .talk import Talk
from .town import Town

OWN = "ivo@example.org"


@pytest.fixture
def brand() -> Brand:
    return replace(OPEN, features={**OPEN.features, "privacy": True})


@pytest.fixture
def rosa(visit: Visit) -> Talk:
    return administrator_of(visit)


@pytest.fixture
def ivo(visit: Visit, rosa: Talk, town: Town, house: House) -> Talk:
    """Rosa invited him, and made him an administrator; he does not read the company's mailbox."""
    ivo = comes_in(visit, rosa, "Ivo")
    acts(rosa, membership.change, town.people["oficina"], number_of(house), "promote")
    arrived(ivo)
    return ivo


def number_of(house: House) -> int:
    (row,) = house.rows(select(person.c.id).where(person.c.name == "Ivo"))
    return int(row.id)


def choices(talk: Talk) -> list[str]:
    """What is offered, whatever notice comes in between."""
    asked = next(each for each in talk.heard if "Where shall the code go?" in each.text)
    return [each.label for each in asked.buttons if each.kind == "press"]


def names_own(ivo: Talk) -> None:
    ivo.says("change my registration")
    ivo.hears("Where shall the code go?")
    ivo.presses("I do not read that e-mail")
    ivo.hears("What is the new e-mail?")
    ivo.says(OWN)
    ivo.says(code_in(mail_to(ivo.gets_mail(), OWN)))
    ivo.hears("Another administrator has to approve it.")


def test_another_administrator_approves_it_and_from_then_on_codes_go_there(
    ivo: Talk, rosa: Talk, house: House
) -> None:
    names_own(ivo)
    arrived(rosa)
    rosa.hears("Ivo (Sabiá Motores) asks for your approval", "Codes for Ivo go to i***@e***.org")
    rosa.presses("Approve")
    rosa.presses("Yes")
    arrived(ivo)
    ivo.hears("approved what you asked for, and it is done")

    ivo.says("change my registration")
    ivo.presses("To my own: i***@e***.org")
    ivo.hears("I sent a code to i***@e***.org")
    ivo.says(code_in(mail_to(ivo.gets_mail(), OWN)))
    ivo.hears("For the next 10 minutes you can change things.", "What do you want to change?")
    done = [row.what for row in house.rows(select(audit.c.what).order_by(audit.c.id))]
    assert "person.own-email" in done


def test_until_then_no_code_goes_there(ivo: Talk, rosa: Talk) -> None:
    names_own(ivo)
    ivo.says("change my registration")
    assert choices(ivo) == ["To c***@e***.net", "I do not read that e-mail"]
    arrived(rosa)
    rosa.presses("Deny")
    rosa.presses("Yes")
    ivo.says("change my registration")
    assert choices(ivo) == ["To c***@e***.net", "I do not read that e-mail"]


def test_a_chat_alone_sets_none_and_a_fresh_code_does(rosa: Talk) -> None:
    rosa.says("send codes to me")
    rosa.says("rosa@example.org")
    rosa.says(code_in(mail_to(rosa.gets_mail(), "rosa@")))
    rosa.hears("✅ Saved: from now on your codes go to r***@e***.org.")
    rosa.after(minutes=11)
    rosa.says("send codes to me")
    rosa.says("thief@example.org")
    rosa.says(code_in(mail_to(rosa.gets_mail(), "thief@")))
    rosa.hears("You are the only administrator, so nobody can approve it.")
    rosa.says("change my registration")
    rosa.sees("To my own: r***@e***.org", "To c***@e***.net")


# ------------------------------------------------------------------------- a code is no role

THOUGHT_OF = {
    "approve", "contacts", "erase-me", "invite", "person-activate", "person-change",
    "privacy-file", "registration-edit",  # below, and in the tests of privacy
    "card-add", "card-change", "payment-change",  # in the tests of cards and payment
}  # fmt: skip
"""Who adds a flow says where it is shown what somebody gets of it who may not decide."""


def test_every_flow_that_takes_a_fresh_code_is_thought_of() -> None:
    assert {each.name for each in Registry.of(handlers) if each.needs is FRESH} == THOUGHT_OF


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        (lambda tx, of: membership.change(tx, of, people.here(tx).person, "promote"), "not-allowed"),
        (lambda tx, of: links.create(tx, of), None),
        (lambda tx, of: registration.save(tx, of, {"name": "Mine"}, words={"name": _("Name")})["saved"], []),
        (lambda tx, of: settle(tx, 1, approve=True), None),
        (lambda tx, of: erasures.subject_of(tx, of, people.here(tx).person)[:7], "person:"),
    ],
    ids=["people", "invite", "registration", "approve", "erase"],
)  # fmt: skip
def test_a_collaborator_with_a_fresh_code_changes_nothing(
    ivo: Talk, rosa: Talk, house: House, town: Town, action: Callable[[Turn, int], Any], answer: Any
) -> None:
    names_own(ivo)  # the request that he may not approve himself
    acts(rosa, membership.change, town.people["oficina"], number_of(house), "demote")
    acts(ivo, people.refresh)
    before = house.rows(select(customer)), house.rows(select(memberships))
    assert acts(ivo, action, town.people["oficina"]) == answer
    assert (house.rows(select(customer)), house.rows(select(memberships))) == before
    assert house.rows(select(field_change)) == []
