"""Cut what the page writer embeds and measures with: pieces of the documents' fonts, and their metrics.

    pip install fonttools
    python scripts/faces.py bot/documents/fonts DejaVuSansMono.ttf bot/documents/faces

A face is one weight of one family. It is cut into `letters`, which Brazilian, English and Spanish pages need, and
`others`, every other character it has with the spaces between them. A piece is a TrueType program as PDF embeds it
(ISO 32000-1, 9.9: FontFile2), deflated here once and for all; its ending keeps Typst from taking it for a family of
the same name. `<face>.json` says what stands where. An em is 1000 units, as in PDF, so that no width is ever rounded.
"""

import json
import sys
import unicodedata
import zlib
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

EM = 1000
PROGRAM = ("glyf", "head", "hhea", "hmtx", "loca", "maxp")
ASCII = {chr(code) for code in range(0x20, 0x7F)}
LETTERS = (
    ASCII
    | {chr(code) for code in range(0xA0, 0x100)} - {"\xad"}
    | set("ĀāĂăĄąĆćČčĎďĐđĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŒœŘřŚśŞşŠšŢţŤťŪūŮůŰűŸŹźŻżŽž")
    | set("–—‘’‚“”„†‡•…‰‹›€№℠™−")
)
TABULAR = 0xE000
"""A figure of one width stands here plus its own code: a private place, which no text may name."""


