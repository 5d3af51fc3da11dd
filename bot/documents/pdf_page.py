"""A tagged PDF page: words, shapes and what they are to somebody who hears the page instead of seeing it.

Lengths are points; y grows downwards from the upper edge of the paper, as one reads. Everything drawn is
either content of an element (ISO 32000-1, 14.7 and 14.8) or an artifact: decoration that is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import cos, radians, sin
from typing import Final, Literal

from bot.documents.palette import BLACK, channels
from bot.documents.pdf_file import PRODUCER, Objects, date, metadata, pdf, shelf, string
from bot.documents.typography import ASCENT, EM, LEADING, Line, Style, face

MILLIMETRE: Final = 72 / 25.4
PAPER: Final = (210 * MILLIMETRE, 297 * MILLIMETRE)
_STAMP_TURN: Final = radians(8)
_ROUND: Final = 1 - 0.5523  # where the handles of a quarter circle stand, seen from its corner

Box = tuple[float, float, float, float]
"""x and y of the upper left corner, width, height."""
Kind = Literal["Document", "H1", "H2", "P", "Figure", "Table", "TR", "TH", "TD"]


class Element:
    """A part of the page's structure (14.7.2), in the order in which it is read."""

    __slots__ = ("attributes", "kids", "kind")

    def __init__(self, kind: Kind, attributes: str = "") -> None:
        """`attributes` are further entries of its dictionary."""
        self.kind = kind
        self.attributes = attributes
        self.kids: list[Element | int] = []

    def child(self, kind: Kind, attributes: str = "") -> Element:
        """An element inside of this one, after those it has."""
        made = Element(kind, attributes)
        self.kids.append(made)
        return made


