"""My registration: seen and changed field by field, confirmed, and taken back by the old contact."""

from __future__ import annotations

from sqlalchemy import select

from bot.core.brand import Registration
from storage.tables import (
    audit,
    audit_body,
    confirmation,
    confirmation_body,
    contact,
    customer,
)  # fmt: skip

from .conftest import OpenCounter
from .counter import Counter, Visitor, link_in
from .rows import tells
from .town import CAPITAL

CONTACTS = select(contact.c.value).where(contact.c.kind == "email").order_by(contact.c.value)


def emails_of(counter: Counter, who: str) -> list[str]:
    found = CONTACTS.where(contact.c.customer == counter.town.people[who])
    return [value for (value,) in counter.rows(found)]


def _changes(counter: Counter) -> list[tuple[object, object]]:
    """(before, after) of what the audit has of the registration."""
    rows = counter.rows(
        select(audit_body.c.before, audit_body.c.after)
        .join_from(audit, audit_body)
        .where(audit.c.what == "customer.changed")
    )
    return [(next(iter(b.values())), next(iter(a.values()))) for b, a in rows]


@tells("0.1", "4.2", "4.23", "4.21")
def test_a_new_address_by_its_cep_is_saved_with_another_field_in_one_go(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("meu cadastro")
    ana.hears("CPF: ***.392.943-**", "E-mail: a***@e***.com", "Telefone: (11) *****-0012")
    ana.presses("Mudar algo")
    ana.says("endereço")
    ana.says("1294")
    ana.hears("CEP tem 8 dígitos")
    ana.says("12940-010", "Rua das Flores", "7", "-", "Centro", "Atibaia")
    ana.hears("Ainda não salvo:", "Rua das Flores, 7, Centro, Atibaia - SP, 12940-010")
    ana.presses("Data de nascimento")
    ana.says("31/02/1990")
    ana.hears("Esse dia não existe")
    ana.says("28/02/1990")
    assert [street for (street,) in counter.rows(_streets(counter))] == ["Rua das Quaresmeiras"]
    ana.presses("Salvar")
    ana.hears("✅ Salvo:", "Seu cadastro está em dia.")
    ana.says("meu cadastro")
    ana.hears("Data de nascimento: **/**/1990", "Rua das Flores, 7")
    assert [street for (street,) in counter.rows(_streets(counter))] == ["Rua das Flores"]
    assert ("Rua das Quaresmeiras", "Rua das Flores") in _changes(counter)
    assert "Endereço" in counter.mail_to("gente@example.org")


def _streets(counter: Counter) -> object:
    return select(customer.c.street).where(customer.c.id == counter.town.people["ana"])


@tells("4.23")
def test_what_was_not_saved_is_discarded_and_said_so(counter: Counter, ana: Visitor) -> None:
    ana.says("mudar meu cadastro")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Descartar as mudanças")
    ana.hears("Descartado: nada no seu cadastro foi alterado.")
    ana.says("alterar meu cadastro")
    ana.presses("RG")
    ana.says("12.345.678-9", "/cancelar")
    ana.hears("Nada foi alterado.")
    assert _changes(counter) == []


@tells("0.6")
def test_where_nothing_may_be_changed_it_is_shown_and_said(open_counter: OpenCounter) -> None:
    names = ("name", "born_on", "registry_number", "email", "phone", "address", "contacts")
    counter = open_counter(registration=Registration(fields=dict.fromkeys(names, "see")))
    ana = counter.visitor()
    ana.identifies("ana")
    ana.says("meu cadastro")
    ana.hears("Nome: Ana Prado Nogueira", "ver o seu cadastro, mas não")
    ana.is_not_offered("Mudar algo", "Outros contatos")
    ana.says("mudar meu e-mail")
    ana.hears("ver o seu cadastro, mas não")


@tells("0.13", "0.26")
def test_phone_e_mail_and_share_capital_are_changed_to_the_end(counter: Counter) -> None:
    office = counter.visitor()
    office.identifies("oficina")
    office.says("mudar meu cadastro")
    office.presses("Capital social")
    office.says("cento e cinquenta mil")
    office.hears("Não consegui ler")
    office.says("150.000,00")
    office.hears("Capital social: R$ 150.000,00")
    office.presses("E-mail")
    office.says("financeiro@example.net")
    office.reads_code()
    office.presses("Telefone")
    if "Outro número" in office.options:
        office.presses("Outro número")
    office.says("(11) 90000-0044")
    office.hears("Ainda não salvo:")
    office.presses("Salvar")
    office.hears("✅ Salvo:", "Capital social", "Telefone: nossa equipe vai conferir")
    assert emails_of(counter, "oficina") == ["contas@example.net", "financeiro@example.net"] or (
        emails_of(counter, "oficina") == ["financeiro@example.net"]
    )
    office.says("meu cadastro")
    office.hears("E-mail: f***@e***.net", "Capital social: R$ 150.000,00")


@tells("4.22")
def test_a_contact_is_added_named_anew_and_deleted_after_a_yes(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("meus contatos")
    ana.presses("Incluir e-mail")
    ana.says("contador@example.org")
    ana.reads_code()
    ana.says("contador")
    ana.hears("✅ Salvo")
    ana.is_offered("c***@e***.org (contador)")
    ana.presses("c***@e***.org")
    ana.presses("Outro nome")
    ana.says("escritório")
    ana.hears("✅ Salvo")
    assert emails_of(counter, "ana") == ["ana@example.com", "contador@example.org"]
    ana.presses("c***@e***.org")
    ana.presses("Excluir")
    ana.hears("Excluir c***@e***.org (escritório)")
    ana.says("NÃO")
    assert emails_of(counter, "ana") == ["ana@example.com", "contador@example.org"]
    ana.says("meus contatos")
    ana.presses("c***@e***.org")
    ana.presses("Excluir")
    ana.says("SIM")
    ana.hears("✅ Salvo")
    assert emails_of(counter, "ana") == ["ana@example.com"]


@tells("6.4")
def test_the_old_e_mail_takes_a_change_back_by_its_link(counter: Counter, ana: Visitor) -> None:
    ana.says("mudar meu e-mail")
    ana.presses("E-mail")
    ana.says("outra@example.org")
    ana.reads_code()
    ana.presses("Salvar")
    assert emails_of(counter, "ana") == ["outra@example.org"]
    told = counter.mail_to("ana@example.com")
    assert "48 horas" in told
    assert "outra@example.org" not in told
    page = counter.gets(link_in(told))
    assert "o***@e***.org" in page.text
    assert emails_of(counter, "ana") == ["outra@example.org"]
    counter.posts(link_in(told))
    assert emails_of(counter, "ana") == ["ana@example.com"]
    ana.says("meu cadastro")
    ana.hears_no("a***@e***.com")


@tells("6.4")
def test_another_chat_of_the_customer_takes_a_change_back_with_one_press(
    counter: Counter, ana: Visitor
) -> None:
    other = counter.visitor()
    other.identifies("ana")
    ana.says("mudar meu e-mail")
    ana.presses("E-mail")
    ana.says("outra@example.org")
    ana.reads_code()
    ana.presses("Salvar")
    other.hears("o***@e***.org")
    other.presses("Não fui eu: desfazer")
    other.hears("Desfeito")
    assert emails_of(counter, "ana") == ["ana@example.com"]


@tells("0.7", "0.8", "6.1")
def test_a_registration_is_confirmed_after_the_own_task_in_its_changed_version_and_asked_again(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(registration=Registration(custom=(CAPITAL,), confirm_every_months=6))
    ana = counter.visitor()
    ana.identifies("ana")
    ana.says("meu cadastro")
    ana.presses("Está tudo certo")
    ana.hears("Quando precisar, é só chamar", "ainda está certo?")
    ana.presses("Ver tudo de uma vez")
    ana.hears("Nome: Ana Prado Nogueira", "Você confirma", "versão")
    ana.says("NÃO")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Salvar")
    ana.hears("✅ Salvo", "Você confirma")
    shown = ana.words.partition("(versão ")[2][:8]
    ana.says("SIM")
    ana.hears("✅", "está confirmado")
    ((version, whose, through, words),) = counter.rows(
        select(
            confirmation.c.version, confirmation.c.customer, confirmation.c.through,
            confirmation_body.c.words,
        ).join_from(confirmation, confirmation_body)
    )  # fmt: skip
    assert version.startswith(shown)
    assert whose == counter.town.people["ana"]
    assert through in counter.app.channels
    assert "Nome: Ana Prado Nogueira" in words
    assert f"Você confirma que está tudo certo? (versão {shown})" in words
    ana.says("meu cadastro")
    ana.presses("Está tudo certo")
    ana.hears_no("ainda está certo?")
    counter.after(days=200)
    again = counter.visitor()
    again.identifies("ana")
    again.says("meu cadastro")
    again.presses("Está tudo certo")
    again.hears("ainda está certo?")


@tells("6.1", "0.7")
def test_field_by_field_and_not_now(open_counter: OpenCounter) -> None:
    counter = open_counter(registration=Registration(confirm_every_months=6))
    ana = counter.visitor()
    ana.identifies("ana")
    ana.says("confirmar meu cadastro")
    ana.presses("Agora não")
    ana.hears("Tudo bem, fica para outra hora.")
    ana.says("confirmar meu cadastro")
    ana.presses("Campo por campo")
    for _field in range(8):
        ana.hears("Ainda está certo?")
        ana.says("SIM")
        if "Você confirma" in ana.words:
            break
    ana.hears("Você confirma")
    ana.says("SIM")
    ana.hears("✅")
    assert len(counter.rows(select(confirmation.c.id))) == 1
