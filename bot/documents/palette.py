"""The colours of a brand's papers: one given, a family made of it, and those all brands share.

`base.typ` says the same to Typst; tests/documents/test_one_brand.py holds the two together.
"""

from __future__ import annotations

from functools import lru_cache
from math import atan2, cos, hypot, sin
from typing import NamedTuple

INK = "#14171f"
MUTED = "#5d6575"
HAIRLINE = "#e2e5eb"
GREEN = "#0b7a4b"
RED = "#b42318"
CUT = "#b9bfca"
WHITE = "#ffffff"
BLACK = "#000000"


class Palette(NamedTuple):
    """A colour's family, each as `#rrggbb`."""

    base: str
    deep: str
    """Can be read on white, whatever the base is."""
    wash: str
    """The ground of a panel."""
    edge: str
    """The line around it."""
    on: str
    """Words on the base."""


@lru_cache(256)
def palette(colour: str) -> Palette:
    """The family of a colour, `#rrggbb`: lightness and chroma changed in OKLCH, where a change looks even."""
    light, chroma, hue = _to_oklch(colour)
    return Palette(
        base=colour.lower(),
        deep=_from_oklch(min(light, 0.46), chroma, hue),
        wash=_from_oklch(0.972, min(chroma * 0.12, 0.018), hue),
        edge=_from_oklch(0.89, min(chroma * 0.3, 0.05), hue),
        on=WHITE if light < 0.7 else INK,
    )


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of `#rrggbb`, each from 0 to 1."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


# Björn Ottosson, "A perceptual color space for image processing" (2020), as CSS Color 4, 9.2 has it.


def _to_oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        hypot(a, b),
        atan2(b, a),
    )


def _from_oklch(light: float, chroma: float, hue: float) -> str:
    """What lies outside of sRGB is cut off channel by channel."""
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    encoded = (
        12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
        for c in (min(max(c, 0.0), 1.0) for c in linear)
    )
    return "#" + "".join(f"{int(c * 255 + 0.5):02x}" for c in encoded)
