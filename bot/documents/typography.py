"""Type for the page writer: how wide words are, how they are written in a content stream, where lines break.

The rules are those of `base.typ`: words keep to the room they are given. What does not fit in it ends in an
ellipsis; amounts and digits, which must not be cut, are set smaller.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from operator import add
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from bot.documents.palette import INK

FOLDER: Final = Path(__file__).parent / "faces"
EM: Final = 1000
LEADING: Final = 0.36
"""Between two lines, in their size."""
ASCENT: Final = 0.78
"""From the top of a line to its baseline, in its size; a line is as high as its size."""

FaceName = Literal["regular", "semibold", "mono"]
_FILES: dict[FaceName, str] = {
    "regular": "Inter-Regular",
    "semibold": "Inter-SemiBold",
    "mono": "DejaVuSansMono",
}
_TABULAR = 0xE000  # see scripts/faces.py: a figure of one width stands here plus its code
_ELLIPSIS = "…"
_NO_GLYPH = "\0"

# Where a line may end beside spaces: after a hyphen, a dash or a slash before a letter, and around signs
# that are written without spaces (UAX 14, of which this is what addresses and names need).
_BREAK = re.compile(r" +|(?<=[^\W\d])[-–—/](?=[^\W\d])|[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]")


class Line(NamedTuple):
    """Words set on one line, of no size yet."""

    words: str
    width: int
    """In thousandths of the size."""
    runs: tuple[tuple[str, str], ...]
    """(piece of a font, operand of `TJ`: ISO 32000-1, 9.4.3) from left to right."""
    whole: bool = True
    """No character is missing in the fonts."""


class Style(NamedTuple):
    """How words look."""

    size: float
    """In points."""
    face: FaceName = "regular"
    colour: str = INK
    tabular: bool = False
    """Figures all of one width, for columns of amounts."""
    tracking: float = 0.0
    """Added after each glyph, in the size."""

    def width(self, line: Line) -> float:
        """How wide a line is in points, all its glyphs tracked."""
        return (line.width / EM + self.tracking * len(line.words)) * self.size


class Piece:
    """A part of a face's glyphs, embedded whole where a page needs one of them."""

    def __init__(self, name: str, face: Face, cut: dict[str, Any]) -> None:
        self.name = name
        self.face = face
        self.file = FOLDER / cut["file"]
        self.length: int = cut["length"]
        """Of the font program in bytes, before it is deflated."""
        self.advances: list[int] = cut["advances"]
        """By glyph."""
        self.characters: str = cut["characters"]
        """By glyph; U+0000 where a glyph stands for none."""
        glyphs = {c: glyph for glyph, c in enumerate(self.characters) if c != _NO_GLYPH}
        glyphs |= {other: glyphs[c] for other, c in cut["same"].items()}
        self.glyphs: dict[str, int] = glyphs
        self.widths: dict[str, int] = {c: self.advances[glyph] for c, glyph in glyphs.items()}
        self.codes = {ord(c): chr(glyph) for c, glyph in glyphs.items()}

    def operand(self, words: str) -> str:
        """Glyph numbers of two bytes each, in hexadecimal; what the piece lacks is its .notdef."""
        known = "".join(c if c in self.glyphs else _NO_GLYPH for c in words)
        return known.translate(self.codes).encode("utf-16-be").hex()


def meant(character: str) -> str:
    """What a character of `Piece.characters` is read as; empty if it stands for none."""
    if character == _NO_GLYPH:
        return ""
    plain = ord(character) - _TABULAR
    return chr(plain) if 0 < plain <= 0xFF else character


