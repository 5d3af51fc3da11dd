"""Without a gateway: the same conversations, the brand's own codes, and staff that confirms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.core.brand import Brand, Payments
from bot.domain import pix
from bot.payments.offline import Offline
from storage import cards, charges, invoices, payments
from storage.database import Database
from tests.fakes import Clock
from tests.payments.conftest import BRAND
from tests.payments.office import Office
from tests.payments.test_changes import asks, form_of


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, payments=Payments())


@pytest.fixture
async def office(
    storage: Database, brand: Brand, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr("storage.turns.JOIN_SECONDS", 0.0)
    office = Office(storage, brand, clock, {"offline": Offline("offline", {brand.id: brand}.get)})
    await office.opens()
    await office.comes("ana")
    yield office
    await office.closes()


async def test_another_form_of_payment_is_noted_at_once_and_the_codes_stay(office: Office) -> None:
    before = await office.row_of("A-0013")

    assert await asks(office, "pix") == ["One moment.", "Now by pix."]

    assert await form_of(office) == "pix"
    assert await office.row_of("A-0013") == before


async def test_the_code_is_the_brands_with_what_is_owed_today(office: Office) -> None:
    found = await office.reads(lambda read: invoices.open_of(read, office.ids["ana"]))
    code = invoices.pix_of(found[0], office.brand, date(2026, 11, 20))
    assert code is not None
    assert pix.decode(code).amount == Decimal("102.23")


async def test_cards_are_not_offered(office: Office) -> None:
    assert await asks(office, "card") == ["One moment.", "Not changed: not-offered."]
    await office.says("menu")
    await office.says("Add a card")
    assert await office.says("Credit") == ["One moment.", "No page: not-offered."]
    assert await office.reads(lambda read: cards.of(read, office.ids["ana"])) == []


async def test_what_staff_confirms_is_paid_and_told_once(office: Office) -> None:
    id = await office.id_of("A-0012")
    before = len(office.chat.sent)
    for _ in range(2):
        await office.writes(
            lambda tx: payments.confirm(
                tx, id, office.ids["ana"], amount=Decimal("99.90"), on=date(2026, 11, 9), ref="c1"
            )
        )
    assert (await office.row_of("A-0012")).state == "paid"
    ((who, words),) = office.chat.sent[before:]
    assert who == "ana"
    assert words.startswith("Payment received")


async def test_the_clock_asks_nothing_of_nobody(office: Office) -> None:
    await office.paying.tend()
    assert await office.calls() == []


async def test_a_change_somebody_else_decided_is_told_in_the_chats(office: Office) -> None:
    from bot.core.message import _

    before = len(office.chat.sent)
    await office.writes(
        lambda tx: charges.ask_form(
            tx, None, office.ids["ana"], "pix",
            done=_("You pay by {form} now."), failed=_("It could not be changed."),
        )
    )  # fmt: skip
    assert office.chat.sent[before:] == [("ana", "You pay by pix now.")]
