"""One invoice: what it says day by day, and what pays it: PIX, QR, boleto line, PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
import zxingcpp
from sqlalchemy import select, update

from bot.core.ports import Write
from bot.domain import boleto, pix
from storage.bulk import Payment, mark_paid
from storage.tables import audit, audit_body, invoice
from tests.documents.eyes import picture

from .conftest import Visit
from .house import House
from .talk import Talk
from .town import FEATURES, Town


def opens(talk: Talk, said: str) -> Talk:
    talk.says("/menu")
    talk.presses("Minhas faturas")
    talk.says(said)
    return talk


def paid(write: Write) -> None:
    """Ana's November is paid: the gateway said so."""
    assert mark_paid(write, [Payment("2026-11-A", write.today, Decimal("102.23"))]) == 1


def test_an_overdue_invoice_says_what_is_owed_today_line_by_line(ana: Talk) -> None:
    opens(ana, "2026-11-A")

    ana.hears_only(
        "Fatura 2026-11-A (11/2026)\n"
        "Vencimento: 10/11/2026\n"
        "Valor: R$ 99,90\n"
        "Em aberto, com 10 dias de atraso\n"
        "\n"
        "Multa: R$ 2,00\n"
        "Juros (10 dias): R$ 0,33\n"
        "Total hoje: R$ 102,23"
    )
    ana.sees("Pagar com PIX", "Linha do boleto", "PDF", "Enviar por e-mail", "Outra fatura")
    bold = [ana.heard[-1].text[start : start + long] for start, long in ana.heard[-1].bold]
    assert [each.replace("\u00a0", " ") for each in bold] == [
        "Fatura 2026-11-A",
        "Total hoje: R$ 102,23",
    ]


def test_tomorrow_it_is_a_day_more(ana: Talk) -> None:
    ana.after(days=1)
    opens(ana, "2026-11-A")

    ana.hears("com 11 dias de atraso", "Juros (11 dias): R$ 0,37", "Total hoje: R$ 102,27")


def test_before_it_is_due_there_is_nothing_but_the_amount(ana: Talk) -> None:
    opens(ana, "2026-12-A")

    ana.hears_only("Fatura 2026-12-A (12/2026)\nVencimento: 10/12/2026\nValor: R$ 99,90\nEm aberto")


def test_on_the_day_itself_it_says_so(ana: Talk) -> None:
    ana.after(days=20)
    opens(ana, "2026-12-A")

    ana.hears("Valor: R$ 99,90\nEm aberto, vence hoje")
    ana.hears_no("Multa", "Total hoje")


def test_a_due_date_on_a_weekend_leaves_until_the_next_business_day(visit: Visit) -> None:
    shop = visit("oficina")
    shop.identifies("oficina")
    opens(shop, "2026-12-O")
    free = "Em aberto. Vence em dia sem banco: pague até 14/12/2026, sem multa nem juros."
    shop.hears("Vencimento: 12/12/2026", free)

    shop.after(days=24)  # Monday, 14 December
    opens(shop, "2026-12-O")
    shop.hears(free)
    shop.hears_no("Multa")

    shop.after(days=1)
    opens(shop, "2026-12-O")
    shop.hears(
        "com 3 dias de atraso", "Multa: R$ 2,59", "Juros (3 dias): R$ 0,13", "Total hoje: R$ 132,22"
    )


def test_a_bank_holiday_counts_as_a_weekend_does(visit: Visit, house: House, town: Town) -> None:
    def due_on_a_holiday(write: Write) -> None:
        day = write.today  # 20 November, Consciência Negra
        write.run(update(invoice).where(invoice.c.id == town.invoices["B-7731"]).values(due_on=day))

    house.writes(due_on_a_holiday)
    bruno = visit("bruno")
    bruno.identifies("bruno")
    opens(bruno, "B-7731")

    bruno.hears("Vence em dia sem banco: pague até 23/11/2026, sem multa nem juros.")


def test_a_paid_one_says_what_and_when_and_asks_for_nothing(ana: Talk) -> None:
    opens(ana, "2026-10-A")

    ana.hears("Vencimento: 10/10/2026", "Paga: R$ 99,90 em 08/10/2026")
    ana.sees("PDF", "Enviar por e-mail", "Outra fatura")