class Page:
    """One A4 page in the making."""

    def __init__(self) -> None:
        self.root = Element("Document")
        self._drawn: list[str] = []
        self._used: set[str] = set()
        self._marks: list[Element] = []
        self._open: Element | Literal[False] | None = False  # None: an artifact; False: nothing
        self._fill = self._stroke = BLACK  # what a page begins with (8.4.1)
        self._sees_through = False

    # ----- words

    def write(
        self,
        element: Element | None,
        lines: Sequence[Line],
        style: Style,
        x: float,
        top: float,
        *,
        leading: float | None = None,
        shift: float = 0.0,
        width: float = 0.0,
    ) -> float:
        """Write lines of one style below `top`; gives where the last one ends (of none: where one above would).

        They are one piece of content: a reader aloud parts it from what is written before and after, while
        between its lines is nothing but what they themselves end in.

        Args:
            element: whose words they are; None: decoration.
            x: where they begin.
            leading: points between two lines; None: the usual share of their size.
            shift: the share of what a line leaves of `width` that stands before it: 1 is flush right.
        """
        size = style.size
        step = size + (size * LEADING if leading is None else leading)
        if not lines:
            return top + size - step
        self._mark(element, anew=True)
        self._filled(style.colour)
        y = PAPER[1] - top - ASCENT * size
        for line in lines:
            at = x + shift * (width - style.width(line)) if shift else x
            self._show(line, style, at, y)
            y -= step
        return PAPER[1] - y - step + (1 - ASCENT) * size

    def _show(self, line: Line, style: Style, x: float, y: float) -> None:
        """Show a line whose baseline begins at (x, y), y growing upwards (9.4)."""
        shown = ""
        for piece, operand in line.runs:
            self._used.add(piece)
            shown += f"/{piece} {style.size:.4g} Tf[{operand}]TJ"
        if style.tracking:
            shown = f" {style.tracking * style.size:.3f} Tc{shown} 0 Tc"
        shown = f"BT {x:.2f} {y:.2f} Td{shown} ET"
        if not line.whole:
            shown = f"/Span<</ActualText{string(line.words)}>>BDC {shown} EMC"
        self._drawn.append(shown)

    # ----- shapes

    def rule(
        self, x: float, y: float, width: float, colour: str, thick: float, dash: str = ""
    ) -> None:
        """A line from left to right, its middle at `y`. `dash` is an operand of `d` (8.4.3.6)."""
        self._mark(None)
        self._stroked(colour)
        y = PAPER[1] - y
        line = f"{thick:.4g} w {x:.2f} {y:.2f} m {x + width:.2f} {y:.2f} l S"
        self._drawn.append(f"{dash} d {line} []0 d" if dash else line)

    def block(
        self,
        box: Box,
        colour: str,
        radius: float = 0.0,
        edge: tuple[str, float] | None = None,
    ) -> None:
        """A filled box with rounded corners; `edge` is (colour, thickness) of a line around it."""
        self._mark(None)
        self._filled(colour)
        if edge is not None:
            self._stroked(edge[0])
            self._drawn.append(f"{edge[1]:.4g} w")
        self._drawn.append(outline(box, radius) + ("f" if edge is None else "B"))

    def stamp(self, line: Line, style: Style, box: Box, radius: float, edge: float) -> None:
        """A rubber stamp, turned around the middle of `box`, that lets through a quarter of what it covers.

        Decoration, so what it says must stand in words somewhere else. `edge` is the thickness of its frame.
        """
        x, y, width, height = box
        sine, cosine = sin(_STAMP_TURN), cos(_STAMP_TURN)
        middle = f"{x + width / 2:.2f} {PAPER[1] - y - height / 2:.2f}"
        self._mark(None)
        self._sees_through = True
        before = self._fill, self._stroke
        self._drawn.append(
            f"q /through gs {cosine:.6f} {sine:.6f} {-sine:.6f} {cosine:.6f} {middle} cm"
        )
        self._filled(style.colour)
        self._stroked(style.colour)
        frame = outline((-width / 2, PAPER[1] - height / 2, width, height), radius)
        self._drawn.append(f"{edge:.4g} w {frame}S")
        capitals = face(style.face).cap_height / EM * style.size
        self._show(line, style, -style.width(line) / 2, -capitals / 2)
        self._drawn.append("Q")
        self._fill, self._stroke = before

    def picture(
        self,
        element: Element,
        path: str,
        box: Box,
        modules: tuple[int, int],
    ) -> None:
        """A picture of filled modules: `path` counts (columns, rows) of them from the lower left corner of `box`."""
        x, y, width, height = box
        y = PAPER[1] - y - height
        corners = f"{x:.2f} {y:.2f} {x + width:.2f} {y + height:.2f}"
        element.attributes += f"/A<</O/Layout/Placement/Block/BBox[{corners}]>>"
        self._mark(element)
        self._filled(BLACK)
        self._drawn.append(
            f"q {width / modules[0]:.6g} 0 0 {height / modules[1]:.6g} {x:.3f} {y:.3f} cm\n{path}f Q"
        )

    # ----- what is open

    def _mark(self, element: Element | None, *, anew: bool = False) -> None:
        """What is drawn from here on belongs to `element` (14.7.4.2), `anew` as a piece of its own."""
        if element is self._open and not (anew and element):
            return
        end = "" if self._open is False else "EMC\n"
        if element is None:
            self._drawn.append(end + "/Artifact BMC")
        else:
            number = len(self._marks)
            self._marks.append(element)
            element.kids.append(number)
            self._drawn.append(f"{end}/{element.kind}<</MCID {number}>>BDC")
        self._open = element

    def _filled(self, colour: str) -> None:
        if colour != self._fill:
            self._fill = colour
            self._drawn.append(operands(colour) + " rg")

    def _stroked(self, colour: str) -> None:
        if colour != self._stroke:
            self._stroke = colour
            self._drawn.append(operands(colour) + " RG")

    # ----- the file

    def file(self, *, title: str, author: str, language: str, created_at: datetime) -> bytes:
        """The finished file; nothing can be drawn after it.

        Args:
            language: of its words, a BCP 47 tag.
            created_at: aware.
        """
        if self._open is not False:
            self._drawn.append("EMC")
        base = shelf(frozenset(self._used))
        objects = Objects(len(base.content), base.last)
        root, pages, page, tree = (objects.number() for _ in range(4))
        content = objects.stream("\n".join(self._drawn).encode("ascii"))
        xmp = objects.stream(
            metadata(title, author, language, created_at), "/Type/Metadata/Subtype/XML", level=0
        )
        see_through = "/ExtGState<</through<</CA .75/ca .75>>>>" if self._sees_through else ""
        objects.put(
            f"<</Type/Catalog/Pages {pages} 0 R/Lang{string(language)}/MarkInfo<</Marked true>>"
            f"/StructTreeRoot {tree} 0 R/Metadata {xmp} 0 R/ViewerPreferences<</DisplayDocTitle true>>"
            "/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
            f"/Info(sRGB)/DestOutputProfile {base.profile} 0 R>>]>>",
            root,
        )
        objects.put(f"<</Type/Pages/Count 1/Kids[{page} 0 R]>>", pages)
        objects.put(
            f"<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 {PAPER[0]:.4f} {PAPER[1]:.4f}]/Contents {content} 0 R"
            f"/Resources<</Font<<{base.fonts}>>{see_through}>>/StructParents 0/Tabs/S>>",
            page,
        )
        self._structure(objects, tree, page)
        made = date(created_at)
        info = objects.put(
            f"<</Title{string(title)}/Author{string(author)}/Producer{string(PRODUCER)}"
            f"/CreationDate{made}/ModDate{made}>>"
        )
        return pdf(base, objects, root=root, info=info)

    def _structure(self, objects: Objects, tree: int, page: int) -> None:
        """The elements (14.7.2), and whose each mark is (14.7.4.4)."""
        numbers: dict[Element, int] = {}
        root = _put(self.root, tree, page, objects, numbers)
        owners = " ".join([f"{numbers[element]} 0 R" for element in self._marks])
        objects.put(
            f"<</Type/StructTreeRoot/K {root} 0 R/ParentTree<</Nums[0[{owners}]]>>/ParentTreeNextKey 1>>",
            tree,
        )


