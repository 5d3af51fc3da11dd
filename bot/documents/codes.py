"""Draw the codes that a customer's bank app reads: the PIX QR code and the bars of a boleto."""

import re
import struct
import zlib
from functools import cache
from itertools import product
from operator import getitem
from typing import Any, Final, NamedTuple

import zxingcpp

_QR_LEVEL = "M"  # 15 % of the symbol may be damaged: the usual level for codes on paper and screens
_DARK_RUN = re.compile("1+")
_TWO_OF_FIVE = [  # widths for each digit, wide ones thrice the narrow: ISO/IEC 16390, table 1
    *((1, 1, 3, 3, 1), (3, 1, 1, 1, 3), (1, 3, 1, 1, 3), (3, 3, 1, 1, 1), (1, 1, 3, 1, 3)),
    *((3, 1, 3, 1, 1), (1, 3, 3, 1, 1), (1, 1, 1, 3, 3), (3, 1, 1, 3, 1), (1, 3, 1, 3, 1)),
]
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

BARCODE_MODULES: Final = 405
"""Width in modules of the bars of 44 digits, without the quiet zones: 4 + 44 x 9 + 5."""


class Modules(NamedTuple):
    """A code to draw in PDF: the dark modules as one path, its quiet zone left white around them."""

    path: str
    """Rectangles (`re`: ISO 32000-1, 8.5.2.1), a module being one unit, from the lower left corner."""
    columns: int
    rows: int


def qr_modules(text: str) -> Modules:
    """Draw `text` as a QR code (ISO/IEC 18004, level M) with its quiet zone of 4 modules.

    One path, since what touches in one path shows no hairline between. ASCII text, as every PIX
    code is, carries no ECI mark, which some bank apps do not read.

    Raises:
        ValueError: the text is empty or longer than a QR code holds (about 2,300 bytes).
    """
    rows = _matrix(_qr(text))
    wide, high = len(rows[0]), len(rows)
    octets = [_octet(x) for x in range(0, wide, 8)]
    spare = 8 * len(octets) - wide
    path: list[str] = []
    for y, row in enumerate(rows, 1):
        dark = (int(row.translate(_BITS), 2) << spare).to_bytes(len(octets), "big")
        path.append("".join(map(getitem, octets, dark)).replace("y", str(high - y)))
    return Modules("".join(path), wide, high)


def bar_modules(digits44: str) -> Modules:
    """Draw the 44 digits of a boleto as Interleaved 2 of 5, wide bars thrice the narrow ones.

    No check digit is added: the fifth of the 44 already is one (FEBRABAN, layout of the
    barcode of collection). One row, `BARCODE_MODULES` wide without the quiet zones: printed 103 mm
    wide, a narrow bar is 0.254 mm. zxing-cpp draws the same at ten times the cost.

    Raises:
        ValueError: not exactly 44 ASCII digits.
    """
    if len(digits44) != 44 or not (digits44.isascii() and digits44.isdigit()):
        raise ValueError("a boleto's barcode has exactly 44 digits")
    path = [f"{x} 0 {wide} 1 re " for x, wide in ((0, 1), (2, 1), (400, 3), (404, 1))]
    pairs, start = _pairs(), 4
    for at in range(0, 44, 2):
        path += [f"{start + x} 0 {wide} 1 re " for x, wide in pairs[digits44[at : at + 2]]]
        start += 18
    return Modules("".join(path), BARCODE_MODULES, 1)


def qr_png(text: str, scale: int = 8) -> bytes:
    """Draw `text` as `qr_modules` does, as an 8-bit RGB PNG of `scale` pixels a module.

    RGB, though the picture is black and white: WhatsApp takes 8-bit RGB or RGBA images only
    (Cloud API, media reference).

    Raises:
        ValueError: as `qr_modules`, or `scale` is not positive.
    """
    if scale < 1:
        raise ValueError("scale must be 1 pixel or more")
    rows = _matrix(_qr(text))
    width = len(rows[0]) * scale
    # Filter 2 is "difference from the row above": a repeated row is all zeros.
    repeat = b"\x02" + bytes(3 * width)
    pixels = b"".join(
        b"\x00" + b"".join(bytes((shade,)) * (3 * scale) for shade in row) + repeat * (scale - 1)
        for row in rows
    )
    size = struct.pack(">IIBBBBB", width, len(rows) * scale, 8, 2, 0, 0, 0)
    return (
        _PNG_MAGIC
        + _png_chunk(b"IHDR", size)
        + _png_chunk(b"IDAT", zlib.compress(pixels, 6))
        + _png_chunk(b"IEND", b"")
    )


_BITS = bytes.maketrans(b"\x00\xff", b"10")


@cache
def _pairs() -> dict[str, list[tuple[int, int]]]:
    """The five bars of two digits, (place, width) in modules: the first digit in bars, the second between them."""
    pairs: dict[str, list[tuple[int, int]]] = {}
    for first, second in product(range(10), repeat=2):
        bars: list[tuple[int, int]] = []
        x = 0
        for bar, space in zip(_TWO_OF_FIVE[first], _TWO_OF_FIVE[second], strict=True):
            bars.append((x, bar))
            x += bar + space
        pairs[f"{first}{second}"] = bars
    return pairs


@cache
def _octet(x: int) -> list[str]:
    """The dark runs of eight modules that begin at `x`, by the octet they are; `y` stands for their row.

    So a row is put together from parts, which is faster than to look for its runs.
    """
    runs = ([run.span() for run in _DARK_RUN.finditer(f"{octet:08b}")] for octet in range(256))
    return ["".join([f"{x + at} y {end - at} 1 re " for at, end in spans]) for spans in runs]


def _qr(text: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_QR_LEVEL)


def _matrix(barcode: zxingcpp.Barcode) -> list[bytes]:
    """Rows of the symbol with its quiet zone, a byte a module: 0 dark, 255 light."""
    image: Any = barcode.to_image(scale=1, add_quiet_zones=True)  # its stub omits the buffer
    height, width = image.shape
    flat = memoryview(image).tobytes()
    return [flat[y * width : (y + 1) * width] for y in range(height)]


def _png_chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
