"""Boletos: published lines and barcodes, one slip of the finger, dates that come round again."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_brasil.boleto import BoletoBancario

from bot.domain import boleto
from bot.domain.errors import Invalid

from .published import cases

TODAY = date(2026, 11, 20)
LINE = "23793381286000782713695000063305975520000370000"
SLIP = "836400000011331201380002812884627116080136181551"

free_fields = st.text("0123456789", min_size=25, max_size=25)
banks = st.from_regex(r"[0-79][0-9]{2}", fullmatch=True)
days = st.dates(date(1997, 10, 8), date(2049, 10, 13))
amounts = st.integers(0, 10**10 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
barcodes = st.builds(boleto.make_barcode, banks, st.none() | days, amounts, free_fields)


@st.composite
def slips(draw):
    """A collection barcode with a right general digit, of any of the four kinds."""
    kind = draw(st.sampled_from("6789"))
    head, rest = (
        "8" + draw(st.sampled_from("12345679")) + kind,
        draw(st.text("0123456789", min_size=40, max_size=40)),
    )
    digit = boleto._mod10 if kind in "67" else boleto._mod11_collection
    return f"{head}{digit(head + rest)}{rest}"


def refusal(read, *args):
    with pytest.raises(Invalid) as caught:
        read(*args)
    return caught.value.code


class TestPublished:
    @pytest.mark.parametrize("case", cases("boletos"))
    def test_line_and_barcode_are_read_alike_or_refused(self, case):
        line, barcode, expected = case["line"], case["barcode"], case["expected"]
        written = [code for code in (line, barcode) if code]
        if expected is None:
            for code in written:
                refusal(boleto.parse, code, TODAY)
                assert boleto.looks_like_boleto(code)
                assert boleto.find(code, TODAY) is None
            return
        day = date.fromisoformat(expected["due_on"]) if expected["due_on"] else TODAY
        by_line, by_barcode = (boleto.parse(code, day) for code in written)
        assert by_line == by_barcode
        assert (by_line.line, by_line.barcode, by_line.kind) == (line, barcode, expected["kind"])
        assert by_line.amount == Decimal(expected["amount"])
        assert by_line.bank == (line[:3] if expected["kind"] == "boleto" else None)
        if expected["due_on"]:
            assert by_line.due_on == day
        if expected["factor"] == "0000" or expected["kind"] == "collection":
            assert by_line.due_on is None
        else:
            assert boleto.due_factor(by_line.due_on) == int(expected["factor"])
        assert boleto.line_from_barcode(barcode) == line
        assert boleto.barcode_from_line(line) == barcode
        assert boleto.parse(boleto.format_line(line), day) == by_line
        assert boleto.find(f"Olá, {boleto.format_line(line)}, é de vocês?", day) == by_line

    @pytest.mark.parametrize("case", cases("due_factors"))
    def test_due_factor(self, case):
        day = date.fromisoformat(case["input"])
        assert boleto.due_factor(day) == case["expected"]
        barcode = boleto.make_barcode("001", day, Decimal("10.00"), "0" * 25)
        assert barcode[5:9] == f"{case['expected']:04}"
        assert boleto.parse(barcode, day).due_on == day


class TestReading:
    def test_the_fields_of_a_well_known_line(self):
        read = boleto.parse("23793.38128 60007.827136 95000.063305 9 75520000370000", TODAY)
        assert read == boleto.Boleto(
            line=LINE,
            barcode="23799755200003700003381260007827139500006330",
            bank="237",
            amount=Decimal("3700.00"),
            due_on=date(2018, 6, 11),
            kind="boleto",
        )
        with pytest.raises(dataclasses.FrozenInstanceError):
            read.bank = "001"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty"),
            ("  \n", "empty"),
            ("jiuajs", "characters"),
            ("2379338128x000782713695000063305975520000370000", "characters"),
            ("٢3793381286000782713695000063305975520000370000", "characters"),
            ("1234", "length"),
            ("-", "length"),
            (LINE[:-1], "length"),
            (LINE + "00", "length"),
            (LINE + "0", "length"),  # 48 digits, but no collection slip
            (SLIP[:-1], "length"),  # 47 digits, but a collection slip
            ("0" * 47, "currency"),
            ("0" * 44, "currency"),
            (SLIP[:2] + "5" + SLIP[3:], "value"),
        ],
    )
    def test_what_is_no_boleto_is_refused_with_its_reason(self, text, code):
        assert refusal(boleto.parse, text, TODAY) == code

    @pytest.mark.parametrize(
        "mask",
        [
            "23793.38128 60007.827136 95000.063305 9 75520000370000",
            "23793.38128\u00a060007.827136\u00a095000.063305\u00a09\u00a075520000370000",
            " 2379338128 60007827136 95000063305 9 75520000370000\n",
            "2379.3381.2860.0078.2713.6950.0006.3305.9755.2000.0370.000",
            "23793-38128-60007-827136-95000-063305-9-75520000370000",
        ],
    )
    def test_any_mask_of_points_dashes_and_spaces_is_taken_off(self, mask):
        assert boleto.parse(mask, TODAY).line == LINE

    def test_a_collection_slip_without_a_value_carries_no_amount(self):
        for kind, digit in (("7", boleto._mod10), ("9", boleto._mod11_collection)):
            head, rest = f"84{kind}", f"{12345:011}" + "7" * 29
            read = boleto.parse(f"{head}{digit(head + rest)}{rest}", TODAY)
            assert (read.amount, read.due_on, read.bank) == (None, None, None)
        assert boleto.parse(SLIP, TODAY).amount == Decimal("133.12")

    def test_an_open_amount_is_zero_not_none(self):
        barcode = boleto.make_barcode("237", None, Decimal(0), "0" * 25)
        read = boleto.parse(barcode, TODAY)
        assert (str(read.amount), read.due_on) == ("0.00", None)

    def test_an_electronic_invoice_key_is_no_boleto(self):
        # 44 digits as well: state, year and month, tax id, model, series, number, code, digit
        assert refusal(boleto.parse, "35261152998224725000155001000000017100000017", TODAY)
        assert refusal(
            boleto.parse, "3526 1112 3456 7800 0195 5500 1000 0000 1710 0000 0010", TODAY
        )


class TestDueDates:
    def test_a_factor_means_the_date_nearer_to_today(self):
        barcode = boleto.make_barcode("001", date(2026, 9, 28), Decimal("10.00"), "1" * 25)
        assert boleto.parse(barcode, date(2026, 11, 20)).due_on == date(2026, 9, 28)
        assert boleto.parse(barcode, date(2003, 1, 1)).due_on == date(2002, 2, 6)
        assert boleto.parse(barcode, date(2049, 1, 1)).due_on == date(2026, 9, 28)

    def test_the_day_the_factor_started_again(self):
        for day in (date(2025, 2, 21), date(2025, 2, 22)):
            barcode = boleto.make_barcode("001", day, Decimal("10.00"), "1" * 25)
            assert boleto.parse(barcode, date(2025, 2, 21)).due_on == day

    def test_factors_below_a_thousand_come_once(self):
        barcode = boleto.make_barcode("001", date(1999, 1, 1), Decimal("10.00"), "1" * 25)
        assert boleto.parse(barcode, TODAY).due_on == date(1999, 1, 1)

    @pytest.mark.parametrize("day", [date.min, date(1997, 10, 7), date(2049, 10, 14), date.max])
    def test_a_date_without_a_factor_is_refused(self, day):
        assert refusal(boleto.due_factor, day) == "date_range"

    @given(days)
    def test_a_due_date_read_near_itself_comes_back(self, day):
        barcode = boleto.make_barcode("341", day, Decimal("1.00"), "3" * 25)
        for today in (day - timedelta(days=4000), day, day + timedelta(days=4000)):
            assert boleto.parse(barcode, today).due_on == day


class TestWriting:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("01", TODAY, Decimal(1), "0" * 25), "length"),
            (("001", TODAY, Decimal(1), "0" * 24), "length"),
            (("0a1", TODAY, Decimal(1), "0" * 25), "characters"),
            (("001", TODAY, Decimal(1), "٣" * 25), "characters"),
            (("801", TODAY, Decimal(1), "0" * 25), "value"),
            (("001", TODAY, Decimal(-1), "0" * 25), "amount"),
            (("001", TODAY, Decimal(10**8), "0" * 25), "amount"),
            (("001", TODAY, Decimal("1.005"), "0" * 25), "sub_cent"),
            (("001", date(2050, 1, 1), Decimal(1), "0" * 25), "date_range"),
        ],
    )
    def test_an_impossible_barcode_is_refused(self, arguments, code):
        assert refusal(boleto.make_barcode, *arguments) == code

    @pytest.mark.parametrize("wrong", ["1" * 43, "1" * 45, "1" * 43 + "x", "1" * 43 + "²"])
    def test_lines_are_made_of_whole_barcodes_only(self, wrong):
        assert refusal(boleto.line_from_barcode, wrong) in ("length", "characters")

    def test_printed_forms(self):
        assert boleto.format_line(LINE) == "23793.38128 60007.827136 95000.063305 9 75520000370000"
        assert boleto.format_line(SLIP) == "83640000001-1 33120138000-2 81288462711-6 08013618155-1"
        assert refusal(boleto.format_line, "1") == "length"
        assert refusal(boleto.barcode_from_line, "1" * 44) == "length"


class TestFinding:
    def test_a_line_inside_a_sentence_with_other_numbers(self):
        text = f"boleto 2 de 3: {boleto.format_line(LINE)} vence 10/12, R$ 3.700,00"
        assert boleto.find(text, TODAY).line == LINE
        assert boleto.find(f"12 {LINE} 34", TODAY).line == LINE
        assert boleto.find(f"nope {LINE[:-1]}1, this: {SLIP}", TODAY).line == SLIP

    def test_a_line_broken_over_two_rows(self):
        assert boleto.find("23793.38128 60007.827136\r\n95000.063305 9 75520000370000", TODAY)

    def test_spans_say_where(self):
        text = f"um {LINE} dois {SLIP} fim"
        assert [text[a:b] for a, b in boleto.spans(text)] == [LINE, SLIP]

    def test_a_mistyped_line_looks_like_one_and_is_not_found(self):
        wrong = LINE.replace("3700", "3701")
        assert boleto.looks_like_boleto(f"paguei {wrong}")
        assert boleto.find(f"paguei {wrong}", TODAY) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "quanto devo?",
            "529.982.247-25",
            "4111 1111 1111 1111",
            LINE[:43],
            "1" * 49,
            "9" * 90,
        ],
    )
    def test_other_numbers_do_not(self, text):
        assert not boleto.looks_like_boleto(text)
        assert boleto.find(text, TODAY) is None

    def test_digits_far_apart_are_not_put_together(self):
        assert not boleto.looks_like_boleto(f"{LINE[:20]} e {LINE[20:]}")
        assert not boleto.looks_like_boleto(f"{LINE[:20]}     {LINE[20:]}")

    @given(st.text("0123456789 .-\nx", max_size=300))
    def test_what_is_found_is_valid(self, text):
        for start, end in boleto.spans(text):
            boleto.parse(text[start:end], TODAY)


class TestProperties:
    @given(barcodes | slips())
    def test_line_and_barcode_give_each_other(self, barcode):
        line = boleto.line_from_barcode(barcode)
        assert boleto.barcode_from_line(line) == barcode
        assert boleto.parse(line, TODAY) == boleto.parse(barcode, TODAY)
        assert boleto.parse(boleto.format_line(line), TODAY).barcode == barcode

    @given(banks, st.none() | days, amounts, free_fields)
    def test_what_was_put_in_is_read_out(self, bank, due_on, amount, free_field):
        barcode = boleto.make_barcode(bank, due_on, amount, free_field)
        read = boleto.parse(barcode, due_on or TODAY)
        assert (read.bank, read.due_on, read.amount) == (bank, due_on, amount)
        assert barcode.endswith(free_field)

    @given(barcodes, st.integers(0, 46), st.integers(1, 9))
    def test_one_wrong_digit_in_a_line_is_noticed(self, barcode, position, shift):
        # Three remainders share the general digit 1: there a slip in factor or value may pass.
        assume(position <= 32 or barcode[4] != "1")
        line = boleto.line_from_barcode(barcode)
        wrong = str((int(line[position]) + shift) % 10)
        refusal(boleto.parse, line[:position] + wrong + line[position + 1 :], TODAY)

    @given(slips(), st.integers(0, 47), st.integers(1, 9))
    def test_one_wrong_digit_in_a_collection_line_is_noticed(self, barcode, position, shift):
        # Under modulus 11 two remainders share the digit 0. The third digit chooses the modulus.
        line = boleto.line_from_barcode(barcode)
        told_apart = barcode[3] != "0" or line[position // 12 * 12 + 11] != "0"
        assume(position != 2)
        assume(barcode[2] in "67" or position in (3, 11, 23, 35, 47) or told_apart)
        wrong = str((int(line[position]) + shift) % 10)
        refusal(boleto.parse, line[:position] + wrong + line[position + 1 :], TODAY)

    @given(barcodes)
    def test_pydantic_brasil_agrees_on_bank_boletos(self, barcode):
        theirs = BoletoBancario(barcode)
        assert theirs.linha_digitavel == boleto.format_line(boleto.line_from_barcode(barcode))
        assert BoletoBancario(boleto.line_from_barcode(barcode)).codigo_barras == barcode

    @given(slips())
    def test_pydantic_brasil_agrees_on_collection_lines(self, barcode):
        line = boleto.line_from_barcode(barcode)
        assert BoletoBancario(barcode).linha_digitavel.replace(" ", "") == line
        assert BoletoBancario(line).codigo_barras == barcode
