"""My cards: added on the gateway's page alone, shown by four digits, made default, removed, automatic payment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from storage import cards
from storage.tables import audit, card

from .company import administrator_of, arrived, comes_in
from .conftest import Visit
from .house import House
from .paying import (
    CARDS,
    Pages,
    enters_card,
    happens_on_page,
    has_card,
    is_now,
    of_customer,
    opens_page,
    saved_cards,
)
from .registering import identified, proved
from .talk import Talk
from .town import BRAND, Town


@pytest.fixture
def brand(pages: Pages) -> Brand:
    return replace(BRAND, payments=CARDS)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit, "ana")


# ------------------------------------------------------------------------- add


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_a_card_is_added_on_the_gateway_s_page(
    visit: Visit, house: House, town: Town, pages: Pages, door: str
) -> None:
    ana = identified(visit, "ana", door=door)
    ana.says("my cards")
    ana.hears("You have no card saved yet.")
    ana.says("add a card")
    ana.says("credit card")
    ana.hears("🔒 Enter the card on this page", "Please never write its number in this chat.")
    assert ana.copied == ["https://gateway.example.com/card/1"]

    enters_card(house, pages)
    (told,) = arrived(ana)
    assert told.text == "✅ Saved: VISA •••• 4444."
    assert saved_cards(house, town, "ana") == [("4444", True, False)]


def test_a_debit_card_keeps_its_kind_and_says_that_it_pays(
    ana: Talk, house: House, pages: Pages
) -> None:
    opens_page(ana, "Debit card")
    ana.hears("pays your next open invoice with a debit card")
    assert [each.kind for each in pages.opened] == ["debit"]


def test_a_second_card_can_become_the_default(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    has_card(house, town, "ana", "1111", default=True)
    opens_page(ana)
    enters_card(house, pages)
    arrived(ana)
    ana.presses("Make it the default")
    ana.hears("Make VISA •••• 4444 the default?")
    ana.presses("Yes")
    ana.hears("✅ Saved: VISA •••• 4444 is the default now.")
    assert saved_cards(house, town, "ana") == [("1111", False, False), ("4444", True, False)]


def test_who_went_on_meanwhile_is_told(ana: Talk, house: House, town: Town, pages: Pages) -> None:
    opens_page(ana)
    ana.says("menu")
    enters_card(house, pages)
    (told,) = arrived(ana)
    assert told.text == "✅ Card VISA •••• 4444 was saved."


def test_an_expired_page_says_so_and_another_is_opened(ana: Talk, house: House, town: Town) -> None:
    opens_page(ana)
    happens_on_page(house, "CHECKOUT_EXPIRED")
    arrived(ana)
    assert "The page's time is over and no card was saved." in ana.words
    ana.presses("A new page")
    assert ana.copied == ["https://gateway.example.com/card/2"]
    assert saved_cards(house, town, "ana") == []


def test_a_page_nobody_reports_is_over_by_the_clock(ana: Talk) -> None:
    opens_page(ana)
    ana.after(minutes=61)
    ana.says("hello?")
    ana.presses("Continue")
    ana.hears("The page's time is over and no card was saved.")


def test_a_page_that_the_customer_closed_says_so(ana: Talk, house: House) -> None:
    opens_page(ana)
    happens_on_page(house, "CHECKOUT_CANCELED")
    arrived(ana)
    assert "No card was saved: the page was closed." in ana.words


def test_an_open_page_is_used_again_or_replaced(ana: Talk, house: House, pages: Pages) -> None:
    opens_page(ana)
    ana.says("menu")
    opens_page(ana)
    ana.hears("A page for a card is open already.")
    ana.presses("Use that page")
    assert ana.copied == ["https://gateway.example.com/card/1"]
    enters_card(house, pages)
    arrived(ana)
    assert "✅ Saved: VISA •••• 4444." in ana.words


def test_an_open_page_is_replaced_by_a_new_one(ana: Talk) -> None:
    opens_page(ana)
    ana.says("menu")
    opens_page(ana)
    ana.presses("A new page")
    assert ana.copied == ["https://gateway.example.com/card/2"]


def test_a_gateway_that_fails_is_told_and_nothing_is_saved(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    pages.refuses = "refused"
    opens_page(ana)
    ana.hears("The page could not be opened.")
    pages.refuses = "nothing_to_pay"
    opens_page(ana, "Debit card")
    ana.hears("you have none to pay now")
    assert saved_cards(house, town, "ana") == []


def test_no_token_and_no_number_is_said_or_kept(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    opens_page(ana)
    enters_card(house, pages)
    (row,) = house.rows(select(card.c.token))
    ana.says("my cards")
    assert row.token == "token-4444"
    assert not [each for each in ana.shown if "token" in each.text]


def test_from_the_form_of_payment_one_adds_a_card_and_goes_on_there(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    ana.says("change how i pay")
    ana.presses("Card")
    ana.presses("Add a card")
    ana.presses("Credit card")
    enters_card(house, pages)
    arrived(ana)
    assert "You pay by Boleto. How would you like to pay?" in ana.words
    ana.presses("Card")
    ana.presses("Yes")
    ana.hears("✅ Saved: you pay by Card")
    assert of_customer(house, town, "ana", "payment_form") == "card"


def test_a_typed_number_is_answered_with_the_link(ana: Talk, house: House) -> None:
    ana.says("4111 1111 1111 1111")
    ana.hears("That looked like a card number", "A card is added on a safe page")
    ana.presses("Add a card there")
    ana.presses("Credit card")
    assert ana.copied == ["https://gateway.example.com/card/1"]


def test_a_typed_number_interrupts_nothing_for_good(ana: Talk) -> None:
    ana.says("my invoices")
    ana.says("4111111111111111")
    ana.presses("No, thank you")
    ana.hears("Here are your invoices")


# ------------------------------------------------------------------------- change


def test_the_list_says_kind_default_and_automatic_payment(
    ana: Talk, house: House, town: Town
) -> None:
    has_card(house, town, "ana", "1111", kind="debit", token=None)
    has_card(house, town, "ana", "4444", default=True, autopay=True)
    ana.says("my cards")
    ana.sees("VISA •••• 4444", "VISA •••• 1111", "Add a card", "No, thank you")
    assert [b.detail for b in ana.heard[-1].buttons][:2] == [
        "credit · default · automatic payment", "debit",
    ]  # fmt: skip


def test_automatic_payment_on_and_off(ana: Talk, house: House, town: Town) -> None:
    has_card(house, town, "ana", "4444", default=True)
    for wish, after in (
        ("Switch autopay on", True), ("Switch autopay off", False),
    ):  # fmt: skip
        ana.says("my cards")
        ana.presses("VISA •••• 4444")
        ana.presses(wish)
        ana.presses("Yes")
        ana.hears("✅ Saved:")
        assert saved_cards(house, town, "ana") == [("4444", True, after)]
    assert len(house.rows(select(audit.c.id).where(audit.c.what == "card.autopay"))) == 2


def test_removed_after_a_yes_and_the_consequence_is_said(
    ana: Talk, house: House, town: Town
) -> None:
    has_card(house, town, "ana", "4444", default=True, autopay=True)
    has_card(house, town, "ana", "1111")
    ana.says("remove my card")
    ana.says("4444")
    ana.presses("Remove this card")
    ana.hears("Remove VISA •••• 4444?", "Automatic payment ends with it")
    ana.presses("No")
    assert len(saved_cards(house, town, "ana")) == 2
    ana.says("remove my card")
    ana.says("4444")
    ana.presses("Remove this card")
    ana.presses("Yes")
    ana.taps_again()
    assert saved_cards(house, town, "ana") == [("1111", True, False)]
    assert len(house.rows(select(audit.c.id).where(audit.c.what == "card.removed"))) == 1


def test_a_stale_press_on_a_removed_card_removes_nothing(
    ana: Talk, house: House, town: Town
) -> None:
    has_card(house, town, "ana", "4444", default=True)
    has_card(house, town, "ana", "1111")
    ana.says("my cards")
    ana.presses("VISA •••• 4444")
    (gone,) = house.reads(lambda read: [cards.default_of(read, town.people["ana"])])
    assert gone is not None
    house.writes(lambda tx: cards.remove(tx, town.people["ana"], gone.id))
    ana.presses("Remove this card")
    ana.hears("not there any more")
    assert saved_cards(house, town, "ana") == [("1111", True, False)]


def test_what_is_typed_and_means_nothing_is_asked_again(
    ana: Talk, house: House, town: Town
) -> None:
    has_card(house, town, "ana", "4444", default=True)
    ana.says("my cards")
    ana.says("the golden one")
    ana.hears("These are your cards. Choose one.")


def test_another_s_card_is_in_no_list(ana: Talk, house: House, town: Town) -> None:
    has_card(house, town, "bruno", "9999", default=True)
    ana.says("my cards")
    ana.hears("You have no card saved yet.")
    ana.says("9999")
    ana.hears_no("9999 (")


def test_a_change_needs_a_fresh_proof(visit: Visit, house: House, town: Town) -> None:
    ana = proved(visit, house, town, "ana")
    has_card(house, town, "ana", "4444", default=True)
    ana.says("my cards")
    ana.presses("VISA •••• 4444")
    ana.presses("Remove this card")
    ana.hears("I make sure that it is you")
    ana.says(ana.reads_code())
    ana.hears("Remove VISA •••• 4444?")


def test_a_cancelled_customer_changes_no_card(ana: Talk, house: House, town: Town) -> None:
    is_now(house, town, "ana", status="cancelled")
    ana.says("my cards")
    ana.hears("Your contract is cancelled")


class TestACollaborator:
    @pytest.fixture
    def rosa(self, visit: Visit) -> Talk:
        return administrator_of(visit)

    @pytest.fixture
    def lia(self, visit: Visit, rosa: Talk, house: House, town: Town) -> Talk:
        has_card(house, town, "oficina", "4444", default=True)
        has_card(house, town, "oficina", "1111")
        return comes_in(visit, rosa, "Lia")

    def decides(self, rosa: Talk, how: str) -> None:
        arrived(rosa)
        rosa.presses(how)
        if "Yes" in [b.label for b in rosa.heard[-1].buttons]:
            rosa.presses("Yes")

    @pytest.mark.parametrize(
        ("which", "wish", "words", "after"),
        [
            ("1111", "Make it the default", "Make VISA •••• 1111 the default card",
             [("4444", False, False), ("1111", True, False)]),
            ("1111", "Remove this card", "Remove the card VISA •••• 1111", [("4444", True, False)]),
            ("4444", "Switch autopay on", "Charge each invoice to VISA •••• 4444",
             [("4444", True, True), ("1111", False, False)]),
        ],
    )  # fmt: skip
    def test_a_change_waits_for_an_administrator(
        self, rosa: Talk, lia: Talk, house: House, town: Town, which: str, wish: str, words: str,
        after: list[tuple[str, bool, bool]],
    ) -> None:  # fmt: skip
        lia.says("my cards")
        lia.presses(f"VISA •••• {which}")
        lia.presses(wish)
        lia.presses("Yes")
        lia.hears("An administrator has to approve this.")
        assert saved_cards(house, town, "oficina") == [
            ("4444", True, False),
            ("1111", False, False),
        ]
        self.decides(rosa, "Approve")
        assert saved_cards(house, town, "oficina") == after
        assert words in "".join(each.text for each in arrived(lia))

    def test_what_is_gone_when_it_is_approved_is_told(
        self, rosa: Talk, lia: Talk, house: House, town: Town
    ) -> None:
        lia.says("my cards")
        lia.presses("VISA •••• 1111")
        lia.presses("Make it the default")
        lia.presses("Yes")
        house.writes(
            lambda tx: cards.remove(
                tx, town.people["oficina"], cards.of(tx, town.people["oficina"])[1].id
            )
        )
        self.decides(rosa, "Approve")
        assert "that card is not there any more." in "".join(e.text for e in arrived(lia))

    def test_adding_one_waits_too_and_is_done_by_who_asked(
        self, rosa: Talk, lia: Talk, house: House, town: Town, pages: Pages
    ) -> None:
        opens_page(lia)
        lia.hears("An administrator has to approve this.")
        assert pages.opened == []
        self.decides(rosa, "Approve")
        arrived(lia)
        lia.presses("Add the card")
        assert lia.copied == ["https://gateway.example.com/card/1"]
        enters_card(house, pages, "7777")
        assert ("7777", False, False) in saved_cards(house, town, "oficina")

    def test_denied_nothing_is_opened(self, rosa: Talk, lia: Talk, pages: Pages) -> None:
        opens_page(lia)
        self.decides(rosa, "Deny")
        assert pages.opened == []


def test_in_portuguese(visit: Visit, house: House, town: Town, pages: Pages) -> None:
    """Its words come with the translations of payments."""
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("cadastrar cartão")
    ana.presses("Cartão de crédito")
    ana.hears("🔒 Informe o cartão nesta página")
    enters_card(house, pages)
    (told,) = arrived(ana)
    assert told.text == "✅ Salvo: VISA •••• 4444."
