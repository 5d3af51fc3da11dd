"""Payments: an invoice is marked once, told once, and follows its payments whatever becomes of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.core.message import Notice
from bot.domain.payments import Charge, ChargeState, Method, News
from storage import booking, charges, invoices, payments, people
from storage.booking import Booked
from storage.payments import Confirmed
from storage.tables import address, audit, invoice, message, message_body, payment

from .conftest import OTHER, Folk
from .desk import Desk

AMOUNT = Decimal("99.90")


def invoice_id(desk: Desk, number: str) -> int:
    (row,) = desk.rows(select(invoice.c.id).where(invoice.c.number == number))
    return int(row.id)


def charge(number: str = "A-0012", state: ChargeState = ChargeState.PAID, **more: Any) -> Charge:
    usual: dict[str, Any] = {
        "ref": f"pay_{number}", "reference": f"curral:{number}", "state": state,
        "method": Method.PIX, "amount": AMOUNT, "due_on": date(2026, 11, 10),
        "url": "https://pay.example.com/i/1",
    }  # fmt: skip
    if state is not ChargeState.WAITING:
        usual |= {"paid": AMOUNT, "paid_on": date(2026, 11, 9)}
    return Charge(**usual | more)


def seen(desk: Desk, *readings: Charge) -> None:
    for each in readings:
        desk.later(seconds=1)
        assert booked(desk, each) is Booked.DONE


def booked(desk: Desk, reading: Charge, revision: int | None = None) -> Booked:
    """A reading that was begun just now, or after so many others."""
    if revision is None:
        revision = desk.turn(booking.revision, "main", reading.ref)
    return desk.turn(booking.seen, "main", reading, revision)


def row_of(desk: Desk, number: str = "A-0012") -> Any:
    (row,) = desk.rows(
        select(invoice.c.state, invoice.c.paid_on, invoice.c.paid_amount).where(
            invoice.c.number == number
        )
    )
    return tuple(row)


def told(desk: Desk) -> list[str]:
    """What was said in chats, as source words."""
    rows = desk.rows(
        select(message_body.c.body)
        .join(message, message.c.id == message_body.c.message)
        .where(message.c.kind == "notice")
        .order_by(message.c.id)
    )
    return [Notice.load(row.body).text.source for row in rows]


@pytest.fixture
def ana(desk: Desk, folk: Folk) -> int:
    """Ana, proved at one chat."""
    visitor = desk.visit("ana")
    desk.turn(people.link, visitor.address, folk["ana"], by="code")
    desk.visitor = None
    return folk["ana"]


PAID = ("paid", date(2026, 11, 9), AMOUNT)
OPEN = ("open", None, None)


def test_a_paid_charge_marks_the_invoice_and_is_told_once(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(), charge())

    assert row_of(desk) == PAID
    (words,) = told(desk)
    assert words.startswith("**Payment received**")
    (row,) = desk.rows(select(audit.c.what).where(audit.c.what == "invoice.paid"))
    assert row.what == "invoice.paid"


def test_a_receipt_carries_the_paid_invoice(desk: Desk, ana: int) -> None:
    seen(desk, charge())
    (row,) = desk.rows(
        select(message_body.c.body).join(message, message.c.id == message_body.c.message)
    )
    document = Notice.load(row.body).document
    assert document is not None
    assert (document.kind, document.id) == ("invoice-pdf", invoice_id(desk, "A-0012"))


def test_confirmed_and_received_is_one_payment(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(paid_on=date(2026, 11, 9)))
    assert len(desk.turn(payments.of_invoice, invoice_id(desk, "A-0012"))) == 1
    assert len(told(desk)) == 1


def test_the_proved_chat_that_was_used_last_is_told_and_no_other(
    desk: Desk, folk: Folk, ana: int
) -> None:
    for chat, who in (("ana-tablet", "ana"), ("bruno", "bruno")):
        visitor = desk.visit(chat)
        desk.turn(people.link, visitor.address, folk[who], by="code")
    gone = desk.visit("ana-old")
    desk.turn(people.link, gone.address, folk["ana"], by="code")
    desk.visitor = None
    with desk.begin() as tx:
        tx.run(
            update(address)
            .where(address.c.chat == "ana-old")
            .values(verified_until=desk.now - timedelta(days=1))
        )

    seen(desk, charge())

    rows = desk.rows(select(address.c.chat).join(message, message.c.address == address.c.id))
    assert [row.chat for row in rows] == ["ana-tablet"]


def test_paid_late_with_less_than_fine_and_interest_is_paid_and_says_so(
    desk: Desk, ana: int
) -> None:
    seen(desk, charge(paid_on=date(2026, 11, 20)))

    assert row_of(desk) == ("paid", date(2026, 11, 20), AMOUNT)
    found = desk.turn(payments.settlement, invoice_id(desk, "A-0012"))
    assert found is not None
    assert found.short == Decimal("2.33")
    assert "fine and interest will be on a later invoice" in told(desk)[0]


def test_paid_partly_stays_open_and_says_what_is_missing(desk: Desk, ana: int) -> None:
    seen(desk, charge(paid=Decimal("60.00")))
    assert row_of(desk) == OPEN
    assert "Still missing" in told(desk)[0]

    seen(desk, charge(ref="pay_rest", paid=Decimal("39.90"), paid_on=date(2026, 11, 10)))
    assert row_of(desk) == ("paid", date(2026, 11, 10), AMOUNT)
    assert told(desk)[1].startswith("**Payment received**")


def test_paid_twice_stays_paid_once_and_the_surplus_is_told(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(ref="pay_again", paid_on=date(2026, 11, 10)))

    assert row_of(desk) == PAID
    assert "more than it asks for" in told(desk)[1]
    found = desk.turn(payments.settlement, invoice_id(desk, "A-0012"))
    assert found is not None
    assert found.surplus == AMOUNT


def test_the_second_payment_given_back_leaves_it_paid(desk: Desk, ana: int) -> None:
    seen(
        desk,
        charge(),
        charge(ref="pay_again"),
        charge(ref="pay_again", state=ChargeState.REFUNDED),
    )
    assert row_of(desk) == PAID
    assert told(desk)[2].startswith("What was paid too much")


def test_refunded_it_is_open_again_and_told(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(state=ChargeState.REFUNDED))
    assert row_of(desk) == OPEN
    assert "taken back" in told(desk)[1]


def test_a_refund_of_a_part_opens_it(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(refunded=Decimal("50.00")))
    assert row_of(desk) == OPEN


def test_a_dispute_opens_it_and_when_it_is_won_it_is_paid_again_without_a_second_receipt(
    desk: Desk, ana: int
) -> None:
    seen(desk, charge(), charge(state=ChargeState.DISPUTED))
    assert row_of(desk) == OPEN

    seen(desk, charge())
    assert row_of(desk) == PAID
    assert "counts again" in told(desk)[2]
    documents = [Notice.load(row.body).document for row in desk.rows(select(message_body.c.body))]
    assert len([each for each in documents if each]) == 1


def test_a_confirmation_taken_back_is_as_if_it_had_never_been(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge(state=ChargeState.WAITING))
    assert row_of(desk) == OPEN
    (paid,) = desk.turn(payments.of_invoice, invoice_id(desk, "A-0012"))
    assert paid.state == "undone"


def test_a_cancelled_invoice_that_is_paid_stays_cancelled_and_all_of_it_is_surplus(
    desk: Desk, ana: int
) -> None:
    seen(desk, charge("A-0009", due_on=date(2026, 8, 10)))
    assert row_of(desk, "A-0009")[0] == "cancelled"
    assert "more than it asks for" in told(desk)[0]


def test_what_a_file_called_paid_before_is_not_paid_twice(desk: Desk, ana: int) -> None:
    seen(desk, charge("A-0011", due_on=date(2026, 10, 10), paid_on=date(2026, 10, 9)))
    assert row_of(desk, "A-0011") == ("paid", date(2026, 10, 9), AMOUNT)
    assert told(desk) == []


def test_a_reading_that_was_begun_before_the_last_is_not_believed(desk: Desk, ana: int) -> None:
    seen(desk, charge(state=ChargeState.WAITING), charge())

    for begun in (0, 1):
        assert booked(desk, charge(state=ChargeState.WAITING), begun) is Booked.STALE
        assert desk.turn(booking.gone, "main", "pay_A-0012", begun) is not Booked.DONE

    assert row_of(desk) == PAID


def test_a_charge_that_is_gone_leaves_no_codes(desk: Desk, ana: int) -> None:
    seen(desk, charge("A-0013", ChargeState.WAITING))
    assert desk.turn(booking.gone, "main", "pay_A-0013", 1) is Booked.DONE
    assert desk.turn(charges.of_invoice, invoice_id(desk, "A-0013")) is None
    (row,) = desk.rows(select(invoice.c.barcode).where(invoice.c.number == "A-0013"))
    assert row.barcode is None


def test_another_brands_charge_and_one_of_nobody_are_left_alone(desk: Desk, ana: int) -> None:
    for reference in ("outra:A-0012", "curral:no-such", "", "A-0012", "curral:"):
        assert booked(desk, charge(reference=reference)) is Booked.NOT_OURS
    assert row_of(desk) == OPEN
    assert desk.rows(select(payment.c.id)) == []


def test_another_brand_does_not_find_it_by_its_id(desk: Desk, ana: int) -> None:
    seen(desk, charge(state=ChargeState.WAITING))
    desk.brand = OTHER
    assert booked(desk, charge()) is Booked.NOT_OURS
    assert desk.turn(payments.of_invoice, 1) == []
    assert desk.turn(payments.settlement, 1) is None


# ------------------------------------------------------------------ by hand


def confirmed(desk: Desk, customer: int, number: str = "A-0012", **more: Any) -> Confirmed:
    usual: dict[str, Any] = {"amount": AMOUNT, "on": date(2026, 11, 9), "ref": "web:1"}
    return desk.turn(payments.confirm, invoice_id(desk, number), customer, **usual | more)


def test_staff_confirms_cash_once(desk: Desk, ana: int) -> None:
    assert confirmed(desk, ana) is Confirmed.TAKEN
    assert confirmed(desk, ana) is Confirmed.AGAIN
    assert row_of(desk) == PAID
    assert len(told(desk)) == 1


def test_staff_cannot_confirm_another_customers_invoice(desk: Desk, folk: Folk) -> None:
    assert confirmed(desk, folk["bruno"]) is Confirmed.UNKNOWN
    assert row_of(desk) == OPEN


def test_staff_takes_a_confirmation_back_once(desk: Desk, ana: int) -> None:
    confirmed(desk, ana)
    (paid,) = desk.turn(payments.of_invoice, invoice_id(desk, "A-0012"))

    assert desk.turn(payments.undo, paid.id) is True
    assert desk.turn(payments.undo, paid.id) is False
    assert row_of(desk) == OPEN


def test_a_gateways_payment_is_not_undone_by_hand(desk: Desk, ana: int) -> None:
    seen(desk, charge())
    (paid,) = desk.turn(payments.of_invoice, invoice_id(desk, "A-0012"))
    assert desk.turn(payments.undo, paid.id) is False
    assert row_of(desk) == PAID


def test_cash_confirmed_here_and_there_is_one_payment(desk: Desk, ana: int) -> None:
    confirmed(desk, ana)
    seen(desk, charge(by_hand=True))
    assert row_of(desk) == PAID
    assert len(desk.turn(payments.of_invoice, invoice_id(desk, "A-0012"))) == 1


def test_what_a_customer_paid_in_a_year(desk: Desk, ana: int) -> None:
    seen(desk, charge(), charge("A-0013", due_on=date(2026, 12, 10), paid_on=date(2027, 1, 2)))
    year = desk.turn(payments.of_customer, ana, date(2026, 1, 1), date(2026, 12, 31))
    assert [each.paid_on for each in year] == [date(2026, 11, 9)]


def test_news_of_the_same_reading_is_none(desk: Desk, ana: int) -> None:
    id = invoice_id(desk, "A-0012")
    assert desk.turn(payments.from_charge, "main", id, charge()) is News.PAID
    assert desk.turn(payments.from_charge, "main", id, charge()) is News.NONE
    found = desk.turn(invoices.get, id, ana)
    assert found is not None
    assert found.state == "paid"
