"""What a mail to the team says of what waits: its name in the queue, and the commands that decide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from bot.core.brand import Brand, Registration
from storage import queue

from .conftest import Visit
from .house import House
from .keeping import PRIVATE
from .registering import identified
from .talk import Talk, plain


@pytest.fixture
def brand() -> Brand:
    rules = Registration(fields={"registry_number": "approval", "born_on": "approval"})
    return replace(PRIVATE, registration=rules)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def in_html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def waiting(house: House) -> list[str]:
    return [each.ref for each in house.reads(queue.waiting)]


def claims_to_have_paid(ana: Talk) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.says("I paid it yesterday by PIX at the bank's app")


def asks_for_deletion(ana: Talk) -> None:
    ana.says("delete my data")
    ana.presses("Yes")


def changes_what_the_team_approves(ana: Talk) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Save")


@pytest.mark.parametrize(
    "asks", [claims_to_have_paid, asks_for_deletion, changes_what_the_team_approves]
)
def test_it_names_what_waits_and_how_it_is_decided(
    ana: Talk, house: House, asks: Callable[[Talk], None]
) -> None:
    asks(ana)
    (mail,) = ana.gets_mail()
    (ref,) = waiting(house)

    for words in (plain(mail), in_html(mail)):
        assert f"balcao queue show {ref}" in words
        assert f"balcao queue approve {ref}" in words
        assert f"balcao queue deny {ref} --reason" in words
    assert f"Na fila: {ref}" in plain(mail)


def test_a_change_of_two_fields_names_both(ana: Talk, house: House) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Birth date")
    ana.says("10/02/1990")
    ana.presses("Save")
    (mail,) = ana.gets_mail()

    assert len(waiting(house)) == 2
    for ref in waiting(house):
        assert f"balcao queue approve {ref}" in plain(mail)


def test_a_wish_that_was_taken_back_names_nothing_to_decide(ana: Talk) -> None:
    asks_for_deletion(ana)
    ana.gets_mail()
    ana.says("delete my data")
    ana.presses("Take it back")
    (mail,) = ana.gets_mail()
    assert "balcao queue" not in plain(mail)
