"""Asaas: no charge twice, codes anew after each edit, and what each answer means."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import structlog

from bot.core.errors import DeliveryError, Permanent, Temporary
from bot.domain.payments import CardKind, CardSeen, Charge, ChargeState, Method
from bot.payments import wire
from bot.payments.asaas import Asaas
from bot.payments.port import CardWanted
from tests.fakes import Clock
from tests.payments.conftest import ANA, Alarms, wanted
from tests.payments.fake_asaas import KEY, FakeAsaas
from tests.payments.fake_wire import Trouble

REFERENCE = "curral:A-0012"


async def made(asaas: Asaas, **changes: object) -> Charge:
    return await asaas.charge(wanted(**changes), await asaas.payer(ANA))


async def read(asaas: Asaas, ref: str) -> Charge:
    found = await asaas.read(ref)
    assert found is not None
    return found


# ------------------------------------------------------------------ no charge twice


@pytest.mark.parametrize("kind", ["lost", "cut", "hang", "status", "garbage"])
async def test_whatever_happens_on_the_way_there_is_one_charge_in_the_end(
    asaas: Asaas, fake: FakeAsaas, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    known_as = await asaas.payer(ANA)
    monkeypatch.setattr(wire, "CALL_SECONDS", 0.3)
    fake.trouble.append(Trouble(kind, "POST", "/payments"))  # type: ignore[arg-type]
    with pytest.raises(Temporary):
        await asaas.charge(wanted(), known_as)
    monkeypatch.setattr(wire, "CALL_SECONDS", 20.0)

    charge = await asaas.charge(wanted(), known_as)

    assert [row["id"] for row in fake.made(REFERENCE)] == [charge.ref]


async def test_two_processes_at_once_leave_one_charge(asaas: Asaas, fake: FakeAsaas) -> None:
    known_as = await asaas.payer(ANA)
    both = [asaas._make(wanted(), known_as), asaas._make(wanted(), known_as)]

    one, other = await asyncio.gather(*both)

    (stays,) = fake.made(REFERENCE)
    assert stays["id"] in (one.ref, other.ref)
    assert (await asaas.charge(wanted(), known_as)).ref == stays["id"]


async def test_a_lost_answer_makes_no_payer_twice(asaas: Asaas, fake: FakeAsaas) -> None:
    fake.trouble.append(Trouble("lost", "POST", "/customers"))
    with pytest.raises(Temporary):
        await asaas.payer(ANA)

    await asaas.payer(ANA)

    assert len(fake.customers) == 1
    assert fake.customers.popitem()[1]["notificationDisabled"] is True


async def test_a_payer_deleted_there_is_made_again(asaas: Asaas, fake: FakeAsaas) -> None:
    known_as = await asaas.payer(ANA)
    fake.customers[known_as]["deleted"] = True

    assert await asaas.payer(replace(ANA, known_as=known_as)) != known_as


async def test_what_was_paid_is_not_charged_again(asaas: Asaas, fake: FakeAsaas) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref)

    again = await made(asaas, method=Method.PIX)

    assert (again.ref, again.state) == (charge.ref, ChargeState.PAID)
    assert len(fake.made(REFERENCE)) == 1


async def test_what_was_refunded_can_be_charged_again(asaas: Asaas, fake: FakeAsaas) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref)
    fake.refunded(charge.ref)

    again = await made(asaas)

    assert again.ref != charge.ref
    assert again.state is ChargeState.WAITING
    assert (await made(asaas)).ref == again.ref


async def test_an_overdue_charge_is_made_anew_when_it_is_to_be_paid_otherwise(
    asaas: Asaas, fake: FakeAsaas, clock: Clock
) -> None:
    charge = await made(asaas, due_on=date(2026, 11, 23))
    clock.forward(days=10)
    now = {"due_on": date(2026, 11, 23), "today": date(2026, 11, 30)}
    same = await made(asaas, **now, amount_today=Decimal("102.13"))
    assert same.ref == charge.ref

    other = await made(asaas, **now, amount_today=Decimal("102.13"), method=Method.PIX)

    assert fake.payments[charge.ref]["deleted"]
    assert (other.amount, other.due_on) == (Decimal("102.13"), date(2026, 11, 30))


# ------------------------------------------------------------------ codes


async def test_a_boleto_without_a_pix_key_has_no_pix_code(asaas: Asaas, fake: FakeAsaas) -> None:
    fake.pix_key = False
    codes = await asaas.codes(await made(asaas), wanted())
    assert codes.pix is None
    assert codes.barcode is not None

    other = wanted("curral:A-0013", method=Method.PIX)
    charge = await asaas.charge(other, await asaas.payer(ANA))
    with pytest.raises(Permanent):
        await asaas.codes(charge, other)


async def test_a_charge_by_card_has_no_codes(asaas: Asaas) -> None:
    charge = await made(asaas, method=Method.CARD)
    codes = await asaas.codes(charge, wanted(method=Method.CARD))
    assert (codes.barcode, codes.pix) == (None, None)
    assert charge.url is not None


# ------------------------------------------------------------------ what became of it


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("CONFIRMED", ChargeState.PAID),
        ("RECEIVED", ChargeState.PAID),
        ("RECEIVED_IN_CASH", ChargeState.PAID),
        ("DUNNING_RECEIVED", ChargeState.PAID),
        ("REFUND_REQUESTED", ChargeState.PAID),
        ("CHARGEBACK_REQUESTED", ChargeState.DISPUTED),
        ("CHARGEBACK_DISPUTE", ChargeState.DISPUTED),
        ("AWAITING_CHARGEBACK_REVERSAL", ChargeState.PAID),
    ],
)
async def test_each_status_is_understood(
    asaas: Asaas, fake: FakeAsaas, status: str, state: ChargeState
) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref)
    fake.became(charge.ref, status)

    found = await read(asaas, charge.ref)

    assert found.state is state
    assert found.by_hand == (status == "RECEIVED_IN_CASH")


async def test_a_status_nobody_knows_is_not_guessed(asaas: Asaas, fake: FakeAsaas) -> None:
    charge = await made(asaas)
    fake.became(charge.ref, "SOMETHING_NEW")
    with pytest.raises(Permanent) as refusal:
        await asaas.read(charge.ref)
    assert refusal.value.code == "unreadable"


async def test_paid_late_it_tells_what_came_in_and_what_was_asked_for(
    asaas: Asaas, fake: FakeAsaas
) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref, value="102.13", on=date(2026, 12, 18))

    found = await read(asaas, charge.ref)

    assert (found.amount, found.paid) == (Decimal("99.90"), Decimal("102.13"))
    assert found.paid_on == date(2026, 12, 18)


async def test_refunds_count_once_they_are_done(asaas: Asaas, fake: FakeAsaas) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref)
    fake.refunded(charge.ref, "40.00")
    fake.payments[charge.ref]["refunds"].append({"status": "PENDING", "value": Decimal(10)})

    found = await read(asaas, charge.ref)

    assert (found.state, found.refunded) == (ChargeState.PAID, Decimal("40.00"))


# ------------------------------------------------------------------ refusals


async def test_a_wrong_key_is_an_alarm_and_tried_again(fake: FakeAsaas, alarms: Alarms) -> None:
    asaas = Asaas("main", "another key", url=fake.url, alarm=alarms)
    with pytest.raises(Temporary) as refusal:
        await asaas.payer(ANA)
    await asaas.close()

    assert refusal.value.code == "unauthorized"
    ((key, words),) = alarms.told
    assert key == "gateway:main"
    assert words is not None
    assert "another key" not in words + str(refusal.value)


async def test_the_alarm_ends_with_the_trouble(
    asaas: Asaas, fake: FakeAsaas, alarms: Alarms
) -> None:
    fake.trouble.append(Trouble("status", status=401))
    with pytest.raises(Temporary):
        await asaas.payer(ANA)
    await asaas.payer(ANA)
    assert [words is None for _key, words in alarms.told][:2] == [False, True]


@pytest.mark.parametrize(("said", "after"), [(17, 17), (None, 30), (10**8, 12 * 3600)])
async def test_too_many_requests_are_tried_again_when_it_said(
    asaas: Asaas, fake: FakeAsaas, said: int | None, after: int
) -> None:
    fake.trouble.append(Trouble("status", status=429, retry_after=said))
    with pytest.raises(Temporary) as refusal:
        await asaas.payer(ANA)
    assert (refusal.value.code, refusal.value.after) == ("limited", timedelta(seconds=after))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 409])
async def test_a_server_in_trouble_is_tried_again(
    asaas: Asaas, fake: FakeAsaas, status: int
) -> None:
    fake.trouble.append(Trouble("status", status=status))
    with pytest.raises(Temporary):
        await asaas.payer(ANA)


async def test_what_is_refused_is_refused_for_good_and_says_why_by_its_codes(
    asaas: Asaas, fake: FakeAsaas
) -> None:
    with pytest.raises(Permanent) as refusal:
        await asaas.payer(replace(ANA, tax_id="11111111111"))
    assert refusal.value.code == "refused"
    assert "invalid_cpfCnpj" in str(refusal.value)
    assert "about" not in str(refusal.value)


async def test_no_log_and_no_error_holds_the_key_or_a_tax_id(asaas: Asaas, fake: FakeAsaas) -> None:
    errors = list[DeliveryError]()
    with structlog.testing.capture_logs() as logs:
        for kind in ("cut", "garbage", "status"):
            fake.trouble.append(Trouble(kind, "POST"))  # type: ignore[arg-type]
            with pytest.raises(DeliveryError) as raised:
                await asaas.payer(ANA)
            errors.append(raised.value)
    told = f"{logs} {[(str(e), e.__cause__, e.args) for e in errors]}"
    assert KEY not in told
    assert ANA.tax_id not in told


async def test_a_paid_charge_cannot_be_withdrawn(asaas: Asaas, fake: FakeAsaas) -> None:
    charge = await made(asaas)
    fake.paid(charge.ref)
    with pytest.raises(Permanent):
        await asaas.withdraw(charge.ref)


async def test_an_id_from_outside_leads_to_no_other_path(asaas: Asaas, fake: FakeAsaas) -> None:
    assert await asaas.read("../customers?limit=1") is None
    (asked,) = fake.asked
    assert asked.startswith("GET /payments/..%2Fcustomers%3F")


# ------------------------------------------------------------------ cards


def page(kind: CardKind, **changes: object) -> CardWanted:
    usual = CardWanted(
        "curral:card:1", ANA, kind, None, Decimal("99.90"), date(2026, 12, 10), 60,
        "https://www.example.com",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


async def test_a_card_entered_on_the_page_is_brand_and_last_four_and_leaves_no_subscription(
    asaas: Asaas, fake: FakeAsaas
) -> None:
    opened = await asaas.card_page(page(CardKind.CREDIT))
    known_as = await asaas.payer(ANA)
    assert await asaas.card_of(opened.ref, known_as) is None
    fake.card_entered(opened.ref)

    entered = await asaas.card_of(opened.ref, known_as)

    assert entered is not None
    assert (entered[0].scheme, entered[0].last4, entered[0].kind) == ("VISA", "4444", "credit")
    assert entered[0].token

    await asaas.clear_page(opened.ref, known_as)
    await asaas.clear_page(opened.ref, known_as)
    assert all(each["deleted"] for each in fake.subscriptions.values())
    assert all(each["deleted"] for each in fake.payments.values())


async def test_a_charge_is_collected_once_from_a_card(asaas: Asaas, fake: FakeAsaas) -> None:
    card = await a_card(asaas, fake)
    charge = await made(asaas, method=Method.CARD)
    fake.trouble.append(Trouble("lost", "POST", f"/payments/{charge.ref}/pay"))
    assert card.token is not None
    with pytest.raises(Temporary):
        await asaas.collect(charge.ref, card.token)

    paid = await asaas.collect(charge.ref, card.token)

    assert (paid.state, paid.paid) == (ChargeState.PAID, Decimal("99.90"))
    assert fake.asked.count(f"POST /payments/{charge.ref}/payWithCreditCard") == 1


async def test_a_card_that_is_refused_is_said_to_be(asaas: Asaas, fake: FakeAsaas) -> None:
    card = await a_card(asaas, fake)
    assert card.token is not None
    fake.refused_tokens.add(card.token)
    charge = await made(asaas, method=Method.CARD)
    with pytest.raises(Permanent) as refusal:
        await asaas.collect(charge.ref, card.token)
    assert refusal.value.code == "card_refused"
    assert card.token not in str(refusal.value)


async def test_a_debit_card_pays_on_the_charges_own_page_and_is_not_kept(
    asaas: Asaas, fake: FakeAsaas
) -> None:
    opened = await asaas.card_page(page(CardKind.DEBIT, charge=wanted(method=Method.ANY)))
    known_as = await asaas.payer(ANA)
    assert await asaas.card_of(opened.ref, known_as) is None
    fake.paid(opened.ref, by="DEBIT_CARD")
    fake.payments[opened.ref]["creditCard"] = {
        "creditCardNumber": "9876", "creditCardBrand": "ELO", "creditCardToken": None,
    }  # fmt: skip

    entered = await asaas.card_of(opened.ref, known_as)

    assert entered is not None
    assert entered[0] == CardSeen("ELO", "9876", None, CardKind.DEBIT)
    with pytest.raises(Permanent) as refusal:
        await asaas.card_page(page(CardKind.DEBIT))
    assert refusal.value.code == "nothing_to_pay"


async def a_card(asaas: Asaas, fake: FakeAsaas) -> CardSeen:
    opened = await asaas.card_page(page(CardKind.CREDIT))
    fake.card_entered(opened.ref)
    entered = await asaas.card_of(opened.ref, await asaas.payer(ANA))
    assert entered is not None
    return entered[0]