def _put(
    element: Element, parent: int, page: int, objects: Objects, numbers: dict[Element, int]
) -> int:
    """An element and those inside of it; gives its number."""
    number = numbers[element] = objects.number()
    kids = " ".join(
        [
            str(kid) if isinstance(kid, int) else f"{_put(kid, number, page, objects, numbers)} 0 R"
            for kid in element.kids
        ]
    )
    body = f"<</S/{element.kind}/P {parent} 0 R/Pg {page} 0 R/K[{kids}]{element.attributes}>>"
    return objects.put(body, number)


@lru_cache(256)
def operands(colour: str) -> str:
    """`#rrggbb` as operands of `rg` and `RG`."""
    return " ".join(f"{channel:.4g}" for channel in channels(colour))


@lru_cache(256)
def outline(box: Box, radius: float) -> str:
    """A path around a box with rounded corners."""
    x, y, width, height = box
    bottom = PAPER[1] - y - height
    if not radius:
        return f"{x:.2f} {bottom:.2f} {width:.2f} {height:.2f} re "
    right, top, r = x + width, bottom + height, min(radius, width / 2, height / 2)
    k = r * _ROUND
    return (
        f"{x + r:.2f} {bottom:.2f} m {right - r:.2f} {bottom:.2f} l "
        f"{right - k:.2f} {bottom:.2f} {right:.2f} {bottom + k:.2f} {right:.2f} {bottom + r:.2f} c "
        f"{right:.2f} {top - r:.2f} l {right:.2f} {top - k:.2f} {right - k:.2f} {top:.2f} {right - r:.2f} {top:.2f} c "
        f"{x + r:.2f} {top:.2f} l {x + k:.2f} {top:.2f} {x:.2f} {top - k:.2f} {x:.2f} {top - r:.2f} c "
        f"{x:.2f} {bottom + r:.2f} l {x:.2f} {bottom + k:.2f} {x + k:.2f} {bottom:.2f} {x + r:.2f} {bottom:.2f} c h "
    )
