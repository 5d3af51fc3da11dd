"""People of a company: invited, let in, promoted, refused; companies of a group."""

from __future__ import annotations

from sqlalchemy import select

from storage import bulk
from storage.bulk import NewMember
from storage.tables import approval, audit, membership

from .counter import PUBLIC, Counter, Visitor
from .rows import tells


def administrator(counter: Counter, company: str = "oficina") -> Visitor:
    found = counter.visitor("Sabiá Motores")
    found.identifies(company)
    return found


def invited(by: Visitor) -> str:
    """The link that an administrator makes."""
    by.says("convidar")
    by.hears("funciona uma vez", "não vê nada até você liberar")
    by.says("SIM")
    return by.gets_link()


def waits(counter: Counter, link: str, name: str) -> Visitor:
    """Somebody opens the link's page, goes on into the chat, and says a name."""
    page = counter.gets(link)
    assert page.status_code == 200
    assert "Você recebeu um convite" in page.text
    token = link.rpartition("/")[2]
    if counter.door != "terminal":  # a terminal has no link that a browser opens
        assert f"join_{token}" in page.text
    somebody = counter.visitor()
    somebody.opens(f"join_{token}")
    somebody.says(name)
    return somebody


def comes_in(counter: Counter, by: Visitor, name: str) -> Visitor:
    somebody = waits(counter, invited(by), name)
    by.hears(f"{name} abriu o seu link de convite")
    by.presses("Liberar acesso")
    by.says("SIM")
    by.hears(f"✅ Salvo: {name} tem acesso")
    return somebody


def members(counter: Counter, company: str = "oficina") -> list[tuple[str, bool]]:
    """(role, let in) of a company's people, in the order they came."""
    rows = select(membership.c.role, membership.c.active).order_by(membership.c.person)
    whose = counter.town.people[company]
    found = counter.rows(rows.where(membership.c.customer == whose))
    return [(role, active) for role, active in found]


@tells("1.2", "1.12")
def test_who_proves_the_company_first_is_its_administrator_and_there_is_one(
    counter: Counter,
) -> None:
    first = administrator(counter)
    second = administrator(counter)
    assert members(counter) == [("administrator", True)]
    for each in (first, second):
        each.says("pessoas")
        each.hears("Estas pessoas têm acesso a Sabiá Motores")
        assert len([label for label in each.options if "administrador" in label]) <= 1


@tells("1.1", "1.8", "1.9", "1.13", "1.14", "1.18")
def test_an_invitation_from_the_link_to_the_first_invoice(counter: Counter) -> None:
    rosa = administrator(counter)
    link = invited(rosa)
    assert link.startswith(f"{PUBLIC}/join/curral/")
    lia = waits(counter, link, "Lia Prado")
    lia.hears("Pedi ao administrador", "não posso mostrar nada")
    lia.says("minhas faturas")
    lia.hears("Falta um administrador liberar o seu acesso")
    lia.hears_no("R$")
    assert members(counter) == [("administrator", True), ("collaborator", False)]

    rosa.hears("Lia Prado abriu o seu link de convite")
    rosa.says("pessoas")
    rosa.hears("1 espera por você")
    rosa.presses("Lia Prado", "Liberar acesso")
    rosa.says("SIM")
    lia.hears("liberou o seu acesso")
    lia.says("menu")
    lia.hears("Aqui é o balcão Curral Fibra")
    lia.says("minhas faturas")
    lia.is_offered("11/2026", "12/2026")
    assert members(counter) == [("administrator", True), ("collaborator", True)]


@tells("1.14", "1.15")
def test_from_the_notice_somebody_is_rejected_and_the_used_link_shows_nothing(
    counter: Counter,
) -> None:
    rosa = administrator(counter)
    link = invited(rosa)
    stranger = waits(counter, link, "Zé Ninguém")
    rosa.presses("Rejeitar")
    rosa.says("SIM")
    rosa.hears("✅ Salvo: Zé Ninguém fica sem acesso")
    stranger.says("minhas faturas")
    stranger.hears_no("R$", "Sabiá")
    thief = counter.visitor()
    thief.opens(f"join_{link.rpartition('/')[2]}")
    thief.hears("não funciona mais")
    thief.says("minhas faturas")
    thief.hears_no("R$", "Sabiá")


