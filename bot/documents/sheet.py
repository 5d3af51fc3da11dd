"""What the page writer's papers of a brand share: letterhead, colophon, and the pieces between.

`base.typ` draws the same for the papers that Typst sets; tests/documents/test_one_brand.py holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.documents.palette import HAIRLINE, INK, MUTED, Palette, palette
from bot.documents.pdf_page import MILLIMETRE as MM
from bot.documents.pdf_page import PAPER, Box, Element, Page
from bot.documents.typography import ASCENT, Style, clamped, face, fitted, line

if TYPE_CHECKING:
    from bot.documents.invoice_pdf import Letterhead

LEFT: Final = 16 * MM
FULL: Final = 178 * MM
"""Between the margins."""
FOOT: Final = 288 * MM
SMALL: Final = 7.2
LABEL: Final = Style(SMALL, colour=MUTED)
FACT_GAP: Final = 1.1 * MM
COLOPHON_TOP: Final = FOOT - 6 * MM

_BAND: Final = 2.4 * MM
_HEAD_TOP: Final = 13 * MM
_HEAD_HIGH: Final = 13 * MM
_TITLE_WIDE: Final = 56 * MM
_NAME_WIDE: Final = FULL - _HEAD_HIGH - _TITLE_WIDE - 12 * MM
_PILL_WIDE: Final = 32 * MM  # at most
_INITIAL: Final = Style(29, "semibold")


def dotted(*parts: str) -> str:
    """Parts with a dot between them; empty ones are left out."""
    return " · ".join(filter(None, parts))


def letterhead(page: Page, brand: Letterhead, title: str, number: str) -> None:
    """Who sends the paper, and what the paper is called."""
    colours = palette(brand.accent)
    page.block((0, 0, PAPER[0], _BAND), colours.base)
    mark = (LEFT, _HEAD_TOP, _HEAD_HIGH, _HEAD_HIGH)
    page.block(mark, colours.base, 3.4 * MM)
    centred(page, None, brand.name[:1].upper(), _INITIAL._replace(colour=colours.on), mark)

    x = LEFT + _HEAD_HIGH + 4 * MM
    style = Style(13, "semibold")
    name = clamped(brand.name, style, _NAME_WIDE)
    if style.width(line(brand.name, style)) > _NAME_WIDE:
        style = Style(10, "semibold")
        name = clamped(brand.name, style, _NAME_WIDE, 2)
    small = Style(7.4, colour=MUTED)
    address = clamped(dotted(brand.tax_id, *brand.address), small, _NAME_WIDE, 2)
    gap = 0.9 * MM
    high = len(name) * (style.size + gap) + len(address) * (small.size + gap) - gap
    y = _HEAD_TOP + (_HEAD_HIGH - high) / 2
    y = page.write(page.root.child("P"), name, style, x, y, leading=gap) + gap
    page.write(page.root.child("P"), address, small, x, y, leading=gap)

    x = LEFT + FULL - _TITLE_WIDE
    set_title, style = fitted(title, Style(14, "semibold", tabular=True), _TITLE_WIDE)
    below = Style(8.4, colour=MUTED)
    y = _HEAD_TOP + (_HEAD_HIGH - style.size - MM - below.size) / 2
    y = page.write(page.root.child("H1"), [set_title], style, x, y, shift=1, width=_TITLE_WIDE)
    of_number = clamped(number, below, _TITLE_WIDE)
    page.write(page.root.child("P"), of_number, below, x, y + MM, shift=1, width=_TITLE_WIDE)


def colophon(page: Page, brand: Letterhead) -> None:
    """How to reach the brand, at the foot of the page."""
    page.rule(LEFT, COLOPHON_TOP, FULL, HAIRLINE, 0.5)
    words = clamped(dotted(brand.name, brand.phone, brand.email, brand.site), LABEL, FULL)
    y = COLOPHON_TOP + 2.6 * MM
    page.write(page.root.child("P"), words, LABEL, LEFT, y, shift=0.5, width=FULL)


def panel(page: Page, colours: Palette, top: float, height: float) -> None:
    """The ground of a part of the page, as wide as the page's text."""
    page.block((LEFT, top, FULL, height), colours.wash, 3 * MM, (colours.edge, 0.6))


def fact(
    page: Page,
    name: str,
    value: str,
    x: float,
    top: float,
    width: float,
    *,
    size: float = 9.5,
    colour: str = INK,
    shift: float = 0.0,
) -> float:
    """A label over its value; gives where it ends."""
    element = page.root.child("P")
    style = Style(size, "semibold", colour)
    label, words = clamped(name, LABEL, width), clamped(value, style, width)
    y = page.write(element, label, LABEL, x, top, shift=shift, width=width)
    return page.write(element, words, style, x, y + FACT_GAP, shift=shift, width=width)


def fact_high(size: float) -> float:
    """The height of a `fact`."""
    return SMALL + FACT_GAP + size


def centred(
    page: Page,
    element: Element | None,
    words: str,
    style: Style,
    box: Box,
) -> None:
    """Words in the middle of a shape: their capitals stand in the middle of its height."""
    x, y, width, height = box
    capitals = face(style.face).cap_height / 1000
    top = y + height / 2 + (capitals / 2 - ASCENT) * style.size
    page.write(element, [line(words, style)], style, x, top, shift=0.5, width=width)


def pill(page: Page, words: str, colours: Palette, right: float, top: float) -> float:
    """A short word in a capsule that ends at `right`; gives where it ends below."""
    made, style = fitted(words, Style(7.6, "semibold", colours.on), _PILL_WIDE - 6 * MM)
    width = style.width(made) + 6 * MM
    height = style.size * face(style.face).cap_height / 1000 + 3 * MM
    box = (right - width, top, width, height)
    page.block(box, colours.base, height / 2)
    centred(page, page.root.child("P"), words, style, box)
    return top + height
