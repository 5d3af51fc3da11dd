"""What holds of every gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.core.errors import Permanent
from bot.domain import boleto, pix
from bot.domain.payments import CardKind, ChargeState, Method
from bot.payments.port import CardWanted, Gateway
from tests.payments.conftest import ANA, TODAY, wanted


async def test_a_payer_is_known_again(gateway: Gateway) -> None:
    known_as = await gateway.payer(ANA)

    assert known_as
    assert await gateway.payer(ANA) == known_as
    assert await gateway.payer(replace(ANA, known_as=known_as)) == known_as


async def test_a_charge_is_as_it_was_wanted(gateway: Gateway) -> None:
    made = await gateway.charge(wanted(), await gateway.payer(ANA))

    assert made.state is ChargeState.WAITING
    assert (made.reference, made.amount) == ("curral:A-0012", Decimal("99.90"))
    assert (made.due_on, made.method) == (date(2026, 12, 10), Method.BOLETO)
    assert (made.paid, made.paid_on, made.refunded) == (None, None, Decimal("0.00"))


async def test_a_charge_wanted_twice_is_one(gateway: Gateway) -> None:
    known_as = await gateway.payer(ANA)
    first = await gateway.charge(wanted(), known_as)

    assert await gateway.charge(wanted(), known_as) == first


@pytest.mark.parametrize("method", [Method.PIX, Method.BOLETO, Method.ANY])
async def test_codes_are_sound(gateway: Gateway, method: Method) -> None:
    what = wanted(method=method)
    made = await gateway.charge(what, await gateway.payer(ANA))

    codes = await gateway.codes(made, what)

    assert codes.pix is not None
    assert pix.decode(codes.pix).amount == Decimal("99.90")
    if codes.barcode is not None:
        slip = boleto.parse(codes.barcode, made.due_on)
        assert (slip.amount, slip.due_on) == (Decimal("99.90"), made.due_on)
    assert (codes.barcode is not None) == (gateway.keeps_charges and method is not Method.PIX)


async def test_another_due_date_or_method_makes_other_codes(gateway: Gateway) -> None:
    known_as = await gateway.payer(ANA)
    before = await gateway.charge(wanted(), known_as)
    codes = await gateway.codes(before, wanted())
    later = wanted(due_on=date(2026, 12, 20), method=Method.PIX)

    after = await gateway.charge(later, known_as)

    assert after.ref == before.ref
    assert (after.due_on, after.method) == (date(2026, 12, 20), Method.PIX)
    again = await gateway.codes(after, later)
    assert again.barcode is None
    if gateway.keeps_charges:
        assert again.pix != codes.pix


async def test_after_the_due_date_the_code_asks_for_fine_and_interest(gateway: Gateway) -> None:
    late = wanted(due_on=date(2026, 11, 10), amount_today=Decimal("102.23"), method=Method.PIX)
    made = await gateway.charge(late, await gateway.payer(ANA))

    codes = await gateway.codes(made, late)

    assert codes.pix is not None
    assert pix.decode(codes.pix).amount == Decimal("102.23")


async def test_what_is_not_there_is_not_found(gateway: Gateway) -> None:
    assert await gateway.find("curral:no-such") is None
    assert await gateway.read("pay_000000000404") is None
    await gateway.withdraw("pay_000000000404")
    assert await gateway.card_of("chk-404", await gateway.payer(ANA)) is None


async def test_a_withdrawn_charge_is_not_found_any_more(gateway: Gateway) -> None:
    made = await gateway.charge(wanted(), await gateway.payer(ANA))

    await gateway.withdraw(made.ref)
    await gateway.withdraw(made.ref)

    assert await gateway.find("curral:A-0012") is None


async def test_cards_are_taken_on_the_gateways_own_page_or_not_at_all(gateway: Gateway) -> None:
    page = CardWanted(
        "curral:card:1", ANA, CardKind.CREDIT, None, Decimal("99.90"), date(2026, 12, 10), 60,
        "https://www.example.com",
    )  # fmt: skip
    if gateway.keeps_charges:
        assert (await gateway.card_page(page)).url.startswith("https://")
        return
    with pytest.raises(Permanent) as refusal:
        await gateway.card_page(page)
    assert refusal.value.code == "not_offered"
    with pytest.raises(Permanent):
        await gateway.charge(wanted(method=Method.CARD), "x")
    with pytest.raises(Permanent):
        await gateway.collect("x", "token")


async def test_today_is_the_day_of_the_tests() -> None:
    assert wanted().today == TODAY
