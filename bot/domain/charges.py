"""What is owed after the due date: a fine once, and interest by the day."""

import decimal
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.domain.calendar import last_day_without_charges
from bot.domain.errors import Invalid
from bot.domain.money import CENT, EXACT, exact

FINE_CAP_PERCENT = Decimal(2)
"""The highest fine in a consumer contract (Código de Defesa do Consumidor, art. 52 §1)."""

_ROUNDINGS = frozenset(
    {
        decimal.ROUND_CEILING,
        decimal.ROUND_DOWN,
        decimal.ROUND_FLOOR,
        decimal.ROUND_HALF_DOWN,
        decimal.ROUND_HALF_EVEN,
        decimal.ROUND_HALF_UP,
        decimal.ROUND_UP,
        decimal.ROUND_05UP,
    }
)


@dataclass(frozen=True, slots=True)
class Charges:
    """What a bill costs on a day, in reais with two places: `total` is amount + fine + interest."""

    fine: Decimal
    interest: Decimal
    total: Decimal
    days_late: int = 0


def amount_due(
    amount: Decimal,
    due_on: date,
    on: date,
    fine_percent: Decimal | int,
    interest_percent_month: Decimal | int,
    rounding: str = decimal.ROUND_DOWN,
) -> Charges:
    """What a bill of `amount` reais due on `due_on` costs if paid on `on`.

    Nothing is added up to the last day without charges (the next business day, if it was due on a
    weekend or bank holiday). After it, the fine once, and simple interest for every calendar day since
    `due_on` itself, at a thirtieth of the monthly percentage.

    `rounding` is one of the decimal module's names and applies to the fine and to the interest, each
    once, at the end. Issuers differ: the default, ROUND_DOWN, is the published practice of Kobana
    (100.00, five days late, 2 % and 1 % a month: 2.00 + 0.16) and never asks more than was agreed;
    ROUND_HALF_UP is the other common one.

    Raises `Invalid`: amount, sub_cent, negative, rounding, date_range.
    """
    if rounding not in _ROUNDINGS:
        raise Invalid("rounding", "Rounding is one of the decimal module's names, as ROUND_DOWN.")
    face = _number(amount)
    fine_rate, interest_rate = _number(fine_percent), _number(interest_percent_month)
    if face != face.quantize(CENT, context=EXACT):
        raise Invalid("sub_cent", "An amount is in whole cents.")
    late = days_late(due_on, on)
    fine = interest = Decimal(0)
    if late:
        fine = EXACT.divide(EXACT.multiply(face, fine_rate), Decimal(100))
        daily = EXACT.multiply(EXACT.multiply(face, interest_rate), Decimal(late))
        interest = EXACT.divide(daily, Decimal(100 * 30))
    fine = fine.quantize(CENT, rounding=rounding, context=EXACT)
    interest = interest.quantize(CENT, rounding=rounding, context=EXACT)
    total = EXACT.add(EXACT.add(face, fine), interest).quantize(CENT, context=EXACT)
    return Charges(fine, interest, total, late)


def days_late(due_on: date, on: date) -> int:
    """Calendar days from `due_on` to `on`; 0 up to the last day without charges."""
    if on <= due_on or on <= last_day_without_charges(due_on):
        return 0
    return (on - due_on).days


def check_terms(fine_percent: Decimal | int, interest_percent_month: Decimal | int) -> None:
    """Whether an operator may charge these: for settings, not for each bill.

    Raises `Invalid`: fine_cap above 2 % (CDC art. 52 §1), negative, amount. The law sets no
    number for the interest of a contract; 1 % a month is usual.
    """
    _number(interest_percent_month)
    if _number(fine_percent) > FINE_CAP_PERCENT:
        raise Invalid("fine_cap", "A fine is at most 2 % of the bill (CDC art. 52 §1).")


def _number(value: Decimal | int) -> Decimal:
    number = exact(value)
    if number < 0:
        raise Invalid("negative", "Amounts and percentages are not negative.")
    return number
