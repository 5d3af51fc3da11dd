"""How much each turn of the main conversation asks of the database: a bound, so that it stays few."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.engine import Engine
from storage.begun import Begun

from .talk import Talk
from .town import NOBODYS, TAX_IDS

A_TURN = 6
"""The machine's own: the event, the address, what waited for it, the reply and its words, the session."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A mark for each statement of a turn."""
    seen, inside = list[str](), list[bool]()
    turn = Engine.turn

    def noted(name: str) -> Any:
        original = getattr(Begun, name)

        def run(self: Begun, *what: Any) -> Any:
            if inside:
                seen.append(name)
            return original(self, *what)

        return run

    def counted(self: Engine, *what: Any) -> Any:
        inside.append(True)
        try:
            return turn(self, *what)
        finally:
            inside.pop()

    for name in ("execute", "run", "run_many"):
        monkeypatch.setattr(Begun, name, noted(name))
    monkeypatch.setattr(Engine, "turn", counted)
    return seen


def test_the_second_copy_from_menu_to_yes(asked: list[str], ana: Talk) -> None:
    steps = {
        "/menu": A_TURN + 1,  # whom to greet
        "minhas faturas": A_TURN + 1,  # a page of the list
        "1": A_TURN + 2,  # the list as it stands now, and the invoice
        "4": A_TURN + 2,  # the invoice, and whose address it goes to
        "sim": A_TURN
        + 10,  # those two; lock and check, the mail, its record; who is here, the invoice again
    }
    for said, most in steps.items():
        asked.clear()
        ana.says(said)
        assert len(asked) <= most, said
    ana.hears("Está a caminho")


def test_a_press_costs_no_look_at_the_list(asked: list[str], ana: Talk) -> None:
    ana.presses("Minhas faturas")
    asked.clear()
    ana.presses("11/2026 · R$ 99,90")

    assert len(asked) <= A_TURN + 1


def test_an_unknown_cpf_costs_what_a_known_one_does(asked: list[str], talk: Talk) -> None:
    costs = []
    for tax_id in (TAX_IDS["ana"], NOBODYS):
        talk.says("/menu")
        talk.presses("Identificar-me")
        asked.clear()
        talk.says(tax_id)
        costs.append(list(asked))
    assert costs[0] == costs[1]
