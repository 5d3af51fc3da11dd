"""How one pays: boleto, PIX, cards on the gateway's own page, trust, promises, and what came in."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from bot.domain import pix
from storage.tables import (
    audit,
    card,
    customer,
    inbound,
    invoice,
    message_body,
    payment_claim,
    payment_promise,
    session,
    trust_unlock,
)  # fmt: skip
from tests.payments.fake_wire import Trouble

from .counter import Counter, Visitor
from .rows import tells

CARDS = select(card.c.kind, card.c.scheme, card.c.last4, card.c.is_default, card.c.autopay)


def form_of(counter: Counter, who: str) -> str:
    whose = customer.c.id == counter.town.people[who]
    ((form,),) = counter.rows(select(customer.c.payment_form).where(whose))
    return str(form)


def state_of(counter: Counter, number: str) -> str:
    ((state,),) = counter.rows(select(invoice.c.state).where(invoice.c.number == number))
    return str(state)


def cards(counter: Counter) -> list[tuple[Any, ...]]:
    """(kind, scheme, last four, default, automatic) of the cards that are not removed."""
    return counter.rows(CARDS.where(card.c.removed_at.is_(None)).order_by(card.c.id))


def enters_card(counter: Counter, who: Visitor, last4: str = "4444") -> None:
    """Somebody follows the link to the gateway's page and enters a card there."""
    (page,) = [each for each in counter.asaas.checkouts.values() if each["status"] == "ACTIVE"]
    assert page["link"] in who.words
    counter.hooked(counter.asaas.card_entered(page["id"], last4=last4))
    who.listens()


def blocked(counter: Counter, who: str) -> None:
    """The billing system says so."""
    values = {"status": "blocked", "blocked_at": datetime(2026, 11, 18, 12, tzinfo=UTC)}
    whose = customer.c.id == counter.town.people[who]
    counter.writes(lambda tx: tx.run(update(customer).where(whose).values(**values)))


def hugo_of(counter: Counter) -> Visitor:
    hugo = counter.visitor("Hugo")
    hugo.identifies("devedor")
    return hugo


# ------------------------------------------------------------------------- the way


