"""CSV and JSON files, row by row: encoding and delimiter are found out, memory stays the same."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.importing.columns import COLUMNS, folded, names_of

_BLOCK = 1 << 20
_LONGEST_CELL = 100_000
_LONGEST_OBJECT = 1_000_000

_BETWEEN = re.compile(r"[\s,\[\]]*")

Cells = list[tuple[str, Any]]
"""(header, value) of one row, in its order; values of CSV are text."""


class Unreadable(Exception):
    """A file that cannot be read at all; the words are for the operator."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the line it begins on; `broken` says why it has no cells."""

    line: int
    cells: Cells
    broken: str = ""


@dataclass(slots=True)
class Source:
    """A file that is being read."""

    header: Sequence[str]
    rows: Iterator[Row]
    bytes: int
    position: Callable[[], int]
    """How many bytes of it were read."""
    described: str
    """"csv ; utf-8", for the operator."""


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Read a file. Raises Unreadable."""
    try:
        encoding = _encoding(path)
        with path.open("rb") as binary:
            text = io.TextIOWrapper(binary, encoding=encoding, newline="")
            read = _json if path.suffix.lower() in (".json", ".jsonl", ".ndjson") else _csv
            header, rows, how = read(text)
            size = path.stat().st_size
            yield Source(header, rows, size, binary.tell, f"{how}, {encoding}")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error


def _encoding(path: Path) -> str:
    """UTF-8 if all of it is, else what Windows calls Latin-1 (its signs at 0x80 to 0x9f are no controls)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            undefined = b"\x81\x8d\x8f\x90\x9d"
            while block := file.read(_BLOCK):
                if any(byte in block for byte in undefined):
                    return "latin-1"
            return "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


# ------------------------------------------------------------------ CSV


def _csv(text: io.TextIOWrapper) -> tuple[Sequence[str], Iterator[Row], str]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        first = text.readline(_LONGEST_CELL)
        skipped = 1
        while first and not first.strip(" ;,\t\r\n"):
            first, skipped = text.readline(_LONGEST_CELL), skipped + 1
    except UnicodeError as error:
        raise Unreadable("holds bytes that are no text") from error
    if not first:
        raise Unreadable("is empty; its first line names the columns")
    delimiter = max(";,\t|", key=lambda sign: _known(next(csv.reader([first], delimiter=sign))))
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    return header, _csv_rows(text, header, delimiter, skipped), f"csv with {shown}"


def _known(header: Sequence[str]) -> tuple[int, int]:
    names = {folded(name) for name in header}
    known = max(len(names & names_of(what).keys()) for what in COLUMNS)
    return known, len(header)


def _csv_rows(
    text: io.TextIOWrapper, header: Sequence[str], delimiter: str, skipped: int
) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = skipped + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], f"is no CSV from here on ({error})")
            return
        except UnicodeError:
            yield Row(line, [], "holds bytes that are no text from here on")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            yield Row(line, [], f"has {len(cells)} cells where the first line names {len(header)}")
            continue
        yield Row(line, list(zip(header, cells, strict=False)))


# ------------------------------------------------------------------ JSON


def _json(text: io.TextIOWrapper) -> tuple[Sequence[str], Iterator[Row], str]:
    objects = _Objects(text)
    first = next(objects.rows(), None)
    if first is None:
        raise Unreadable("is empty; it holds a list of objects, one a row")
    if first.broken:
        raise Unreadable(f"{first.broken} (line {first.line})")
    header = [name for name, _value in first.cells]

    def rows() -> Iterator[Row]:
        yield first
        yield from objects.rows()

    return header, rows(), "json"


class _Objects:
    """The objects of a list, or one a line, without holding the whole file."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._decoder = json.JSONDecoder(parse_float=Decimal)

    def rows(self) -> Iterator[Row]:
        while True:
            try:
                if not self._skip():
                    return
                value, end = self._next()
            except (ValueError, RecursionError):  # no JSON, no text, or a bottomless list
                yield Row(self._line, [], "is no JSON from here on")
                return
            line = self._line
            self._pass(end)
            if isinstance(value, dict):
                yield Row(line, list(value.items()))
            else:
                yield Row(line, [], "is no object with columns")

    def _next(self) -> tuple[Any, int]:
        """The value at hand and where it ends; it may lie partly in what was not read yet."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError:
                if self._ended or len(self._buffer) - self._at > _LONGEST_OBJECT:
                    raise
            else:
                if end < len(self._buffer) or self._ended:
                    return value, end
            self._fill()

    def _skip(self) -> bool:
        """Pass what stands between two objects; whether there is another."""
        while True:
            between = _BETWEEN.match(self._buffer, self._at)
            self._pass(between.end() if between else self._at)
            if self._at < len(self._buffer):
                return True
            if self._ended:
                return False
            self._fill()

    def _pass(self, end: int) -> None:
        self._line += self._buffer.count("\n", self._at, end)
        self._at = end

    def _fill(self) -> None:
        more = self._text.read(_BLOCK // 16)
        self._ended = not more
        self._buffer, self._at = self._buffer[self._at :] + more, 0