def cut(source: Path, folder: Path, *, mono: bool = False) -> None:
    """Write the pieces and metrics of one face of `source` into `folder`."""
    font = scaled(source)
    have = {chr(code): name for code, name in font.getBestCmap().items()}
    figures = {} if mono else tabular(font)
    letters = {c: g for c, g in have.items() if c in (ASCII if mono else LETTERS)}
    letters |= {chr(TABULAR + ord(c)): figures[g] for c, g in letters.items() if g in figures}
    pieces = [piece(source, folder, "letters", letters)]
    if not mono:
        spaced = {c: g for c, g in have.items() if c not in letters or c in " \xa0"}
        others = {c: g for c, g in spaced.items() if unicodedata.category(c) != "Co"}
        pieces.append(piece(source, folder, "others", others))
    head, hhea = font["head"], font["hhea"]
    metrics = {
        "name": source.stem,
        "ascent": hhea.ascent,
        "descent": hhea.descent,
        "cap_height": font["glyf"]["H"].yMax,
        "box": [head.xMin, head.yMin, head.xMax, head.yMax],
        "mono": mono,
        "pieces": pieces,
        "kerning": {} if mono else kerning(font, letters),
    }
    text = json.dumps(metrics, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{source.stem}.json").write_text(text + "\n", encoding="utf-8")


def scaled(source: Path) -> TTFont:
    font = TTFont(source, recalcTimestamp=False)
    scale_upem(font, EM)
    return font


def piece(source: Path, folder: Path, called: str, wanted: dict[str, str]) -> dict[str, Any]:
    """Write the program with the glyphs of `wanted` (character → glyph name); say what stands where.

    `characters` has one for each glyph, in the order of glyph numbers: U+0000 for a glyph that is
    only a part of others, and for .notdef. `same` are characters drawn by the glyph of another.
    """
    font = scaled(source)
    options = Options(
        layout_features=[], hinting=False, notdef_outline=True, recalc_timestamp=False,
        drop_tables=[table for table in sorted(font.keys()) if table not in PROGRAM and table != "GlyphOrder"],
    )  # fmt: skip
    subsetter = Subsetter(options)
    subsetter.populate(glyphs=set(wanted.values()))
    subsetter.subset(font)
    drawn: dict[str, str] = {}
    same: dict[str, str] = {}
    for character, glyph in sorted(wanted.items(), key=lambda pair: (not greek(pair[0]), pair[0])):
        if glyph in drawn:
            same[character] = drawn[glyph]
        else:
            drawn[glyph] = character
    order = font.getGlyphOrder()
    bare = TTFont(recalcTimestamp=False, sfntVersion=font.sfntVersion)
    bare.setGlyphOrder(order)
    for table in PROGRAM:
        bare[table] = font[table]
    path = folder / f"{source.stem}.{called}"
    bare.save(path)
    program = path.read_bytes()
    path.write_bytes(zlib.compress(program, 9))
    return {
        "file": path.name,
        "length": len(program),
        "characters": "".join(drawn.get(glyph, "\0") for glyph in order),
        "advances": [font["hmtx"][glyph][0] for glyph in order],
        "same": same,
    }


def greek(character: str) -> bool:
    """So that a letter of names comes before the sign that borrows its glyph, as iota and ohm do."""
    return "GREEK" in unicodedata.name(character, "")


def tabular(font: TTFont) -> dict[str, str]:
    """Glyph → the glyph of one width for it, by the font's feature `tnum`."""
    table = font["GSUB"].table
    found: dict[str, str] = {}
    for feature in table.FeatureList.FeatureRecord:
        if feature.FeatureTag == "tnum":
            for index in feature.Feature.LookupListIndex:
                for subtable in table.LookupList.Lookup[index].SubTable:
                    found |= getattr(subtable, "ExtSubTable", subtable).mapping
    return found


def kerning(font: TTFont, letters: dict[str, str]) -> dict[str, dict[str, int]]:
    """Left characters that are kerned alike → right characters kerned alike → how far, in units."""
    pairs: dict[str, dict[str, int]] = {}
    for left, first in letters.items():
        for right, second in letters.items():
            if by := kern(font, first, second):
                pairs.setdefault(left, {})[right] = by
    rows: dict[tuple[tuple[str, int], ...], str] = {}
    for left, row in sorted(pairs.items()):
        values: dict[int, str] = {}
        for right, by in sorted(row.items()):
            values[by] = values.get(by, "") + right
        key = tuple((rights, by) for by, rights in sorted(values.items()))
        rows[key] = rows.get(key, "") + left
    return {lefts: dict(key) for key, lefts in rows.items()}


def kern(font: TTFont, first: str, second: str) -> int:
    """What the feature `kern` (OpenType, GPOS lookup type 2) adds between two glyphs."""
    total = 0
    for subtables in kern_lookups(font):
        for subtable, place in subtables:
            if first not in place:
                continue
            if subtable.Format == 1:
                records = subtable.PairSet[place[first]].PairValueRecord
                value = next((r.Value1 for r in records if r.SecondGlyph == second), None)
                if value is None:
                    continue
            else:
                row = subtable.Class1Record[subtable.ClassDef1.classDefs.get(first, 0)]
                value = row.Class2Record[subtable.ClassDef2.classDefs.get(second, 0)].Value1
            total += getattr(value, "XAdvance", 0) or 0
            break
    return total


def kern_lookups(font: TTFont) -> list[list[tuple[Any, dict[str, int]]]]:
    """The subtables of each lookup, with the place of each left glyph in its coverage."""
    if not hasattr(font, "kern_lookups"):
        table = font["GPOS"].table
        indices = {
            index
            for record in table.FeatureList.FeatureRecord
            if record.FeatureTag == "kern"
            for index in record.Feature.LookupListIndex
        }
        font.kern_lookups = [
            [
                (s, {glyph: at for at, glyph in enumerate(s.Coverage.glyphs)})
                for s in (
                    getattr(s, "ExtSubTable", s) for s in table.LookupList.Lookup[index].SubTable
                )
            ]
            for index in sorted(indices)
        ]
    return font.kern_lookups


if __name__ == "__main__":
    for weight in ("Regular", "SemiBold"):
        cut(Path(sys.argv[1]) / f"Inter-{weight}.ttf", Path(sys.argv[3]))
    cut(Path(sys.argv[2]), Path(sys.argv[3]), mono=True)
