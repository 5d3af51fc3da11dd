"""A report as a PDF of one page or several: a headline, its figures, paragraphs, and a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel.dates import get_month_names

from bot.core.message import Text, _
from bot.documents.invoice_pdf import Letterhead, Payer
from bot.documents.typesetter import Typesetter, printed

Tone = Literal["plain", "muted", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of the table."""

    words: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, a cell for each column."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column, `width` millimetres wide. Amounts stand at the `right`, set smaller where they are long;
    words are cut with an ellipsis."""

    title: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The one thing to see first."""

    label: str
    value: str
    note: str = ""
    tone: Literal["accent", "good", "bad"] = "accent"


WIDTH = 178.0
"""Millimetres that the columns have together: an A4 page without its margins."""
_MOST_FACTS = 4


@dataclass(frozen=True, slots=True)
class Report:
    """A report, ready to print: dates and amounts are the caller's formatted words.

    Raises:
        ValueError: columns that are wider than the page, a row with more or fewer cells than
            columns, more than four facts, a naive `created_at`.
    """

    brand: Letterhead
    payer: Payer
    payer_label: str
    language: str
    """BCP 47: "pt-BR", "en", "es"."""
    title: str
    subtitle: str
    page: str
    """With `{page}` and `{pages}`: "Page {page} of {pages}"."""
    issued_label: str
    issued_on: str
    headline: Headline
    facts: tuple[tuple[str, str], ...]
    """(label, value), at most four, beside the headline."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    created_at: datetime
    """Aware; written into the PDF, so that the same report always gives the same bytes."""
    sum: Row | None = None
    before: tuple[str, ...] = ()
    """Paragraphs above the table, each at most 500 characters."""
    after: tuple[str, ...] = ()
    """What to note, below it."""
    stamp: str = ""

    def __post_init__(self) -> None:
        if sum(column.width for column in self.columns) > WIDTH:
            raise ValueError("the columns are wider than the page")
        rows = (*self.rows, self.sum) if self.sum else self.rows
        if any(len(row.cells) != len(self.columns) for row in rows):
            raise ValueError("a row has a cell for each column")
        if len(self.facts) > _MOST_FACTS:
            raise ValueError(f"there is room for {_MOST_FACTS} facts")
        if self.created_at.tzinfo is None:
            raise ValueError("created_at must be aware")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes to whom, on which day and in which language: what every report of a customer has."""

    brand: Letterhead
    payer: Payer
    today: date
    locale: str
    say: Callable[[Text], str]
    """Words in that language."""

    @property
    def beneficiary(self) -> str:
        """Who was paid, as a declaration names it."""
        name = self.brand.legal_name or self.brand.name
        return f"{name} ({self.brand.tax_id})" if self.brand.tax_id else name

    def money(self, amount: Decimal) -> str:
        return self.say(_("{value}", value=amount))

    def day(self, day: date | None) -> str:
        return self.say(_("{value}", value=day)) if day else ""

    def months(self, style: Literal["wide", "abbreviated"] = "wide") -> list[str]:
        """The names of the twelve months."""
        return _months(self.locale, style)

    def report(self, **parts: Any) -> Report:
        """A report with what is the same in all of them; `parts` are the rest of its fields."""
        return Report(
            brand=self.brand,
            payer=self.payer,
            payer_label=self.say(_("Customer")),
            language=self.locale.replace("_", "-"),
            page=self.say(_("Page {page} of {pages}", page="{page}", pages="{pages}")),
            issued_label=self.say(_("Issued on")),
            issued_on=self.day(self.today),
            created_at=datetime.combine(self.today, time(), UTC),
            **parts,
        )


@lru_cache
def _months(locale: str, style: Literal["wide", "abbreviated"]) -> list[str]:
    names = get_month_names(style, context="stand-alone", locale=locale)
    return [names[month].capitalize() for month in range(1, 13)]


class ReportPrinter:
    """Prints reports on A4; safe to share between threads (see `Typesetter`)."""

    def __init__(self) -> None:
        self._typesetter = Typesetter("report.typ")

    def render(self, report: Report) -> bytes:
        """The report as a tagged PDF; the same report gives the same bytes."""
        return self._typesetter.pdf(_inputs(report), report.created_at)


def _inputs(report: Report) -> dict[str, Any]:
    """What `report.typ` reads, every word made printable."""
    inputs = printed(report, without={"created_at", "columns"})
    inputs["columns"] = [
        {**printed(column, without={"width"}), "width": column.width} for column in report.columns
    ]
    return inputs
