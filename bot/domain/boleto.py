"""Boletos: the 47-digit line, its 44-digit barcode, and the 48-digit line of collection slips.

Layout and check digits: Febraban's "Layout padrão de arrecadação" (collection slips) and the Banco
Central's Carta-Circular 2.926/2000 with Febraban's due-factor notice of 2025 (bank boletos).
Own code, because every library tried has a fault in one of them: the restarted factor read as of
today's clock, collection slips without their general digit verified, a value where there is none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from operator import mul
from typing import Literal

from bot.domain.errors import Invalid
from bot.domain.money import from_cents, to_cents

_BASE = date(1997, 10, 7)
_RESTART = date(2025, 2, 22)  # factor 9999 was the day before; it starts again at 1000
_LAST = date(2049, 10, 13)  # factor 9999 again; what follows is not published
_REAL = "9"

_WEIGHTS = tuple(w for w, _ in zip(cycle(range(2, 10)), range(43), strict=False))
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # digit sum of twice the digit

_LENGTHS = (44, 47, 48)
_MASKED = re.compile(r"[0-9\s.\-]*")
_MASK = re.compile(r"[\s.\-]+")
_DIGITS = re.compile(r"[0-9]+")
_MOST_GROUPS = 24  # pairs of digits; also what keeps a page full of digits cheap to look through
_GAP = re.compile(r"[\s.\-]{1,3}")


@dataclass(frozen=True, slots=True)
class Boleto:
    """A bill read from its line or barcode; every check digit has been verified.

    `line`: 47 digits (boleto) or 48 (collection); `barcode`: 44. `bank`: the three-digit code of
    the issuing bank, None for a collection slip, which names an agreement instead. `amount`: reais
    with two places; 0.00 where the payer fills it in; None for a collection slip that carries none.
    `due_on`: None where the code says nothing (factor 0000, collection slips).
    """

    line: str
    barcode: str
    bank: str | None
    amount: Decimal | None
    due_on: date | None
    kind: Literal["boleto", "collection"]


def parse(text: str, today: date) -> Boleto:
    """A line (47 or 48 digits) or barcode (44), with or without its mask of points, dashes, spaces.

    The due factor has come round since 2025, so one factor names two dates 9,000 days apart: the one
    nearer to `today` is taken. Prefer the date of the billing system where there is one.
    Raises `Invalid`: empty, characters, length, check_digit, currency, value (a kind of collection
    slip that does not exist).
    """
    trimmed = text.strip()
    if not trimmed:
        raise Invalid("empty", "No boleto was given.")
    if not _MASKED.fullmatch(trimmed):
        raise Invalid("characters", "A boleto line holds digits, points, dashes and spaces only.")
    digits = _MASK.sub("", trimmed)
    if len(digits) not in _LENGTHS:
        raise Invalid("length", "A boleto line has 47 or 48 digits and its barcode 44.")
    if len(digits) == 44:
        barcode, line = digits, line_from_barcode(digits)
    else:
        barcode, line = barcode_from_line(digits), digits
    if barcode[0] == "8":
        cents = int(barcode[4:15]) if barcode[2] in "68" else None
        amount = None if cents is None else from_cents(cents)
        return Boleto(line, barcode, None, amount, None, "collection")
    amount = from_cents(int(barcode[9:19]))
    return Boleto(line, barcode, barcode[:3], amount, _due_on(int(barcode[5:9]), today), "boleto")


def find(text: str, today: date) -> Boleto | None:
    """The first valid line or barcode anywhere in a text, or None."""
    for start, end in spans(text):
        return parse(text[start:end], today)
    return None


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text there are valid lines or barcodes, as start and end of a slice."""
    for start, end, digits in _candidates(text):
        try:
            line_from_barcode(digits) if len(digits) == 44 else barcode_from_line(digits)
        except Invalid:
            continue  # right length, wrong digits: look on
        yield start, end


def looks_like_boleto(text: str) -> bool:
    """Whether a text holds a run of 44, 47 or 48 digits, in the usual mask or bare.

    Its check digits may be wrong: where this is true and `find` finds nothing, it was mistyped.
    """
    return any(True for _ in _candidates(text))


def line_from_barcode(barcode: str) -> str:
    """The line to type for a barcode of 44 bare digits, whose check digit is verified.

    Raises `Invalid`: length, characters, check_digit, currency, value.
    """
    _check_barcode(barcode)
    if barcode[0] == "8":
        digit = _collection_digit(barcode)
        return "".join(b + digit(b) for b in (barcode[i : i + 11] for i in range(0, 44, 11)))
    first, second, third = barcode[:4] + barcode[19:24], barcode[24:34], barcode[34:]
    return (
        first + _mod10(first) + second + _mod10(second) + third + _mod10(third)
        + barcode[4] + barcode[5:19]
    )  # fmt: skip


def barcode_from_line(line: str) -> str:
    """The barcode of a line of 47 or 48 bare digits, whose check digits are all verified.

    Raises `Invalid`: length, characters, check_digit, currency, value.
    """
    if len(line) == 48:
        barcode = line[:11] + line[12:23] + line[24:35] + line[36:47]
    elif len(line) == 47:
        barcode = line[:4] + line[32:47] + line[4:9] + line[10:20] + line[21:31]
    else:
        raise Invalid("length", "A boleto line has 47 or 48 digits.")
    if (len(line) == 48) is not (line[0] == "8"):
        raise Invalid("length", "A line that starts with 8 has 48 digits, any other has 47.")
    if line_from_barcode(barcode) != line:
        raise Invalid("check_digit", "A check digit of this boleto line does not match.")
    return barcode


