"""A turn's objects go when the turn ends: what waits for the garbage collector costs a twentieth of the CPU."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .conftest import Visit

OURS = ("bot.", "storage.", "handlers.")


@contextmanager
def only_counting() -> Iterator[list[str]]:
    """Gives, when it ends, the kinds of our objects that only the garbage collector could free."""
    kinds = list[str]()
    gc.collect()
    gc.disable()
    try:
        yield kinds
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        of = (type(each) for each in gc.garbage)
        kinds += sorted({k.__qualname__ for k in of if k.__module__.startswith(OURS)})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_turn_of_a_second_copy_leaves_anything_in_a_circle(visit: Visit) -> None:
    ana = visit()
    ana.identifies("ana")
    with only_counting() as left:
        ana.says("/menu")
        ana.says("what on earth")
        ana.presses("Minhas faturas")
        ana.presses("Menu")
        ana.presses("Minhas faturas")
        ana.presses("11/2026 · R$ 99,90")
        ana.presses("Enviar por e-mail")
        ana.presses("Sim")
        ana.gets_mail()

    assert left == []
