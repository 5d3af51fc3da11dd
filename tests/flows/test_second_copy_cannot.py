"""Where no second copy can be mailed: no address, a bad one, no mail server, switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from bot.core.ports import Write
from storage import people
from storage.tables import address, contact, message

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import FEATURES, Town

INSTEAD = "Você pode receber a fatura aqui na conversa, ou pedir à nossa equipe que atualize o seu e-mail."


def proved(visit: Visit, house: House, town: Town, name: str) -> Talk:
    """Somebody without a mailbox, who came in by another proof."""
    talk = visit(name)
    talk.says("oi")

    def link(write: Write) -> None:
        (row,) = write.all(select(address.c.id).where(address.c.chat == name))
        people.link(write, row.id, town.people[name], by="link")

    house.writes(link)
    return talk


@pytest.mark.parametrize(
    ("name", "number", "reason"),
    [
        ("carla", "2026-11-C", "Não há e-mail no seu cadastro."),
        ("davi", "2026-11-D", "Os e-mails que mandamos para d***@e***.com estão voltando."),
    ],
)
@pytest.mark.parametrize("way", ["Segunda via por e-mail", "Minhas faturas"])
def test_without_a_good_address_it_says_so_and_offers_what_can_be_done(
    visit: Visit, house: House, town: Town, name: str, number: str, reason: str, way: str
) -> None:
    talk = proved(visit, house, town, name)
    talk.says("oi")
    talk.presses(way)
    talk.presses("11/2026 · R$ 99,90")
    if way == "Minhas faturas":
        talk.presses("Enviar por e-mail")

    talk.hears_only(f"{reason}\n\n{INSTEAD}")
    talk.sees("Ver a fatura aqui", "Atualizar e-mail")
    talk.presses("Ver a fatura aqui")
    talk.hears(f"Fatura {number} (11/2026)")

    rows = house.rows(select(message.c.id).where(message.c.lane == "mail:invoices"))
    assert rows == []


def test_the_team_is_asked_to_mend_the_address(visit: Visit, house: House, town: Town) -> None:
    carla = proved(visit, house, town, "carla")
    carla.says("segunda via")
    carla.presses("11/2026 · R$ 99,90")
    carla.presses("Atualizar e-mail")
    carla.says("carla arroba example.com")
    carla.hears("Um e-mail é assim: nome@exemplo.com.", "Qual e-mail deve ficar no seu cadastro?")
    carla.says("carla@example.com")

    carla.hears("Recado entregue à nossa equipe!")
    (mail,) = carla.gets_mail()
    assert mail["To"] == "Curral Fibra <gente@example.org>"
    for told in (
        "Carla Sem Correio",
        "carla@example.com",
        str(town.people["carla"]),
        "(11) 90000-0014",
    ):
        assert told in plain(mail)


def test_an_address_that_turns_bad_before_the_yes_is_noticed(ana: Talk, house: House) -> None:
    ana.says("segunda via")
    ana.presses("11/2026 · R$ 99,90")
    house.writes(
        lambda write: write.run(
            update(contact).where(contact.c.value == "ana@example.com").values(bad="refused")
        )
    )
    ana.presses("Sim")

    ana.hears("Os e-mails que mandamos para a***@e***.com estão voltando.", INSTEAD)
    assert ana.gets_mail() == []


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (
            "mail",
            "No momento não consigo enviar e-mails, mas você pode ver as suas faturas por aqui.",
        ),
        ("email_second_copy", "Não envio faturas por e-mail, mas você pode ver todas por aqui."),
    ],
)
def test_without_a_mail_server_or_switched_off_it_is_hidden_and_a_typed_wish_is_answered(
    ana: Talk, open_counter: Callable[..., House], off: str, said: str
) -> None:
    ana.house = open_counter(features=FEATURES | {off: False})
    ana.says("oi")
    assert "Segunda via por e-mail" not in [b.label for b in ana.heard[-1].buttons]

    ana.says("quero a segunda via")

    ana.hears(said, "Estas são as suas faturas")
    ana.presses("11/2026 · R$ 99,90")
    ana.sees("Pagar com PIX", "Linha do boleto", "PDF", "Outra fatura")


def test_switched_off_between_the_question_and_the_yes_nothing_is_sent(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.says("segunda via")
    ana.presses("11/2026 · R$ 99,90")
    ana.house = open_counter(features=FEATURES | {"email_second_copy": False})
    ana.presses("Sim")

    ana.hears("Isso não está disponível aqui no momento.")
    assert ana.gets_mail() == []


def test_switched_on_again_it_is_in_the_menu_at_once(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    at_first = ana.house
    ana.house = open_counter(features=FEATURES | {"email_second_copy": False})
    ana.says("/menu")
    ana.house = at_first
    ana.says("/menu")

    ana.presses("Segunda via por e-mail")
    ana.hears("Qual fatura envio para o seu e-mail?")


def test_a_cancelled_invoice_is_not_sent(ana: Talk) -> None:
    ana.says("segunda via")
    ana.says("setembro")

    ana.hears(
        "Esta fatura foi cancelada, então não há nada para enviar.",
        "A fatura 2026-09-A foi cancelada. Precisa de mais alguma coisa?",
    )
    ana.sees("Outra fatura", "Não, obrigado")
