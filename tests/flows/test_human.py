"""A human: the wish reaches the team with who asks and how to answer, and no mailbox is flooded."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from storage.tables import audit

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import FEATURES, Town

WISH = "minha internet cai toda noite às 20h"


def test_the_team_reads_who_asks_and_can_answer(ana: Talk, town: Town, house: House) -> None:
    ana.says("/menu")
    ana.presses("Falar com alguém")
    ana.hears_only(
        "Sobre o que é? Escreva em uma ou duas frases, com um telefone ou e-mail para a resposta."
    )
    ana.says(WISH)
    ana.hears_only(
        "Recado entregue à nossa equipe!\n\n"
        "Você também fala com a gente por aqui:\n"
        "Telefone: (11) 90000-0099\n"
        "E-mail: gente@example.org\n"
        "Horário: seg. a sex., 8h às 18h"
    )

    (mail,) = ana.gets_mail()
    assert mail["To"] == "Curral Fibra <gente@example.org>"
    assert "ana@example.com" in mail["Reply-To"]
    for told in ("Ana Prado Nogueira", str(town.people["ana"]), "web", "(11) 90000-0012", WISH):
        assert told in plain(mail)
    (row,) = house.rows(select(audit).where(audit.c.what == "human.asked"))
    assert row.customer == town.people["ana"]


def test_a_stranger_can_ask_too_and_stays_one(talk: Talk) -> None:
    talk.says("quero falar com um atendente")
    talk.says(WISH)
    talk.hears("Recado entregue")

    (mail,) = talk.gets_mail()
    assert "Uma pessoa ainda não identificada" in plain(mail)
    assert WISH in plain(mail)
    assert "gente@example.org" in mail["Reply-To"]


def test_the_mail_is_in_the_teams_language_whatever_the_customers(visit: Visit) -> None:
    talk = visit(locale="en")
    talk.says("support")
    talk.says("my line is down since yesterday")
    talk.hears("Thank you, I passed it on to our team.")

    (mail,) = talk.gets_mail()
    assert "pediu atendimento humano" in plain(mail)


def test_who_writes_on_and_on_is_asked_to_wait(talk: Talk) -> None:
    for n in range(5):
        talk.says("atendente")
        talk.says(f"{WISH} ({n})")
        talk.hears("Recado entregue")
    assert len(talk.gets_mail()) == 5
    talk.says("atendente")
    talk.says(f"{WISH}!")

    talk.hears("A nossa equipe já tem vários recados seus. Espere até 12:01", "Telefone:")
    assert talk.gets_mail() == []
    talk.after(minutes=1)
    talk.says("atendente")
    talk.says(f"{WISH}!")
    talk.hears("Recado entregue")


def test_without_mail_it_says_how_the_team_is_reached(
    open_counter: Callable[..., House], visit: Visit
) -> None:
    talk = visit(at=open_counter(features=FEATURES | {"mail": False}))
    talk.says("atendente")

    talk.hears_only(
        "Você também fala com a gente por aqui:\n"
        "Telefone: (11) 90000-0099\n"
        "E-mail: gente@example.org\n"
        "Horário: seg. a sex., 8h às 18h"
    )


def test_a_brand_that_names_no_way_says_sorry(
    open_counter: Callable[..., House], visit: Visit
) -> None:
    talk = visit(at=open_counter(email="", phone="", hours=""))
    talk.says("atendente")

    talk.hears_only("Desculpe: no momento não consigo chamar a nossa equipe por aqui.")
