"""Who are you: a CPF or CNPJ, and the code that came to the registered e-mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from storage.tables import audit, message

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import FEATURES, NOBODYS, TAX_IDS

ASKED = (
    "Se houver um e-mail nesse cadastro, um código está a caminho. Escreva aqui os 6 dígitos dele.\n"
    "Não chegou nada? Olhe a caixa de spam, escreva o CPF ou CNPJ de novo, ou escreva atendente."
)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def asks_for_code(talk: Talk, name: str = "ana") -> str:
    talk.says("oi")
    talk.presses("Identificar-me")
    talk.says(TAX_IDS[name])
    return talk.reads_code()


def test_a_stranger_proves_it_by_the_code_that_came_by_mail(talk: Talk) -> None:
    talk.says("oi")
    talk.hears(
        "Olá! Aqui é o balcão Curral Fibra. Para ver e pagar as suas faturas, é só se identificar."
        " Como posso ajudar?"
    )
    talk.presses("Identificar-me")
    talk.hears("preciso saber quem é você", "Qual é o CPF ou CNPJ do seu cadastro?")
    talk.says(TAX_IDS["ana"])
    talk.hears_only(ASKED)

    talk.says(talk.reads_code())

    talk.hears("Tudo certo, Ana! Já sei que é você.", "Como posso ajudar?")
    assert "Minhas faturas" in [b.label for b in talk.heard[-1].buttons]
    assert "Identificar-me" not in [b.label for b in talk.heard[-1].buttons]


def test_the_code_comes_to_the_registered_address_in_the_readers_language(visit: Visit) -> None:
    talk = visit(locale="es")
    talk.says("soy cliente")
    talk.says(TAX_IDS["ana"])

    (mail,) = talk.gets_mail()

    assert mail["To"] == "Ana Prado Nogueira <ana@example.com>"
    assert "ola@example.com" in mail["From"]
    assert "Hola, Ana" in plain(mail)


def test_an_unknown_cpf_hears_the_same_byte_for_byte(visit: Visit, house: House) -> None:
    known, unknown = visit("known"), visit("unknown")
    for talk, tax_id in ((known, TAX_IDS["ana"]), (unknown, NOBODYS)):
        talk.says("oi")
        talk.presses("Identificar-me")
        talk.says(tax_id)
    assert [m.text for m in known.heard] == [m.text for m in unknown.heard] == [ASKED]

    code = known.reads_code()
    for _try in range(4):
        for talk in (known, unknown):
            talk.says(wrong(code))
        assert known.words == unknown.words
    for talk in (known, unknown):
        talk.says(wrong(code))
    assert known.words == unknown.words
    known.hears("tente de novo depois das")
    assert [b.label for b in known.heard[-1].buttons] == [
        b.label for b in unknown.heard[-1].buttons
    ]
    assert len(house.post.mails) == 1


@pytest.mark.parametrize("name", ["carla", "davi"])
def test_who_cannot_be_mailed_hears_the_same_too(visit: Visit, name: str, house: House) -> None:
    talk = visit(name)
    talk.says("quero me identificar")
    talk.says(TAX_IDS[name])

    talk.hears_only(ASKED)
    assert talk.gets_mail() == []
    talk.says("atendente")
    talk.hears("Sobre o que é?")


def test_five_wrong_tries_spend_the_code_and_bring_a_pause(talk: Talk) -> None:
    code = asks_for_code(talk)
    for left in (4, 3, 2, 1):
        talk.says(wrong(code))
        talk.hears(
            f"Não é esse o código. Compare com o do e-mail, por favor. Tentativas restantes: {left}.",
            ASKED,
        )
    talk.says(wrong(code))

    talk.hears(
        "Foram muitas tentativas em pouco tempo. Para a segurança de todos, tente de novo depois das 12:01"
    )
    talk.sees("Outro CPF ou CNPJ", "Falar com alguém")

    talk.presses("Outro CPF ou CNPJ")
    talk.says(TAX_IDS["ana"])
    talk.hears("Foram muitas tentativas")
    assert talk.gets_mail() == []

    talk.after(minutes=2)
    talk.presses("Outro CPF ou CNPJ")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())
    talk.hears("Tudo certo, Ana!")


def test_a_code_older_than_ten_minutes_does_not_count_and_another_is_sent(talk: Talk) -> None:
    code = asks_for_code(talk)
    talk.after(minutes=10, seconds=1)
    talk.says(code)

    talk.hears_only("Esse código tem mais de 10 minutos e não vale mais.")
    talk.sees("Novo código por e-mail", "Outro CPF ou CNPJ", "Falar com alguém")

    talk.presses("Novo código por e-mail")
    talk.hears_only(ASKED)
    talk.says(talk.reads_code())
    talk.hears("Tudo certo, Ana!")


def test_a_newer_code_takes_the_place_of_the_older(talk: Talk) -> None:
    first = asks_for_code(talk)
    talk.says("/menu")
    talk.presses("Identificar-me")
    talk.says(TAX_IDS["ana"])
    second = talk.reads_code()
    assert first != second

    talk.says(first)
    talk.hears("Não é esse o código")
    talk.says(second)
    talk.hears("Tudo certo, Ana!")


def test_the_same_code_opens_no_second_chat(visit: Visit) -> None:
    ana, thief = visit("ana"), visit("thief")
    code = asks_for_code(ana)
    thief.says("quero me identificar")
    thief.says(TAX_IDS["ana"])
    thief.says(code)

    thief.hears("Não é esse o código")
    ana.says(code)
    ana.hears("Tudo certo, Ana!")


@pytest.mark.parametrize("typed", ["{0} {1}", "código: {0}-{1}."])
def test_a_code_is_read_as_people_type_it(talk: Talk, typed: str) -> None:
    code = asks_for_code(talk)
    talk.says(typed.format(code[:3], code[3:]))

    talk.hears("Tudo certo, Ana!")


def test_what_is_no_code_at_all_costs_no_try(talk: Talk) -> None:
    code = asks_for_code(talk)
    for said in ("não chegou nada", "12345", "1234567", "🤷"):
        talk.says(said)
        talk.hears("Isso não é um código: ele tem 6 dígitos, como 012345.", ASKED)
    talk.says(wrong(code))
    talk.hears("Tentativas restantes: 4")


def test_a_cpf_with_a_slip_that_nobody_noticed_is_simply_written_again(talk: Talk) -> None:
    talk.says("quero me identificar")
    talk.says(TAX_IDS["bruno"])
    assert len(talk.gets_mail()) == 1
    talk.says(f"ops, é {TAX_IDS['ana']}")
    talk.hears_only(ASKED)

    talk.says(talk.reads_code())
    talk.hears("Tudo certo, Ana!")


def test_a_stranger_who_writes_a_cpf_at_once_is_asked_for_the_code(talk: Talk) -> None:
    talk.says("oi")
    talk.says(f"meu cpf: {TAX_IDS['ana']}")
    talk.hears_only(ASKED)

    talk.says(talk.reads_code())
    talk.hears("Tudo certo, Ana!")
    talk.says(TAX_IDS["bruno"])
    talk.hears("Não encontrei essa opção.")


def test_who_asks_too_often_hears_until_when_to_wait(talk: Talk) -> None:
    for _time in range(3):
        talk.says("/menu")
        talk.presses("Identificar-me")
        talk.says(TAX_IDS["ana"])
        talk.hears_only(ASKED)
    talk.says("/menu")
    talk.presses("Identificar-me")
    talk.says(TAX_IDS["ana"])

    talk.hears_only(
        "Foram muitas tentativas em pouco tempo. Para a segurança de todos, tente de novo depois das"
        " 12:01, ou fale com a nossa equipe."
    )
    talk.presses("Falar com alguém")
    talk.hears("Sobre o que é?")


def test_the_pauses_grow(talk: Talk) -> None:
    asks_for_code(talk)
    for until, minutes in (("12:01", 1), ("12:06", 5)):
        for _try in range(5):
            talk.says(wrong(talk.last_code))
        talk.hears(f"tente de novo depois das {until}")
        talk.after(minutes=minutes)
        talk.presses("Outro CPF ou CNPJ")
        talk.says(TAX_IDS["ana"])
        talk.reads_code()


def test_a_mistyped_cpf_hears_what_is_wrong_with_it_until_it_is_right(talk: Talk) -> None:
    talk.says("quero me identificar")
    for typed, heard in (
        ("nao sei", "Escreva o seu CPF (11 dígitos) ou CNPJ (14 caracteres), com ou sem pontos."),
        ("meu cpf é 529.982.247", "Contei 9 dígitos, mas um CPF tem 11 e um CNPJ tem 14."),
        ("529.982.247-26", "Há algum dígito errado nesse CPF ou CNPJ. Confira"),
    ):
        talk.says(typed)
        talk.hears(heard, "Qual é o CPF ou CNPJ do seu cadastro?")
    cpf = TAX_IDS["ana"]
    talk.says(f"meu cpf é {cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}–{cpf[9:]}, obrigada!")
    talk.hears_only(ASKED)


def test_a_company_identifies_by_a_cnpj_with_letters(visit: Visit) -> None:
    talk = visit("oficina")
    cnpj = TAX_IDS["oficina"]
    talk.says("quero me identificar")
    talk.says(f"o cnpj da oficina é {cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}")
    talk.says(talk.reads_code())

    talk.hears("Tudo certo, Sabiá Motores!")


def test_a_wish_that_needs_a_proof_goes_on_after_it(talk: Talk) -> None:
    talk.says("quanto eu devo?")
    talk.hears("Para mostrar só o que é seu", "Qual é o CPF")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())

    talk.hears("Tudo certo, Ana!", "Estas são as suas faturas")
    talk.hears_no("Como posso ajudar?")


def test_who_gives_it_up_is_not_asked_again(talk: Talk) -> None:
    talk.says("minhas faturas")
    talk.says("/cancelar")
    talk.hears_no("CPF")
    talk.says("minhas faturas")
    talk.says(NOBODYS)
    talk.says("atendente")
    talk.says("não consigo entrar, me ajudem por favor")

    talk.hears("Recado entregue à nossa equipe!")


def test_a_proof_lasts_thirty_days(ana: Talk) -> None:
    ana.after(days=29)
    ana.says("oi")
    ana.hears("Olá, Ana!")
    ana.after(days=2)
    ana.says("oi")
    ana.hears_no("Ana")
    ana.presses("Identificar-me")


def test_the_code_is_in_no_row_and_its_request_and_its_use_are_on_record(
    talk: Talk, house: House
) -> None:
    code = asks_for_code(talk)
    talk.says(code)

    what = [row.what for row in house.rows(select(audit.c.what).order_by(audit.c.id))]
    assert what == ["code.requested", "person.verified"]
    states = {
        row.state for row in house.rows(select(message.c.state).where(message.c.kind == "mail"))
    }
    assert states == {"sent"}


def test_without_mail_and_without_a_proving_channel_the_team_is_named(
    open_counter: Callable[..., House], visit: Visit
) -> None:
    talk = visit(at=open_counter(features=FEATURES | {"mail": False}))
    talk.says("minhas faturas")

    talk.hears(
        "Por aqui não consigo confirmar com segurança quem é você.", "Telefone: (11) 90000-0099"
    )
    talk.hears_no("CPF")
