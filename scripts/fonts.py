"""Cut the documents' fonts from Inter's variable font: one file a weight, without what no page uses.

    pip install fonttools
    python scripts/fonts.py Inter.ttf bot/documents/fonts

A variable font is computed anew for each PDF, and its contextual alternates are looked for in every word: with
these files a page takes a fifth less.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

WEIGHTS = {"Regular": 400, "SemiBold": 600}
FEATURES = ["kern", "mark", "mkmk", "tnum"]


def cut(source: Path, folder: Path) -> None:
    """Write `Inter-<weight>.ttf` for each of WEIGHTS into `folder`, with every character of `source`."""
    for name, weight in WEIGHTS.items():
        font = instantiateVariableFont(
            TTFont(source, recalcTimestamp=False), {"wght": weight, "opsz": 14}
        )
        options = Options(
            layout_features=FEATURES, name_IDs=["*"], hinting=False, glyph_names=False,
            notdef_outline=True, recalc_timestamp=False,
        )  # fmt: skip
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=font.getBestCmap().keys())
        subsetter.subset(font)
        font["OS/2"].usWeightClass = weight
        for record in font["name"].names:
            match record.nameID:
                case 2 | 17:
                    record.string = name
                case 4:
                    record.string = f"Inter {name}"
                case 6:
                    record.string = f"Inter-{name}"
        font.save(folder / f"Inter-{name}.ttf")


if __name__ == "__main__":
    cut(Path(sys.argv[1]), Path(sys.argv[2]))
