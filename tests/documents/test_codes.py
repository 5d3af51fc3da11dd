"""The codes as a bank's app sees them: drawn, made into pixels, scanned."""

import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.codes import (
    BARCODE_MODULES,
    BARCODE_QUIET_MODULES,
    barcode_svg,
    qr_png,
    qr_svg,
)

from .eyes import drawn, picture
from .samples import BARCODE, PIX_CODE

QR = zxingcpp.BarcodeFormat.QRCode
ITF = zxingcpp.BarcodeFormat.ITF

ascii_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=512)


def box(svg: str) -> tuple[int, int]:
    """Width and height of the picture in modules."""
    _, _, width, height = ElementTree.fromstring(svg).attrib["viewBox"].split()
    return int(width), int(height)


def runs(svg: str) -> list[tuple[int, int]]:
    """Where each dark run begins, and how many modules wide it is."""
    found: list[tuple[int, int]] = []
    at = 0
    for how, x, wide in re.findall(r"([Mm])(\d+) [\d.]+h(\d+)", svg.rpartition(' d="')[2]):
        start = int(x) if how == "M" else at + int(x)
        found.append((start, int(wide)))
        at = start + int(wide)
    return found


def dark_columns(svg: str) -> set[int]:
    return {column for start, wide in runs(svg) for column in range(start, start + wide)}


def test_a_drawn_pix_code_scans_to_exactly_itself() -> None:
    assert drawn(qr_svg(PIX_CODE), width_mm=36, pixels_per_inch=200).texts(QR) == [PIX_CODE]


@settings(max_examples=30, deadline=None)
@given(ascii_texts)
def test_whatever_is_put_into_a_qr_picture_comes_out_of_it(text: str) -> None:
    assert picture(qr_png(text, scale=4)).texts(QR) == [text]


def test_letters_with_accents_and_emoji_come_out_of_a_qr_picture() -> None:
    assert picture(qr_png("São João 🌽", scale=4)).texts(QR) == ["São João 🌽"]


def test_a_pix_code_carries_no_mark_of_another_character_set() -> None:
    (code,) = picture(qr_png(PIX_CODE)).codes(QR)

    assert code.symbology_identifier == "]Q1"  # "]Q2" would say: ECI inside
    assert code.ec_level == "M"


def test_four_light_modules_stand_around_a_qr_code() -> None:
    svg = qr_svg(PIX_CODE)
    width, height = box(svg)

    assert width == height
    assert (min(dark_columns(svg)), max(dark_columns(svg))) == (4, width - 5)


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_a_qr_picture_is_rgb_with_whole_modules(scale: int) -> None:
    modules, _ = box(qr_svg(PIX_CODE))
    seen = picture(qr_png(PIX_CODE, scale=scale))

    assert (seen.width, seen.height, seen.channels) == (modules * scale, modules * scale, 3)
    for y in range(seen.height):
        row = seen.row(y)
        assert all(len(set(row[x : x + scale])) == 1 for x in range(0, len(row), scale))
        assert row == seen.row(y - y % scale)


@pytest.mark.parametrize("text", ["", "x" * 3000])
def test_a_text_that_no_qr_code_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        qr_svg(text)


def test_a_qr_picture_of_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="scale"):
        qr_png(PIX_CODE, scale=0)


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789", min_size=44, max_size=44))
def test_bars_scan_to_exactly_the_digits_with_none_added(digits: str) -> None:
    bars = drawn(barcode_svg(digits), width_mm=108, height_mm=13, pixels_per_inch=200)

    assert bars.texts(ITF) == [digits]


def test_bars_have_ten_light_modules_at_each_side() -> None:
    svg = barcode_svg(BARCODE)
    width, _ = box(svg)

    assert BARCODE_QUIET_MODULES == 10
    assert width == BARCODE_MODULES + 2 * BARCODE_QUIET_MODULES
    assert (min(dark_columns(svg)), max(dark_columns(svg))) == (10, width - 11)


def test_wide_bars_are_three_times_the_narrow_ones() -> None:
    assert {wide for _, wide in runs(barcode_svg(BARCODE))} == {1, 3}


@pytest.mark.parametrize(
    "digits", ["", BARCODE[:-1], BARCODE + "0", BARCODE[:-1] + "X", "٣" * 44, " " + BARCODE[1:]]
)
def test_bars_of_anything_but_44_digits_are_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="44"):
        barcode_svg(digits)
