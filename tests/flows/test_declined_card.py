"""A card that the gateway or the bank declines: told as that, with another card and other ways to pay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.brand import Brand

from .company import arrived
from .conftest import Visit
from .house import House
from .paying import (
    CARDS,
    Pages,
    declines_card,
    enters_card,
    happens_on_page,
    opens_page,
    saved_cards,
)
from .registering import identified
from .talk import Talk
from .town import BRAND, Town

NOT_ACCEPTED = "❌ The card was not accepted, so it was not saved."


@pytest.fixture
def brand(pages: Pages) -> Brand:
    return replace(BRAND, payments=CARDS)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit, "ana")


def test_a_declined_card_is_told_as_that_and_another_is_tried_on_the_same_page(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    opens_page(ana)
    declines_card(house)
    (told,) = arrived(ana)
    assert NOT_ACCEPTED in told.text
    assert "time is over" not in told.text
    assert saved_cards(house, town, "ana") == []

    ana.sees("Try another card", "Pay another way", "No, thank you")
    ana.presses("Try another card")
    assert ana.copied == ["https://gateway.example.com/card/1"]
    declines_card(house, time=2)
    assert NOT_ACCEPTED in arrived(ana)[0].text

    ana.presses("Try another card")
    enters_card(house, pages)
    assert [each.text for each in arrived(ana)] == ["✅ Saved: VISA •••• 4444."]
    assert len(pages.opened) == 1


def test_who_tries_on_there_at_once_hears_once_of_the_refusals_and_then_of_the_card(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    opens_page(ana)
    declines_card(house)
    declines_card(house, time=2)
    assert len(arrived(ana)) == 1

    enters_card(house, pages)
    (told,) = arrived(ana)
    assert told.text.startswith("✅ Card VISA •••• 4444 was saved.")
    assert saved_cards(house, town, "ana") == [("4444", True, False)]


def test_who_went_on_with_something_else_is_told(ana: Talk, house: House) -> None:
    opens_page(ana)
    ana.says("menu")
    declines_card(house)
    (told,) = arrived(ana)
    assert told.text == "The card was not accepted, and was not saved."


def test_once_the_page_is_over_another_is_opened(ana: Talk, house: House) -> None:
    opens_page(ana)
    declines_card(house)
    happens_on_page(house, "CHECKOUT_EXPIRED")
    arrived(ana)
    ana.presses("Try another card")
    assert ana.copied == ["https://gateway.example.com/card/2"]


@pytest.mark.parametrize(
    ("kind", "next_question"),
    [("Credit card", "You pay by Boleto."), ("Debit card", "Here are your invoices")],
)
def test_another_way_to_pay_is_a_press_away(
    ana: Talk, house: House, kind: str, next_question: str
) -> None:
    opens_page(ana, kind)
    declines_card(house)
    arrived(ana)
    ana.presses("Pay another way")
    ana.hears(next_question)


def test_nothing_more_leaves_everything_as_it_was(ana: Talk, house: House, town: Town) -> None:
    opens_page(ana)
    declines_card(house)
    arrived(ana)
    ana.presses("No, thank you")
    assert saved_cards(house, town, "ana") == []


def test_a_refusal_heard_of_after_another_card_was_saved_is_not_told(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    opens_page(ana)
    enters_card(house, pages)
    arrived(ana)
    declines_card(house)
    assert arrived(ana) == []
    assert saved_cards(house, town, "ana") == [("4444", True, False)]
