"""Money: reais as Decimal with two places, centavos as int, and what people type. Never float."""

import re
from decimal import Context, Decimal, InvalidOperation

from bot.domain.errors import Invalid

CENT = Decimal("0.01")
EXACT = Context(prec=60)
"""Wide enough for every product of amounts, percentages and days; whatever the caller's context."""
LARGEST = Decimal("99999999999.99")
"""More than any bill: a typed amount above it is a slip of the finger."""

_MOST_DIGITS = 15  # before the point; keeps 1E+999999 from becoming a million digits

# What people write around the number, and a minus of any kind, kept so that it can be refused.
_TYPED = re.compile(
    r"(-)?\s*(?:R\$|BRL)?\s*(-)?([0-9][0-9.,]*)\s*(?:reais|real|R\$|BRL)?",
    re.IGNORECASE | re.ASCII,
)
_PLAIN = re.compile(r"[0-9]+")
_COMMA_DECIMAL = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),[0-9]{1,2}")
_POINT_DECIMAL = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)\.[0-9]{1,2}")
_POINT_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_COMMA_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}")


def exact(value: Decimal | int | str) -> Decimal:
    """A number as Decimal, digit for digit. Raises `Invalid` ("amount") for a float, which is never
    exact, and for what is no number, not finite, or beyond all money.
    """
    if isinstance(value, float):  # from a caller without a type checker
        raise Invalid("amount", "Money is Decimal, never float.")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise Invalid("amount", "Not a number.") from error
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise Invalid("amount", "Not a finite amount, or beyond all money.")
    return number


def to_cents(amount: Decimal) -> int:
    """Reais to centavos, exactly. Raises `Invalid`: amount (not a number), sub_cent."""
    number = exact(amount)
    cents = int(EXACT.scaleb(number, 2))
    if from_cents(cents) != number:
        raise Invalid("sub_cent", "An amount is in whole cents.")
    return cents


def from_cents(cents: int) -> Decimal:
    """Centavos to reais, always with two places."""
    # From digits, not by arithmetic: exact whatever the precision of the caller's decimal context.
    sign = "-" if cents < 0 else ""
    return Decimal(f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}")


def parse_money(text: str) -> Decimal:
    """An amount as Brazilians type it, with two places.

    | typed | read | because |
    |---|---|---|
    | `R$ 1.234,56`, `1234,56`, `50 reais` | 1234.56, 1234.56, 50.00 | the Brazilian way |
    | `1234,5` | 1234.50 | tens of cents |
    | `1.234`, `1.234.567` | 1234.00, 1234567.00 | a point before three digits parts thousands |
    | `1234.56`, `12.5` | 1234.56, 12.50 | a point before one or two digits cannot part thousands |
    | `1,234.56`, `1,234,567` | 1234.56, 1234567.00 | only one reading |
    | `1,234`, `0.123`, `1234.567` | refused, ambiguous | 1.234 thousand, or finer than a cent? |

    Own code, since Babel's `parse_decimal("1234.56", "pt_BR")` answers 123456, and its strict form
    refuses what people do type. Raises `Invalid`: empty, format, negative, ambiguous, too_long.
    """
    trimmed = " ".join(text.split())  # Babel and web pages part R$ and number by a no-break space
    if not trimmed:
        raise Invalid("empty", "No amount was given.")
    match = _TYPED.fullmatch(trimmed)
    if match is None:
        raise Invalid("format", "An amount looks like 1.234,56.")
    if match[1] or match[2]:
        raise Invalid("negative", "An amount is not negative.")
    number = match[3]
    if len(number) > 30:
        raise Invalid("too_long", "This amount is beyond all bills.")
    amount = Decimal(_canonical(number))
    if amount > LARGEST:
        raise Invalid("too_long", "This amount is beyond all bills.")
    return amount.quantize(CENT, context=EXACT)


def _canonical(number: str) -> str:
    if _PLAIN.fullmatch(number):
        return number
    if _COMMA_DECIMAL.fullmatch(number):
        return number.replace(".", "").replace(",", ".")
    if _POINT_DECIMAL.fullmatch(number):
        return number.replace(",", "")
    if _POINT_THOUSANDS.fullmatch(number) or _COMMA_THOUSANDS.fullmatch(number):
        return number.replace(".", "").replace(",", "")
    if re.fullmatch(r"[0-9]+[.,][0-9]+", number):
        raise Invalid("ambiguous", "Thousands, or finer than a cent: write it as 1.234,56.")
    raise Invalid("format", "An amount looks like 1.234,56.")
