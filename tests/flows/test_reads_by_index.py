"""A turn takes few statements, and none reads a whole table: a million messages take as long as ten."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from storage.begun import Begun

from .conftest import Visit

SCANNED = re.compile(
    r"SCAN (message|message_body|customer|contact|person|membership|address|session|inbound|code"
    r"|invoice|invoice_line|audit|audit_body)\b(?! USING)"
)
WHOLE = ("WITH next_ones", "message.lease_until <")
"""Claims and sweeps: what they look for is in an index of its own, whose rows are few."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What SQLite is asked for, values included."""
    said = list[str]()
    begin = Begun.__init__

    def watched(self: Begun, *args: Any, **how: Any) -> None:
        begin(self, *args, **how)
        self._driver.set_trace_callback(said.append)

    monkeypatch.setattr(Begun, "__init__", watched)
    return said


@pytest.fixture
def second_copy(asked: list[str], visit: Visit) -> list[str]:
    """What SQLite is asked for while a customer has an invoice mailed, in five turns."""
    ana = visit()
    ana.identifies("ana")
    asked.clear()
    ana.says("/menu")
    for press in ("Minhas faturas", "11/2026 · R$ 99,90", "Enviar por e-mail", "Sim"):
        ana.presses(press)
    ana.gets_mail()
    return asked


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_statement_of_a_second_copy_finds_its_rows_by_an_index(
    second_copy: list[str], database_url: str
) -> None:
    looks = {each for each in second_copy if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", each)}
    assert len(looks) > 20
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
        scans = {
            each: plan
            for each in looks
            if not any(part in each for part in WHOLE)
            and SCANNED.search(plan := plan_of(database, each))
        }
    assert scans == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database_url")
def test_the_turns_of_a_second_copy_take_few_statements(second_copy: list[str]) -> None:
    """Who adds one adds it to the time of every turn."""
    assert [len(turn) for turn in turns_in(second_copy)] == [7, 6, 7, 7, 15]


def turns_in(asked: list[str]) -> list[list[str]]:
    """The statements of each turn, which begins with its event; without BEGIN and COMMIT."""
    turns = list[list[str]]()
    open_turn = False
    for statement in asked:
        if statement.startswith("INSERT INTO inbound"):
            turns.append([])
            open_turn = True
        open_turn = open_turn and statement != "COMMIT"
        if open_turn:
            turns[-1].append(statement)
    return turns


def plan_of(database: sqlite3.Connection, statement: str) -> str:
    return "\n".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}"))
