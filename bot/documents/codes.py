"""Draw the codes that a customer's bank app reads: the PIX QR code and the bars of a boleto."""

import re
import struct
import zlib
from typing import Any

import zxingcpp

_QR_LEVEL = "M"  # 15 % of the symbol may be damaged: the usual level for codes on paper and screens
_BARS_HEIGHT = 50  # modules; whoever places the bars stretches them to the height wanted
_DARK_RUN = re.compile(rb"\x00+")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

BARCODE_QUIET_MODULES = 10
"""White modules that `barcode_svg` leaves at each side (ISO/IEC 16390: ten or more)."""

BARCODE_MODULES = 405
"""Width in modules of the bars of 44 digits, without the quiet zones: 4 + 44 x 9 + 5."""


def qr_svg(text: str) -> str:
    """Draw `text` as a QR code (ISO/IEC 18004, level M) with its quiet zone of 4 modules.

    One module is one unit of the `viewBox`, so the caller decides the size. ASCII text, as every
    PIX code is, carries no ECI mark, which some bank apps do not read.

    Raises:
        ValueError: the text is empty or longer than a QR code holds (about 2,300 bytes).
    """
    return _svg(_matrix(_qr(text)))


def qr_png(text: str, scale: int = 8) -> bytes:
    """Draw `text` as `qr_svg` does, as an 8-bit RGB PNG of `scale` pixels a module.

    RGB, though the picture is black and white: WhatsApp takes 8-bit RGB or RGBA images only
    (Cloud API, media reference).

    Raises:
        ValueError: as `qr_svg`, or `scale` is not positive.
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


def barcode_svg(digits44: str) -> str:
    """Draw the 44 digits of a boleto as Interleaved 2 of 5, wide bars thrice the narrow ones.

    No check digit is added: the fifth of the 44 already is one (FEBRABAN, layout of the
    barcode of collection). The picture is `BARCODE_MODULES` wide and `BARCODE_QUIET_MODULES` more
    at each side; printed so that the bars are 103 mm wide, a narrow bar is 0.254 mm.

    Raises:
        ValueError: not exactly 44 ASCII digits.
    """
    if len(digits44) != 44 or not (digits44.isascii() and digits44.isdigit()):
        raise ValueError("a boleto's barcode has exactly 44 digits")
    drawn = zxingcpp.create_barcode(digits44, zxingcpp.BarcodeFormat.ITF)
    return _svg(_matrix(drawn)[:1], height=_BARS_HEIGHT)


def _qr(text: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_QR_LEVEL)


def _matrix(barcode: zxingcpp.Barcode) -> list[bytes]:
    """Rows of the symbol with its quiet zone, a byte a module: 0 dark, 255 light."""
    image: Any = barcode.to_image(scale=1, add_quiet_zones=True)  # its stub omits the buffer
    height, width = image.shape
    flat = memoryview(image).tobytes()
    return [flat[y * width : (y + 1) * width] for y in range(height)]


def _svg(rows: list[bytes], height: int | None = None) -> str:
    """Rows of modules as one stroke: what touches in one path shows no hairline between.

    A run is one line as thick as a row is high: a quarter of the path that its outline would be.
    """
    high = height or len(rows)
    depth = high // len(rows)
    dark: list[str] = []
    for y, row in enumerate(rows):
        end = -1
        for run in _DARK_RUN.finditer(row):
            start, length = run.start(), run.end() - run.start()
            dark.append(
                f"M{start} {y * depth + depth / 2:g}h{length}"
                if end < 0
                else f"m{start - end} 0h{length}"
            )
            end = start + length
    wide = len(rows[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{wide}v{high}h-{wide}z"/>'
        f'<path stroke="#000" stroke-width="{depth}" d="{"".join(dark)}"/></svg>'
    )


def _png_chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