class Face:
    """One weight of a family: its `letters`, which nearly every page needs, and all `others`, if it has more."""

    def __init__(self, name: FaceName) -> None:
        cut = json.loads((FOLDER / f"{_FILES[name]}.json").read_text(encoding="utf-8"))
        self.name: str = cut["name"]
        self.ascent: int = cut["ascent"]
        self.descent: int = cut["descent"]
        self.cap_height: int = cut["cap_height"]
        self.box: list[int] = cut["box"]
        self.mono: bool = cut["mono"]
        pieces = [
            Piece(f"{name}-{part['file'].rpartition('.')[2]}", self, part) for part in cut["pieces"]
        ]
        self.letters, self.others = pieces[0], pieces[-1]
        self.kerning: dict[str, int] = {
            left + right: by
            for lefts, row in cut["kerning"].items()
            for rights, by in row.items()
            for left in lefts
            for right in rights
        }

    @cached_property
    def figures(self) -> dict[int, int]:
        """For `str.translate`: figures and what stands between them, each in one width."""
        return {
            ord(c) - _TABULAR: ord(c) for c in self.letters.glyphs if 0 < ord(c) - _TABULAR <= 0xFF
        }

    def line(self, words: str) -> Line:
        """Set words, kerned."""
        piece = self.letters
        try:
            width = sum(map(piece.widths.__getitem__, words))
        except KeyError:
            return self._mixed(words)
        glyphs = words.translate(piece.codes).encode("utf-16-be").hex()
        operand, done = "<", 0
        for at, by in enumerate(map(self.kerning.get, map(add, words, words[1:])), 1):
            if by:
                operand += f"{glyphs[done : 4 * at]}>{-by}<"
                done = 4 * at
                width += by
        return Line(words, width, ((piece.name, f"{operand}{glyphs[done:]}>"),))

    def _mixed(self, words: str) -> Line:
        """Words with characters that stand in the other piece, or in none: not kerned."""
        letters, others = self.letters, self.others
        parts: list[tuple[Piece, str]] = []
        for c in words:
            last = parts[-1][0] if parts else letters
            piece = last if c in last.widths else letters if c in letters.widths else others
            if c not in piece.widths:
                piece = letters
            if parts and last is piece:
                parts[-1] = (piece, parts[-1][1] + c)
            else:
                parts.append((piece, c))
        return Line(
            words,
            sum(map(self.advance, words)),
            tuple((piece.name, f"<{piece.operand(part)}>") for piece, part in parts),
            all(c in letters.widths or c in others.widths for c in words),
        )

    def advance(self, character: str) -> int:
        """The width of a character alone."""
        width = self.letters.widths.get(character)
        if width is None:
            width = self.others.widths.get(character, self.letters.advances[0])
        return width

    def edges(self, words: str) -> list[int]:
        """Where each character begins, and where the last one ends: one more than there are.

        No part of words, set as a line of its own, is wider than it is here.
        """
        kerned = [self.kerning.get(pair, 0) for pair in map(add, words, words[1:])]
        if not all(c in self.letters.widths for c in words):  # some parts will not be kerned
            kerned = [max(by, 0) for by in kerned]
        advances = map(add, map(self.advance, words), [*kerned, 0])
        return list(accumulate(advances, initial=0))


@cache
def face(name: FaceName) -> Face:
    """A face, read from its files at the first call."""
    return Face(name)


def line(words: str, style: Style) -> Line:
    """Words on one line, however wide."""
    return _line(words, style.face, style.tabular)


@lru_cache(512)
def _line(words: str, name: FaceName, tabular: bool) -> Line:
    """Remembered for some pages, since most words of a page stood on the last one."""
    of = face(name)
    if tabular:
        return of.line(words.translate(of.figures))._replace(words=words)
    return of.line(words)


def fitted(words: str, style: Style, width: float) -> tuple[Line, Style]:
    """Words on one line, set smaller if they are wider than `width` points."""
    made = line(words, style)
    wide = style.width(made)
    return made, style if wide <= width else style._replace(size=style.size * 0.995 * width / wide)


def clamped(words: str, style: Style, width: float, lines: int = 1) -> tuple[Line, ...]:
    """Words in at most `lines` lines of `width` points; what does not fit ends in an ellipsis.

    No words are no line.
    """
    return _clamped(words, style.face, int(width / style.size * EM), lines)


@lru_cache(512)
def _clamped(words: str, name: FaceName, room: int, lines: int) -> tuple[Line, ...]:
    """As `clamped`, in thousandths of the size; remembered as `_line` is."""
    if not words:
        return ()
    of = face(name)
    made = of.line(words)
    if made.width <= room:
        return (made,)
    edges = of.edges(words)
    breaks = [match.end() for match in _BREAK.finditer(words)]
    parts: list[str] = []
    start = 0
    while start < len(words) and len(parts) < lines - 1:
        end = _line_end(words, edges, breaks, start, room)
        parts.append(words[start:end])
        start = end
    if edges[-1] - edges[start] > room:
        end = _fits(words, edges, start, room - of.advance(_ELLIPSIS))
        parts.append(words[start:end].rstrip() + _ELLIPSIS)
    elif start < len(words):
        parts.append(words[start:])
    return tuple(map(of.line, parts))


def _line_end(words: str, edges: list[int], breaks: list[int], start: int, room: int) -> int:
    """Where the line ends that begins at `start`, with the spaces that hang over its end."""
    end = _fits(words, edges, start, room)
    if end == len(words):
        return end
    while end < len(words) and words[end] == " ":
        end += 1
    at = bisect_right(breaks, end)
    last = breaks[at - 1] if at and breaks[at - 1] > start else start
    following = breaks[at] if at < len(breaks) else len(words)
    # A word wider than the line may break anywhere; only such a word, for a copied address stays whole.
    word = len(words[last:following].rstrip(" "))
    return last if last > start and edges[last + word] - edges[last] <= room else end


def _fits(words: str, edges: list[int], start: int, room: int) -> int:
    """How far words fit in `room`: one character at least, and no mark parted from its letter."""
    end = max(bisect_right(edges, edges[start] + room) - 1, start + 1)
    while start + 1 < end < len(words) and unicodedata.combining(words[end]):
        end -= 1
    return end


def lines_high(lines: int, size: float) -> float:
    """The height of so many lines of one size."""
    return lines * size + (lines - 1) * LEADING * size
