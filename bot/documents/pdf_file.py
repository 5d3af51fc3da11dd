"""A PDF file: numbered objects, streams, the fonts all pages share, and the table of where they stand.

Written by the terms of ISO 32000-1 (PDF 1.7), whose clauses stand beside what they rule. The fonts, most of
a page's bytes, are written once a process: with the numbers from 1 on, they are the head of every file.

Own code, since a library's object model costs more than all else on a page: pydyf took 9 to 10 million
instructions to write these objects, reportlab 5 to 7 ms for a simpler page; here it is less than 2 million.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from html import escape
from struct import pack
from typing import Final, NamedTuple

from bot.documents.typography import EM, FOLDER, FaceName, Piece, face, meant

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # bytes over 127 say that it is binary: 7.5.2
_FAST: Final = 1  # a page deflated harder is a tenth smaller, and takes thrice as long
_HARD: Final = 9
_MOST_MAPPED: Final = 100  # characters in one bfchar section: Adobe Technical Note 5014, 1.5
_FLAGS: Final = 4  # "symbolic": glyphs are chosen by number, not by a standard encoding (table 123)
_SPECIAL: Final = re.compile(r"[\\()]")

PRODUCER: Final = "Balcão"
ORDINARY: Final = frozenset({"regular-letters", "semibold-letters", "mono-letters"})
"""The pieces of fonts that most pages use."""


class Shelf(NamedTuple):
    """What files begin with: fonts and colour profile, ready as bytes."""

    content: bytes
    entries: bytes
    """Their lines of the cross-reference stream."""
    last: int
    """The highest number in use."""
    fonts: str
    """The entries of a page's font resources."""
    profile: int
    """The number of the sRGB profile."""


class Objects:
    """Objects of one file in the making."""

    def __init__(self, start: int, last: int) -> None:
        """`start` is where the bytes will begin in the file, `last` the highest number in use."""
        self.last = last
        self._start = start
        self._streams: list[bytes] = []
        self._places: dict[int, bytes] = {}
        self._plain: dict[int, str] = {}

    def number(self) -> int:
        """A number for an object that others name before it is made."""
        self.last += 1
        return self.last

    def put(self, body: str, number: int = 0) -> int:
        """Keep an object that is no stream; gives its number."""
        number = number or self.number()
        self._plain[number] = body
        return number

    def stream(self, content: bytes, entries: str = "", *, level: int = _FAST) -> int:
        """Write a stream (7.3.8), deflated unless `level` is 0; gives its number."""
        if level:
            content, entries = zlib.compress(content, level), f"{entries}/Filter/FlateDecode"
        return self._write(content, entries)

    def _write(self, content: bytes, entries: str) -> int:
        number = self.number()
        self._places[number] = pack(">BIH", 1, self._start, 0)
        head = f"{number} 0 obj\n<</Length {len(content)}{entries}>>stream\n".encode("ascii")
        written = b"%b%b\nendstream\nendobj\n" % (head, content)
        self._streams.append(written)
        self._start += len(written)
        return number

    def deflated(self, content: bytes, entries: str) -> int:
        """Write a stream that is deflated already."""
        return self._write(content, f"{entries}/Filter/FlateDecode")

    def close(self, *, level: int = _FAST) -> None:
        """Write what was put into one object stream (7.5.7)."""
        pairs: list[str] = []
        at = 0
        for number, body in self._plain.items():
            pairs.append(f"{number} {at}")
            at += len(body) + 1
        first = " ".join(pairs) + "\n"
        content = (first + "\n".join(self._plain.values())).encode("ascii")
        entries = f"/Type/ObjStm/N {len(pairs)}/First {len(first)}"
        holder = self.stream(content, entries, level=level)
        place = pack(">BI", 2, holder)
        for index, number in enumerate(self._plain):
            self._places[number] = place + index.to_bytes(2, "big")

    @property
    def end(self) -> int:
        """Where the next stream would begin."""
        return self._start

    def written(self) -> bytes:
        """The streams, one after the other."""
        return b"".join(self._streams)

    def entries(self) -> bytes:
        """The lines of the cross-reference stream, by number."""
        return b"".join([self._places[number] for number in sorted(self._places)])


