"""How the tests see: pixels of a page or a picture, the codes in them, and the words of a PDF.

PDFs are read by PDFium, as Chromium does. It is not made for threads: look from one only.
"""

import ctypes
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

_MAY_BREAK = "\u200b"  # Typst says so between the letters of a word that it may break anywhere


@dataclass(frozen=True)
class Picture:
    """Grey pixels, a byte each, row by row."""

    width: int
    height: int
    pixels: bytes
    channels: int = 1
    """Of the file it was read from."""

    def codes(self, kind: Any) -> list[Any]:
        grid = memoryview(self.pixels).cast("B", (self.height, self.width))
        return list(zxingcpp.read_barcodes(grid, formats=kind))

    def texts(self, kind: Any) -> list[str]:
        return [code.text for code in self.codes(kind)]

    def blank(self, left: float, right: float, top: float, bottom: float) -> bool:
        """Whether nothing is drawn in a part of the picture, given in shares of its sides."""
        x, y = slice(int(left * self.width), int(right * self.width)), range(self.height)
        return all(
            set(self.row(at)[x]) <= {255}
            for at in y[int(top * self.height) : int(bottom * self.height)]
        )

    def row(self, y: int) -> bytes:
        return self.pixels[y * self.width : (y + 1) * self.width]


def picture(png: bytes) -> Picture:
    """The red channel of a picture as `qr_png` writes it: on black and white, its grey."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 2), "8-bit RGB"
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(packed), 1 + width * 3
    rows = [bytes(width)]
    for y in range(height):
        line = raw[y * stride : (y + 1) * stride]
        assert line[0] in (0, 2), "a row as it is, or its difference from the row above"
        repeated = line[0] == 2 and not any(line[1:])
        rows.append(rows[-1] if repeated else line[1::3])
    return Picture(width, height, b"".join(rows[1:]), 3)


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def printed(pdf: bytes, pixels_per_inch: float, page: int = 0) -> Picture:
    """A page of a PDF on paper."""
    with opened(pdf) as document:
        bitmap = document[page].render(scale=pixels_per_inch / 72, grayscale=True)
        rows = bytes(bitmap.buffer)
        width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    return Picture(
        width, height, b"".join(rows[y * stride : y * stride + width] for y in range(height))
    )


def pages(pdf: bytes) -> int:
    with opened(pdf) as document:
        return len(document)


class Letter(NamedTuple):
    """A character on a page. Lengths are points, from the lower left corner."""

    words: str
    x: float
    y: float
    size: float
    colour: tuple[int, int, int]
    run: int
    """The same for all letters of one run of a font."""
    mark: int
    """Of the content it belongs to (ISO 32000-1, 14.7.4.2); -1: it is decoration."""
    embedded: bool
    """Its font is in the file."""


def letters(pdf: bytes) -> Iterator[list[Letter]]:
    """The characters of each page in the order in which they are drawn."""
    with opened(pdf) as document:
        for page in document:
            textpage = page.get_textpage()
            yield list(_letters(textpage.raw))


def _letters(words: Any) -> Iterator[Letter]:
    x, y, place = ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    for at in range(pdfium.FPDFText_CountChars(words)):
        if pdfium.FPDFText_IsGenerated(words, at) == 1:
            continue  # a space or line end that PDFium guesses from the places of runs
        drawn = pdfium.FPDFText_GetTextObject(words, at)
        pdfium.FPDFText_GetCharOrigin(words, at, x, y)
        pdfium.FPDFText_GetMatrix(words, at, place)
        pdfium.FPDFText_GetFillColor(words, at, red, green, blue, alpha)
        yield Letter(
            chr(pdfium.FPDFText_GetUnicode(words, at)),
            x.value,
            y.value,
            pdfium.FPDFText_GetFontSize(words, at) * abs(place.a),
            (red.value, green.value, blue.value),
            ctypes.addressof(drawn.contents),
            pdfium.FPDFPageObj_GetMarkedContentID(drawn),
            pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(drawn)) == 1,
        )


def lines(pdf: bytes) -> list[str]:
    """The words of a PDF in the order in which they are drawn: an item for each run of one font."""
    found: list[str] = []
    for page_letters in letters(pdf):
        run = None
        for letter in page_letters:
            if letter.run != run:
                found.append("")
                run = letter.run
            found[-1] += letter.words
    return [line.replace(_MAY_BREAK, "") for line in found]


def text(pdf: bytes) -> str:
    return "\n".join(lines(pdf))


class Heard(NamedTuple):
    """A part of a page as a reader aloud tells it."""

    kind: str
    words: str
    alt: str = ""
    marks: tuple[int, ...] = ()


def heard(pdf: bytes) -> list[Heard]:
    """The parts of a one-page PDF that say something themselves, by its structure (ISO 32000-1, 14.7)."""
    (page_letters,) = letters(pdf)
    said: dict[int, str] = {}
    for letter in page_letters:
        said[letter.mark] = said.get(letter.mark, "") + letter.words
    with opened(pdf) as document:
        page = document[0]
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        try:
            tops = (
                pdfium.FPDF_StructTree_GetChildAtIndex(tree, at)
                for at in range(pdfium.FPDF_StructTree_CountChildren(tree))
            )
            return [part for top in tops for part in _heard(top, said)]
        finally:
            pdfium.FPDF_StructTree_Close(tree)


def _heard(element: Any, said: dict[int, str]) -> Iterator[Heard]:
    kids = range(pdfium.FPDF_StructElement_CountChildren(element))
    marks = [pdfium.FPDF_StructElement_GetChildMarkedContentID(element, at) for at in kids]
    own = tuple(mark for mark in marks if mark >= 0)
    kind = _told(pdfium.FPDF_StructElement_GetType, element)
    alt = _told(pdfium.FPDF_StructElement_GetAltText, element)
    if own:
        yield Heard(kind, " ".join(said.get(mark, "") for mark in own), alt, own)
    for at in kids:
        if marks[at] < 0:
            child = pdfium.FPDF_StructElement_GetChildAtIndex(element, at)
            yield from _heard(child, said)


def _told(ask: Any, of: Any) -> str:
    """What one of PDFium's functions writes into a buffer, in UTF-16."""
    size = ask(of, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    ask(of, buffer, size)
    return bytes(buffer)[:-2].decode("utf-16-le")


def undecorated(pdf: bytes) -> set[int]:
    """The marks of the content of a one-page PDF; -1 stands for what is neither content nor an artifact."""
    found: set[int] = set()
    with opened(pdf) as document:
        for drawn in document[0].get_objects():
            names = [
                _mark_name(pdfium.FPDFPageObj_GetMark(drawn.raw, at))
                for at in range(pdfium.FPDFPageObj_CountMarks(drawn.raw))
            ]
            if "Artifact" not in names:
                found.add(pdfium.FPDFPageObj_GetMarkedContentID(drawn.raw))
    return found


def _mark_name(mark: Any) -> str:
    size = ctypes.c_ulong()
    pdfium.FPDFPageObjMark_GetName(mark, None, 0, size)
    buffer = (ctypes.c_ushort * (size.value // 2))()
    pdfium.FPDFPageObjMark_GetName(mark, buffer, size.value, size)
    return bytes(buffer)[:-2].decode("utf-16-le")


def about(pdf: bytes) -> dict[str, str]:
    """What a PDF says about itself: Title, Author, CreationDate …, and the language of its words."""
    with opened(pdf) as document:
        language = _told(pdfium.FPDFCatalog_GetLanguage, document.raw)
        return {**document.get_metadata_dict(skip_empty=True), "Language": language}


def inflated(pdf: bytes) -> bytes:
    """All streams of a PDF, as they were before they were deflated."""
    found = b""
    for stream in re.findall(rb"(?s)>>stream\n(.*?)\nendstream", pdf):
        try:
            found += zlib.decompress(stream) + b"\n"
        except zlib.error:
            found += stream + b"\n"
    return found