@tells("0.14", "0.3")
def test_from_boleto_to_pix_with_its_invoice_and_consequence(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("forma de pagamento")
    ana.hears("Você paga por Boleto")
    ana.presses("Mudar como pago", "PIX")
    ana.hears("Mudar de Boleto para PIX?", "2026-12-A (vence em 10/12/2026)", "códigos novos")
    ana.says("SIM")
    ana.hears("✅", "PIX", "2026-12-A")
    assert form_of(counter, "ana") == "pix"
    (charge,) = counter.asaas.made("curral:2026-12-A")
    assert charge["billingType"] == "PIX"
    assert counter.rows(select(audit.c.id).where(audit.c.what.like("payment%")))


@tells("0.14")
def test_where_the_gateway_refuses_everything_stays_and_is_said(
    counter: Counter, ana: Visitor
) -> None:
    counter.asaas.trouble.append(Trouble("status", "POST", "/payments", 400))
    ana.says("mudar forma de pagamento")
    ana.presses("PIX")
    ana.says("SIM")
    ana.hears("nada mudou: você continua pagando como antes")
    assert form_of(counter, "ana") == "boleto"


@tells("0.14", "0.15", "4.18", "4.19")
def test_to_card_adds_one_first_on_the_gateway_s_page_and_goes_on(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("pagar com cartão")
    if "Cartão" in ana.options:
        ana.presses("Cartão")
    ana.hears("Você ainda não tem cartão salvo")
    ana.presses("Cadastrar um cartão", "Cartão de crédito")
    ana.hears("🔒", "Nunca escreva o número")
    enters_card(counter, ana)
    ana.hears("✅ Salvo: VISA •••• 4444")
    assert cards(counter) == [("credit", "VISA", "4444", True, False)]
    if "Cartão" in ana.options:
        ana.presses("Cartão")
    ana.hears("Mudar de Boleto para Cartão?")
    ana.says("SIM")
    ana.hears("✅", "Cartão")
    assert form_of(counter, "ana") == "card"


@tells("4.18", "4.20")
def test_a_debit_card_keeps_its_kind(counter: Counter, ana: Visitor) -> None:
    ana.says("cadastrar cartão")
    ana.is_offered("Cartão de crédito", "Cartão de débito")
    ana.presses("Cartão de débito")
    ana.hears("cartão de débito", "Nunca escreva o número")
    (charge,) = [
        each for each in counter.asaas.payments.values() if each["invoiceUrl"] in ana.words
    ]
    token = {"creditCardNumber": "5555", "creditCardBrand": "MASTERCARD", "creditCardToken": "t"}
    charge["creditCard"] = token
    counter.hooked(counter.asaas.paid(charge["id"], by="DEBIT_CARD", status="CONFIRMED"))
    ana.hears("5555")
    assert [each[:3] for each in cards(counter)] == [("debit", "MASTERCARD", "5555")]


@tells("0.15", "5.7")
def test_automatic_payment_on_and_off_the_default_and_removal(
    counter: Counter, ana: Visitor
) -> None:
    for last4 in ("4444", "5555"):
        ana.says("cadastrar cartão")
        ana.presses("Cartão de crédito")
        enters_card(counter, ana, last4)
    ana.hears("Ele deve ser o padrão?")
    ana.says("meus cartões")
    ana.presses("VISA •••• 4444")
    ana.presses("Ligar automático")
    ana.says("SIM")
    ana.hears("✅ Salvo", "VISA •••• 4444 no vencimento")
    assert cards(counter)[0] == ("credit", "VISA", "4444", True, True)
    ana.says("meus cartões")
    ana.presses("VISA •••• 5555", "Tornar o padrão")
    ana.hears("pagamento automático")
    ana.says("SIM")
    assert [each[3:] for each in cards(counter)] == [(False, False), (True, True)]
    ana.says("meus cartões")
    ana.presses("VISA •••• 5555", "Desligar automático")
    ana.says("SIM")
    ana.says("meus cartões")
    ana.presses("VISA •••• 5555", "Remover este cartão")
    ana.hears("Remover VISA •••• 5555?", "4444")
    ana.says("SIM")
    ana.hears("✅ Salvo: VISA •••• 5555 foi removido")
    assert [each[2:] for each in cards(counter)] == [("4444", True, False)]


@tells("0.15", "4.19")
def test_a_card_number_in_the_chat_is_not_kept_and_leads_to_the_page(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("4111 1111 1111 1111")
    ana.hears("🔒", "não guardei")
    ana.presses("Cadastrar por lá")
    ana.is_offered("Cartão de crédito")
    assert "4111" not in "".join(map(str, counter.reads(_everything_written)))


def _everything_written(read: Any) -> list[Any]:
    return [read.all(select(table)) for table in (inbound, message_body, session)]


# ------------------------------------------------------------------------- late


@tells("6.6", "4.10", "5.3")
def test_why_blocked_in_one_message_and_access_on_trust_once(counter: Counter) -> None:
    blocked(counter, "devedor")
    hugo = hugo_of(counter)
    hugo.says("por que estou bloqueado?")
    hugo.hears(
        "bloqueado",
        "2026-10-D venceu em 10/10/2026", "41 dias de atraso", "R$ 103,27 hoje",
        "5 dias de atraso", "Para desbloquear", "3 dias",
    )  # fmt: skip
    hugo.presses("Ver e pagar", "Pagar com PIX")
    assert any(each.startswith("000201") for each in hugo.words.splitlines())
    hugo.says("desbloqueio de confiança")
    hugo.hears("3 dias, até o fim de 23/11/2026", "30 dias")
    hugo.says("SIM")
    hugo.hears("✅", "liberado em confiança até o fim de 23/11/2026")
    hugo.says("desbloqueio de confiança")
    hugo.hears("já está liberado", "20/12/2026")
    counter.after(days=5)
    hugo.says("desbloqueio de confiança")
    hugo.hears("20/12/2026")
    assert len(counter.rows(select(trust_unlock.c.id))) == 1


@tells("5.3")
def test_who_is_not_blocked_hears_why_there_is_no_unlock(counter: Counter) -> None:
    bruno = counter.visitor("Bruno")
    bruno.identifies("elza")
    bruno.says("desbloqueio de confiança")
    bruno.hears("Só um serviço bloqueado pode ser liberado em confiança")


@tells("5.4")
def test_a_promise_on_a_day_that_is_allowed_with_what_follows(counter: Counter) -> None:
    hugo = hugo_of(counter)
    hugo.says("promessa de pagamento")
    hugo.presses("10/2026")
    hugo.says("31/12/2026")
    hugo.hears("21/11/2026", "27/11/2026")
    hugo.presses("25/11/2026")
    hugo.hears("Você promete pagar", "R$ 99,90", "Multa e juros continuam")
    hugo.says("SIM")
    hugo.hears("✅ Salvo", "25/11/2026")
    assert len(counter.rows(select(payment_promise.c.id))) == 1
    hugo.says("promessa de pagamento")
    hugo.hears("já prometeu", "25/11/2026")


@tells("5.6")
def test_already_paid_goes_to_the_team_and_marks_nothing(counter: Counter) -> None:
    hugo = hugo_of(counter)
    hugo.says("já paguei")
    hugo.presses("10/2026")
    hugo.says("Paguei ontem no caixa, comprovante 12345")
    hugo.hears("✅", "2026-10-D", "ainda aparece em aberto")
    assert state_of(counter, "2026-10-D") == "open"
    assert len(counter.rows(select(payment_claim.c.id))) == 1
    assert "gente@example.org" in counter.mails[-1]["To"]
    hugo.says("já paguei")
    hugo.presses("10/2026")
    hugo.hears("Você já nos disse", "conferindo")


@tells("5.5", "0.3")
def test_the_receipt_comes_by_itself_and_once(counter: Counter) -> None:
    office = counter.visitor()
    office.identifies("oficina")
    counter.tends()  # the invoice has no boleto yet, and gets its charge
    (charge,) = counter.asaas.made("curral:2026-12-O")
    event = counter.asaas.paid(charge["id"])
    counter.hooked(event)
    office.hears("Pagamento recebido: R$ 129,50 em 20/11/2026, fatura 2026-12-O")
    assert state_of(counter, "2026-12-O") == "paid"
    told = office.words.count("2026-12-O")
    counter.hooked(event)
    office.listens()
    assert office.words.count("2026-12-O") == told


# ------------------------------------------------------------------------- whose


@tells("6.3")
def test_whose_code_it_is_one_s_own_anothers_or_an_impostor_s(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("minhas faturas")
    ana.presses("11/2026", "Linha do boleto")
    line = next(each for each in ana.words.splitlines() if sum(map(str.isdigit, each)) == 47)
    ana.says(line)
    ana.hears("✅ Sim, este código foi emitido por Curral Fibra para a sua fatura 2026-11-A")
    ana.says(line[:-1] + str((int(line[-1]) + 1) % 10))
    ana.hears_no("✅ Sim")
    ana.hears("Não consigo ler este código")
    ana.says(pix.encode("golpe@example.org", "Curral Fibra", "Atibaia", Decimal("99.90"), "1"))
    ana.hears("🚫 Não pague")
    ana.hears_no("✅ Sim", "Pode pagar")
    stranger = counter.visitor()
    stranger.says(line)
    stranger.hears("✅ Sim, quem recebe por este código é Curral Fibra")
    stranger.hears_no("R$", "Ana")
