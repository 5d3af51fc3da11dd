"""Lay out an invoice on its page: what is owed, by whom, and for what. `invoice_payment.py` has the ways to pay it.

Rooms are given, not asked for; a line of text is as high as its size, and heights are sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.documents.invoice_payment import ways_to_pay
from bot.documents.palette import GREEN, HAIRLINE, INK, MUTED, RED, Palette, palette
from bot.documents.pdf_page import MILLIMETRE as MM
from bot.documents.pdf_page import Page
from bot.documents.sheet import (
    COLOPHON_TOP,
    FULL,
    LABEL,
    LEFT,
    SMALL,
    colophon,
    dotted,
    fact,
    fact_high,
    letterhead,
    panel,
    pill,
)
from bot.documents.typography import LEADING, Line, Style, clamped, face, fitted, line, lines_high

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.documents.invoice_pdf import InvoiceDocument, InvoiceLine

_GAP: Final = 6.5 * MM
"""Between the parts of the page."""
_HERO_TOP: Final = 32.5 * MM
_HERO_HIGH: Final = 27 * MM
_AMOUNT: Final = 36 * MM
_HEAD: Final = 4.8 * MM
_DENSITIES: Final = ((9.5, 2.4 * MM), (9.2, 1.7 * MM), (8.2, 0.85 * MM))
"""Size of a row, and its room above and below: closer when rows are many."""
_STRIKE: Final = 0.4524
"""From the top of a line to the middle of what strikes it out, in its size (OS/2 table of Inter)."""
_NOTE_GAP: Final = 10 * MM
_NOTE_HIGH: Final = 14 * MM


def drawn(doc: InvoiceDocument) -> bytes:
    """The invoice as a PDF file; its words are printable already."""
    page = Page()
    colours = {
        "open": palette(doc.brand.accent),
        "overdue": palette(RED),
        "paid": palette(GREEN),
        "cancelled": palette(MUTED),
    }[doc.state]
    ways = ways_to_pay(doc)
    ways_top = COLOPHON_TOP - _GAP - sum(way.height for way in ways)
    letterhead(page, doc.brand, doc.words.title, f"{doc.words.number} {doc.number}")
    _hero(page, doc, colours)
    y = _parties(page, doc, _HERO_TOP + _HERO_HIGH + _GAP)
    _middle(page, doc, colours, y + _GAP, ways_top - _GAP)
    for way in ways:
        way.draw(page, ways_top)
        ways_top += way.height
    colophon(page, doc.brand)
    return page.file(
        title=f"{doc.words.title} {doc.number}",
        author=doc.brand.name,
        language=doc.words.language,
        created_at=doc.created_at,
    )


def _hero(page: Page, doc: InvoiceDocument, colours: Palette) -> None:
    """The one thing to see first."""
    words, owed = doc.words, doc.state in ("open", "overdue")
    panel(page, colours, _HERO_TOP, _HERO_HIGH)
    x, top, high = LEFT + 6 * MM, _HERO_TOP + 4.6 * MM, _HERO_HIGH - 9.2 * MM
    width = 86 * MM

    label = words.total_due if owed else words.total_paid if doc.state == "paid" else words.total
    cancelled = doc.state == "cancelled"
    style = Style(29, "semibold", MUTED if cancelled else INK, tabular=True, tracking=-0.02)
    total, style = fitted(doc.total, style, width)
    as_of = words.as_of.replace("{date}", doc.as_of) if owed and doc.as_of is not None else ""
    small = Style(7.6, colour=MUTED)
    y = top + (high - SMALL - MM - style.size - (MM + small.size if as_of else 0)) / 2
    element = page.root.child("P")
    y = page.write(element, [line(label, LABEL)], LABEL, x, y) + MM
    page.write(element, [total], style, x, y)
    if cancelled:
        page.rule(x, y + _STRIKE * style.size, style.width(total), MUTED, 1.4)
    if as_of:
        y += style.size + MM
        page.write(page.root.child("P"), clamped(as_of, small, width), small, x, y)

    x, width = x + width + 4 * MM, 40 * MM
    y = top + (high - fact_high(13) - 2 * MM - fact_high(9.5)) / 2
    colour = RED if doc.state == "overdue" else INK
    y = fact(page, words.due_on, doc.due_on, x, y, width, size=13, colour=colour) + 2 * MM
    fact(page, words.reference, doc.reference, x, y, width)

    x, width = x + width + 4 * MM, 32 * MM
    state = {
        "open": words.state_open,
        "overdue": words.state_overdue,
        "paid": words.state_paid,
        "cancelled": words.state_cancelled,
    }[doc.state]
    y = pill(page, state, colours, x + width, top)
    if doc.state == "paid" and doc.paid_on is not None:
        fact(page, words.paid_on, doc.paid_on, x, y + 2 * MM, width, shift=1)


def _parties(page: Page, doc: InvoiceDocument, top: float) -> float:
    """Who pays, and since when; gives where it ends."""
    width, gap = 134 * MM, 1.3 * MM
    name, small = Style(10.5, "semibold"), Style(8, colour=MUTED)
    element = page.root.child("P")
    y = page.write(element, [line(doc.words.payer, LABEL)], LABEL, LEFT, top) + gap
    y = page.write(element, clamped(doc.payer.name, name, width, 2), name, LEFT, y) + gap
    leading = LEADING * 9
    # Either may be missing: then it takes no room.
    element = page.root.child("P")
    tax_id = clamped(doc.payer.tax_id, small, width)
    address = clamped(dotted(*doc.payer.address), small, width, 2)
    y = page.write(element, tax_id, small, LEFT, y) + leading
    y = page.write(element, address, small, LEFT, y, leading=leading)
    fact(page, doc.words.issued_on, doc.issued_on, LEFT + width + 6 * MM, top, 38 * MM)
    return y


def _middle(page: Page, doc: InvoiceDocument, colours: Palette, top: float, end: float) -> None:
    """The lines and their sums; where nothing is owed, a stamp on them and a note below."""
    owed = doc.state in ("open", "overdue")
    charges = [
        (name, amount)
        for name, amount in ((doc.words.fine, doc.fine), (doc.words.interest, doc.interest))
        if amount is not None
    ]
    small_rows = [(doc.words.subtotal, doc.amount), *charges] if charges else []
    sums_high = 3 * MM + 5.6 * MM * len(small_rows) + 8.4 * MM
    room = end - top - sums_high - (0 if owed else _NOTE_GAP + _NOTE_HIGH)
    y = _table(page, doc, top, room)
    if not owed:
        words = doc.words.stamp_paid if doc.state == "paid" else doc.words.stamp_cancelled
        _stamp(page, words.upper(), colours.base, y + 5 * MM)
    y += 3 * MM
    for name, amount in small_rows:
        _sum(page, name, amount, Style(9.2, colour=MUTED), y, 5.6 * MM)
        y += 5.6 * MM
    page.rule(LEFT + FULL - 84 * MM - 0.45, y, 84 * MM + 0.9, INK, 0.9)
    _sum(page, doc.words.total, doc.total, Style(10.5, "semibold"), y, 8.4 * MM)
    if not owed:
        note = doc.words.note_paid if doc.state == "paid" else doc.words.note_cancelled
        _note(page, note, colours, y + 8.4 * MM + _NOTE_GAP)


def _table(page: Page, doc: InvoiceDocument, top: float, room: float) -> float:
    """The lines, as many as there is room for; gives where they end."""
    table = page.root.child("Table")
    head = Style(SMALL, "semibold", MUTED)
    right = LEFT + FULL - _AMOUNT
    column = "/A<</O/Table/Scope/Column>>"
    row = table.child("TR")
    what, much = (clamped(w, head, _AMOUNT) for w in (doc.words.description, doc.words.amount))
    page.write(row.child("TH", column), what, head, LEFT, top)
    page.write(row.child("TH", column), much, head, right, top, shift=1, width=_AMOUNT)
    y = top + _HEAD
    page.rule(LEFT - 0.45, y, FULL + 0.9, INK, 0.9)
    style, gap, rows = _rows(doc.lines, doc.words.more_lines, room)
    for description, amount, colour in rows:
        row = table.child("TR")
        look = style._replace(colour=colour)
        page.write(row.child("TD"), description, look, LEFT, y + gap)
        figures, look = fitted(amount, style._replace(tabular=True), _AMOUNT)
        page.write(row.child("TD"), [figures], look, right, y + gap, shift=1, width=_AMOUNT)
        y += lines_high(len(description) or 1, style.size) + 2 * gap
        page.rule(LEFT - 0.25, y, FULL + 0.5, HAIRLINE, 0.5)
    return y


_Row = tuple[tuple[Line, ...], str, str]


def _rows(lines: Sequence[InvoiceLine], more: str, room: float) -> tuple[Style, float, list[_Row]]:
    """How the rows are set: (style, room above and below each, (description, amount, colour) of each).

    What does not even fit closest is folded into a last row, with the sum of the folded: `more` says "and {n} more
    items". One line is never folded alone.
    """
    width = FULL - _AMOUNT - 4 * MM

    def high(row: _Row) -> float:
        return lines_high(len(row[0]) or 1, style.size) + 2 * gap

    for size, gap in _DENSITIES:
        style = Style(size)
        if _HEAD + len(lines) * (size + 2 * gap) > room:
            continue
        rows = [(clamped(of.description, style, width, 2), of.amount, INK) for of in lines]
        if _HEAD + sum(map(high, rows)) <= room:
            return style, gap, rows
    rows, used = [], _HEAD + style.size + 2 * gap
    for of in lines[:-2]:
        row: _Row = (clamped(of.description, style, width, 2), of.amount, INK)
        used += high(row)
        if used > room:
            break
        rows.append(row)
    folded = more.replace("{n}", str(len(lines) - len(rows)))
    rows.append((clamped(folded, style, width), lines[len(rows)].rest, MUTED))
    return style, gap, rows


def _sum(page: Page, name: str, amount: str, style: Style, top: float, height: float) -> None:
    """A row of the sums: what, and how much."""
    width = 48 * MM
    x = LEFT + FULL - _AMOUNT - width
    y = top + (height - style.size) / 2
    page.write(page.root.child("P"), clamped(name, style, width), style, x, y)
    figures, look = fitted(amount, style._replace(tabular=True), _AMOUNT)
    y = top + (height - look.size) / 2
    page.write(page.root.child("P"), [figures], look, x + width, y, shift=1, width=_AMOUNT)


def _stamp(page: Page, words: str, colour: str, top: float) -> None:
    """A rubber stamp; decoration, since the state is also written in words."""
    style = Style(18, "semibold", colour, tracking=0.1)
    made = line(words, style)
    width = style.width(made) + 8 * MM
    height = style.size * face(style.face).cap_height / 1000 + 5.2 * MM
    page.stamp(made, style, (LEFT + 6 * MM, top, width, height), 2 * MM, 1.6)


def _note(page: Page, words: str, colours: Palette, top: float) -> None:
    """Why there is nothing to pay, in place of the ways to pay."""
    panel(page, colours, top, _NOTE_HIGH)
    style, width = Style(10, "semibold", colours.deep), FULL - 10 * MM
    y = top + (_NOTE_HIGH - style.size) / 2
    page.write(
        page.root.child("P"),
        clamped(words, style, width),
        style,
        LEFT + 5 * MM,
        y,
        shift=0.5,
        width=width,
    )
