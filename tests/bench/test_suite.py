"""The suite's description is whole, and its tables say what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import table
from bench.script import load_script

BENCH = Path(table.__file__).parent
SUITE: dict[str, Any] = json.loads((BENCH / "suite.json").read_text(encoding="utf-8"))
SCENARIOS = {each["name"]: each for each in SUITE["scenarios"]}
BOTS = {each["name"]: each for each in SUITE["peers"]}


def scripts_of(bot: dict[str, Any]) -> set[str]:
    return {
        bot["script"] + ("_unsent" if SCENARIOS[name].get("unsent") else "")
        for name in bot["scenarios"]
    }


@pytest.mark.parametrize("bot", BOTS.values(), ids=BOTS)
def test_what_a_bot_needs_is_there(bot: dict[str, Any]) -> None:
    assert (BENCH / bot["start"]).is_file()
    for script in scripts_of(bot):
        assert load_script(BENCH / "scripts" / f"{script}.json")


def test_every_conversation_takes_as_many_turns_as_every_other() -> None:
    full = {
        name: len(load_script(BENCH / "scripts" / f"{bot['script']}.json"))
        for name, bot in BOTS.items()
    }

    assert set(full.values()) == {5}
    for name in ("second_copy", "balcao_second_copy"):
        whole = load_script(BENCH / "scripts" / f"{name}.json")
        assert load_script(BENCH / "scripts" / f"{name}_unsent.json") == whole[:-1]


def test_aims_name_bots_scenarios_and_figures_that_are_measured() -> None:
    titles = {key for key, _title in table.COLUMNS + table.AFTER_A_CRASH}
    for aim in SUITE["targets"]:
        assert aim["of"] in SCENARIOS
        assert aim["figure"] in titles
        assert ("at_least" in aim) != ("at_most" in aim)
        if "peer" in aim:
            assert aim.get("in", aim["of"]) in BOTS[aim["peer"]]["scenarios"]


def report(label: str, **figures: Any) -> dict[str, Any]:
    return {"label": label, "errors": {}, "counts": {}, **figures}


def written(folder: Path, *reports: dict[str, Any]) -> str:
    file = folder / "run.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in reports), encoding="utf-8")
    return table.tables(table.read_runs(file), SUITE)


def row(text: str, *beginning: str) -> list[str]:
    """The cells of the line that begins so."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return next(line for line in lines if line[: len(beginning)] == list(beginning))


def test_a_figure_is_the_median_of_its_runs(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        *(report("PTB + pickle | full", turns_per_s=turns) for turns in (70.0, 90.0, 74.0)),
    )

    assert row(text, "full", "PTB + pickle")[2:4] == ["3", "74"]


def test_an_aim_compares_balcao_with_the_bot_it_names(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        report("aiogram + SQL | no mail", turns_per_s=40.0),
        report("Balcão (SQLite) | no mail", turns_per_s=420.0),
        report("Balcão (PostgreSQL) | no mail", turns_per_s=320.0),
    )

    aim = "no mail: turns/s at least 10 × aiogram + SQL"
    assert row(text, "Balcão (SQLite)", aim)[2:] == ["10.5", "met"]
    assert row(text, "Balcão (PostgreSQL)", aim)[2:] == ["8", "MISSED"]


def test_the_cost_of_a_turn_counts_the_databases_server(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        report("PTB + pickle | full", cpu_ms_per_turn=12.0, helper_cpu_ms_per_turn=0.0),
        report("Balcão (PostgreSQL) | full", cpu_ms_per_turn=3.0, helper_cpu_ms_per_turn=3.0),
    )

    aim = "full: CPU ms/turn at most 0.45 × PTB + pickle"
    assert row(text, "Balcão (PostgreSQL)", aim)[2:] == ["0.5", "MISSED"]


def test_of_several_crashes_the_worst_is_told(tmp_path: Path) -> None:
    text = written(
        tmp_path,
        report("Balcão (SQLite) | crash", mails_lost=0),
        report("Balcão (SQLite) | crash", mails_lost=1),
        report("Balcão (SQLite) | crash", mails_lost=0),
    )

    assert row(text, "Balcão (SQLite)", "crash: mails lost at most 0")[2:] == ["1", "MISSED"]
