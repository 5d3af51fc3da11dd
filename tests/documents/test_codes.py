"""The codes as a bank's app sees them: drawn, made into pixels, scanned."""

import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.codes import BARCODE_MODULES, Modules, bar_modules, qr_modules, qr_png

from .eyes import Picture, picture
from .samples import BARCODE, PIX_CODE

QR = zxingcpp.BarcodeFormat.QRCode
ITF = zxingcpp.BarcodeFormat.ITF
QUIET = 10  # white modules that bars need at each side: ISO/IEC 16390

ascii_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=512)


def dark(code: Modules) -> list[list[bool]]:
    """Rows of the code from above, a value a module."""
    rows = [[False] * code.columns for _ in range(code.rows)]
    rectangles = re.findall(r"(\d+) (\d+) (\d+) 1 re ", code.path)
    assert "".join("{} {} {} 1 re ".format(*found) for found in rectangles) == code.path
    for x, y, wide in (map(int, found) for found in rectangles):
        row = rows[code.rows - 1 - y]
        assert not any(row[x : x + wide]), "a module is drawn once"
        row[x : x + wide] = [True] * wide
    return rows


def drawn(rows: list[list[bool]], scale: int = 4, high: int = 1) -> Picture:
    """Rows of modules on paper: `high` rows of squares for each."""
    lines = [b"".join(bytes([0 if module else 255]) * scale for module in row) for row in rows]
    pixels = b"".join(line * scale * high for line in lines)
    return Picture(len(rows[0]) * scale, len(rows) * scale * high, pixels)


def bars(digits: str) -> list[bool]:
    (row,) = dark(bar_modules(digits))
    return row


def test_a_drawn_pix_code_scans_to_exactly_itself() -> None:
    assert drawn(dark(qr_modules(PIX_CODE))).texts(QR) == [PIX_CODE]


@settings(max_examples=30, deadline=None)
@given(ascii_texts)
def test_whatever_is_drawn_as_a_qr_code_scans_to_itself_and_is_the_picture_too(text: str) -> None:
    code = drawn(dark(qr_modules(text)), scale=4)

    assert code.texts(QR) == [text]
    assert code.pixels == picture(qr_png(text, scale=4)).pixels


def test_letters_with_accents_and_emoji_come_out_of_a_qr_picture() -> None:
    assert picture(qr_png("São João 🌽", scale=4)).texts(QR) == ["São João 🌽"]


def test_a_pix_code_carries_no_mark_of_another_character_set() -> None:
    (code,) = picture(qr_png(PIX_CODE)).codes(QR)

    assert code.symbology_identifier == "]Q1"  # "]Q2" would say: ECI inside
    assert code.ec_level == "M"


def test_four_light_modules_stand_around_a_qr_code() -> None:
    rows = dark(qr_modules(PIX_CODE))

    assert len(rows) == len(rows[0])
    for side in (rows, [list(column) for column in zip(*rows, strict=True)]):
        found = [at for at, line in enumerate(side) if any(line)]
        assert (found[0], found[-1]) == (4, len(rows) - 5)


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_a_qr_picture_is_rgb_with_whole_modules(scale: int) -> None:
    modules = qr_modules(PIX_CODE).columns
    seen = picture(qr_png(PIX_CODE, scale=scale))

    assert (seen.width, seen.height, seen.channels) == (modules * scale, modules * scale, 3)
    for y in range(seen.height):
        row = seen.row(y)
        assert all(len(set(row[x : x + scale])) == 1 for x in range(0, len(row), scale))
        assert row == seen.row(y - y % scale)


@pytest.mark.parametrize("text", ["", "x" * 3000])
def test_a_text_that_no_qr_code_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        qr_modules(text)
    with pytest.raises(ValueError):
        qr_png(text)


def test_a_qr_picture_of_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="scale"):
        qr_png(PIX_CODE, scale=0)


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789", min_size=44, max_size=44))
def test_bars_scan_to_exactly_the_digits_with_none_added(digits: str) -> None:
    quiet = [False] * QUIET

    assert drawn([[*quiet, *bars(digits), *quiet]], high=50).texts(ITF) == [digits]


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789", min_size=44, max_size=44))
def test_bars_are_those_that_a_library_draws(digits: str) -> None:
    theirs = memoryview(zxingcpp.create_barcode(digits, ITF).to_image(scale=1))
    row = theirs.tobytes()[: theirs.shape[1]].strip(b"\xff")

    assert bars(digits) == [module == 0 for module in row]


def test_bars_begin_and_end_with_a_dark_module_and_are_as_wide_as_is_said() -> None:
    row = bars(BARCODE)

    assert row[0]
    assert row[-1]
    assert len(row) == BARCODE_MODULES == 4 + 44 * 9 + 5


def test_wide_bars_are_three_times_the_narrow_ones() -> None:
    wide = re.findall("1+|0+", "".join("01"[module] for module in bars(BARCODE)))

    assert {len(run) for run in wide} == {1, 3}


@pytest.mark.parametrize(
    "digits", ["", BARCODE[:-1], BARCODE + "0", BARCODE[:-1] + "X", "٣" * 44, " " + BARCODE[1:]]
)
def test_bars_of_anything_but_44_digits_are_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="44"):
        bar_modules(digits)
