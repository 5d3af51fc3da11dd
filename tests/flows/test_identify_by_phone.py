"""Who are you, where the channel proves whose phone it is: the phone and the CPF together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Visit
from .house import House
from .talk import Talk
from .town import FEATURES, NOBODYS, TAX_IDS

ANAS = "+5511900000012"
BRUNOS = "+5511900000013"
REFUSED = "Este telefone e este CPF ou CNPJ não estão no mesmo cadastro."


@pytest.fixture
def talk(visit: Visit) -> Talk:
    return visit(door="phone")


def shares_phone(talk: Talk, tax_id: str, phone: str = ANAS) -> None:
    talk.says("quero me identificar")
    talk.hears("Para mostrar só o que é seu", "Qual é o CPF")
    talk.says(tax_id)
    talk.hears("Como você prefere se identificar?")
    talk.sees("Meu telefone", "Código por e-mail")
    talk.presses("Meu telefone")
    talk.hears("compartilhe o seu próprio número")
    assert [b.kind for b in talk.heard[-1].buttons if b.kind != "nav"] == ["contact"]
    talk.shares(phone)


def test_the_phone_and_the_cpf_of_one_registration_prove_it(talk: Talk, house: House) -> None:
    shares_phone(talk, TAX_IDS["ana"])

    talk.hears("Tudo certo, Ana! Já sei que é você.", "Como posso ajudar?")
    assert talk.gets_mail() == []


def test_another_customers_cpf_and_an_unknown_one_are_refused_alike(visit: Visit) -> None:
    other, unknown = visit("other", door="phone"), visit("unknown", door="phone")
    shares_phone(other, TAX_IDS["bruno"])
    shares_phone(unknown, NOBODYS)

    assert [m.text for m in other.heard] == [m.text for m in unknown.heard] == [REFUSED]
    other.sees("Novo código por e-mail", "Outro CPF ou CNPJ", "Falar com alguém")


def test_after_a_refusal_a_code_by_mail_still_proves_it(talk: Talk) -> None:
    shares_phone(talk, TAX_IDS["ana"], BRUNOS)
    talk.hears_only(REFUSED)
    talk.presses("Novo código por e-mail")
    talk.says(talk.reads_code())

    talk.hears("Tudo certo, Ana!")


def test_a_phone_already_proved_is_not_asked_for_again(talk: Talk) -> None:
    shares_phone(talk, TAX_IDS["bruno"])
    talk.presses("Outro CPF ou CNPJ")
    talk.says(TAX_IDS["ana"])
    talk.presses("Meu telefone")

    talk.hears("Tudo certo, Ana!")


def test_a_forwarded_contact_proves_nothing(talk: Talk) -> None:
    talk.says("quero me identificar")
    talk.says(TAX_IDS["ana"])
    talk.presses("Meu telefone")
    talk.sends_a("foreign-contact")

    talk.hears("Esse contato não é o seu")
    talk.hears_no("Tudo certo")
    talk.shares(ANAS)
    talk.hears("Tudo certo, Ana!")


def test_a_typed_phone_proves_nothing(talk: Talk) -> None:
    talk.says("quero me identificar")
    talk.says(TAX_IDS["ana"])
    talk.presses("Meu telefone")
    talk.says("11 90000-0012")

    talk.hears("Use o botão", "compartilhe o seu próprio número")


def test_who_goes_through_cpfs_with_one_phone_is_paused(talk: Talk) -> None:
    shares_phone(talk, NOBODYS)
    for name in ("bruno", "carla"):
        talk.presses("Outro CPF ou CNPJ")
        talk.says(TAX_IDS[name])
        talk.presses("Meu telefone")
        talk.hears_only(REFUSED)
    talk.presses("Outro CPF ou CNPJ")
    talk.says(TAX_IDS["ana"])
    talk.presses("Meu telefone")

    talk.hears("Foram muitas tentativas em pouco tempo.", "depois das 12:01")


def test_the_phone_alone_is_asked_for_where_there_is_no_mail(
    open_counter: Callable[..., House], visit: Visit
) -> None:
    talk = visit(door="phone", at=open_counter(features=FEATURES | {"mail": False}))
    talk.says("minhas faturas")
    talk.says(TAX_IDS["bruno"])
    talk.shares(ANAS)

    talk.hears_only(REFUSED)
    talk.sees("Outro CPF ou CNPJ", "Falar com alguém")
    talk.presses("Outro CPF ou CNPJ")
    talk.says(TAX_IDS["ana"])
    talk.hears("Tudo certo, Ana!", "Estas são as suas faturas")
