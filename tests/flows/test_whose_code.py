"""Is this boleto yours? A pasted line, barcode or PIX code is answered wherever it is pasted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain import boleto, pix
from storage.tables import invoice

from .conftest import Visit
from .house import House
from .talk import Talk
from .town import TAX_IDS

FOREIGN = boleto.make_barcode("999", date(2026, 11, 30), Decimal("50.00"), "9" * 25)
OURS_PIX = pix.encode("pix@curral.example.com", "Curral Fibra", "Atibaia", Decimal("5.00"), "OUTRA")
FALSE_PIX = pix.encode("golpe@example.net", "Curral Fibra", "Atibaia", Decimal("102.23"), "202611A")
NOT_ISSUED = "⚠️ Este código não foi emitido por Curral Fibra"
YOURS = "✅ Sim, este código foi emitido por Curral Fibra para a sua fatura 2026-11-A (11/2026). Pode pagar."
OURS = "✅ Sim, quem recebe por este código é Curral Fibra."


def line_of(house: House, number: str, *, masked: bool = True) -> str:
    (row,) = house.rows(select(invoice.c.barcode).where(invoice.c.number == number))
    line = boleto.line_from_barcode(row.barcode)
    return boleto.format_line(line) if masked else line


@pytest.mark.parametrize("how", ["masked", "bare", "bars", "in a sentence", "broken over lines"])
def test_the_customers_own_is_recognised_however_it_is_pasted(
    ana: Talk, house: House, how: str
) -> None:
    line, bare = line_of(house, "2026-11-A"), line_of(house, "2026-11-A", masked=False)
    ana.says(
        {
            "masked": line,
            "bare": bare,
            "bars": boleto.barcode_from_line(bare),
            "in a sentence": f"oi, recebi isto por e-mail: {line} posso pagar?",
            "broken over lines": line.replace(" ", "\n"),
        }[how]
    )

    ana.hears_only(f"{YOURS}\n\nQuer ver a sua fatura?")
    ana.sees("Ver a fatura", "Não, obrigado")
    ana.presses("Ver a fatura")
    ana.hears("Fatura 2026-11-A (11/2026)", "Total hoje: R$ 102,23")


def test_a_paid_and_a_cancelled_one_are_not_to_be_paid(ana: Talk, house: House) -> None:
    ana.says(line_of(house, "2026-10-A"))
    ana.hears("para a sua fatura 2026-10-A (10/2026), que já está paga: não há nada a pagar.")

    ana.presses("Não, obrigado")
    ana.says(line_of(house, "2026-09-A"))
    ana.hears("a sua fatura 2026-09-A (09/2026) foi cancelada: não pague.")


def test_another_customers_is_the_brands_and_nothing_is_told_of_it(ana: Talk, house: House) -> None:
    ana.says(line_of(house, "B-7731"))

    ana.hears_only(
        "Quem recebe por este código é Curral Fibra, mas não é uma das suas faturas. Confira antes de"
        " pagar."
    )
    ana.hears_no("B-7731", "Bruno")


def test_a_foreign_one_is_not_ours(ana: Talk) -> None:
    ana.says(boleto.format_line(boleto.line_from_barcode(FOREIGN)))

    ana.hears_only(f"{NOT_ISSUED}. Se alguém mandou em nosso nome, não pague e avise a gente.")


def test_a_code_that_copies_the_invoice_for_another_purse_is_an_impostor(ana: Talk) -> None:
    ana.says(FALSE_PIX)

    ana.hears(
        "🚫 Não pague isto. Foi feito para parecer nosso, mas o dinheiro vai para outra pessoa (o recebedor que"
        " ele indica é Curral Fibra).",
        "Quer ver a sua fatura?",
    )
    ana.presses("Ver a fatura")
    ana.presses("Pagar com PIX")
    assert ana.copied != [FALSE_PIX]


def test_a_false_boleto_of_the_same_amount_and_day_is_an_impostor(ana: Talk) -> None:
    false = boleto.make_barcode("998", date(2026, 11, 10), Decimal("99.90"), "7" * 25)
    ana.says(boleto.line_from_barcode(false))

    ana.hears("🚫 Não pague isto.")


def test_another_amount_on_our_own_title_is_warned_of(ana: Talk, house: House) -> None:
    bars = boleto.barcode_from_line(line_of(house, "2026-11-A", masked=False))
    dearer = boleto.make_barcode("999", date(2026, 11, 10), Decimal("199.90"), bars[19:])
    ana.says(boleto.line_from_barcode(dearer))

    ana.hears(
        "⚠️ Quem recebe por este código é Curral Fibra, mas o valor ou a data não é o da sua fatura 2026-11-A"
    )


def test_a_mistyped_digit_and_a_code_cut_short_are_not_to_be_paid(ana: Talk, house: House) -> None:
    line = line_of(house, "2026-11-A", masked=False)
    slipped = line[:20] + str((int(line[20]) + 1) % 10) + line[21:]
    for broken in (slipped, FALSE_PIX[:-1] + ("0" if FALSE_PIX[-1] != "0" else "1")):
        ana.says(broken)
        ana.hears("ao menos um caractere está errado ou faltando", "Não pague assim como está.")

    ana.says(line)
    ana.hears(YOURS)


def test_the_pix_code_we_handed_out_is_recognised(ana: Talk) -> None:
    ana.says("pagar")
    ana.presses("11/2026 · R$ 99,90")
    ana.presses("Pagar com PIX")
    (code,) = ana.copied
    ana.says(code)

    ana.hears(YOURS)


def test_a_stranger_hears_whose_it_is_and_may_ask_whether_it_is_theirs(
    talk: Talk, house: House
) -> None:
    talk.says(line_of(house, "2026-11-A"))
    talk.hears_only(f"{OURS}\n\nQuer que eu confira se é seu?")
    talk.hears_no("2026-11-A", "Ana")
    talk.presses("Identificar-me")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())

    talk.hears("Tudo certo, Ana!", YOURS, "Quer ver a sua fatura?")


def test_a_stranger_hears_what_is_not_ours_without_proving_anything(talk: Talk) -> None:
    talk.says(boleto.line_from_barcode(FOREIGN))

    talk.hears(NOT_ISSUED)
    talk.says(OURS_PIX)
    talk.hears(OURS)


@pytest.mark.parametrize("at", ["menu", "cpf", "list", "invoice", "consent", "human", "end"])
def test_pasted_in_the_middle_of_anything_it_is_answered_and_that_goes_on(
    visit: Visit, house: House, at: str
) -> None:
    talk = visit()
    if at not in ("cpf", "human"):
        talk.identifies("ana")
    match at:
        case "cpf":
            talk.says("minhas faturas")
        case "human":
            talk.says("atendente")
        case "list" | "invoice" | "consent":
            talk.says("segunda via" if at == "consent" else "minhas faturas")
            if at != "list":
                talk.says("1")
        case "end":
            talk.says("ajuda")
    question = talk.question

    talk.says(boleto.line_from_barcode(FOREIGN))
    talk.hears(NOT_ISSUED)
    if at in ("cpf", "human", "list", "invoice", "consent"):
        assert talk.question.endswith(question.split("\n\n")[-1])


def test_the_menu_asks_for_a_code_until_one_comes(talk: Talk) -> None:
    talk.says("oi")
    talk.presses("Este boleto é de vocês?")
    talk.hears_only("Cole aqui a linha do boleto, os números do código de barras ou o código PIX.")
    talk.says("é um boleto que recebi")
    talk.hears("Isso não é um código de pagamento: um boleto tem 47 ou 48 dígitos")
    talk.says("00000000000000000000")
    talk.hears("Não consigo ler este código. Copie de novo, inteiro")
    talk.says(OURS_PIX)
    talk.hears(OURS)


def test_a_second_code_takes_the_place_of_the_first(ana: Talk, house: House) -> None:
    ana.says(line_of(house, "2026-11-A"))
    ana.says(line_of(house, "2026-12-A"))
    ana.hears("2026-12-A", "Quer ver a sua fatura?")
    ana.presses("Ver a fatura")

    ana.hears("Fatura 2026-12-A")
