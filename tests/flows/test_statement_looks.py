"""Statements at every door, switched on and off, and in Portuguese."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.brand import Brand
from bot.core.message import Look
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .house import House
from .papers import PAPERS
from .talk import Talk
from .town import BRAND, FEATURES

WHICH = "Statement of which period? Choose one, or write it: March, 2025, 01/03 to 30/06/2026."
MORE = ("PDF", "Send by e-mail", "See or pay an invoice", "Another period", "No, thank you")


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, features=PAPERS)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    """Ana, who reads English, before the menu."""
    ana = visit(locale="en")
    ana.identifies("ana")
    return ana


@pytest.mark.parametrize(("door", "look"), [("lists", Look.LIST), ("text", Look.NUMBERS)])
def test_it_can_be_had_in_every_look(visit: Visit, door: str, look: Look) -> None:
    ana = visit(door=door, locale="en")
    ana.identifies("ana")
    ana.says("my statement")
    assert ana.look is look
    ana.says("3")
    ana.hears("Statement of Sep 1, 2026 to Nov 30, 2026\n", "To pay today: R$102.23")
    ana.says("1")
    assert [paper.name for paper in ana.documents] == ["curral-extrato-2026-09-01-a-2026-11-30.pdf"]


@pytest.mark.parametrize(
    ("off", "gone"),
    [
        ("statements", "Statement of a period"),
        ("income_tax", "Payments for income tax"),
        ("clearance", "Annual clearance declaration"),
    ],
)
def test_a_kind_that_is_switched_off_is_not_offered(
    ana: Talk, open_counter: Callable[..., House], off: str, gone: str
) -> None:
    ana.house = open_counter(features=PAPERS | {off: False})
    ana.says("/menu")
    ana.presses("Statements and declarations")

    every = ("Statement of a period", "Payments for income tax", "Annual clearance declaration")
    ana.sees(*(each for each in every if each != gone))


def test_a_lone_kind_is_begun_at_once_and_without_any_there_is_no_row(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.house = open_counter(features=FEATURES | {"statements": True})
    ana.says("/menu")
    ana.presses("Statements and declarations")
    ana.hears_only(WHICH)

    ana.house = open_counter(features=FEATURES)
    ana.says("/menu")
    assert "Statements and declarations" not in [b.label for b in ana.heard[-1].buttons]
    ana.says("statement of 2025")
    ana.hears_no("Statement of 2025\n")


@pytest.mark.parametrize(
    ("off", "label"),
    [("pdf", "PDF"), ("mail", "Send by e-mail"), ("email_second_copy", "Send by e-mail")],
)
def test_a_way_that_is_switched_off_is_not_offered(
    ana: Talk, open_counter: Callable[..., House], off: str, label: str
) -> None:
    ana.house = open_counter(features=PAPERS | {off: False})
    ana.says("statement of 2026")

    ana.sees(*(each for each in MORE if each != label))


# ------------------------------------------------------------------ in Portuguese


def test_tudo_em_portugues(visit: Visit) -> None:
    ana = visit()
    ana.identifies("ana")
    ana.presses("Extratos e declarações")
    ana.presses("Extrato de um período")
    ana.hears("Extrato de qual período?")
    ana.says("últimos 3 meses")
    ana.hears(
        "Extrato de 01/09/2026 a 30/11/2026",
        "10/11/2026 · 2026-11-A · R$ 99,90 · 10 dias de atraso, R$ 102,23 hoje",
        "A pagar hoje: R$ 102,23",
    )
    ana.presses("PDF")
    assert "A pagar hoje" in text_of_pdf(ana.documents[0].content)
    ana.says("extrato de outubro")
    ana.hears("Extrato de 10/2026", "paga em 08/10/2026", "Não falta pagar nada. 🎉")
