"""Which messages one gets, what one agreed to, and how both are taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.ports import Read
from bot.domain.privacy import Kind
from storage import preferences
from storage.tables import audit, audit_body, consent

from .company import administrator_of, comes_in
from .conftest import Visit
from .filed import offer
from .house import House
from .keeping import PRIVATE
from .registering import identified
from .talk import Talk
from .town import Town


@pytest.fixture
def brand() -> Brand:
    return PRIVATE


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def mails(house: House, customer: int, kind: Kind) -> bool:
    """Whether mails of a kind are sent to a customer."""

    def look(read: Read) -> bool:
        return preferences.wanted(read, customer, kind)

    return house.reads(look)


def agreements(house: House) -> list[Any]:
    return house.rows(select(consent).order_by(consent.c.id))


def wants_news(talk: Talk) -> None:
    talk.says("which messages")
    talk.presses("Offers and news")
    talk.presses("Turn on")
    talk.presses("Yes")


def test_every_kind_is_listed_and_the_required_ones_say_so(ana: Talk) -> None:
    ana.says("privacy")
    ana.presses("Which messages I get")
    ana.hears("marked “required”")
    kinds = {b.label: b.detail for b in ana._last_buttons if b.kind != "nav"}
    assert kinds == {
        "Invoices and due dates": "required",
        "Payments and receipts": "required",
        "Security: codes, changes, access": "required",
        "Contract, documents and the service": "required",
        "Reminders before the due date": "on",
        "Offers and news": "off",
        "It is all right": "",
    }


def test_what_is_required_cannot_be_switched_off(ana: Talk, house: House, town: Town) -> None:
    ana.says("which messages")
    ana.presses("Security: codes, changes, access")
    ana.hears("cannot be switched off", "Any other messages?")
    assert mails(house, town.people["ana"], Kind.SECURITY)
    with pytest.raises(ValueError, match="required"):
        house.writes(
            lambda write: preferences.unsubscribe(write, town.people["ana"], Kind.SECURITY)
        )


def test_reminders_are_switched_off_and_on_again(ana: Talk, house: House, town: Town) -> None:
    ana.says("which messages")
    ana.presses("Reminders before the due date")
    ana.hears("Reminders before the due date: on.")
    ana.presses("Turn off")
    ana.hears("✅ Switched off: Reminders before the due date, here and by e-mail.")
    assert not mails(house, town.people["ana"], Kind.REMINDERS)

    ana.presses("Reminders before the due date")
    ana.presses("Turn on")
    ana.hears("✅ Switched on")
    assert mails(house, town.people["ana"], Kind.REMINDERS)
    rows = house.rows(
        select(audit_body.c.before, audit_body.c.after)
        .join_from(audit, audit_body)
        .where(audit.c.what == "preference.changed")
        .order_by(audit.c.id)
    )
    assert [(row.before["mail"], row.after["mail"]) for row in rows] == [
        (True, False),
        (False, True),
    ]


def test_a_double_tap_switches_once(ana: Talk, house: House, town: Town) -> None:
    ana.says("which messages")
    ana.presses("Reminders before the due date")
    ana.presses("Turn off")
    ana.taps_again()
    ana.hears_nothing()
    assert not mails(house, town.people["ana"], Kind.REMINDERS)


@pytest.mark.parametrize("door", ["lists", "text"])
def test_words_and_numbers_choose_too(visit: Visit, house: House, town: Town, door: str) -> None:
    ana = identified(visit, door=door)
    ana.says("which messages")
    ana.says("reminders before the due date")
    ana.says("turn off")
    ana.hears("✅ Switched off")
    assert not mails(house, town.people["ana"], Kind.REMINDERS)


def test_offers_come_only_after_a_yes_to_exact_words(ana: Talk, house: House, town: Town) -> None:
    wants_news(ana)
    ana.hears("✅ Switched on: Offers and news, here and by e-mail.")
    (given,) = agreements(house)
    assert "May Curral Fibra send you offers and news" in given.words
    assert (given.purpose, given.through, given.withdrawn_at) == ("news", "web", None)
    assert mails(house, town.people["ana"], Kind.NEWS)


def test_a_no_leaves_them_off(ana: Talk, house: House, town: Town) -> None:
    ana.says("which messages")
    ana.presses("Offers and news")
    ana.presses("Turn on")
    ana.presses("No")
    ana.hears("All right, you get none.", "Any other messages?")
    assert agreements(house) == []
    assert not mails(house, town.people["ana"], Kind.NEWS)


def test_what_one_agreed_to_is_shown_with_its_words_and_withdrawn(
    ana: Talk, house: House, town: Town
) -> None:
    wants_news(ana)
    ana.says("what did i agree to")
    ana.presses("Offers and news")
    ana.hears(
        "Agreed on Nov 20, 2026", "through web, by", "These were the words:", "May Curral Fibra"
    )
    ana.presses("Withdraw it")
    ana.hears("✅ Withdrawn: Offers and news.")

    (given,) = agreements(house)
    assert given.withdrawn_at is not None
    assert not mails(house, town.people["ana"], Kind.NEWS)
    ana.says("what did i agree to")
    ana.presses("Offers and news")
    ana.hears("Withdrawn on Nov 20, 2026")
    ana.sees("Another one", "No, thank you")


def test_a_withdrawal_pressed_late_in_another_chat_changes_nothing_more(
    ana: Talk, visit: Visit, house: House
) -> None:
    wants_news(ana)
    second = identified(visit, chat="ana-phone")
    for talk in (ana, second):
        talk.says("what did i agree to")
        talk.presses("Offers and news")
    ana.presses("Withdraw it")
    first = agreements(house)[0].withdrawn_at
    second.after(minutes=5)
    second.presses("Withdraw it")
    assert [each.withdrawn_at for each in agreements(house)] == [first]


def test_an_accepted_contract_is_shown_but_not_withdrawn(
    ana: Talk, house: House, town: Town
) -> None:
    offer(house, town)
    ana.says("my contracts")
    ana.presses("Fibre")
    ana.presses("Accept it")
    ana.presses("Yes")
    ana.says("what did i agree to")
    ana.presses("Contract: Fibre")
    ana.hears("These were the words:", "Fibre service")
    ana.sees("Another one", "No, thank you")


def test_an_empty_list_says_why(ana: Talk) -> None:
    ana.says("my consents")
    ana.hears("You have agreed to nothing here so far")


def test_a_collaborator_chooses_for_himself_and_sees_his_own(
    visit: Visit, house: House, town: Town
) -> None:
    rosa = administrator_of(visit)
    tito = comes_in(visit, rosa, "Tito Lima")
    wants_news(rosa)
    tito.says("what did i agree to")
    tito.hears("You have agreed to nothing here so far")
    tito.says("which messages")
    tito.presses("Reminders before the due date")
    tito.presses("Turn off")
    tito.hears("✅ Switched off for you: Reminders before the due date.")
    assert mails(house, town.people["oficina"], Kind.REMINDERS)


def test_nobody_sees_what_another_agreed_to(ana: Talk, visit: Visit) -> None:
    wants_news(ana)
    bruno = identified(visit, "bruno")
    bruno.says("what did i agree to")
    bruno.hears("You have agreed to nothing here so far")


# ------------------------------------------------------------------------- em português


def test_em_portugues(visit: Visit, house: House, town: Town) -> None:
    """Words are in the catalogue only once the lead has merged them."""
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("quais mensagens")
    ana.hears("Estas são as mensagens que enviamos")
    ana.presses("Lembretes antes do vencimento")
    ana.presses("Desligar")
    ana.hears("✅ Desligado: Lembretes antes do vencimento")
    assert not mails(house, town.people["ana"], Kind.REMINDERS)
