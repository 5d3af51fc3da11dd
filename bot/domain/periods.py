"""Periods of days: a month, a year, three months, and what people type for one."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from bot.domain.calendar import add_months
from bot.domain.dates import MONTHS, fold
from bot.domain.errors import Invalid

MOST_MONTHS = 60
"""The longest period: five years, after which a bill can no longer be claimed (Código Civil, art. 206 §5 I)."""
FIRST_YEAR, LAST_YEAR = 1995, 2099
_MARK = ".."


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included.

    Raises `Invalid`: date_range (it ends before it begins, or a year before 1995 or after 2099),
    too_long (more than `MOST_MONTHS`).
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start > self.end or not FIRST_YEAR <= self.start.year <= self.end.year <= LAST_YEAR:
            raise Invalid("date_range", "A period ends after it begins, between 1995 and 2099.")
        if self.end >= add_months(self.start, MOST_MONTHS):
            raise Invalid("too_long", "A period has at most five years.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def month(self) -> int | None:
        """The month that this is, 1 to 12, if it is just one."""
        whole = self == month_of(self.start.year, self.start.month)
        return self.start.month if whole else None

    @property
    def year(self) -> int | None:
        """The year that this is, if it is just one."""
        return self.start.year if self == year_of(self.start.year) else None

    def dump(self) -> str:
        """As text that sorts and can be kept: `2026-03-01..2026-06-30`."""
        return f"{self.start}{_MARK}{self.end}"

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` made. Raises `Invalid` (format) for anything else."""
        start, mark, end = text.partition(_MARK)
        try:
            if len(start) == len(end) == len("2026-03-01") and mark:
                return cls(date.fromisoformat(start), date.fromisoformat(end))
        except Invalid:
            raise
        except ValueError:
            pass
        raise Invalid("format", "A period is kept as 2026-03-01..2026-06-30.")


def month_of(year: int, month: int) -> Period:
    """A whole month. Raises `Invalid` (date_range)."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
        raise Invalid("date_range", "No such month.")
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def year_of(year: int) -> Period:
    """A whole year. Raises `Invalid` (date_range)."""
    return Period(month_of(year, 1).start, month_of(year, 12).end)


def months_back(today: date, months: int) -> Period:
    """So many whole months, that of `today` the last of them. Raises `Invalid` (too_long, date_range)."""
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid("too_long", "At least one month, at most five years.")
    start = add_months(today.replace(day=1), 1 - months)
    return Period(start, month_of(today.year, today.month).end)


# ------------------------------------------------------------------ what people type


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a period as it was written: a day, a month or a year, perhaps without its year."""

    year: int | None
    month: int | None = None
    day: int | None = None

    def first(self, year: int) -> date:
        return _day(year, self.month or 1, self.day or 1)

    def last(self, year: int) -> date:
        month = self.month or 12
        return _day(year, month, self.day or monthrange(year, month)[1])


