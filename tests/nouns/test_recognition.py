"""Is this boleto yours? What a pasted code is, without a word about whose an invoice is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.core.brand import Brand, Pix
from bot.domain import boleto, pix
from storage import invoices
from storage.invoices import Invoice
from storage.recognition import Recognition, Verdict, looks_like_payment, recognise
from storage.tables import invoice as invoice_table

from .conftest import BRAND, Folk
from .desk import Desk

GATEWAY = pix.encode_dynamic("pix.example.com/v2/cobv/" + "a" * 32, "Curral Fibra", "Atibaia")
NO_PIX = Brand(id=BRAND.id, name=BRAND.name)


def numbered(desk: Desk, folk: Folk, number: str, of: str = "ana") -> Invoice:
    found = desk.turn(invoices.page, folk[of], limit=50)
    return next(each for each in found if each.number == number)


def ask(desk: Desk, text: str, customer: int | None) -> Recognition:
    return desk.turn(recognise, text, customer)


def slip(of: Invoice) -> str:
    found = invoices.boleto_of(of)
    assert found is not None
    return boleto.format_line(found.line)


def code(desk: Desk, of: Invoice) -> str:
    found = invoices.pix_of(of, desk.brand, date(2026, 11, 20))
    assert found is not None
    return found


@pytest.mark.parametrize("words", ["{}", "  {}\n", "oi, esse boleto aqui é de vocês? {} obrigada"])
def test_ones_own_boleto_is_yours_however_it_is_pasted(desk: Desk, folk: Folk, words: str) -> None:
    of = numbered(desk, folk, "A-0013")
    assert of.barcode is not None
    for text in (slip(of), slip(of).replace(" ", "").replace(".", ""), of.barcode):
        found = ask(desk, words.format(text), folk["ana"])
        assert (found.verdict, found.invoice, found.state) == (Verdict.YOURS, of.id, "open")
        assert (found.amount, found.due_on) == (Decimal("99.90"), date(2026, 12, 10))


def test_someone_elses_boleto_is_ours_and_nothing_is_said_of_whose(desk: Desk, folk: Folk) -> None:
    brunos = numbered(desk, folk, "B-0020", "bruno")
    for customer in (folk["ana"], None):
        found = ask(desk, slip(brunos), customer)
        assert (found.verdict, found.kind) == (Verdict.OURS, "boleto")
        assert (found.invoice, found.state, found.name) == (None, None, None)


def test_a_boleto_of_another_issuer_is_not_ours(desk: Desk, folk: Folk) -> None:
    strange = boleto.make_barcode("998", date(2026, 12, 1), Decimal("150.00"), "7" * 25)
    for customer in (folk["ana"], None):
        found = ask(desk, boleto.line_from_barcode(strange), customer)
        assert (found.verdict, found.invoice) == (Verdict.NOT_OURS, None)
        assert (found.amount, found.due_on) == (Decimal("150.00"), date(2026, 12, 1))


def test_a_false_boleto_with_amount_and_date_of_ones_invoice_is_an_impostor(
    desk: Desk, folk: Folk
) -> None:
    of = numbered(desk, folk, "A-0013")
    false = boleto.make_barcode("998", of.due_on, of.amount, "7" * 25)
    found = ask(desk, false, folk["ana"])
    assert (found.verdict, found.invoice) == (Verdict.IMPOSTOR, of.id)
    assert ask(desk, false, None).verdict is Verdict.NOT_OURS


def test_our_title_with_another_amount_is_yours_but_changed(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0012")
    assert of.barcode is not None
    again = boleto.make_barcode("999", date(2026, 11, 25), Decimal("102.23"), of.barcode[19:])
    found = ask(desk, again, folk["ana"])
    assert (found.verdict, found.invoice, found.changed) == (Verdict.YOURS, of.id, True)
    assert (found.amount, found.due_on) == (Decimal("102.23"), date(2026, 11, 25))


def test_a_paid_boleto_says_that_it_is_paid(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0011")
    assert of.barcode is not None
    found = ask(desk, of.barcode, folk["ana"])
    assert (found.verdict, found.state) == (Verdict.YOURS, "paid")


def test_a_utility_bill_is_not_ours(desk: Desk, folk: Folk) -> None:
    head, tail = "836", "00000012345" + "4" * 29
    (barcode,) = (
        text for d in "0123456789" if boleto.find(text := head + d + tail, date(2026, 11, 20))
    )
    found = ask(desk, barcode, folk["ana"])
    assert (found.verdict, found.kind) == (Verdict.NOT_OURS, "collection")


# ------------------------------------------------------------------ PIX


@pytest.mark.parametrize("words", ["{}", "recebi isso: {} posso pagar?"])
def test_ones_own_pix_code_is_yours(desk: Desk, folk: Folk, words: str) -> None:
    of = numbered(desk, folk, "A-0012")
    found = ask(desk, words.format(code(desk, of)), folk["ana"])
    assert (found.verdict, found.invoice) == (Verdict.YOURS, of.id)
    assert (found.amount, found.name) == (Decimal("102.23"), "Curral Fibra")


def test_a_code_of_the_brands_key_is_ours_whoever_asks(desk: Desk, folk: Folk) -> None:
    brunos = code(desk, numbered(desk, folk, "B-0020", "bruno"))
    for customer in (folk["ana"], None):
        found = ask(desk, brunos, customer)
        assert (found.verdict, found.invoice) == (Verdict.OURS, None)


def test_a_code_that_names_us_and_pays_another_is_an_impostor(desk: Desk, folk: Folk) -> None:
    false = pix.encode("mallory@example.org", "CURRAL FIBRA LTDA", "Sao Paulo", Decimal("99.90"))
    for customer in (folk["ana"], None):
        assert ask(desk, false, customer).verdict is Verdict.IMPOSTOR


def test_a_code_with_the_number_of_ones_invoice_and_another_key_is_an_impostor(
    desk: Desk, folk: Folk
) -> None:
    of = numbered(desk, folk, "A-0012")
    false = pix.encode("mallory@example.org", "Loja", "Atibaia", Decimal("99.90"), "A0012")
    found = ask(desk, false, folk["ana"])
    assert (found.verdict, found.invoice) == (Verdict.IMPOSTOR, of.id)


def test_a_code_of_somebody_else_is_not_ours(desk: Desk, folk: Folk) -> None:
    other = pix.encode("padaria@example.org", "Padaria Aurora", "Atibaia", Decimal("12.00"))
    found = ask(desk, other, folk["ana"])
    assert (found.verdict, found.name) == (Verdict.NOT_OURS, "Padaria Aurora")


def test_a_key_is_the_brands_in_whatever_case_it_is_written(desk: Desk, folk: Folk) -> None:
    desk.with_brand(pix=Pix("PIX@Curral.example.com", "Curral Fibra", "Atibaia"))
    of = code(desk, numbered(desk, folk, "A-0012"))
    assert ask(desk, of, folk["ana"]).verdict is Verdict.YOURS


def test_a_gateways_code_is_known_by_itself(desk: Desk, folk: Folk) -> None:
    of = numbered(desk, folk, "A-0012")
    desk.turn(
        lambda write: write.run(
            update(invoice_table).where(invoice_table.c.id == of.id).values(pix_code=GATEWAY)
        )
    )
    assert ask(desk, f"esse? {GATEWAY}", folk["ana"]).invoice == of.id
    assert ask(desk, f"esse? {GATEWAY} ok", folk["bruno"]).verdict is Verdict.OURS
    other = GATEWAY.replace("a" * 32, "b" * 32)
    assert ask(desk, other[:-4] + pix._crc(other[:-4]), folk["ana"]).verdict is Verdict.IMPOSTOR


def test_a_brand_without_pix_issued_no_pix_code(desk: Desk, folk: Folk) -> None:
    mine = code(desk, numbered(desk, folk, "A-0012"))
    desk.brand = NO_PIX
    assert ask(desk, mine, None).verdict is Verdict.IMPOSTOR


# ------------------------------------------------------------------ unreadable


def test_a_mistyped_line_says_which_part_of_reading_failed(desk: Desk, folk: Folk) -> None:
    line = slip(numbered(desk, folk, "A-0013"))
    wrong = line[:-20] + str((int(line[-20]) + 1) % 10) + line[-19:]
    found = ask(desk, f"esse {wrong} é meu?", folk["ana"])
    assert (found.verdict, found.reason) == (Verdict.UNREADABLE, "check_digit")
    assert ask(desk, line[:40], folk["ana"]).reason == "length"


def test_a_damaged_pix_code_says_so(desk: Desk, folk: Folk) -> None:
    whole = code(desk, numbered(desk, folk, "A-0012"))
    found = ask(desk, whole[:-1], folk["ana"])
    assert (found.verdict, found.kind, found.reason) == (Verdict.UNREADABLE, "pix", "crc")


def test_words_are_no_payment(desk: Desk, folk: Folk) -> None:
    assert ask(desk, "bom dia", folk["ana"]).verdict is Verdict.UNREADABLE
    assert not looks_like_payment("bom dia, 2 via do boleto de 10/11/2026 de R$ 99,90")
    assert looks_like_payment(slip(numbered(desk, folk, "A-0013")))
    assert looks_like_payment(GATEWAY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=300),
        st.text("0123456789. -", max_size=120),
        st.text("0123456789BRbr.gov.bcb.pix", max_size=120).map(
            lambda t: f"000201br.gov.bcb.pix{t}"
        ),
        st.from_regex(r"[0-9]{44}|[0-9]{47}|[0-9]{48}", fullmatch=True),
    )
)
@example("0" * 44)
@example("8" * 48)
@example("000201" * 40)
def test_no_text_crashes_the_recognition(desk: Desk, folk: Folk, text: str) -> None:
    found = ask(desk, text, folk["ana"])
    assert found.verdict is Verdict.UNREADABLE or found.kind is not None
    assert found.invoice is None


def test_a_recognition_names_only_the_askers_own_invoice(desk: Desk, folk: Folk) -> None:
    """Every code of every customer, asked about by every other."""
    names = ("ana", "bruno", "carla")
    for owner in names:
        for of in desk.turn(invoices.open_of, folk[owner]):
            for text in filter(None, (of.barcode, code(desk, of))):
                for asker in names:
                    found = ask(desk, text, folk[asker])
                    assert found.invoice == (of.id if asker == owner else None)
                    assert replace(found, invoice=None).state == (
                        of.state if asker == owner else None
                    )
