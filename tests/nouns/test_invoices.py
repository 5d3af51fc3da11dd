"""Invoices: only one's own, in a useful order, with what they cost today and how they are paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.core.brand import Pix
from bot.core.message import Mail, Notice, _
from bot.domain import pix
from bot.domain.charges import Charges
from storage import bulk, invoices
from storage.bulk import Payment
from storage.invoices import Invoice, SecondCopy
from storage.tables import audit, contact, message, message_body
from storage.tables import invoice as invoice_table

from .conftest import OTHER, Folk, invoice
from .desk import Desk

SENT, FAILED = Notice(_("It was sent.")), Notice(_("It came back."))


def numbered(desk: Desk, folk: Folk, number: str, of: str = "ana") -> Invoice:
    (found,) = [
        each for each in desk.turn(invoices.page, folk[of], limit=50) if each.number == number
    ]
    return found


def numbers(found: list[Invoice]) -> list[str]:
    return [each.number for each in found]


# ------------------------------------------------------------------ looking


def test_open_ones_come_first_then_paid_then_cancelled(desk: Desk, folk: Folk) -> None:
    found = desk.turn(invoices.page, folk["ana"], limit=50)
    assert numbers(found) == ["A-0012", "A-0013", "A-0014", "A-0011", "A-0010", "A-0009"]


@pytest.mark.parametrize(
    "which, expected",
    [
        ("open", ["A-0012", "A-0013", "A-0014"]),
        ("paid", ["A-0011", "A-0010"]),
        ("cancelled", ["A-0009"]),
    ],
)
def test_a_filter_shows_one_state_and_counts_it(
    desk: Desk, folk: Folk, which: Any, expected: list[str]
) -> None:
    assert numbers(desk.turn(invoices.page, folk["ana"], which, 0, 50)) == expected
    assert desk.turn(invoices.count, folk["ana"], which) == len(expected)


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk, folk: Folk) -> None:
    pages = [desk.turn(invoices.page, folk["ana"], "all", offset, 4) for offset in (0, 4, 8)]
    assert [numbers(each) for each in pages] == [
        ["A-0012", "A-0013", "A-0014", "A-0011"], ["A-0010", "A-0009"], [],
    ]  # fmt: skip
    assert desk.turn(invoices.count, folk["ana"]) == 6


def test_money_and_days_come_back_as_they_went_in(desk: Desk, folk: Folk) -> None:
    found = numbered(desk, folk, "A-0011")
    assert (found.amount, found.paid_amount) == (Decimal("99.90"), Decimal("99.90"))
    assert (found.due_on, found.paid_on) == (date(2026, 10, 10), date(2026, 10, 9))
    assert found.period == "2026-10"


def test_lines_are_in_their_own_order_and_add_up(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0014")
    found = desk.turn(invoices.lines, of)
    assert [line.description for line in found] == [
        "Fibra 500", "Roteador extra", "Desconto fidelidade",
    ]  # fmt: skip
    assert sum(line.amount for line in found) == of.amount == Decimal("104.90")


def test_another_customers_invoice_is_not_there(desk: Desk, folk: Folk) -> None:
    """The usual hole of such systems: whoever guesses an id sees a stranger's bill."""
    brunos = numbered(desk, folk, "B-0020", "bruno")
    assert desk.turn(invoices.get, brunos.id, folk["bruno"]) == brunos
    assert desk.turn(invoices.get, brunos.id, folk["ana"]) is None
    assert desk.turn(invoices.find, folk["ana"], "B-0020") == []
    assert numbers(desk.turn(invoices.find, folk["ana"], "outubro")) == ["A-0011"]
    assert desk.turn(invoices.get, 10**6, folk["ana"]) is None


def test_another_brand_sees_no_invoice_of_this_one(desk: Desk, folk: Folk) -> None:
    mine = numbered(desk, folk, "A-0012")
    desk.brand = OTHER
    assert desk.turn(invoices.get, mine.id, folk["ana"]) is None
    assert desk.turn(invoices.page, folk["ana"]) == []
    assert desk.turn(invoices.count, folk["ana"]) == 0


# ------------------------------------------------------------------ paying


