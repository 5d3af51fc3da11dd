"""Turn a Typst template of this folder and ready words into a PDF page, the same bytes every time."""

import json
import re
import threading
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typst

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")

_HERE = Path(__file__).parent
_KEPT_SYMBOLS = frozenset("¦°©®™№℠")  # category So like emoji, but in every text font
_PLAIN = re.compile(r"[!-~\xa1-\xac\xae-\u017f]+(?:[ \xa0][!-~\xa1-\xac\xae-\u017f]+)*")
_LONGEST = 500  # characters; more than any place on a page shows
_MOST_MARKS = 2  # combining marks on one letter; more would be drawn over the lines around it


def printable(text: str) -> str:
    """What of `text` can be set on a page: no controls, no emoji, no runs of white space.

    The fonts have no emoji, which would come out as boxes; direction marks could make an amount
    or a name read as another; lone surrogates cannot be written as UTF-8. A no-break space stays.
    """
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in ("Zl", "Zp") or character in "\t\n\r\v\f ":
            if kept and kept[-1] != " ":
                kept.append(" ")
            continue
        if category[0] == "C" or category == "Me" or "\ufe00" <= character <= "\ufe0f":
            continue
        if (category == "So" and character not in _KEPT_SYMBOLS) or (
            category == "Sk" and character > "\uffff"
        ):
            continue
        marks = marks + 1 if category == "Mn" else 0
        if marks > _MOST_MARKS:
            continue
        kept.append(character)
    return "".join(kept).strip()


class Typesetter:
    """A Typst compiler kept warm, with the fonts of this folder and no others.

    One may be shared by threads. A `typst.Compiler` gives the interpreter lock away while it works
    and refuses a second caller meanwhile (RuntimeError, "Already borrowed"), hence the lock.
    """

    def __init__(self, template: str) -> None:
        """`template` is the name of a file beside this one that has a `sheet(doc)`, such as "report.typ"."""
        self._template = template
        self._compiler = typst.Compiler(
            root=_HERE, font_paths=[_HERE / "fonts"], ignore_system_fonts=True
        )
        self._lock = threading.Lock()

    def pdf(self, document: Mapping[str, Any], created_at: datetime) -> bytes:
        """Set `document`, which the template's `sheet` is called with, as a tagged PDF.

        Args:
            document: ready words only; the template sets them as text, never as markup.
            created_at: aware; the PDF's date, so that the same input gives the same bytes.

        Raises:
            ValueError: `created_at` is naive.
            typst.TypstError: the template is broken.
        """
        if created_at.tzinfo is None:
            raise ValueError("created_at must be aware")
        main = source(self._template, document)
        with self._lock:
            made = self._compiler.compile(main, format="pdf", timestamp=int(created_at.timestamp()))
        if not isinstance(made, bytes):
            raise TypeError("a PDF is one file, however many its pages")
        return made


def source(template: str, document: Mapping[str, Any]) -> bytes:
    """The Typst file that calls the `sheet` of `template` with `document`.

    The compiler remembers a template between documents as long as nothing changes under it, and new
    `sys.inputs` would be such a change; so what is new stands in the file itself, as a string of JSON.
    """
    data = json.dumps(document, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "{template}": sheet\n#sheet(json(bytes("{data}")))'.encode()


def printed(record: Any, without: Set[str] = frozenset()) -> dict[str, Any]:
    """The fields of a dataclass as a template reads them, every word in them made `printable`."""
    return {
        field.name: _printed_value(getattr(record, field.name))
        for field in fields(record)
        if field.name not in without
    }


def printable_copy(record: Record) -> Record:
    """A dataclass of words and tuples of words, every word in it made `printable`."""
    return replace(
        record, **{field.name: _copied(getattr(record, field.name)) for field in fields(record)}
    )


def _copied(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return printable(value) if isinstance(value, str) else tuple(map(printable, value))


def _printed_value(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [_printed_value(part) for part in value]
    return None if value is None else printed(value)
