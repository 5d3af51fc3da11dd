"""One's own data: the file, correction, deletion, consents, and which messages one gets."""

from __future__ import annotations

import json

from sqlalchemy import select

from storage.tables import erasure, preference

from .counter import Counter, Visitor
from .rows import tells


@tells("5.16")
def test_the_data_as_a_file_and_a_correction(ana: Visitor) -> None:
    ana.says("privacidade")
    ana.is_offered("Meus dados em arquivo", "Corrigir algo", "O que eu aceitei")
    ana.presses("Meus dados em arquivo")
    told = json.loads(ana.gets_file(begins=b"{").content)
    assert "Ana Prado Nogueira" in json.dumps(told, ensure_ascii=False)
    assert "Bruno" not in json.dumps(told, ensure_ascii=False)
    ana.says("privacidade")
    ana.presses("Corrigir algo")
    ana.hears("Este é o seu cadastro")


@tells("5.16")
def test_a_wish_to_be_deleted_says_what_stays_and_can_be_taken_back(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("excluir meus dados")
    ana.hears("Seria apagado", "porque a lei exige", "5 anos", "Não dá para desfazer")
    ana.says("SIM")
    ana.hears("✅ Seu pedido está registrado", "05/12/2026")
    assert len(counter.rows(select(erasure.c.id))) == 1
    assert "gente@example.org" in counter.mails[-1]["To"]
    ana.says("excluir meus dados")
    ana.presses("Desistir do pedido")
    ana.hears("✅", "nada será excluído")


@tells("5.10", "5.16")
def test_offers_by_consent_that_is_withdrawn_and_required_messages_stay(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("mensagens que recebo")
    ana.presses("Faturas e vencimentos")
    ana.hears("não dá para desligar", "contrato")
    ana.presses("Lembretes antes do vencimento", "Desligar")
    ana.hears("✅ Desligado")
    ana.presses("Ofertas e novidades", "Ligar")
    ana.hears("Curral Fibra pode", "ofertas")
    ana.says("SIM")
    ana.hears("✅ Ligado")
    assert counter.rows(select(preference.c.kind))
    ana.says("o que eu aceitei")
    ana.presses("Ofertas e novidades")
    ana.hears("Curral Fibra pode")
    ana.presses("Retirar")
    ana.hears("✅")
