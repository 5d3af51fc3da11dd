"""The brand's colour on a page: kept where it can be read, moved to where it can where it cannot.

Contrast as WCAG 2.2 defines it (relative luminance, 1.4.3): 4.5 to 1 for text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

READABLE = 4.5
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")

LIGHT_GROUND = "#e6e9ed"
"""The darkest ground of the light theme that letters in the brand's colour stand on."""
DARK_GROUND = "#262b32"
"""The lightest ground of the dark theme that letters in the brand's colour stand on."""
INK = "#14171a"
PAPER = "#ffffff"

Rgb = tuple[int, int, int]


def rgb(color: str) -> Rgb:
    """`#0b6e4f` or `#0a4` as three numbers up to 255. Raises ValueError for anything else."""
    found = _HEX.fullmatch(color.strip())
    if not found:
        raise ValueError(f"{color!r} is no colour such as #0b6e4f")
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(color: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(color: str, other: str, share: float) -> str:
    """`color` with a share (0 to 1) of another."""
    pairs = zip(rgb(color), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Shades:
    """The brand in one theme."""

    fill: str
    """Behind words: the person's own bubbles, the send button."""
    on_fill: str
    """Words on it."""
    ink: str
    """Letters and marks in the brand's colour on the theme's ground."""


def shades(color: str) -> tuple[Shades, Shades]:
    """The brand's colour in the light and in the dark theme, readable in both."""
    plain = mixed(color, color, 0)
    # A black brand would vanish on a dark ground.
    lifted = _moved(plain, PAPER, lambda each: contrast(each, DARK_GROUND) >= 1.5)
    return (
        Shades(plain, _words_on(plain), _readable(plain, LIGHT_GROUND, "#000000")),
        Shades(lifted, _words_on(lifted), _readable(plain, DARK_GROUND, PAPER)),
    )


def _words_on(fill: str) -> str:
    """White where it can be read, as people expect on a colour; else ink, or black."""
    known = [PAPER, INK, "#000000"]
    return next(each for each in known if contrast(each, fill) >= READABLE)


def _readable(color: str, ground: str, towards: str) -> str:
    return _moved(color, towards, lambda each: contrast(each, ground) >= READABLE)


def _moved(color: str, towards: str, enough: Callable[[str], bool]) -> str:
    """The first colour on the way to another that is enough; the other's end always is."""
    steps = (mixed(color, towards, step / 50) for step in range(51))
    return next(each for each in steps if enough(each))


def brand_css(light: Shades, dark: Shades) -> str:
    """The style sheet of a brand's colours in both themes."""
    return "".join(
        f"{selector} {{ --fill: {s.fill}; --on-fill: {s.on_fill}; --ink: {s.ink}; }}\n"
        for selector, s in ((":root", light), ("[data-theme='dark']", dark))
    )