def test_before_its_day_an_invoice_costs_its_amount(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0013")
    assert invoices.charges_today(of, desk.brand.terms, date(2026, 11, 20)) == Charges(
        Decimal("0.00"), Decimal("0.00"), Decimal("99.90")
    )


def test_a_late_one_costs_fine_and_interest_by_the_brands_terms(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0012")
    late = invoices.charges_today(of, desk.brand.terms, date(2026, 11, 20))
    assert (late.fine, late.interest, late.days_late) == (Decimal("2.00"), Decimal("0.33"), 10)
    assert late.total == Decimal("102.23")


def test_what_is_paid_or_cancelled_costs_nothing_and_cannot_be_paid(desk: Desk, folk: Folk) -> None:
    for number in ("A-0011", "A-0009"):
        of = numbered(desk, folk, number)
        assert invoices.charges_today(of, desk.brand.terms, date(2026, 11, 20)).total == 0
        assert invoices.pix_of(of, desk.brand, date(2026, 11, 20)) is None
        assert invoices.boleto_of(of) is None


def test_the_pix_code_asks_for_what_is_owed_today_and_names_the_invoice(
    desk: Desk, folk: Folk
) -> None:
    code = invoices.pix_of(numbered(desk, folk, "A-0012"), desk.brand, date(2026, 11, 20))
    assert code is not None
    read = pix.decode(code)
    assert (read.key, read.amount, read.txid) == (
        "pix@curral.example.com", Decimal("102.23"), "A0012",
    )  # fmt: skip


def test_a_gateways_own_pix_code_wins(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0012")._replace(pix_code="000201gateway")
    assert invoices.pix_of(of, desk.brand, date(2026, 11, 20)) == "000201gateway"


def test_without_a_key_or_with_nothing_to_pay_there_is_no_pix(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0012")
    assert invoices.pix_of(of, replace(desk.brand, pix=None), date(2026, 11, 20)) is None
    free = of._replace(amount=Decimal("0.00"))
    assert invoices.pix_of(free, desk.brand, date(2026, 11, 20)) is None


@pytest.mark.parametrize(
    "number, txid",
    [("202611-007", "202611007"), ("N/" + "7" * 30, "7" * 25), ("—", "***"), ("ção 1", "o1")],
)
def test_a_txid_is_letters_and_digits_of_the_number(number: str, txid: str) -> None:
    assert invoices.txid_of(number) == txid
    key = Pix("pix@curral.example.com", "Curral", "Atibaia")
    assert pix.decode(pix.encode(key.key, key.name, key.city, Decimal(1), txid)).txid == txid


def test_the_boleto_is_read_with_the_invoices_own_due_date(desk: Desk, folk: Folk) -> None:
    slip = invoices.boleto_of(numbered(desk, folk, "A-0013"))
    assert slip is not None
    assert (slip.due_on, slip.amount, slip.bank) == (date(2026, 12, 10), Decimal("99.90"), "999")
    assert invoices.boleto_of(numbered(desk, folk, "A-0014")) is None


# ------------------------------------------------------------------ second copy


def send(desk: Desk, folk: Folk, number: str = "A-0012", request: str = "web:1") -> str:
    id = numbered(desk, folk, number).id
    return desk.turn(
        invoices.send_second_copy, id, folk["ana"],
        request=request, sent=SENT, failed=FAILED, locale="es",
    )  # fmt: skip


def only_mail(desk: Desk) -> tuple[Any, Mail]:
    (row,) = desk.rows(
        select(message, message_body.c.body).join(
            message_body, message_body.c.message == message.c.id
        )
    )
    return row, Mail.load(row.body)


def test_a_second_copy_goes_to_the_registered_address_with_ids_and_no_code(
    desk: Desk, folk: Folk
) -> None:
    visitor = desk.visit()
    assert send(desk, folk) == SecondCopy.QUEUED
    row, mail = only_mail(desk)
    id = numbered(desk, folk, "A-0012").id
    assert (row.dedup, row.subject) == (f"invoice:{id}:mail:web:1", f"invoice:{id}")
    assert (mail.to, mail.locale, mail.purpose) == ("ana@example.com", "es", "invoices")
    assert dict(mail.values) == {"invoice": id}
    (document,) = mail.documents
    assert (document.kind, document.id) == ("invoice-pdf", id)
    assert document.name == "curral-A-0012.pdf"
    assert (mail.tell, mail.sent, mail.failed) == (visitor.address, SENT, FAILED)


def test_a_second_copy_is_on_record_with_its_message(desk: Desk, folk: Folk) -> None:
    desk.visit()
    send(desk, folk)
    ((what, subject),) = desk.rows(select(audit.c.what, audit.c.subject))
    assert (what, subject) == ("invoice.mailed", f"invoice:{numbered(desk, folk, 'A-0012').id}")


def test_a_paid_one_is_mailed_as_its_receipt_and_a_cancelled_one_is_not(
    desk: Desk, folk: Folk
) -> None:
    desk.visit()
    assert send(desk, folk, "A-0011") == SecondCopy.QUEUED
    assert send(desk, folk, "A-0009") == SecondCopy.CANCELLED


def test_another_customers_invoice_is_mailed_to_nobody(desk: Desk, folk: Folk) -> None:
    desk.visit()
    brunos = numbered(desk, folk, "B-0020", "bruno")
    asked = desk.turn(
        invoices.send_second_copy, brunos.id, folk["ana"],
        request="web:1", sent=None, failed=None, locale="en",
    )  # fmt: skip
    assert asked == SecondCopy.UNKNOWN
    assert desk.rows(select(message)) == []


def test_without_a_good_address_nothing_is_mailed(desk: Desk, folk: Folk) -> None:
    desk.visit()
    carlas = numbered(desk, folk, "C-0030", "carla")
    asked = desk.turn(
        invoices.send_second_copy, carlas.id, folk["carla"],
        request="web:1", sent=None, failed=None, locale="en",
    )  # fmt: skip
    assert asked == SecondCopy.NO_EMAIL
    desk.turn(lambda write: write.run(update(contact).values(bad="bad_address")))
    assert send(desk, folk) == SecondCopy.BAD_EMAIL
    assert desk.rows(select(message)) == []


def test_a_wish_tapped_twice_is_one_mail(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert send(desk, folk, request="web:1") == SecondCopy.QUEUED
    desk.later(seconds=119)
    assert send(desk, folk, request="web:2") == SecondCopy.ALREADY
    assert send(desk, folk, "A-0013", request="web:3") == SecondCopy.QUEUED
    desk.later(seconds=1)
    assert send(desk, folk, request="web:4") == SecondCopy.QUEUED
    assert len(desk.rows(select(message))) == 3


def test_the_same_event_played_again_later_is_the_same_mail(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert send(desk, folk, request="web:1") == SecondCopy.QUEUED
    desk.later(days=1)
    assert send(desk, folk, request="web:1") == SecondCopy.ALREADY
    assert len(desk.rows(select(message))) == 1


def test_after_a_failed_mail_one_need_not_wait(desk: Desk, folk: Folk) -> None:
    desk.visit()
    send(desk, folk, request="web:1")
    desk.turn(lambda write: write.run(update(message).values(state="failed")))
    assert send(desk, folk, request="web:2") == SecondCopy.QUEUED


def test_a_file_name_holds_no_path(desk: Desk) -> None:
    assert invoices.file_name(desk.brand, "../07/2026 ç") == "curral-07-2026.pdf"


# ------------------------------------------------------------------ many at once


def test_adding_an_invoice_twice_adds_it_once(desk: Desk, folk: Folk) -> None:
    again = [invoice(folk["ana"], "A-0012", 0), invoice(folk["ana"], "A-0015", 3)]
    assert desk.turn(bulk.add_invoices, again) == 1
    assert desk.turn(bulk.add_invoices, again) == 0
    assert len(desk.turn(invoices.lines, numbered(desk, folk, "A-0015"))) == 1


def test_only_open_invoices_are_marked_as_paid(desk: Desk, folk: Folk) -> None:
    day = date(2026, 11, 19)
    payments = [Payment(f"A-{n}", day, Decimal("101.00")) for n in ("0012", "0011", "0009")]
    assert desk.turn(bulk.mark_paid, payments) == 1
    paid = numbered(desk, folk, "A-0012")
    assert (paid.state, paid.paid_on, paid.paid_amount) == ("paid", day, Decimal("101.00"))
    assert numbered(desk, folk, "A-0011").paid_on == date(2026, 10, 9)
    assert numbered(desk, folk, "A-0009").state == "cancelled"


def test_states_are_of_the_customers_asked_for(desk: Desk, folk: Folk) -> None:
    assert desk.turn(bulk.states, [folk["bruno"], folk["carla"]]) == {
        "B-0020": "open", "C-0030": "open",
    }  # fmt: skip
    assert desk.turn(bulk.customer_ids, "fil") == {"filial": folk["filial"]}


def test_more_rows_than_a_statement_takes_are_inserted(desk: Desk, folk: Folk) -> None:
    many = [invoice(folk["davi"], f"D-{n:04}", -5) for n in range(2500)]
    assert desk.turn(bulk.add_invoices, many) == 2500
    count = select(invoice_table.c.id).where(invoice_table.c.customer == folk["davi"])
    assert len(desk.rows(count)) == 2500