_WITHOUT = re.compile(
    r"\b(?:o|a|do|da|de|del|no|na|em|en|in|of|the|desde|from|entre|between|periodo|period|mes|month"
    r"|ano|anos|year|dia|day)\b"
)
"""What stands around dates and says nothing more."""
_THIS = r"(?:este|esse|deste|desse|neste|atual|actual|this|current)"
_PAST = r"(?:passad[oa]|anterior|pasad[oa]|last|ultimo|previous)"
_RELATIVE = (
    (re.compile(rf"{_THIS} (?:mes|month)|(?:mes|month) (?:atual|actual)"), "month", 0),
    (re.compile(rf"(?:(?:mes|month) )?{_PAST}(?: (?:mes|month))"), "month", 1),
    (re.compile(rf"(?:mes|month) {_PAST}"), "month", 1),
    (re.compile(rf"{_THIS} (?:ano|year)|(?:ano|year) (?:atual|actual)"), "year", 0),
    (re.compile(rf"{_PAST} (?:ano|year)|(?:ano|year) {_PAST}"), "year", 1),
)
_LAST_MONTHS = re.compile(
    r"(?:os |the |los )?(?:ultimos?|last|past) ([0-9]{1,3}) (meses|mes|months?|dias?|days?)", re.A
)
_SINCE = re.compile(
    r"(?:desde|since|a partir de) (\S.*?)(?: (?:ate|hasta|until|to) (?:hoje|hoy|today))?"
)
_BETWEEN = re.compile(
    r"(?<=/[0-9]{2})-(?=[0-9]{1,2}/)|\s?\.\.\s?|\s[-–—]\s"
    r"|\s(?:a|ate|to|until|till|through|hasta|e|y|and|al|ao)\s"
)
_DAY = re.compile(r"([0-9]{1,2})\s?[/.\-]\s?([0-9]{1,2})(?:\s?[/.\-]\s?([0-9]{4}|[0-9]{2}))?", re.A)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.A)
_ISO_MONTH = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})", re.A)
_MONTH = re.compile(r"([0-9]{1,2})[-/.]([0-9]{4})", re.A)
_DAY_WORDS = re.compile(r"([0-9]{1,2})[ºo°]?\s?([a-z]+)\.?(?:[ /,]{1,2}([0-9]{4}))?", re.A)
_DAY_AFTER = re.compile(r"([a-z]+)\.? ([0-9]{1,2})(?:(?:st|nd|rd|th)?,? ([0-9]{4}))?", re.A)
_MONTH_WORDS = re.compile(r"([a-z]+)\.?(?:[ /,]{1,2}([0-9]{4}|[0-9]{2}))?", re.A)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})", re.A)
_A_YEAR = re.compile(r"(?<![0-9./-])((?:19|20)[0-9]{2})(?![0-9./-])", re.A)
_BARE_DAY = re.compile(r"([0-9]{1,2})[ºo°]?", re.A)


def parse_period(text: str, today: date) -> Period:
    """`de 01/03 a 30/06/2026`, `março`, `março a junho de 2026`, `03/2026`, `2025`, `10/11/2026`,
    `este mês`, `mês passado`, `últimos 6 meses`, `últimos 90 dias`, `ano passado`; in English and Spanish too.

    Day first, as in Brazil. Where no year is said, the latest such period that has begun by `today`;
    one said at the end counts for the beginning. Ends written in the wrong order change places.
    Raises `Invalid`: empty, format, no_such_date (31/02), date_range, too_long.
    """
    said = " ".join(fold(text).replace("_", " ").split()).strip(" .,;:!?")
    if not said:
        raise Invalid("empty", "No period was given.")
    if (found := _relative(said, today)) is not None:
        return found
    parts = [_bare(part) for part in _BETWEEN.split(f" {said} ") if part.strip()]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        edge = _edge(parts[0])
        return _latest(edge, edge, today)
    if len(parts) != 2:
        raise Invalid("format", "A period looks like 01/03/2026 a 30/06/2026.")
    end = _edge(parts[1])
    start = _edge(parts[0], end)
    return _latest(start, end, today)


def year_in(text: str, today: date) -> int | None:
    """The year that words name: `informe de 2025`, `do ano passado`; None if they name none, or two."""
    said = fold(text[:60])
    years = {int(each) for each in _A_YEAR.findall(said)}
    years = {year for year in years if FIRST_YEAR <= year <= LAST_YEAR}
    if len(years) == 1:
        return years.pop()
    if not years and re.search(rf"\b(?:{_PAST} (?:ano|year)|(?:ano|year) {_PAST})\b", said):
        return today.year - 1
    return None


def period_in(text: str, today: date) -> Period | None:
    """The period at the end of words that say more: `extrato de março`; None if there is none."""
    words = fold(text[:60]).split()
    for start in range(len(words)):
        try:
            return parse_period(" ".join(words[start:]), today)
        except Invalid:
            continue
    return None


