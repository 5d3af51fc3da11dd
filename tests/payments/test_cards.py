"""Cards: entered on the gateway's page, shown by brand and last four, charged on the due date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from bot.web.gateway_hook import Event
from storage import cards, collecting
from storage.tables import card, invoice, message_body
from tests.payments.fake_asaas import FakeAsaas
from tests.payments.office import Office


async def page_opened(office: Office, kind: str = "Credit") -> list[str]:
    await office.says("menu")
    await office.says("Add a card")
    return await office.says(kind)


async def entered(office: Office, fake: FakeAsaas, **how: object) -> list[str]:
    """The card is entered on the newest page, and the webhook says so."""
    before = len(office.chat.sent)
    newest = list(fake.checkouts)[-1]
    event = fake.card_entered(newest, **how)  # type: ignore[arg-type]
    await office.paying.taker("curral")(Event(event["id"], event["event"], page=newest))
    await office.quiet()
    return [words for _chat, words in office.chat.sent[before:]]


async def has(office: Office) -> list[cards.Card]:
    return await office.reads(lambda read: cards.of(read, office.ids["ana"]))


async def autopays(office: Office, fake: FakeAsaas, number: str = "A-0013") -> None:
    """Ana pays by card, and her card is charged on the due date."""
    await page_opened(office)
    await entered(office, fake)
    await office.says("menu")
    await office.says("How I pay")
    assert (await office.says("card"))[-1] == "Now by card."
    assert await office.writes(lambda tx: cards.set_autopay(tx, office.ids["ana"], True)) == "set"


async def test_a_card_is_added_by_a_link_and_the_chat_says_which(
    office: Office, fake: FakeAsaas
) -> None:
    heard = await page_opened(office)
    assert heard[0] == "One moment."
    assert heard[1].startswith("https://asaas.com/checkoutSession/")
    assert heard[2] == "Waiting for the card."

    assert await entered(office, fake) == ["Saved: VISA 4444."]

    (one,) = await has(office)
    assert (one.kind, one.scheme, one.last4) == ("credit", "VISA", "4444")
    assert (one.is_default, one.autopay, one.can_collect) == (True, False, True)


async def test_no_message_holds_what_the_gateway_takes_for_the_card(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    await entered(office, fake)
    (token,) = await office.reads(lambda read: read.all(select(card.c.token)))
    bodies = await office.reads(lambda read: read.all(select(message_body.c.body)))
    assert token.token
    assert token.token not in f"{bodies} {office.chat.sent}"


async def test_who_went_on_meanwhile_is_told_that_the_card_was_saved(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    await office.says("menu")
    assert await entered(office, fake) == ["Card VISA 4444 saved after all."]
    assert len(await has(office)) == 1


async def test_an_event_of_the_page_that_comes_twice_saves_one_card(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    await entered(office, fake)
    newest = list(fake.checkouts)[-1]
    await office.paying.taker("curral")(Event("evt_again", "CHECKOUT_PAID", page=newest))
    await office.quiet()
    assert len(await has(office)) == 1


async def test_a_page_that_expired_says_so_and_another_can_be_opened(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    (page,) = fake.checkouts
    await office.paying.taker("curral")(Event("evt_x", "CHECKOUT_EXPIRED", page=page))
    await office.quiet()
    assert office.chat.sent[-1] == ("ana", "No card: expired.")
    assert (await page_opened(office))[1].startswith("https://")


async def test_a_page_the_customer_closed_is_no_expired_one(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    (page,) = fake.checkouts
    await office.paying.taker("curral")(Event("evt_c", "CHECKOUT_CANCELED", page=page))
    await office.quiet()
    assert office.chat.sent[-1] == ("ana", "No card: cancelled.")


@pytest.mark.parametrize(
    "event", ["PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "PAYMENT_REPROVED_BY_RISK_ANALYSIS"]
)
async def test_a_card_refused_on_a_page_says_so_and_the_page_takes_another(
    office: Office, fake: FakeAsaas, event: str
) -> None:
    await page_opened(office)
    (page,) = fake.checkouts
    fake.card_entered(page)
    (first,) = (each for each in fake.payments.values() if each.get("checkoutSession"))
    card, first["creditCard"] = first["creditCard"], None
    await office.paying.taker("curral")(Event("evt_r", event, charge=first["id"]))
    await office.quiet()
    assert office.chat.sent[-1] == ("ana", "No card: declined.")
    assert await has(office) == []

    first["creditCard"] = card
    await office.paying.taker("curral")(Event("evt_p", "CHECKOUT_PAID", page=page))
    await office.quiet()
    assert office.chat.sent[-1] == ("ana", "Card VISA 4444 saved after all.")
    assert len(await has(office)) == 1


async def test_a_debit_card_refused_on_the_page_of_an_invoice_says_so(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office, "Debit")
    (row,) = fake.made("curral:A-0013")
    refused = Event("evt_r", "PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", charge=row["id"])
    await office.paying.taker("curral")(refused)
    await office.quiet()
    assert office.chat.sent[-1] == ("ana", "No card: declined.")
    assert (await office.row_of("A-0013")).state == "open"


async def test_a_refusal_that_is_heard_of_after_the_payment_is_none(
    office: Office, fake: FakeAsaas
) -> None:
    """Events come late: the charge itself says how it stands."""
    await page_opened(office, "Debit")
    (row,) = fake.made("curral:A-0013")
    row["creditCard"] = {"creditCardNumber": "9876", "creditCardBrand": "ELO",
                         "creditCardToken": None}  # fmt: skip
    fake.paid(row["id"], by="DEBIT_CARD")
    refused = Event("evt_r", "PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", charge=row["id"])
    await office.paying.taker("curral")(refused)
    await office.quiet()
    assert "Saved: ELO 9876." in [words for _chat, words in office.chat.sent]


async def test_a_second_page_while_one_is_open_is_refused_with_the_open_one_at_hand(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    assert await page_opened(office) == ["One moment.", "No page: pending."]
    found = await office.reads(lambda read: cards.open_page(read, office.ids["ana"]))
    assert found is not None
    assert found[1].startswith("https://asaas.com/")
    assert await office.writes(lambda tx: cards.cancel_page(tx, office.ids["ana"]))
    assert (await page_opened(office))[1].startswith("https://")


async def test_the_page_took_money_at_once_so_the_next_invoice_is_paid(
    office: Office, fake: FakeAsaas
) -> None:
    await page_opened(office)
    await entered(office, fake, at_once=True)
    assert (await office.row_of("A-0013")).state == "paid"


async def test_a_debit_card_pays_the_next_invoice_on_its_own_page_and_is_named(
    office: Office, fake: FakeAsaas
) -> None:
    heard = await page_opened(office, "Debit")
    assert heard[1].startswith("https://sandbox.asaas.com/i/")
    (row,) = fake.made("curral:A-0013")
    codes = await office.row_of("A-0013")
    assert (codes.barcode is not None, codes.pix_code is not None) == (True, True)
    row["creditCard"] = {"creditCardNumber": "9876", "creditCardBrand": "ELO",
                         "creditCardToken": None}  # fmt: skip
    fake.paid(row["id"], by="DEBIT_CARD")
    await office.paying.taker("curral")(Event("evt_d", "PAYMENT_RECEIVED", charge=row["id"]))
    await office.quiet()

    (one,) = await has(office)
    assert (one.kind, one.last4, one.can_collect) == ("debit", "9876", False)
    assert (await office.row_of("A-0013")).state == "paid"
    assert "Saved: ELO 9876." in [words for _chat, words in office.chat.sent]


# ------------------------------------------------------------------ autopay


async def test_on_the_due_date_the_card_is_charged_once_and_the_receipt_told(
    office: Office, fake: FakeAsaas
) -> None:
    await autopays(office, fake)
    await office.later(days=20)  # to the due date of A-0013

    for _ in range(3):
        await office.writes(lambda tx: collecting.tend(tx, 10))

    found = await office.row_of("A-0013")
    assert (found.state, found.paid_on) == ("paid", date(2026, 12, 10))
    (row,) = fake.made("curral:A-0013")
    assert fake.asked.count(f"POST /payments/{row['id']}/payWithCreditCard") == 1
    assert "Payment received" in office.chat.sent[-1][1]


async def test_before_the_due_date_nothing_is_charged(office: Office, fake: FakeAsaas) -> None:
    await autopays(office, fake)
    await office.later(days=19)
    await office.writes(lambda tx: collecting.tend(tx, 10))
    assert (await office.row_of("A-0013")).state == "open"


async def test_a_refused_card_is_told_once_a_card_and_tried_a_few_days(
    office: Office, fake: FakeAsaas
) -> None:
    await autopays(office, fake)
    fake.refused_tokens |= {row["creditCard"]["creditCardToken"] for row in fake.payments.values()
                            if row["creditCard"]}  # fmt: skip
    await office.later(days=20)
    before = len(office.chat.sent)
    for _ in range(6):
        await office.writes(lambda tx: collecting.tend(tx, 10))
        await office.later(days=1)

    said = [words for _chat, words in office.chat.sent[before:]]
    assert sum("was refused" in words for words in said) == 1
    tries = [asked for asked in fake.asked if asked.endswith("payWithCreditCard")]
    assert len(tries) == 4
    assert (await office.row_of("A-0013")).state == "open"


@pytest.mark.parametrize("change", ["off", "removed"])
async def test_autopay_switched_off_or_the_card_removed_nothing_is_charged(
    office: Office, fake: FakeAsaas, change: str
) -> None:
    await autopays(office, fake)
    (one,) = await has(office)
    ana = office.ids["ana"]
    if change == "off":
        await office.writes(lambda tx: cards.set_autopay(tx, ana, False))
    else:
        assert await office.writes(lambda tx: cards.remove(tx, ana, one.id))
    await office.later(days=20)
    await office.writes(lambda tx: collecting.tend(tx, 10))
    assert not [asked for asked in fake.asked if asked.endswith("payWithCreditCard")]


async def test_invoices_without_codes_get_a_charge_by_the_clock(
    office: Office, fake: FakeAsaas
) -> None:
    await office.later(days=30)  # A-0014 has no boleto of the billing system, and is due in January
    await office.writes(lambda tx: collecting.tend(tx, 10))
    (row,) = fake.made("curral:A-0014")
    assert (row["billingType"], row["value"]) == ("BOLETO", Decimal("104.90"))
    assert (await office.row_of("A-0014")).barcode is not None
    assert fake.made("curral:A-0013") == []
    assert await office.writes(lambda tx: collecting.tend(tx, 10)) == 0


async def test_an_invoice_that_a_file_changed_has_its_charge_edited_by_the_clock(
    office: Office, fake: FakeAsaas
) -> None:
    await office.later(days=30)
    await office.writes(lambda tx: collecting.tend(tx, 10))
    before = await office.row_of("A-0014")
    await office.writes(
        lambda tx: tx.run(
            update(invoice).where(invoice.c.number == "A-0014").values(amount=Decimal("90.00"))
        )
    )
    await office.later(days=1)
    await office.writes(lambda tx: collecting.tend(tx, 10))

    (row,) = fake.made("curral:A-0014")
    assert row["value"] == Decimal("90.00")
    assert (await office.row_of("A-0014")).barcode != before.barcode
