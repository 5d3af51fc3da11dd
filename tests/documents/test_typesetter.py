"""What of a text reaches the paper, and many threads at one press."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.invoice_pdf import InvoicePrinter, Payer
from bot.documents.typesetter import Typesetter, printable

from .eyes import lines
from .samples import invoice


@pytest.mark.parametrize(
    "words",
    [
        "Maria Aparecida",
        "R$\N{NO-BREAK SPACE}1.234,50",
        "Nº 5 · João d’Ávila",
        "Διμήτρης",
        "Олена",
        "±°©",
    ],
)
def test_ordinary_words_are_printed_as_they_are(words: str) -> None:
    assert printable(words) == words


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Maria 🌸 Silva", "Maria Silva"),
        ("Zé 👨‍👩‍👧 & filhos 1️⃣", "Zé & filhos 1"),
        ("Bia 👍🏽", "Bia"),
        ("  duas   linhas\r\nde\tnome ", "duas linhas de nome"),
        ("nul\0, sino\a, esc\x1b[31m", "nul, sino, esc[31m"),
        ("total \u202e00,1 $R\u202c", "total 00,1 $R"),
        ("me\u00adio e \u200bzero", "meio e zero"),
        ("meia \ud83d letra", "meia letra"),
        ("Joa\u0303o", "João"),
        ("Z" + "\u0315\u0316" * 40, "Z\u0316\u0316"),
    ],
)
def test_what_no_font_has_or_what_misleads_is_left_out(written: str, printed: str) -> None:
    assert printable(written) == printed


@given(st.text())
def test_whatever_is_printed_has_no_controls_and_no_emoji(written: str) -> None:
    printed = printable(written)

    printed.encode()
    categories = {unicodedata.category(character) for character in printed} - {"So"}
    assert not {c for c in categories if c[0] == "C" or c in ("Zl", "Zp", "Me")}
    assert {c for c in printed if unicodedata.category(c) == "So"} <= set("¦°©®™№℠")
    assert "  " not in printed


def test_a_text_longer_than_any_place_for_it_is_cut_with_an_ellipsis() -> None:
    cut = printable("a" * 100_000)

    assert len(cut) == 500
    assert cut.endswith("a…")


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Typesetter("report.typ").pdf({}, datetime(2026, 11, 20))  # noqa: DTZ001


def test_many_threads_share_one_printer_and_each_gets_its_own_page() -> None:
    printer = InvoicePrinter()
    names = [f"Cliente de número {n}" for n in range(24)]

    def made(name: str) -> bytes:
        return printer.render(invoice(payer=Payer(name, "CPF")))

    with ThreadPoolExecutor(4) as threads:
        papers = list(threads.map(made, names))

    for name, paper in zip(names, papers, strict=True):
        assert [other for other in names if other in lines(paper)] == [name]
        assert paper == made(name)
