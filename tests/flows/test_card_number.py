"""A card number typed into the chat: kept nowhere, deleted where it can be, and the task goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from storage.tables import metadata

from .conftest import Visit
from .house import House
from .talk import Talk

CARD = "4111111111111111"
SPACED = "4111 1111 1111 1111"
TOLD = "🔒 Isso parecia um número de cartão, então não guardei."


def everything_stored(house: House) -> str:
    """Every value of every row."""
    return "\n".join(
        str(tuple(row)) for table in metadata.sorted_tables for row in house.rows(select(table))
    )


@pytest.mark.parametrize("typed", [CARD, SPACED, f"meu cartão é {SPACED} val 12/29 cvv 123"])
def test_it_is_in_no_row_no_file_and_no_log(
    ana: Talk, house: House, typed: str, tmp_path: Path
) -> None:
    with structlog.testing.capture_logs() as logs:
        ana.says(typed)

    ana.hears(TOLD, "Curral Fibra não pede isso por aqui.")
    for kept in (everything_stored(house), str(logs)):
        assert CARD not in kept
        assert SPACED not in kept
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert CARD.encode() not in content, file
        assert SPACED.encode() not in content, file


@pytest.mark.parametrize("at", ["segunda via", "atendente", "este boleto é de vocês", "idioma"])
def test_no_question_takes_it_for_its_answer(ana: Talk, house: House, at: str) -> None:
    ana.says(at)
    question = ana.question
    ana.says(SPACED)

    ana.hears(TOLD)
    assert ana.question.endswith(question)
    assert CARD[:8] not in everything_stored(house)


def test_not_even_the_question_for_a_code(talk: Talk) -> None:
    talk.says("quero me identificar")
    talk.says(CARD)
    talk.hears(TOLD, "Qual é o CPF ou CNPJ do seu cadastro?")


def test_it_is_deleted_where_the_channel_can_and_else_the_person_is_asked_to(visit: Visit) -> None:
    can, cannot = visit("can", door="phone"), visit("cannot", door="web")
    for talk in (can, cannot):
        talk.says("oi")
        talk.says(CARD)

    assert can.house.doors["phone"].deleted == ["in-2"]
    can.hears_no("apague")
    cannot.hears("Se puder, apague aquela mensagem desta conversa.")
