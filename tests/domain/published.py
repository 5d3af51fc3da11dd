"""Published examples, one JSON file a rule: manuals, official samples, other projects' tests."""

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).with_name("vectors")


def cases(name: str) -> list[Any]:
    """The cases of a file, each a parameter named by its id."""
    rows = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    return [pytest.param(row, id=row["id"]) for row in rows]
