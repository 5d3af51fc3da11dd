"""Statements and declarations: what was charged and paid, for whom it may concern."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.tables import audit

from .conftest import OpenCounter
from .counter import Counter, Visitor
from .rows import tells
from .town import BRAND


@tells("0.2", "0.9")
def test_a_period_with_its_sums_here_as_a_pdf_and_by_e_mail(counter: Counter, ana: Visitor) -> None:
    ana.says("menu")
    ana.presses("Extratos e declarações", "Extrato de um período")
    ana.is_offered("Este mês", "Mês passado", "Últimos 3 meses", "Este ano", "Ano passado")
    ana.presses("Últimos 3 meses")
    ana.hears(
        "2026-09-A · R$ 99,90 · cancelada",
        "2026-10-A · R$ 99,90 · paga em 08/10/2026",
        "2026-11-A · R$ 99,90 · 10 dias de atraso, R$ 102,23 hoje",
        "Cobrado: R$ 199,80",
        "Pago: R$ 99,90",
        "Multa e juros: R$ 2,33",
        "A pagar hoje: R$ 102,23",
    )
    ana.presses("PDF")
    ana.gets_file()
    ana.presses("Enviar por e-mail")
    ana.hears("a***@e***.com")
    ana.says("SIM")
    ana.hears("a caminho")
    mail = counter.mails[-1]
    assert "ana@example.com" in mail["To"]
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["application/pdf"]
    shown = select(func.count()).where(audit.c.what == "document.opened")
    assert counter.rows(shown)[0][0] >= 2


@tells("0.2")
def test_a_period_is_written_as_people_write_it(ana: Visitor) -> None:
    ana.says("extrato de março")
    ana.hears("Extrato de 03/2026", "2026-03-A · R$ 129,50", "Não falta pagar nada")
    ana.says("quero o extrato de 2019")
    ana.hears("Você não tem faturas com vencimento em 2019")


@tells("0.10", "0.3")
def test_an_invoice_of_the_statement_is_paid_by_line_pix_or_pdf(ana: Visitor) -> None:
    ana.says("extrato de novembro")
    ana.presses("Ver ou pagar uma fatura", "11/2026")
    ana.hears("Fatura 2026-11-A", "Multa: R$ 2,00", "Total hoje: R$ 102,23")
    ana.presses("Pagar com PIX")
    assert any(each.startswith("000201") for each in ana.words.splitlines())
    ana.presses("Linha do boleto")
    assert any(sum(c.isdigit() for c in each) == 47 for each in ana.words.splitlines())
    ana.presses("PDF")
    ana.gets_file()


@tells("0.11", "5.8")
def test_the_year_s_payments_month_by_month_and_a_year_without(counter: Counter) -> None:
    hugo = counter.visitor()
    hugo.identifies("devedor")
    hugo.says("imposto de renda")
    hugo.presses("2025")
    hugo.hears("01/2025: R$ 99,90", "12/2025: R$ 99,90", "Total: R$ 1.198,80")
    hugo.hears("Pago a: Curral Fibra Ltda.")
    hugo.presses("PDF")
    hugo.gets_file()
    hugo.presses("Enviar por e-mail")
    hugo.says("SIM")
    assert "hugo@example.com" in counter.mails[-1]["To"]
    hugo.says("imposto de renda 2023")
    hugo.hears("2023")
    hugo.hears_no("Total")


@tells("5.8")
def test_a_paid_year_is_declared_and_an_open_one_names_what_is_open(counter: Counter) -> None:
    hugo = counter.visitor()
    hugo.identifies("devedor")
    hugo.says("quitação anual 2025")
    hugo.hears("12 faturas", "todas pagas: R$ 1.198,80", "Lei nº 12.007/2009")
    hugo.presses("PDF")
    hugo.gets_file()
    hugo.says("quitação anual 2026")
    hugo.hears("2026", "ainda não acabou")


@tells("0.12")
def test_a_kind_that_is_switched_off_is_in_no_menu(open_counter: OpenCounter) -> None:
    off = {"income_tax": False, "clearance": False}
    counter = open_counter(features={**BRAND.features, **off})
    ana = counter.visitor()
    ana.identifies("ana")
    ana.says("menu")
    ana.presses("Extratos e declarações")
    ana.is_not_offered("Pagamentos para o imposto", "Declaração de quitação")
    ana.is_offered("Este mês")
    ana.says("imposto de renda")
    ana.hears_no("Pagamentos de qual ano")


@tells("0.12")
def test_where_every_kind_is_off_the_menu_has_none(open_counter: OpenCounter) -> None:
    off = dict.fromkeys(("statements", "income_tax", "clearance"), False)
    counter = open_counter(features={**BRAND.features, **off})
    ana = counter.visitor()
    ana.identifies("ana")
    ana.says("menu")
    ana.is_not_offered("Extratos e declarações")
