"""docs/deliveries.md keeps its word: its questions can be asked, its tests exist, its numbers are the code's."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.ports import State
from bot.delivery.backoff import CODE_MAIL, MAIL, NOTICE, REPLY, Backoff
from bot.delivery.smtp import REFUSED, UNREACHABLE
from storage.database import Database

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deliveries.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("question", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
async def test_each_question_can_be_asked(storage: Database, question: str) -> None:
    rows = await storage.maintain(lambda begun: begun.execute(text(question.rstrip("; \n"))).all())
    assert rows == []


def test_each_test_it_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    assert named
    assert {name for name in named if not any(f"def {name}(" in each for each in sources)} == set()


def test_each_state_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert {state.value for state in State} <= told


@pytest.mark.parametrize(
    ("kind", "backoff", "first", "longest"),
    [
        ("reply", REPLY, "1 to 3 s", "at most 5 min"),
        ("notice", NOTICE, "2 to 7 s", "at most 15 min"),
        ("mail", MAIL, "30 to 90 s", "at most 1 h"),
        ("a code's mail", CODE_MAIL, "2 to 7 s", "at most 1 min"),
        ("an account that does not answer", UNREACHABLE, "2 to 6 s", "at most 2 min"),
        ("an account that is refused", REFUSED, "30 to 90 s", "at most 15 min"),
    ],
)
def test_each_pause_is_the_codes(kind: str, backoff: Backoff, first: str, longest: str) -> None:
    (line,) = re.findall(rf"^\| {re.escape(kind)} \|.*$", PAGE, re.MULTILINE)
    seconds = backoff.pause.total_seconds()
    assert first == f"{seconds:.0f} to {seconds + backoff.step.total_seconds():.0f} s"
    assert first in line
    amount, unit = longest.split()[2:]
    assert (
        backoff.longest
        == int(amount) * {"min": timedelta(minutes=1), "h": timedelta(hours=1)}[unit]
    )
    assert longest in line
