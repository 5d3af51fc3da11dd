"""The fields of a registration: what PF and PJ call them, what may be written, how it is shown.

A person (PF) has an RG and a birth date, a company (PJ) an inscrição estadual and an opening date.
An RG is issued by each state in a form of its own, and each state checks its inscrição estadual in
another way (SINTEGRA), so both are checked for shape alone.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.domain.dates import parse_date
from bot.domain.errors import Invalid
from bot.domain.money import parse_money

CustomKind = Literal["text", "number", "money", "date", "choice", "yes-no"]
"""What a field of the brand's own may hold."""

EXEMPT = "ISENTO"
"""What a company without an inscrição estadual has written in its place."""

_EXEMPT_WORDS = frozenset({"isento", "isenta", "exempt", "exento", "exenta"})
_REGISTRY = re.compile(r"[0-9A-Z][0-9A-Z./\- ]*[0-9A-Z]")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.\- ][0-9]{1,2}[/.\- ][0-9]{2}")
_WITH_YEAR = re.compile(rf"[0-9]{{4}}|^{_SHORT_YEAR.pattern}$")
_EARLIEST = 1850
_OLDEST_PERSON = 130
LONGEST_TEXT = 200
_LONGEST_REGISTRY = 20
YES, NO = "yes", "no"


def parse_registry_number(text: str, kind: str) -> str:
    """An RG (PF) or an inscrição estadual (PJ), upper case, white space trimmed.

    A company may write `isento`, which is kept as `ISENTO`; a person never is.
    Raises `Invalid`: empty, characters, length, format (a person who writes isento).
    """
    typed = " ".join(text.split()).upper()
    if not typed:
        raise Invalid("empty", "Nothing was written.")
    if typed.casefold() in _EXEMPT_WORDS:
        if kind == "PF":
            raise Invalid("format", "Only a company is exempt of an inscrição estadual.")
        return EXEMPT
    if not typed.isascii() or not _REGISTRY.fullmatch(typed):
        raise Invalid("characters", "It holds digits, letters, points and dashes only.")
    digits = sum(c.isdigit() for c in typed)
    if digits < 4 or len(typed) > _LONGEST_REGISTRY:
        raise Invalid("length", "An RG or inscrição estadual has 4 to 14 digits.")
    return typed


def parse_born_on(text: str, today: date, kind: str) -> date:
    """A birth date (PF) or an opening date (PJ), as `parse_date` reads it, with its year.

    Raises `Invalid`: empty, format (no year, or no date), no_such_date, date_range (in the future,
    or longer ago than anybody lives or any company of the country is old).
    """
    typed = text.strip()
    if typed and not _WITH_YEAR.search(typed):
        raise Invalid("format", "A whole date, with its year.")
    day = parse_date(typed, today)
    if day > today and _SHORT_YEAR.fullmatch(typed):
        # Two digits of a year mean the past here: nobody was born in twenty years' time.
        day = _same_day(day, day.year - 100)
    oldest = today.year - _OLDEST_PERSON if kind == "PF" else _EARLIEST
    if day > today or day.year < oldest:
        raise Invalid("date_range", "Not in the future, and not before anybody lived.")
    return day


def parse_custom(text: str, kind: CustomKind, *, choices: Sequence[str] = (), today: date) -> str:
    """What was written for a field of the brand's own, in the form to store.

    | kind | stored |
    |---|---|
    | text | as written, one line of at most 200 characters |
    | number | a whole number: `-12` |
    | money | reais with two places: `1234.50` |
    | date | ISO: `2026-12-31` |
    | choice | one of `choices`, as the brand writes it |
    | yes-no | `yes` or `no` |

    Raises `Invalid`: empty, format, value (none of the choices), and what `parse_money` and
    `parse_date` raise.
    """
    typed = " ".join(text.split())
    if not typed:
        raise Invalid("empty", "Nothing was written.")
    match kind:
        case "number":
            bare = typed.replace(".", "").replace(" ", "")
            if not _NUMBER.fullmatch(bare):
                raise Invalid("format", "A whole number looks like 12.")
            return str(int(bare))
        case "money":
            return str(parse_money(typed))
        case "date":
            return parse_date(typed, today).isoformat()
        case "choice":
            known = {each.casefold(): each for each in choices}
            if typed.casefold() not in known:
                raise Invalid("value", "It is none of the choices.")
            return known[typed.casefold()]
        case "yes-no":
            if typed not in (YES, NO):
                raise Invalid("value", "It is yes or no.")
            return typed
        case _:
            if len(typed) > LONGEST_TEXT:
                raise Invalid("too_long", f"At most {LONGEST_TEXT} characters.")
            if not typed.isprintable():
                raise Invalid("characters", "It holds control characters.")
            return typed


def stored_value(stored: str, kind: CustomKind) -> str | int | Decimal | date:
    """A stored value of a field of the brand's own as a typed value, to be shown in any language."""
    match kind:
        case "number":
            return int(stored)
        case "money":
            return Decimal(stored)
        case "date":
            return date.fromisoformat(stored)
        case _:
            return stored


def masked_registry_number(number: str) -> str:
    """An RG or inscrição estadual with all but its last three signs hidden: `*******12-3`; ISENTO as it is."""
    if number == EXEMPT:
        return number
    shown = 0
    signs = list(number)
    for at in range(len(signs) - 1, -1, -1):
        if signs[at].isalnum():
            shown += 1
            if shown > 3:
                signs[at] = "*"
    return "".join(signs)


def masked_date(day: date) -> str:
    """A date of which the year alone is shown: `**/**/1986`."""
    return f"**/**/{day.year:04}"


def _same_day(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February of a year without one
        return day.replace(year=year, day=28)