def test_a_cancelled_one_has_nothing_to_pay_and_nothing_to_send(ana: Talk) -> None:
    opens(ana, "2026-09-A")

    ana.hears("Cancelada: não há nada a pagar")
    ana.sees("Outra fatura")


def test_the_pix_code_stands_alone_and_asks_for_todays_total(ana: Talk) -> None:
    opens(ana, "2026-11-A")
    ana.presses("Pagar com PIX")

    ana.hears("PIX de R$ 102,23. Copie este código e cole no app do seu banco:")
    (code,) = ana.copied
    read = pix.decode(code)
    assert (read.amount, read.key, read.txid) == (
        Decimal("102.23"),
        "pix@curral.example.com",
        "202611A",
    )
    assert [m.copyable for m in ana.heard] == [False, True, False, False]
    ana.hears("Precisa de mais alguma coisa da fatura 2026-11-A?")


def test_the_qr_code_is_that_same_code(ana: Talk) -> None:
    opens(ana, "2026-11-A")
    ana.presses("Pagar com PIX")

    (qr,) = ana.documents
    assert (qr.name, qr.media_type) == ("pix-2026-11-A.png", "image/png")
    assert picture(qr.content).texts(zxingcpp.BarcodeFormat.QRCode) == ana.copied


def test_the_boleto_line_stands_alone_and_leads_to_the_same_bars(
    ana: Talk, house: House, town: Town
) -> None:
    opens(ana, "2026-12-A")
    ana.says("linha do boleto")

    (line,) = ana.copied
    slip = boleto.parse(line, house.clock.now.date())
    (bars,) = house.rows(
        select(invoice.c.barcode).where(invoice.c.id == town.invoices["2026-12-A"])
    )
    assert slip.barcode == bars.barcode
    assert slip.amount == Decimal("99.90")
    ana.hears_no("multa")


def test_of_an_overdue_boleto_it_says_that_the_bank_adds_the_charges(ana: Talk) -> None:
    opens(ana, "2026-11-A")
    ana.presses("Linha do boleto")

    ana.hears("O banco soma multa e juros na hora de pagar: R$ 102,23 hoje.")


def test_the_pdf_comes_into_the_chat_and_its_opening_is_on_record(
    ana: Talk, house: House, town: Town
) -> None:
    opens(ana, "2026-11-A")
    ana.presses("PDF")

    (page,) = ana.documents
    assert (page.name, page.media_type) == ("curral-2026-11-A.pdf", "application/pdf")
    assert page.content.startswith(b"%PDF-")
    ana.hears("Fatura 2026-11-A", "Precisa de mais alguma coisa da fatura 2026-11-A?")
    (row,) = house.rows(select(audit).where(audit.c.what == "document.opened"))
    assert (row.subject, row.customer, row.through) == (
        f"invoice:{town.invoices['2026-11-A']}", town.people["ana"], "web",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "kind"), [("Pagar com PIX", "pix"), ("Linha do boleto", "boleto-line")]
)
def test_a_code_that_was_handed_out_is_on_record_once(
    ana: Talk, house: House, town: Town, wish: str, kind: str
) -> None:
    opens(ana, "2026-11-A")
    ana.presses(wish)
    ana.taps_again()
    ana.comes_again()

    (row,) = house.rows(
        select(audit.c.subject, audit.c.customer, audit.c.through, audit_body.c.after)
        .join_from(audit, audit_body)
        .where(audit.c.what == "document.opened")
    )
    assert tuple(row) == (
        f"invoice:{town.invoices['2026-11-A']}", town.people["ana"], "web", {"kind": kind},
    )  # fmt: skip


@pytest.mark.parametrize("wish", ["Pagar com PIX", "Linha do boleto", "PDF"])
def test_what_was_handed_out_is_not_said_again_when_a_task_between_ends(
    ana: Talk, house: House, wish: str
) -> None:
    opens(ana, "2026-11-A")
    ana.presses(wish)
    handed = len(ana.copied) + len(ana.documents)
    assert handed
    ana.says("idioma")
    ana.presses("Português")

    ana.hears("Precisa de mais alguma coisa da fatura 2026-11-A?")
    assert ana.copied == []
    assert ana.documents == []
    rows = house.rows(select(audit.c.id).where(audit.c.what == "document.opened"))
    assert len(rows) == 1


