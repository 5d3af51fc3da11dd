"""How the tests see: grey pixels of a PNG, the codes in them, and the text of a PDF.

The readers know no more of PNG and PDF than what Typst writes and `qr_png` does.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import typst
import zxingcpp


@dataclass(frozen=True)
class Picture:
    """Grey pixels, a byte each, row by row."""

    width: int
    height: int
    pixels: bytes
    channels: int

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
    """The red channel of an 8-bit RGB or RGBA picture: on black and white, its grey."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    channels = {2: 3, 6: 4}[colour]
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(packed), 1 + width * channels
    rows = [bytes(width)]
    for y in range(height):
        line = raw[y * stride : (y + 1) * stride]
        rows.append(_unfiltered(line[0], line[1::channels], rows[-1]))
    return Picture(width, height, b"".join(rows[1:]), channels)


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    """One channel of a row, its PNG filter undone."""
    if kind == 0:
        return line
    if kind == 2:
        return (
            bytes((a + b) & 255 for a, b in zip(line, above, strict=True)) if any(line) else above
        )
    row, left, corner = bytearray(), 0, 0
    for value, up in zip(line, above, strict=True):
        if kind == 1:
            near = left
        elif kind == 3:
            near = (left + up) // 2
        else:
            toward = left + up - corner
            near = min((left, up, corner), key=lambda p: abs(toward - p))
        left, corner = (value + near) & 255, up
        row.append(left)
    return bytes(row)


def drawn(
    svg: str, width_mm: float, pixels_per_inch: float, height_mm: float | None = None
) -> Picture:
    """An SVG picture on paper of its own size."""
    height = "auto" if height_mm is None else f"{height_mm}mm"
    source = (
        "#set page(width: auto, height: auto, margin: 0mm)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", fit: "stretch", '
        f"width: {width_mm}mm, height: {height})"
    )
    png = typst.compile(
        source.encode(),
        format="png",
        ppi=pixels_per_inch,
        sys_inputs={"svg": svg},
        ignore_system_fonts=True,
    )
    assert isinstance(png, bytes)
    return picture(png)


def pages(pdf: bytes) -> int:
    (count,) = re.findall(rb"/Type/Pages/Count (\d+)", pdf)
    return int(count)


def lines(pdf: bytes) -> list[str]:
    """The text of a PDF in reading order, as it would be copied: an item a run of glyphs."""
    objects = {
        int(number): body for number, body in re.findall(rb"(?ms)^(\d+) 0 obj\s(.*?)\sendobj", pdf)
    }
    found: list[str] = []
    for resources, content in re.findall(rb"/Resources (\d+) 0 R.*?/Contents (\d+) 0 R", pdf):
        fonts = _fonts(objects, objects[int(resources)])
        letters: dict[int, str] = {}
        inside = False
        for token in _TOKEN.finditer(_stream(objects[int(content)])):
            if token["edge"]:
                inside = token["edge"] == b"BT"  # strings outside of text are of marks and pictures
            elif token["font"]:
                letters = fonts[token["font"]]
                found.append("")
            elif inside and token["string"]:
                glyphs = _ESCAPE.sub(_unescaped, token["string"][1:-1])
                found[-1] += "".join(letters[g] for (g,) in struct.iter_unpack(">H", glyphs))
    return found


def text(pdf: bytes) -> str:
    return "\n".join(lines(pdf))


def _fonts(objects: dict[int, bytes], resources: bytes) -> dict[bytes, dict[int, str]]:
    """The letters of each font that a page names."""
    (table,) = re.findall(rb"/Font<<(.*?)>>", resources)
    fonts: dict[bytes, dict[int, str]] = {}
    for name, number in re.findall(rb"/(\w+) (\d+) 0 R", table):
        (cmap,) = re.findall(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        fonts[name] = _letters(_stream(objects[int(cmap)]))
    return fonts


def _stream(body: bytes) -> bytes:
    start = body.index(b"stream\n") + len(b"stream\n")
    return zlib.decompress(body[start : body.rindex(b"\nendstream")])


def _letters(cmap: bytes) -> dict[int, str]:
    """Glyph → the characters it stands for."""
    return {
        int(glyph, 16): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in re.findall(rb"<(\w{4})> <(\w+)>\n(?!endcodespace)", cmap)
    }


# A string may hold balanced parentheses: here glyph numbers, so they may stand two deep at random.
_INNER = rb"(?:\\.|[^()\\])*"
_NESTED = rb"\((?:\\.|[^()\\]|\(" + _INNER + rb"(?:\(" + _INNER + rb"\)" + _INNER + rb")*\))*\)"
# What a mark says in place of its glyphs (of a word that may break anywhere) is no glyphs.
_TOKEN = re.compile(
    rb"(?s)/ActualText ?" + _NESTED + rb"|(?P<string>" + _NESTED + rb")"
    rb"|/(?P<font>\w+) [\d.]+ Tf|(?P<edge>\b[BE]T\b)"
)
_ESCAPE = re.compile(rb"(?s)\\([0-7]{3}|.)")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes((int(code, 8),)) if code.isdigit() else _ESCAPES.get(code, code)
