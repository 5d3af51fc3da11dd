"""Dates as people type them in Brazil: day first."""

import re
import unicodedata
from datetime import date, timedelta

from bot.domain.errors import Invalid

_RELATIVE = {
    "hoje": 0, "today": 0, "hoy": 0,
    "amanha": 1, "tomorrow": 1, "manana": 1,
    "depois de amanha": 2,
    "ontem": -1, "yesterday": -1, "ayer": -1,
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janeiro jan january enero ene",
            "fevereiro fev february feb febrero",
            "marco mar march marzo",
            "abril abr april apr",
            "maio mai may mayo",
            "junho jun june junio",
            "julho jul july julio",
            "agosto ago august aug",
            "setembro set september sep septiembre",
            "outubro out october oct octubre",
            "novembro nov november noviembre",
            "dezembro dez december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months and their short forms, in Portuguese, English and Spanish, without accents."""
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})\s?[/.\- ]\s?([0-9]{1,2})(?:\s?[/.\- ]\s?([0-9]{4}|[0-9]{2}))?"
)
_RUN = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_WORDS = re.compile(
    r"(?:dia )?([0-9]{1,2})[ºo°]?\s?(?:de |/)?\s?([a-z]+)\.?(?:(?: de|/|,)?\s?([0-9]{4}))?"
)

_YEARS_AHEAD = 20  # a two-digit year is at most so far ahead, else it was in the century before


def parse_date(text: str, today: date) -> date:
    """`31/12/2026`, `31/12/26`, `31/12`, `31122026`, `2026-12-31`, `31 de dezembro (de 2026)`,
    `hoje`, `amanhã`; points, dashes and spaces also part, accents and case do not matter.

    Without a year, the occurrence nearest to `today`; with two digits of it, the year within the
    next twenty or else in the past. Always day first, as in Brazil.
    Raises `Invalid`: empty, format, no_such_date (31/02).
    """
    folded = fold(text)
    if not folded:
        raise Invalid("empty", "No date was given.")
    if folded in _RELATIVE:
        try:
            return today + timedelta(days=_RELATIVE[folded])
        except OverflowError as error:
            raise Invalid("no_such_date", "Beyond the calendar.") from error
    if iso := _ISO.fullmatch(folded):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if run := _RUN.fullmatch(folded):
        return _date(int(run[3]), int(run[2]), int(run[1]))
    if match := _DAY_FIRST.fullmatch(folded):
        day, month, year = int(match[1]), int(match[2]), match[3]
    elif (match := _WORDS.fullmatch(folded)) and match[2] in MONTHS:
        day, month, year = int(match[1]), MONTHS[match[2]], match[3]
    else:
        raise Invalid("format", "A date looks like 31/12/2026.")
    if year is None:
        return _nearest(day, month, today)
    return _date(int(year) if len(year) == 4 else _full_year(int(year), today), month, day)


def fold(text: str) -> str:
    """Lower case, without accents, single spaces. Raises `Invalid` (format) beyond 60 characters."""
    if len(text) > 60:
        raise Invalid("format", "A date looks like 31/12/2026.")
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Invalid("no_such_date", "There is no such day.") from error


def _full_year(two_digits: int, today: date) -> int:
    year = today.year - today.year % 100 + two_digits
    if year > today.year + _YEARS_AHEAD:
        return year - 100
    return year + 100 if year <= today.year + _YEARS_AHEAD - 100 else year


def _nearest(day: int, month: int, today: date) -> date:
    # Eight years hold a 29 February whatever the century does.
    years = range(max(today.year - 8, date.min.year), min(today.year + 8, date.max.year) + 1)
    found = []
    for year in years:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue  # no 29 February in this one
    if not found:
        raise Invalid("no_such_date", "There is no such day.")
    return min(found, key=lambda candidate: abs(candidate - today))