def due_factor(day: date) -> int:
    """The four-digit due factor of a date from 1997-10-08 (1) to 2049-10-13 (9999 again).

    Days since 1997-10-07 up to 9999 on 2025-02-21; from 2025-02-22 counted on from 1000.
    Raises `Invalid` ("date_range") outside: there no factor is published, and 0 means no due date.
    """
    if not _BASE < day <= _LAST:
        raise Invalid("date_range", "Due factors cover 1997-10-08 to 2049-10-13.")
    return (day - _BASE).days if day < _RESTART else 1000 + (day - _RESTART).days


def make_barcode(bank: str, due_on: date | None, amount: Decimal, free_field: str) -> str:
    """The 44-digit barcode of a bank boleto in reais.

    `bank`: three digits; `amount`: 0.00 (the payer fills it in) to 99,999,999.99 reais;
    `free_field`: the bank's 25 digits. Raises `Invalid`: length, characters, date_range, amount,
    sub_cent.
    """
    if len(bank) != 3 or len(free_field) != 25:
        raise Invalid("length", "A bank code has 3 digits and its free field 25.")
    if not _DIGITS.fullmatch(bank + free_field):
        raise Invalid("characters", "Bank code and free field hold digits only.")
    if bank[0] == "8":
        raise Invalid("value", "No bank code starts with 8: that is a collection slip.")
    cents = to_cents(amount)
    if not 0 <= cents < 10**10:
        raise Invalid("amount", "A boleto is for 0.00 to 99,999,999.99 reais.")
    factor = 0 if due_on is None else due_factor(due_on)
    rest = f"{factor:04}{cents:010}{free_field}"
    return f"{bank}{_REAL}{_mod11_bank(bank + _REAL + rest)}{rest}"


def format_line(line: str) -> str:
    """A line of 47 or 48 bare digits as it is printed: `00000.00000 00000.000000 00000.000000 0
    00000000000000`, or four blocks `00000000000-0`. Raises `Invalid` ("length").
    """
    if len(line) == 48:
        return " ".join(f"{line[i : i + 11]}-{line[i + 11]}" for i in range(0, 48, 12))
    if len(line) != 47:
        raise Invalid("length", "A boleto line has 47 or 48 digits.")
    return (
        f"{line[:5]}.{line[5:10]} {line[10:15]}.{line[15:21]} "
        f"{line[21:26]}.{line[26:32]} {line[32]} {line[33:]}"
    )


def _check_barcode(barcode: str) -> None:
    if len(barcode) != 44:
        raise Invalid("length", "A barcode has 44 digits.")
    if not _DIGITS.fullmatch(barcode):
        raise Invalid("characters", "A barcode holds digits only.")
    if barcode[0] == "8":
        if _collection_digit(barcode)(barcode[:3] + barcode[4:]) != barcode[3]:
            raise Invalid("check_digit", "The general check digit of this slip does not match.")
        return
    # Also what keeps most other 44-digit numbers (electronic invoices' access keys) out.
    if barcode[3] != _REAL:
        raise Invalid("currency", "This boleto is not in reais.")
    if _mod11_bank(barcode[:4] + barcode[5:]) != barcode[4]:
        raise Invalid("check_digit", "The general check digit of this boleto does not match.")


def _due_on(factor: int, today: date) -> date | None:
    if factor == 0:
        return None
    first = _BASE + timedelta(days=factor)
    if factor < 1000:
        return first
    second = _RESTART + timedelta(days=factor - 1000)
    return first if abs(first - today) < abs(second - today) else second


def _mod10(digits: str) -> str:
    numbers = [ord(c) - 48 for c in reversed(digits)]
    total = sum(_DOUBLED[n] for n in numbers[::2]) + sum(numbers[1::2])
    return str(-total % 10)


def _mod11(digits: str) -> int:
    total: int = sum(map(mul, (ord(c) - 48 for c in reversed(digits)), _WEIGHTS))
    return total % 11


def _mod11_bank(digits: str) -> str:
    remainder = _mod11(digits)
    return "1" if remainder in (0, 1, 10) else str(11 - remainder)


def _mod11_collection(digits: str) -> str:
    remainder = _mod11(digits)
    return "0" if remainder < 2 else str(11 - remainder)


def _collection_digit(barcode: str) -> Callable[[str], str]:
    if barcode[2] in "67":
        return _mod10
    if barcode[2] in "89":
        return _mod11_collection
    raise Invalid("value", "The third digit of a collection slip is 6, 7, 8 or 9.")


def _candidates(text: str) -> Iterator[tuple[int, int, str]]:
    """Whole digit groups, parted by little, that add up to the length of a line or barcode."""
    groups = list(_DIGITS.finditer(text))
    if sum(g.end() - g.start() for g in groups) < min(_LENGTHS):
        return
    for index, first in enumerate(groups):
        run, end = first[0], first.end()
        if len(run) in _LENGTHS:
            yield first.start(), end, run
        for group in groups[index + 1 : index + _MOST_GROUPS]:
            if len(run) >= max(_LENGTHS) or not _GAP.fullmatch(text, end, group.start()):
                break
            run, end = run + group[0], group.end()
            if len(run) in _LENGTHS:
                yield first.start(), end, run
