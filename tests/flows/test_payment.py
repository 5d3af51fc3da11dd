"""How I pay: the current way, another one with what follows, and what happens when the gateway refuses."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand
from bot.core.message import _
from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk, charges
from storage.bulk import NewCustomer
from storage.tables import audit, customer, field_change

from .company import administrator_of, arrived, comes_in
from .conftest import Visit
from .house import House
from .paying import CARDS, TRUST, Pages, has_card, is_now, of_customer
from .registering import identified, proved
from .talk import Talk
from .town import BRAND, Town


@pytest.fixture
def brand(pages: Pages) -> Brand:
    return replace(BRAND, payments=CARDS, trust=TRUST)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit, "ana")


def form(house: House, town: Town) -> object:
    return of_customer(house, town, "ana", "payment_form")


def test_the_menu_leads_to_how_one_pays(ana: Talk) -> None:
    ana.says("menu")
    ana.presses("How I pay")
    ana.hears("You pay by Boleto.", "What would you like to do?")
    ana.sees(
        "Change how I pay", "My cards", "Why am I blocked?", "Unlock on trust", "Promise a payment",
        "I already paid", "No, thank you",
    )  # fmt: skip
    ana.presses("No, thank you")
    ana.hears("All right!")


def test_the_card_and_automatic_payment_are_said(ana: Talk, house: House, town: Town) -> None:
    has_card(house, town, "ana", "4444", default=True, autopay=True)
    is_now(house, town, "ana", payment_form="card")
    ana.says("how i pay")
    ana.hears("You pay by Card.", "Your card: VISA •••• 4444", "charged to it on its due date")


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_boleto_becomes_pix_from_the_next_invoice_on(
    visit: Visit, house: House, town: Town, door: str
) -> None:
    ana = identified(visit, "ana", door=door)
    ana.says("change how i pay")
    ana.hears("You pay by Boleto. How would you like to pay?")
    ana.says("pix")
    ana.hears(
        "Change from Boleto to PIX?", "It counts from invoice 2026-12-A (due Dec 10, 2026) on.",
        "those you may have do not pay these invoices any more",
    )  # fmt: skip
    assert form(house, town) == "boleto"
    ana.says("yes")
    ana.hears("✅ Saved: you pay by PIX from invoice 2026-12-A (due Dec 10, 2026) on.")
    assert form(house, town) == "pix"
    (change,) = house.rows(
        select(field_change.c.field, field_change.c.before, field_change.c.after)
    )
    assert tuple(change) == ("payment_form", "boleto", "pix")
    assert house.rows(select(audit.c.what).where(audit.c.what == "customer.changed"))


def test_no_changes_nothing(ana: Talk, house: House, town: Town) -> None:
    ana.says("switch to pix")
    ana.presses("PIX")
    ana.presses("No")
    assert form(house, town) == "boleto"


def test_a_gateway_that_refuses_leaves_the_record_as_it_was(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    pages.refuses = "refused"
    ana.says("change how i pay")
    ana.presses("PIX")
    ana.presses("Yes")
    ana.hears("did not work, so nothing was changed: you pay as before.")
    assert form(house, town) == "boleto"
    assert not house.rows(select(field_change.c.id))


def test_a_second_tap_on_yes_changes_once(ana: Talk, house: House) -> None:
    ana.says("change how i pay")
    ana.presses("PIX")
    ana.presses("Yes")
    ana.taps_again()
    ana.says("change how i pay")
    assert len(house.rows(select(field_change.c.id))) == 1


def test_what_is_typed_and_means_nothing_is_asked_again(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("change how i pay")
    ana.says("by pigeon")
    ana.hears("How would you like to pay?")
    assert form(house, town) == "boleto"


def test_who_is_not_fresh_proves_again_first(visit: Visit, house: House, town: Town) -> None:
    ana = proved(visit, house, town, "ana")
    ana.says("change how i pay")
    ana.hears("I make sure that it is you")
    ana.says(ana.reads_code())
    ana.hears("You pay by Boleto. How would you like to pay?")


def test_the_card_form_wants_a_card_first(ana: Talk) -> None:
    ana.says("change how i pay")
    ana.presses("Card")
    ana.hears("You have no card saved yet. Shall we add one first?")
    ana.presses("No, thank you")
    ana.hears("Nothing was changed: you pay as before.")


def test_the_card_form_says_whether_the_card_is_charged_by_itself(
    ana: Talk, house: House, town: Town
) -> None:
    has_card(house, town, "ana", "4444", default=True)
    ana.says("change how i pay")
    ana.presses("Card")
    ana.hears("To have VISA •••• 4444 charged by itself on the due date")
    ana.presses("Yes")
    ana.hears("✅ Saved: you pay by Card")
    assert form(house, town) == "card"


def test_a_change_that_is_under_way_is_not_doubled(ana: Talk, house: House, town: Town) -> None:
    def begins(tx: object) -> object:
        return charges.ask_form(tx, None, town.people["ana"], "pix", done=_("a"), failed=_("b"))  # type: ignore[arg-type]

    ana.says("change how i pay")
    ana.presses("PIX")
    house.writes(begins)
    ana.presses("Yes")
    ana.hears("Nothing was changed: another change is still under way.")


def test_a_cancelled_customer_changes_nothing(ana: Talk, house: House, town: Town) -> None:
    is_now(house, town, "ana", status="cancelled")
    ana.says("change how i pay")
    ana.hears("Your contract is cancelled, so nothing of how you pay can be changed.")
    ana.says("how i pay")
    ana.sees("I already paid", "No, thank you")


def test_informal_payment_is_confirmed_by_hand(ana: Talk, house: House, town: Town) -> None:
    is_now(house, town, "ana", payment_form="informal")
    ana.says("how i pay")
    ana.hears(
        "You pay by direct arrangement: there is no boleto, and our team confirms each payment"
    )


class TestACollaborator:
    @pytest.fixture
    def rosa(self, visit: Visit) -> Talk:
        return administrator_of(visit)

    @pytest.fixture
    def lia(self, visit: Visit, rosa: Talk) -> Talk:
        return comes_in(visit, rosa, "Lia")

    def asks(self, lia: Talk) -> None:
        lia.says("change how i pay")
        lia.presses("PIX")
        lia.presses("Yes")

    def test_the_change_waits_for_an_administrator(
        self, rosa: Talk, lia: Talk, house: House, town: Town
    ) -> None:
        self.asks(lia)
        lia.hears("An administrator has to approve this.")
        assert of_customer(house, town, "oficina", "payment_form") == "boleto"
        (asked,) = arrived(rosa)
        assert "Pay by PIX from now on" in asked.text
        rosa.presses("Approve")
        if of_customer(house, town, "oficina", "payment_form") != "pix":
            rosa.presses("Yes")
        assert of_customer(house, town, "oficina", "payment_form") == "pix"
        assert "✅ Saved: you pay by PIX now." in "".join(each.text for each in arrived(lia))

    def test_denied_nothing_changes(self, rosa: Talk, lia: Talk, house: House, town: Town) -> None:
        self.asks(lia)
        arrived(rosa)
        rosa.presses("Deny")
        assert of_customer(house, town, "oficina", "payment_form") == "boleto"

    def test_a_second_wish_does_not_pile_up(self, rosa: Talk, lia: Talk) -> None:
        self.asks(lia)
        self.asks(lia)
        lia.hears("This waits for an administrator's answer already.")


class TestWithoutAGateway:
    @pytest.fixture
    def brand(self) -> Brand:
        return BRAND

    def test_staff_confirms_and_the_change_is_the_record_s_own(
        self, ana: Talk, house: House, town: Town
    ) -> None:
        ana.says("how i pay")
        ana.hears("You pay by Boleto.", "Our team confirms each payment by hand")
        ana.presses("Change how I pay")
        ana.presses("PIX")
        ana.hears("Our team confirms each payment by hand.")
        ana.presses("Yes")
        ana.hears("✅ Saved: you pay by PIX from invoice 2026-12-A")
        assert form(house, town) == "pix"

    def test_there_are_no_cards(self, ana: Talk) -> None:
        ana.says("my cards")
        ana.hears("You have no card saved, and none can be added here.")


class TestSeveralCompanies:
    """Rosa administers a workshop and its branch, and has lists show both."""

    @pytest.fixture
    def branch(self, house: House, town: Town) -> int:
        def found(write: Write) -> int:
            cnpj = tax_id.generate_cnpj(Random(9), root="12ABC345", branch=2)
            (id,) = bulk.add_customers(
                write, [NewCustomer("norte", "PJ", "Oficina Sabiá Norte", cnpj, 5)]
            ).values()
            write.run(
                update(customer)
                .where(customer.c.id == id)
                .values(main_customer=town.people["oficina"])
            )
            return id

        return house.writes(found)

    def test_it_is_asked_once_of_which_company_and_that_one_changes(
        self, visit: Visit, branch: int, house: House, town: Town
    ) -> None:
        rosa = administrator_of(visit)
        rosa.says("companies")
        rosa.presses("All companies")
        rosa.says("how i pay")
        rosa.hears("Of which company?")
        rosa.presses("Oficina Sabiá Norte")
        rosa.hears("You pay by Boleto.")
        rosa.presses("Change how I pay")
        rosa.hears("You pay by Boleto. How would you like to pay?")
        rosa.presses("PIX")
        rosa.hears("It counts from your next invoice on.")
        rosa.presses("Yes")
        rosa.hears("✅ Saved: you pay by PIX from your next invoice on.")
        (row,) = house.rows(select(customer.c.payment_form).where(customer.c.id == branch))
        assert row.payment_form == "pix"
        assert of_customer(house, town, "oficina", "payment_form") == "boleto"


def test_in_portuguese(visit: Visit, house: House, town: Town) -> None:
    """Its words come with the translations of payments."""
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("forma de pagamento")
    ana.hears("Você paga por Boleto.")
    ana.presses("Mudar como pago")
    ana.presses("PIX")
    ana.hears("Mudar de Boleto para PIX?", "a partir da fatura 2026-12-A")
    ana.presses("Sim")
    ana.hears("✅ Pronto: você paga por PIX a partir da fatura 2026-12-A")
    assert form(house, town) == "pix"
