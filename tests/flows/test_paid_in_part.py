"""An invoice that was paid in part: what was paid and when, what is missing, and every way to pay the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.core.brand import Brand
from bot.domain import pix
from tests.documents.eyes import text as text_of_pdf

from .company import arrived
from .conftest import Visit
from .house import House
from .paying import TRUST, invoice_state, pays, takes_back
from .registering import identified
from .talk import Talk, plain
from .town import BRAND, Town

TODAY = "R$40.83"  # 39.90 missing, 2 % of it, and ten days at 1 % a month


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, trust=TRUST)


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    """She paid 60.00 of the 99.90 that were due on 10 November; today is the 20th."""
    ana = identified(visit, "ana")
    pays(house, town, "60.00", date(2026, 11, 9))
    (told,) = arrived(ana)
    assert "We received R$60.00 for invoice 2026-11-A" in told.text
    assert "Still missing: R$39.90." in told.text
    return ana


def test_the_list_and_the_invoice_say_what_is_missing(ana: Talk) -> None:
    ana.says("my invoices")
    assert ana.option(1) == "11/2026 · R$39.90"
    detail = ana.heard[-1].buttons[0].detail.replace("\xa0", " ")
    assert detail == "R$60.00 paid · overdue since Nov 10, 2026"
    ana.presses("11/2026 · R$39.90")
    ana.hears(
        "Amount: R$99.90", "Paid in part: R$60.00 on Nov 9, 2026", "Still missing: R$39.90",
        "Its boleto asks for all of it, so please pay what is missing by PIX.",
        "Fine: R$0.80", "Interest (10 days): R$0.13", f"Total today: {TODAY}",
    )  # fmt: skip
    assert "Boleto line" not in [each.label for each in ana.heard[-1].buttons]


def test_the_pix_code_asks_for_the_rest_alone(ana: Talk) -> None:
    ana.says("my invoices")
    ana.says("1")
    ana.presses("Pay with PIX")
    ana.hears(f"PIX of {TODAY}.")
    (code,) = ana.copied
    assert pix.decode(code).amount == Decimal("40.83")


def test_the_mail_and_its_page_add_up_to_the_rest(ana: Talk) -> None:
    ana.says("second copy by e-mail")
    ana.says("1")
    ana.hears(f"{TODAY} still to pay today")
    ana.presses("Yes")
    (mail,) = ana.gets_mail()
    words = plain(mail).replace("\xa0", " ")
    for said in ("Paid in part on 11/09/2026: -R$60.00", "R$0.80", f"Total due: {TODAY}"):
        assert said in words.replace("Nov 9, 2026", "11/09/2026")
    (page,) = [part.get_content() for part in mail.iter_attachments()]
    seen = text_of_pdf(page).replace("\xa0", " ")
    for said in ("Paid in part on Nov 9, 2026", "-R$60.00", "R$39.90", TODAY):
        assert said in seen


def test_blocked_and_promise_speak_of_the_rest(ana: Talk) -> None:
    ana.says("why am i blocked")
    ana.hears(f"10 days late: {TODAY} today.", "Of its R$99.90, R$60.00 is paid.")
    ana.says("promise a payment")
    ana.says("1")
    ana.says("1")
    ana.hears("You promise to pay invoice 2026-11-A (R$39.90)")


def test_the_rest_with_its_fine_and_interest_settles_it_and_nothing_is_short(
    ana: Talk, house: House, town: Town
) -> None:
    pays(house, town, "40.83", date(2026, 11, 20))
    (told,) = arrived(ana)
    assert told.text.startswith("Payment received: R$40.83")
    assert "later invoice" not in told.text
    assert invoice_state(house, "2026-11-A") == "paid"


def test_a_part_that_is_taken_back_is_missing_again(ana: Talk, house: House, town: Town) -> None:
    takes_back(house, town)
    (told,) = arrived(ana)
    assert "was taken back" in told.text
    ana.says("my invoices")
    assert ana.option(1) == "11/2026 · R$99.90"