def pdf(shelf: Shelf, objects: Objects, *, root: int, info: int) -> bytes:
    """The file. Its ID is made from what the page says, so that the same page gives the same bytes (14.4)."""
    objects.close()
    start, number = objects.end, objects.number()
    body = objects.written()
    name = blake2b(body, digest_size=16).hexdigest()
    table = pack(">BIH", 0, 0, 0xFFFF) + shelf.entries + objects.entries()
    table += pack(">BIH", 1, start, 0)
    head = (
        f"{number} 0 obj\n<</Type/XRef/Size {number + 1}/W[1 4 2]/Root {root} 0 R/Info {info} 0 R"
        f"/ID[<{name}><{name}>]/Length {len(table)}>>stream\n"
    )
    foot = f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n"
    return b"".join((shelf.content, body, head.encode("ascii"), table, foot.encode("ascii")))


def string(text: str) -> str:
    """A text string (7.9.2.2)."""
    if text.isascii() and text.isprintable():
        return f"({_SPECIAL.sub(_escaped, text)})"
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _escaped(special: re.Match[str]) -> str:
    return "\\" + special[0]


def date(instant: datetime) -> str:
    """An aware instant as a date string (7.9.4), in its own zone."""
    offset = instant.strftime("%z")
    zone = "Z" if offset == "+0000" else f"{offset[:3]}'{offset[3:5]}"
    return f"(D:{instant:%Y%m%d%H%M%S}{zone})"


def metadata(title: str, author: str, language: str, instant: datetime) -> bytes:
    """The same as XMP (14.3.2), which readers aloud and archives look at."""
    title, author, language = escape(title), escape(author), escape(language)
    made = instant.isoformat(timespec="seconds")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><dc:format>application/pdf</dc:format>'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreateDate>{made}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{made}</xmp:ModifyDate>"
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


_ORDER: Final[tuple[FaceName, ...]] = ("regular", "semibold", "mono")


@lru_cache(16)
def shelf(used: frozenset[str]) -> Shelf:
    """The head of every file whose pages use these pieces of fonts."""
    objects = Objects(len(_HEADER), 0)
    profile = objects.stream((FOLDER / "sRGB.icc").read_bytes(), "/N 3", level=_HARD)
    pieces = [
        piece
        for of in map(face, _ORDER)
        for piece in dict.fromkeys((of.letters, of.others))
        if piece.name in used
    ]
    # Weights of one family have the same glyphs.
    meanings = {
        characters: objects.stream(_to_unicode(characters), level=_HARD)
        for characters in dict.fromkeys(piece.characters for piece in pieces)
    }
    fonts = "".join(
        f"/{piece.name} {_font(objects, piece, meanings[piece.characters])} 0 R" for piece in pieces
    )
    objects.close(level=_HARD)
    content = _HEADER + objects.written()
    return Shelf(content, objects.entries(), objects.last, fonts, profile)


def _font(objects: Objects, piece: Piece, meanings: int) -> int:
    """A composite font whose codes are its glyphs' numbers (9.7.4.3: CIDFontType2, Identity)."""
    of = piece.face
    name = f"{piece.name.rpartition('-')[2].upper():.6}+{of.name}"  # a piece of a font is tagged: 9.6.4
    program = objects.deflated(piece.file.read_bytes(), f"/Length1 {piece.length}")
    box = " ".join(map(str, of.box))
    descriptor = objects.put(
        f"<</Type/FontDescriptor/FontName/{name}/Flags {_FLAGS + of.mono}/FontBBox[{box}]/ItalicAngle 0"
        f"/Ascent {of.ascent}/Descent {of.descent}/CapHeight {of.cap_height}/StemV 80/FontFile2 {program} 0 R>>"
    )
    widths = " ".join(map(str, piece.advances))
    descendant = objects.put(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW {EM}/W[0[{widths}]]>>"
    )
    return objects.put(
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant} 0 R]/ToUnicode {meanings} 0 R>>"
    )


def _to_unicode(characters: str) -> bytes:
    """What each glyph is copied and read as (9.10.3)."""
    pairs = [
        f"<{glyph:04x}><{meaning.encode('utf-16-be').hex()}>"
        for glyph, character in enumerate(characters)
        if (meaning := meant(character))
    ]
    sections = (pairs[at : at + _MOST_MAPPED] for at in range(0, len(pairs), _MOST_MAPPED))
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
            "/CMapName/Adobe-Identity-UCS def/CMapType 2 def",
            "1 begincodespacerange\n<0000><ffff>\nendcodespacerange",
            *(_section(section) for section in sections),
            "endcmap CMapName currentdict/CMap defineresource pop end end",
        )
    ).encode("ascii")


def _section(pairs: Sequence[str]) -> str:
    return "\n".join((f"{len(pairs)} beginbfchar", *pairs, "endbfchar"))