def test_each_way_to_pay_can_be_had_one_after_the_other(ana: Talk) -> None:
    opens(ana, "2026-11-A")
    for wish in (
        "Pagar com PIX",
        "Linha do boleto",
        "PDF",
        "Pagar com PIX",
        "PDF",
        "Linha do boleto",
    ):
        ana.presses(wish)
        ana.hears("Precisa de mais alguma coisa da fatura 2026-11-A?")


@pytest.mark.parametrize("said", ["não", "Não, obrigado", "nao obrigada", "obrigado"])
def test_who_needs_nothing_more_is_let_go_kindly(ana: Talk, said: str) -> None:
    opens(ana, "2026-11-A")
    assert "Não, obrigado" not in [b.label for b in ana.heard[-1].buttons]
    ana.presses("Linha do boleto")
    ana.says(said)

    ana.hears_only("Combinado! Quando precisar, é só chamar.")
    ana.sees_nav("Menu")
    ana.says("obrigada!")
    ana.hears("De nada!")


def test_an_invoice_paid_meanwhile_is_not_paid_again(ana: Talk, house: House) -> None:
    opens(ana, "2026-11-A")
    house.writes(paid)
    ana.presses("Pagar com PIX")

    ana.hears("Essa opção não está mais disponível.", "Paga: R$ 102,23 em 20/11/2026")
    assert ana.copied == []
    ana.sees("PDF", "Enviar por e-mail", "Outra fatura")


def test_one_paid_after_its_pix_was_handed_out_is_said_to_be_paid(ana: Talk, house: House) -> None:
    opens(ana, "2026-11-A")
    ana.presses("Pagar com PIX")
    house.writes(paid)
    ana.presses("PDF")

    ana.hears("A fatura 2026-11-A está paga. Precisa de mais alguma coisa dela?")


@pytest.mark.parametrize(
    ("off", "label"),
    [("pix", "Pagar com PIX"), ("boleto", "Linha do boleto"), ("pdf", "PDF"),
     ("email_second_copy", "Enviar por e-mail"), ("mail", "Enviar por e-mail")],
)  # fmt: skip
def test_what_is_switched_off_is_not_offered(
    ana: Talk, open_counter: Callable[..., House], off: str, label: str
) -> None:
    ana.house = open_counter(features=FEATURES | {off: False})
    opens(ana, "2026-11-A")

    assert label not in [b.label for b in ana.heard[-1].buttons]
    ana.says(label)
    assert ana.copied == []
    assert ana.documents == []
    assert ana.gets_mail() == [] if off != "mail" else True


def test_a_gateways_own_code_is_handed_out_as_it_is(ana: Talk, house: House, town: Town) -> None:
    own = pix.encode_dynamic("pay.example.com/v2/0123456789abcdef", "Curral Fibra", "Atibaia")
    house.writes(
        lambda write: write.run(
            update(invoice).where(invoice.c.id == town.invoices["2026-11-A"]).values(pix_code=own)
        )
    )
    opens(ana, "2026-11-A")
    ana.presses("Pagar com PIX")

    assert ana.copied == [own]
    ana.hears("Copie este código PIX e cole no app do seu banco, que mostra o valor:")
    ana.hears_no("102,23")


def test_without_a_barcode_there_is_no_boleto(visit: Visit, house: House) -> None:
    shop = visit("oficina")
    shop.identifies("oficina")
    opens(shop, "2026-12-O")

    shop.sees("Pagar com PIX", "PDF", "Enviar por e-mail", "Outra fatura")


def test_a_brand_without_a_pix_key_offers_no_pix(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.house = open_counter(pix=None)
    opens(ana, "2026-11-A")

    ana.sees("Linha do boleto", "PDF", "Enviar por e-mail", "Outra fatura")


def test_terms_of_the_brand_are_those_of_the_charges(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    terms = replace(
        ana.house.brand.terms, fine_percent=Decimal(0), interest_percent_month=Decimal(0)
    )
    ana.house = open_counter(terms=terms)
    opens(ana, "2026-11-A")

    ana.hears("com 10 dias de atraso", "Total hoje: R$ 99,90")
