"""One conversation, three looks: buttons, a list, numbers. The words are one, numbers and labels count."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.core.message import Look

from .conftest import Visit
from .house import DOORS
from .talk import Talk
from .town import TAX_IDS

STEPS: tuple[tuple[str, str, str], ...] = (
    ("Minhas faturas", "1", "Estas são as suas faturas, com as em aberto primeiro."),
    ("11/2026 · R$ 99,90", "1", "Fatura 2026-11-A (11/2026)"),
    ("Linha do boleto", "2", "Esta é a linha digitável do boleto."),
    ("Outra fatura", "5", "Estas são as suas faturas"),
    ("12/2026 · R$ 99,90", "2", "Fatura 2026-12-A (12/2026)"),
    ("Enviar por e-mail", "4", "Envio a fatura 2026-12-A (12/2026), de R$ 99,90 hoje, para a***@e***.com?"),
)  # fmt: skip
"""What is chosen by label or by number, and what is heard then."""

LOOKS = {"web": Look.BUTTONS, "lists": Look.LIST, "text": Look.NUMBERS}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words are the same on every database."""
    return sqlite_url


def spoken(talk: Talk) -> list[str]:
    """What was said, without how the options were drawn."""
    drawn = re.compile(r"\n\n(1\. |Escreva SIM ou NÃO|\(ou escreva).*", re.DOTALL)
    return [drawn.sub("", m.text) for m in talk.heard]


@pytest.fixture
def somebody(visit: Visit) -> Callable[[str], Talk]:
    def come(door: str) -> Talk:
        talk = visit(door, door=door)
        talk.says("quero me identificar")
        talk.says(TAX_IDS["ana"])
        if DOORS[door].contact:
            talk.says("2")
        talk.says(talk.reads_code())
        return talk

    return come


@pytest.mark.parametrize("by", ["label", "number"])
def test_the_words_are_the_same_at_every_door(somebody: Callable[[str], Talk], by: str) -> None:
    talks = {door: somebody(door) for door in LOOKS}
    for label, number, heard in STEPS:
        for talk in talks.values():
            talk.says(label if by == "label" else number)
            talk.hears(heard)
        assert spoken(talks["web"]) == spoken(talks["lists"]) == spoken(talks["text"])


@pytest.mark.parametrize("door", ["web", "lists"])
def test_what_is_drawn_can_be_pressed(somebody: Callable[[str], Talk], door: str) -> None:
    talk = somebody(door)
    for label, _number, heard in STEPS:
        pressed = [
            b
            for b in talk.heard[-1].buttons
            if label.startswith(b.label.replace("\u00a0", " ").rstrip("…"))
        ]
        talk.presses_data(pressed[0].data)
        talk.hears(heard)


@pytest.mark.parametrize(("door", "look"), LOOKS.items())
def test_each_door_has_its_look(somebody: Callable[[str], Talk], door: str, look: Look) -> None:
    talk = somebody(door)
    talk.says("1")

    assert talk.look is look


def test_a_consent_is_pressed_or_written_at_every_door(somebody: Callable[[str], Talk]) -> None:
    for door in LOOKS:
        talk = somebody(door)
        talk.says("segunda via")
        talk.says("2")
        talk.says("1")
        talk.hears("SIM", "NÃO")
        talk.hears_no("1. Sim")
        talk.says("sim" if door == "text" else "não")
        talk.hears("Está a caminho" if door == "text" else "Tudo bem, nada foi feito.")


def test_numbers_name_the_state_of_each_invoice(somebody: Callable[[str], Talk]) -> None:
    talk = somebody("text")
    talk.says("minhas faturas")

    talk.hears(
        "1. 11/2026 · R$ 99,90 (vencida desde 10/11/2026)\n2. 12/2026 · R$ 99,90 (vence em 10/12/2026)"
    )


def test_where_a_button_has_one_line_the_state_stands_in_its_label(
    somebody: Callable[[str], Talk],
) -> None:
    talk = somebody("phone")
    talk.says("minhas faturas")

    assert talk.option(1) == "11/2026 · R$ 99,90 · vencida desde 10/11/2026"
    talk.presses(talk.option(1))
    talk.hears("Fatura 2026-11-A")


def test_a_short_list_of_invoices_keeps_their_states_at_every_door(
    somebody: Callable[[str], Talk],
) -> None:
    talk = somebody("lists")
    talk.says("minhas faturas")
    talk.says("dezembro")

    assert talk.look is Look.LIST
    assert [(b.label, b.detail) for b in talk.heard[-1].buttons if b.kind != "nav"] == [
        ("12/2026 · R$\u00a099,90", "vence em 10/12/2026"), ("12/2025 · R$\u00a099,90", "paga"),
    ]  # fmt: skip


@pytest.mark.parametrize("locale", ["pt_BR", "en", "es"])
def test_every_label_fits_the_smallest_screen(visit: Visit, locale: str) -> None:
    """Nothing that can be pressed is cut with three dots, in any language."""
    talk = visit(door="lists", locale=locale)
    talk.says("oi")
    talk.says("sou cliente")
    talk.says("529.982.247-25")
    talk.says("99")
    talk.after(minutes=11)
    talk.presses_data(f"{talk.nonce}:1")
    for _time in range(2):
        talk.says("sou cliente")
    talk.identifies("ana")
    for said in ("minhas faturas", "2026-11-A", "pix", "/menu", "segunda via", "2026-11-A", "/menu",
                 "00190.00009 01238.798977 77700.168188 3 37690000013500", "/menu", "idioma", "/menu"):  # fmt: skip
        talk.says(said)

    cut = {b.label for m in talk.shown for b in m.buttons if b.label.endswith("…")}
    assert cut == set()
