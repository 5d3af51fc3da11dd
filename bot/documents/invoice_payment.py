"""The ways to pay an invoice, below on its page: the PIX panel and the bank slip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.documents.codes import BARCODE_MODULES, bar_modules, qr_modules
from bot.documents.palette import CUT, HAIRLINE, INK, MUTED, WHITE, palette
from bot.documents.pdf_file import string
from bot.documents.pdf_page import MILLIMETRE as MM
from bot.documents.pdf_page import Page
from bot.documents.sheet import FULL, LABEL, LEFT, SMALL, dotted, fact, fact_high, panel
from bot.documents.typography import EM, Style, clamped, face, fitted, line, lines_high

if TYPE_CHECKING:
    from bot.documents.invoice_pdf import InvoiceDocument

_CODE: Final = Style(6.4, "mono")
_INSET: Final = 4.5 * MM
_QR: Final = 38 * MM
_BARS: Final = (103 * MM, 13 * MM)  # FEBRABAN, layout of the barcode of collection


class Way(NamedTuple):
    """A part of the page as wide as its text: how high it is, and what draws it below a top."""

    height: float
    draw: Callable[[Page, float], None]


def ways_to_pay(doc: InvoiceDocument) -> list[Way]:
    """From above; none where nothing is owed."""
    if doc.state not in ("open", "overdue"):
        return []
    ways: list[Way] = []
    if doc.pix_code is not None:
        ways.append(_pix(doc, doc.pix_code))
    if doc.pix_code is not None and doc.barcode is not None:
        ways.append(_cut())
    if doc.boleto_line is not None and doc.barcode is not None:
        ways.append(_slip(doc, doc.boleto_line, doc.barcode))
    return ways


def _pix(doc: InvoiceDocument, code: str) -> Way:
    """The QR code, and the code to copy."""
    words, colours = doc.words, palette(doc.brand.accent)
    width = FULL - 2 * _INSET - _QR - 6 * MM
    title, hint, gap = Style(13, "semibold", colours.deep), Style(8.6), 1.8 * MM
    code_lines = _full_lines(code, width - 4.4 * MM)
    code_high = lines_high(len(code_lines), _CODE.size) + 4 * MM
    room = title.size + lines_high(2, hint.size) + SMALL + code_high + 4 * gap
    height = max(_QR, room) + 2 * _INSET

    def draw(page: Page, top: float) -> None:
        panel(page, colours, top, height)
        qr = qr_modules(code)
        x, y = LEFT + _INSET, top + (height - _QR) / 2
        page.block((x, y, _QR, _QR), WHITE, 2 * MM)
        box = (x + MM, y + MM, _QR - 2 * MM, _QR - 2 * MM)
        figure = page.root.child("Figure", f"/Alt{string(words.pix_alt)}")
        page.picture(figure, qr.path, box, (qr.columns, qr.rows))

        hints = clamped(words.pix_hint, hint, width, 2)
        x += _QR + 6 * MM
        y = top + (height - room + lines_high(2, hint.size) - lines_high(len(hints), hint.size)) / 2
        y = page.write(page.root.child("H2"), clamped(words.pix_title, title, width), title, x, y)
        y = page.write(page.root.child("P"), hints, hint, x, y + gap)
        y = page.write(page.root.child("P"), [line(words.pix_code, LABEL)], LABEL, x, y + 2 * gap)
        page.block((x, y + gap, width, code_high), WHITE, 1.6 * MM, (colours.edge, 0.5))
        set_code = [line(part, _CODE) for part in code_lines]
        page.write(page.root.child("P"), set_code, _CODE, x + 2.2 * MM, y + gap + 2 * MM)

    return Way(height, draw)


def _full_lines(code: str, width: float) -> list[str]:
    """A long code without spaces in full lines: nothing is added to it but the line ends."""
    step = int(width / _CODE.size * EM) // face(_CODE.face).advance("0")
    return [code[at : at + step] for at in range(0, len(code), step)]


def _cut() -> Way:
    """Where the slip is cut off."""
    height = 9 * MM

    def draw(page: Page, top: float) -> None:
        page.rule(LEFT, top + height / 2, FULL, CUT, 0.7, "[3 3]0")

    return Way(height, draw)


def _slip(doc: InvoiceDocument, digits: str, barcode: str) -> Way:
    """The bank slip: the line to type, what it is for, the bars."""
    words, brand, payer = doc.words, doc.brand, doc.payer
    columns = ((LEFT, 92 * MM), (LEFT + 98 * MM, 40 * MM), (LEFT + 144 * MM, 34 * MM))
    cells = (
        (
            (dotted(words.beneficiary, brand.tax_id), brand.legal_name or brand.name),
            (words.document_number, doc.number),
            (words.due_on, doc.due_on),
        ),
        (
            (dotted(words.payer, payer.tax_id), payer.name),
            (words.issued_on, doc.issued_on),
            (words.amount, doc.amount),
        ),
    )

    def draw(page: Page, y: float) -> None:
        title, width = Style(12, "semibold"), 142 * MM
        page.write(page.root.child("H2"), [line(words.boleto_title, title)], title, LEFT, y)
        figures, style = fitted(digits, Style(12.6, "semibold", tabular=True), width)
        x = LEFT + FULL - width
        page.write(page.root.child("P"), [figures], style, x, y, shift=1, width=width)
        y += 7.5 * MM
        page.rule(LEFT - 0.45, y, FULL + 0.9, INK, 0.9)

        for row in cells:
            above = (10 * MM - fact_high(8.4)) / 2
            for (x, width), (name, value) in zip(columns, row, strict=True):
                fact(page, name, value, x, y + above, width, size=8.4)
                page.rule(x - 0.25, y + 10 * MM, width + 0.5, HAIRLINE, 0.5)
            y += 10 * MM

        y += 4 * MM
        figure = page.root.child("Figure", f"/Alt{string(words.barcode_alt)}")
        bars = bar_modules(barcode)
        page.picture(figure, bars.path, (LEFT, y, *_BARS), (BARCODE_MODULES, 1))
        small, width = Style(7.4, colour=MUTED), 62 * MM
        hint = clamped(words.boleto_hint, small, width, 4)
        y += (_BARS[1] - lines_high(len(hint), small.size)) / 2
        page.write(page.root.child("P"), hint, small, LEFT + FULL - width, y)

    return Way(44.5 * MM, draw)
