"""Conversations as JSON: what a customer does, and what he must read then (bench/README.md)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a customer does, and the reply that ends the turn."""

    text: str | None
    """What is typed; None where a button is pressed."""
    press: re.Pattern[str] | None
    """The label of the button."""
    expect: re.Pattern[str]
    pick: str
    """Which of several buttons: first, last or random."""


def load_script(path: Path) -> list[Step]:
    """The steps of a file. Raises KeyError for a step that is neither typed nor pressed."""
    return [
        Step(
            text=None if "press" in step else step["text"],
            press=re.compile(step["press"]) if "press" in step else None,
            expect=re.compile(step.get("expect", "."), re.DOTALL),
            pick=step.get("pick", "first"),
        )
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]
    ]