@tells("1.3")
def test_a_collaborator_is_refused_and_may_ask_the_administrator(counter: Counter) -> None:
    rosa = administrator(counter)
    lia = comes_in(counter, rosa, "Lia Prado")
    lia.says("convidar")
    lia.presses("Pedir ao administrador")
    lia.says("Por favor, convide o contador")
    lia.hears("✅")
    rosa.hears("Lia Prado", "Por favor, convide o contador")


@tells("1.4")
def test_two_administrators_and_the_last_one_stays(counter: Counter) -> None:
    rosa = administrator(counter)
    lia = comes_in(counter, rosa, "Lia Prado")
    rosa.says("pessoas")
    rosa.presses("Lia Prado", "Tornar administrador")
    rosa.says("SIM")
    rosa.hears("✅ Salvo: Lia Prado agora é administrador")
    lia.hears("Agora você é administrador")
    lia.says("pessoas")
    lia.presses("Sabiá Motores", "Tornar colaborador")
    lia.proves_again("c***@e***.net")
    lia.says("SIM")
    lia.hears("✅ Salvo")
    lia.says("pessoas")
    lia.presses("Lia Prado", "Tornar colaborador")
    lia.says("SIM")
    lia.hears("administrador")
    lia.hears_no("✅")
    roles = sorted(role for role, _in in members(counter))
    assert roles == ["administrator", "collaborator"]


@tells("1.5")
def test_thirty_collaborators_are_in_pages_and_found_by_name(counter: Counter) -> None:
    company = counter.town.people["oficina"]
    counter.writes(
        lambda tx: bulk.add_members(
            tx, [NewMember(company, f"Pessoa {number:02} da Silva") for number in range(1, 31)]
        )
    )
    rosa = administrator(counter)
    rosa.says("pessoas")
    first = set(rosa.options)
    rosa.presses("Mais")
    assert {each for each in rosa.options if "Pessoa" in each}.isdisjoint(first)
    rosa.says("Pessoa 27")
    rosa.hears("Pessoa 27 da Silva: colaborador")


@tells("6.2")
def test_a_collaborator_s_change_waits_for_the_administrator_s_yes(counter: Counter) -> None:
    rosa = administrator(counter)
    lia = comes_in(counter, rosa, "Lia Prado")
    lia.says("alterar meu cadastro")
    lia.presses("Capital social")
    lia.says("80.000,00")
    lia.presses("Salvar")
    lia.hears("um administrador do seu cadastro precisa aprovar")
    rosa.hears("Lia Prado", "pede a sua aprovação", "Capital social: R$ 80.000,00")
    rosa.presses("Aprovar")
    rosa.says("SIM")
    rosa.hears("✅ Feito e salvo")
    lia.hears("aprovou o seu pedido", "R$ 80.000,00")
    assert counter.rows(select(approval.c.state)) == [("approved",)]
    assert counter.rows(select(audit.c.id).where(audit.c.what == "approval.approved"))


@tells("6.2")
def test_a_denied_change_leaves_everything_and_the_list_has_what_waits(counter: Counter) -> None:
    rosa = administrator(counter)
    lia = comes_in(counter, rosa, "Lia Prado")
    lia.says("alterar meu cadastro")
    lia.presses("E-mail")
    lia.says("novo@example.org")
    lia.reads_code()
    lia.presses("Salvar")
    rosa.says("pedidos para aprovar")
    rosa.is_offered("E-mail: n***@e***.org")
    rosa.presses("E-mail", "Recusar")
    rosa.says("SIM")
    rosa.hears("Lia Prado", "nada foi alterado")
    lia.hears("não")
    rosa.says("meu cadastro")
    rosa.hears("E-mail: c***@e***.net")


@tells("1.6")
def test_matriz_and_filial_in_one_place_all_or_one(counter: Counter) -> None:
    rosa = administrator(counter, "matriz")
    rosa.says("empresas")
    rosa.is_offered("Todas as empresas", "Sabiá Centro", "Sabiá Bairro")
    rosa.presses("Todas as empresas")
    rosa.hears("todas as suas empresas")
    rosa.says("minhas faturas")
    shown = "\n".join(rosa.options)
    assert "Sabiá Centro" in shown
    assert "Sabiá Bairro" in shown
    rosa.says("meus documentos")
    assert {each[:5] for each in rosa.options} >= {"Folha", "Guia "}
    rosa.says("empresas")
    rosa.presses("Sabiá Bairro")
    rosa.hears("Agora tratamos de Sabiá Bairro")
    rosa.says("meus documentos")
    rosa.is_offered("Guia de outubro")
    rosa.is_not_offered("Folha de outubro")
