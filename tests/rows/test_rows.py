"""No row is without a story, and no story tells a row that there is not."""

from __future__ import annotations

import importlib
import pkgutil

import tests.rows

from .rows import TOLD, WANTED


def test_every_row_has_its_story() -> None:
    for module in pkgutil.iter_modules(tests.rows.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"tests.rows.{module.name}")
    assert {row: words for row, words in WANTED.items() if row not in TOLD} == {}
    assert TOLD.keys() - WANTED.keys() == set()
