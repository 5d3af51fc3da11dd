"""An address looked up by its CEP, from outside the turn; by hand where that does not work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.core.brand import Brand, Registration
from bot.core.errors import Permanent, Temporary
from bot.core.message import JSON
from bot.edges.looking_up import LookingUp

from .conftest import Visit
from .house import House
from .registering import OPEN, column, identified
from .talk import Talk
from .town import Town

FOUND = {
    "cep": "80010-000", "logradouro": "Rua XV de Novembro", "complemento": "", "unidade": "",
    "bairro": "Centro", "localidade": "Curitiba", "uf": "PR", "ibge": "4106902",
}  # fmt: skip


class Service(LookingUp):
    """A service of addresses that answers as it is told."""

    answer: JSON | Exception = None

    def __init__(self, *parts: Any, **how: Any) -> None:
        super().__init__(*parts, **how)
        self._urls = {OPEN.id: "https://cep.example.com/{postal_code}"}

    async def _fetch(self, url: str) -> JSON:
        assert url == "https://cep.example.com/80010000"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def brand() -> Brand:
    return replace(OPEN, registration=Registration(looks_up=True))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[Service]:
    monkeypatch.setattr("bot.app.LookingUp", Service)
    monkeypatch.setattr(Service, "answer", FOUND)
    return Service


@pytest.fixture
def house(open_counter: Callable[..., House], service: type[Service]) -> House:
    return open_counter()


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def asks(talk: Talk) -> None:
    talk.says("change my address")
    talk.presses("Address")
    talk.says("80010-000")


def test_what_it_knows_is_not_asked_for(ana: Talk, house: House, town: Town) -> None:
    asks(ana)
    ana.hears(
        "One moment, I am looking up that CEP",
        "I found: Rua XV de Novembro, Centro, Curitiba - PR, 80010-000. Is that right?",
    )
    ana.presses("Yes")
    ana.hears_only("Number? Write s/n if it has none.")
    ana.says("100")
    ana.says("-")
    ana.hears("Address: Rua XV de Novembro, 100, Centro, Curitiba - PR, 80010-000")
    ana.presses("Save")

    assert column(house, town.people["ana"], "street") == "Rua XV de Novembro"
    assert column(house, town.people["ana"], "city") == "Curitiba"


def test_what_is_wrong_is_written_by_hand(ana: Talk) -> None:
    asks(ana)
    ana.presses("No, I write it")

    ana.hears_only("Street, avenue or square?")


def test_a_cep_of_a_whole_town_leaves_the_street_to_be_asked(
    ana: Talk, service: type[Service]
) -> None:
    service.answer = FOUND | {"logradouro": "", "bairro": ""}
    asks(ana)
    ana.presses("Yes")

    ana.hears_only("Street, avenue or square?")


@pytest.mark.parametrize(
    "answer",
    [
        {"erro": "true"}, None, [], "no", FOUND | {"uf": "SP"}, FOUND | {"localidade": "x" * 200},
        Permanent("refused"), Temporary("timeout"), ValueError("a mistake"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_is_written_by_hand(
    ana: Talk, service: type[Service], answer: JSON
) -> None:
    service.answer = answer
    asks(ana)
    if isinstance(answer, Temporary | ValueError):  # it is tried again, and nobody waits for that
        ana.after(seconds=9)
        ana.says("hello?")

    ana.hears(
        "I could not look it up, so please write the address here.", "Street, avenue or square?"
    )


def test_switched_off_nothing_is_looked_up(
    ana: Talk, open_counter: Callable[..., House], service: type[Service]
) -> None:
    ana.house = open_counter(registration=Registration())
    asks(ana)

    ana.hears_only("Street, avenue or square?")