def _relative(said: str, today: date) -> Period | None:
    for pattern, unit, back in _RELATIVE:
        if pattern.fullmatch(_lead(said)):
            if unit == "year":
                return year_of(today.year - back)
            day = add_months(today, -back)
            return month_of(day.year, day.month)
    if match := _SINCE.fullmatch(said):
        edge = _edge(_bare(match[1]))
        return Period(_latest(edge, edge, today).start, today)
    if match := _LAST_MONTHS.fullmatch(_lead(said)):
        many = int(match[1])
        if match[2].startswith("d"):
            return Period(today - timedelta(days=max(many, 1) - 1), today)
        return months_back(today, many)
    if said in ("hoje", "today", "hoy"):
        return Period(today, today)
    return None


def _lead(said: str) -> str:
    return re.sub(r"^(?:(?:o|a|do|da|de|el|del|no|na|em|en|in|of|the|nos|dos)\s)+", "", said)


def _bare(part: str) -> str:
    return " ".join(_WITHOUT.sub(" ", part).split()).strip(" ,/-")


def _edge(said: str, other: _Edge | None = None) -> _Edge:
    """One end. `other` is the end of a period, which may lend a bare day its month: `1 a 15 de março`."""
    if match := _ISO_DAY.fullmatch(said):
        return _Edge(int(match[1]), int(match[2]), int(match[3]))
    if match := _ISO_MONTH.fullmatch(said):
        return _month(int(match[1]), int(match[2]))
    if match := _MONTH.fullmatch(said):
        return _month(int(match[2]), int(match[1]))
    if match := _DAY.fullmatch(said):
        day, month, year = int(match[1]), int(match[2]), _full(match[3])
        if year is None and month > 12 >= day:  # 03/26 can only be a month
            return _month(2000 + month, day)
        return _Edge(year, month, day)
    if match := _YEAR.fullmatch(said):
        return _Edge(int(match[1]))
    if (match := _DAY_WORDS.fullmatch(said)) and match[2] in MONTHS:
        return _Edge(_full(match[3]), MONTHS[match[2]], int(match[1]))
    if (match := _DAY_AFTER.fullmatch(said)) and match[1] in MONTHS:
        return _Edge(_full(match[3]), MONTHS[match[1]], int(match[2]))
    if (match := _MONTH_WORDS.fullmatch(said)) and match[1] in MONTHS:
        return _Edge(_full(match[2]), MONTHS[match[1]])
    if (match := _BARE_DAY.fullmatch(said)) and other and other.day and other.month:
        return _Edge(other.year, other.month, int(match[1]))
    raise Invalid("format", "A period looks like 01/03/2026 a 30/06/2026.")


def _month(year: int, month: int) -> _Edge:
    if not 1 <= month <= 12:
        raise Invalid("no_such_date", "There is no such month.")
    return _Edge(year, month)


def _full(year: str | None) -> int | None:
    if year is None:
        return None
    return int(year) if len(year) == 4 else 2000 + int(year)


def _day(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid("date_range", "A period lies between 1995 and 2099.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Invalid("no_such_date", "There is no such day.") from error


def _latest(start: _Edge, end: _Edge, today: date) -> Period:
    """The period between two ends; where a year is missing, the latest that has begun by `today`."""
    if start.year is not None and end.year is not None:
        return _between(start.first(start.year), end.last(end.year), start, end)
    if end.year is not None:
        begins, ends = start.first(end.year), end.last(end.year)
        return Period(begins if begins <= ends else start.first(end.year - 1), ends)
    if start.year is not None:
        begins, ends = start.first(start.year), end.last(start.year)
        return Period(begins, ends if ends >= begins else end.last(start.year + 1))
    refusal: Invalid | None = None
    for year in range(today.year, today.year - 9, -1):  # so far lies a 29 February at most
        try:
            begins, ends = start.first(year), end.last(year)
            ends = ends if ends >= begins else end.last(year + 1)
        except Invalid as invalid:
            refusal = invalid
            continue
        if begins <= today:
            return Period(begins, ends)
    raise refusal or Invalid("no_such_date", "There is no such day.")


def _between(begins: date, ends: date, start: _Edge, end: _Edge) -> Period:
    if begins <= ends:
        return Period(begins, ends)
    return Period(end.first(ends.year), start.last(begins.year))
