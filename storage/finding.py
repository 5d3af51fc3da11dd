"""What someone means by "the one of March", "149,90" or "202611-007": words against invoices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Protocol, TypeVar

from babel.dates import get_month_names
from rapidfuzz import fuzz, process

from bot.core.words import normal
from bot.domain.dates import parse_date
from bot.domain.errors import Invalid
from bot.domain.money import parse_money

_LONGEST = 200
"""Characters looked at: who pastes more is not naming an invoice."""
_LOCALES = ("pt_BR", "en", "es")
_NEAR = 85
"""Similarity (0..100) from which a word is a month: "feveiro" is, "mario" is not."""

_FULL_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b", re.A)
_ISO_MONTH = re.compile(r"\b(20\d\d)[-/](\d{1,2})\b", re.A)
_MONTH_YEAR = re.compile(r"\b(\d{1,2})[/-](20\d\d)\b", re.A)
_TWO_PARTS = re.compile(r"\b(\d{1,2})/(\d{1,2})\b", re.A)
_DAY = re.compile(r"\b(?:dia|day|d[ií]a)\s+(\d{1,2})\b", re.A | re.I)
_MONEY = re.compile(
    r"R\$\s*\d[\d.,]*\d|R\$\s*\d|\b\d[\d.]*,\d{2}\b|\b\d+\.\d{2}\b|\b\d+ reais\b", re.A | re.I
)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/.-]*")
_YEAR = re.compile(r"20\d\d", re.A)


class Findable(Protocol):
    """What is looked at of an invoice."""

    @property
    def number(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def due_on(self) -> date: ...
    @property
    def amount(self) -> Decimal: ...


F = TypeVar("F", bound=Findable)
Wanted = Callable[[Findable], bool]


def matching(invoices: Sequence[F], text: str, today: date) -> list[F]:
    """The invoices that fit everything a text says of number, month, date and amount.

    The whole number alone names one invoice; words that say nothing of an invoice find none. `today`
    tells the century of a year typed with two digits.
    """
    said = text[:_LONGEST]
    named = [each for each in invoices if _bare(said) and _bare(each.number) == _bare(said)]
    if named:
        return named
    wanted = list(_wanted(said, today))
    return [each for each in invoices if wanted and all(fits(each) for fits in wanted)]


def _wanted(said: str, today: date) -> Iterator[Wanted]:
    """What each part of the text asks for; a part read once is not read again."""
    rest = said

    def parts(pattern: re.Pattern[str]) -> list[re.Match[str]]:
        nonlocal rest
        found = list(pattern.finditer(rest))
        rest = pattern.sub(" ", rest)
        return found

    for match in parts(_MONEY):
        if (amount := _amount(match[0])) is not None:
            yield _costs(amount)
    for match in parts(_FULL_DATE):
        if (day := _date(match[0], today)) is not None:
            yield _due(day)
    for match in parts(_ISO_MONTH):
        yield _of_month(int(match[2]), int(match[1]))
    for match in parts(_MONTH_YEAR):
        yield _of_month(int(match[1]), int(match[2]))
    for match in parts(_TWO_PARTS):
        yield _of_two_parts(int(match[1]), int(match[2]))
    for match in parts(_DAY):
        yield _due_day(int(match[1]))
    yield from _wanted_of_words(rest)


def _wanted_of_words(rest: str) -> Iterator[Wanted]:
    months = [month for word in normal(rest).split() if (month := _month(word))]
    tokens = [token for token in _TOKEN.findall(rest) if any(c in "0123456789" for c in token)]
    years = [int(token) for token in tokens if _YEAR.fullmatch(token)]
    if months:
        yield _of_month(months[0], years[0] if years else None)
    elif years:
        yield _of_year(years[0])
    for token in tokens:
        if len(bare := _bare(token)) >= 3 and not _YEAR.fullmatch(token):
            yield _named(bare)


def _costs(amount: Decimal) -> Wanted:
    return lambda each: each.amount == amount


def _due(day: date) -> Wanted:
    return lambda each: each.due_on == day


def _due_day(day: int) -> Wanted:
    return lambda each: each.due_on.day == day


def _of_month(month: int, year: int | None) -> Wanted:
    """Of that month or due in it, since people name either."""

    def fits(each: Findable) -> bool:
        due = each.due_on
        months = {each.period, f"{due.year:04}-{due.month:02}"}
        if year is not None:
            return f"{year:04}-{month:02}" in months
        return any(name.endswith(f"-{month:02}") for name in months)

    return fits


def _of_year(year: int) -> Wanted:
    return lambda each: year in (int(each.period[:4]), each.due_on.year)


def _of_two_parts(first: int, second: int) -> Wanted:
    """10/03 is a day and a month, 03/26 a month and a year: whichever there is."""
    of_month = _of_month(first, 2000 + second)
    return lambda each: (each.due_on.day, each.due_on.month) == (first, second) or of_month(each)


def _named(bare: str) -> Wanted:
    """A part of the number, or an amount without its cents."""
    return lambda each: bare in _bare(each.number) or bare == str(int(each.amount))


def _month(word: str) -> int | None:
    names = _months()
    if word in names:
        return names[word]
    if len(word) < 4 or not word.isalpha():
        return None
    near = process.extractOne(word, names.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return names[near[0]] if near and len(near[0]) >= 4 else None


@cache
def _months() -> dict[str, int]:
    """Month names and their usual short forms in every language of the counter."""
    names: dict[str, int] = {}
    for locale in _LOCALES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, "stand-alone", locale).items():
                names.setdefault(normal(name), number)
    return names


def _amount(text: str) -> Decimal | None:
    try:
        return parse_money(text)
    except Invalid:
        return None  # not an amount after all, so it says nothing


def _date(text: str, today: date) -> date | None:
    try:
        return parse_date(text, today)
    except Invalid:
        return None


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())
