"""One brand on every paper: what the page writer draws and what Typst sets have the same head and the same colours."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import typst

from bot.documents import palette as colours
from bot.documents.invoice_pdf import InvoicePrinter, Letterhead
from bot.documents.palette import Palette, palette
from bot.documents.report import ReportPrinter

from .desks import bill, desk, statement
from .eyes import letters, lines, printed
from .samples import BRAND, OPEN, PORTUGUESE

FOLDER = Path(colours.__file__).parent
LONG = "Companhia Brasileira de Telecomunicações e Serviços Digitais do Vale do Paraíba Ltda."
ADDRESS = ("Avenida das Nações Unidas, 12901, Torre Norte, 25º andar", "Brooklin", "04578-910")
BRANDS = {
    "violet": BRAND,
    "yellow": replace(BRAND, accent="#ffd400", name="Águia Net"),
    "long": replace(BRAND, accent="#0b6e4f", name=LONG, address=ADDRESS),
    "just": replace(BRAND, name="Élan & Fils, S.A. — “Provedor”"),
    "figures": replace(BRAND, accent="#111111", name="1º Ponto & Cia. 24h"),
}
LOWER = 2  # a report's margin is so many millimetres larger: its page has a running head
MILLIMETRE = 72 / 25.4
HEAD = 27  # millimetres from the upper edge, in which the head of an invoice stands
PIXELS = 2  # a millimetre: edges of letters are blurred, places and colours are not


class Word(NamedTuple):
    """Letters on one line, where it begins and ends, in points."""

    words: str
    x: float
    end: float
    y: float
    size: float
    colour: tuple[int, int, int]


def papers(brand: Letterhead) -> tuple[bytes, bytes]:
    """An invoice and a statement of one brand, called and numbered alike."""
    report = replace(
        statement([bill("A-01", date(2026, 9, 10))], desk(brand=brand)),
        title=PORTUGUESE.title,
        subtitle="Nº 12",
    )
    invoice = replace(OPEN, brand=brand, number="12")
    return InvoicePrinter().render(invoice), ReportPrinter().render(report)


def head(pdf: bytes, lower: float = 0) -> list[Word]:
    """The words at the head of a page, as if it began so many millimetres higher."""
    page = next(letters(pdf))
    found: dict[tuple[int, float], Word] = {}
    for letter in page:
        y = 297 - letter.y / MILLIMETRE - lower
        if y > HEAD:
            continue
        old = found.get((letter.mark, letter.y))
        found[letter.mark, letter.y] = Word(
            (old.words if old else "") + letter.words,
            old.x if old else letter.x,
            letter.x,
            y * MILLIMETRE,
            letter.size,
            letter.colour,
        )
    return list(found.values())


@pytest.mark.parametrize("brand", BRANDS.values(), ids=BRANDS.keys())
def test_an_invoice_and_a_statement_have_the_same_words_in_the_same_places(
    brand: Letterhead,
) -> None:
    invoice, report = papers(brand)
    ours, theirs = head(invoice), head(report, LOWER)

    assert [word.words for word in ours] == [word.words for word in theirs]
    assert len(ours) >= 5
    for our, their in zip(ours, theirs, strict=True):
        assert (our.x, our.end, our.y) == pytest.approx((their.x, their.end, their.y), abs=0.5)
        assert our.size == pytest.approx(their.size, abs=0.05)
        assert our.colour == their.colour


@pytest.mark.parametrize("brand", BRANDS.values(), ids=BRANDS.keys())
def test_an_invoice_and_a_statement_look_alike_at_the_head(brand: Letterhead) -> None:
    invoice, report = (printed(pdf, PIXELS * 25.4) for pdf in papers(brand))
    assert invoice.width == report.width

    def difference(lower: int) -> float:
        """Of a pixel on average, if the head of the report stands so many millimetres lower."""
        rows = [(y, y) for y in range(3 * PIXELS)]  # the band of colour is at the edge of both
        rows += [(y, y + lower * PIXELS) for y in range(5 * PIXELS, HEAD * PIXELS)]
        pairs = [
            pair for y, at in rows for pair in zip(invoice.row(y), report.row(at), strict=True)
        ]
        return sum(abs(a - b) for a, b in pairs) / len(pairs)

    assert difference(LOWER) < 1
    assert difference(LOWER + 1) > 4  # so would a head be seen that stands elsewhere


def said_by_typst(words: str) -> list[str]:
    """What `base.typ` makes of an expression that gives strings."""
    source = f'#import "base.typ": *\n#set page(width: auto)\n#for it in ({words}) [#it \\ ]'
    pdf = typst.Compiler(root=FOLDER, font_paths=[FOLDER / "fonts"]).compile(
        source.encode(), format="pdf"
    )
    assert isinstance(pdf, bytes)
    return [line.strip() for line in lines(pdf)]


def near(one: str, other: str) -> bool:
    """Whether no channel differs by more than a rounding."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return all(abs(a - b) <= 1 for a, b in pairs)


ACCENTS = [
    *("#5b3df5", "#ffd400", "#00e5a8", "#0b6e4f", "#ff0000", "#00ff00", "#0000ff", "#ffff00"),
    *("#ffffff", "#000000", "#808080", "#010203", "#fe00fe", "#123456", "#0b7a4b", "#b42318"),
]


@pytest.mark.parametrize("accent", ACCENTS)
def test_a_brands_colour_has_the_same_family_everywhere(accent: str) -> None:
    names = Palette._fields
    theirs = said_by_typst(
        ", ".join(f'palette("{accent}").at("{name}").to-hex()' for name in names) + ","
    )

    for name, ours, their in zip(names, palette(accent), theirs, strict=True):
        assert near(ours, their), (name, ours, their)


def test_the_colours_that_all_brands_share_are_the_same_everywhere() -> None:
    names = ["ink", "muted", "hairline", "green", "red"]
    theirs = said_by_typst(", ".join(f"{name}.to-hex()" for name in names) + ",")

    assert theirs == [getattr(colours, name.upper()) for name in names]


def test_a_colour_that_is_worked_with_is_written_as_it_came() -> None:
    assert palette("#5B3DF5").base == "#5b3df5"
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in palette("#5B3DF5"))
