"""What an import has to say about rows: line, column, what it held, why; whole in a CSV file."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.domain.tax_id import masked_tax_id, parse_tax_id

SHOWN = 20
_LONGEST = 60
_NUMBER = re.compile(r"[+-]?[0-9 .,()-]*")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about one row."""

    line: int
    column: str
    held: str
    why: str
    result: str = "refused"
    """refused · kept · left out"""


class Report:
    """Remarks, the first of each result in memory, all of them in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = 0
        self.kept = 0
        self.left_out = 0
        self.first: list[Remark] = []

    def open(self) -> Self:
        """Begin the file. Raises OSError."""
        # With a mark at its start, so that spreadsheets read it as UTF-8.
        self._file = self.path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(("result", "line", "column", "held", "why"))
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, remark: Remark) -> None:
        match remark.result:
            case "refused":
                self.refused += 1
            case "kept":
                self.kept += 1
            case _:
                self.left_out += 1
        if len(self.first) < SHOWN:
            self.first.append(remark)
        cells = (remark.result, remark.line, remark.column, remark.held, remark.why)
        self._writer.writerow([harmless(cell) for cell in cells])


def shown(value: Any, *, tax_id: bool = False) -> str:
    """What a cell held, fit for a terminal: short, printable, tax ids masked wherever they stand."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    text = "".join(c if c.isprintable() else "·" for c in " ".join(text.split()))
    try:
        return masked_tax_id(parse_tax_id(text))
    except ValueError:
        pass
    if tax_id and len(text) > 4:
        return f"…{text[-2:]} ({len(text)} characters)"
    text = _RUNS.sub(_masked, text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


_RUNS = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{9,18}[0-9]")


def _masked(found: re.Match[str]) -> str:
    try:
        return masked_tax_id(parse_tax_id(found[0]))
    except ValueError:
        return found[0]


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
    return cell
