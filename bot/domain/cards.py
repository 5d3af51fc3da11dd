"""Card numbers that people type though nobody asked: found, so that they can be forgotten at once.

A card number kept or logged brings the whole system into PCI scope (PCI SSC FAQ 1310).
"""

import re

from bot.domain import boleto

# As printed (4-4-4-4, 4-4-4-3, 4-6-5) or bare, and standing alone: no letter, digit or _ against
# it, no + before it (a phone). A date or CVV may follow, as they do when a card is typed out.
_SHAPE = re.compile(
    r"(?<![0-9A-Za-z_+@])"
    r"(?:[0-9]{4}[ .\-\u00a0]?[0-9]{4}[ .\-\u00a0]?[0-9]{4}[ .\-\u00a0]?[0-9]{3,4}"
    r"|[0-9]{4}[ .\-\u00a0]?[0-9]{6}[ .\-\u00a0]?[0-9]{5})"
    r"(?![0-9A-Za-z_@])"
)
_NOT_DIGIT = re.compile(r"[^0-9]")

_PREFIX_16 = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"  # Visa, Mastercard
    r"|50|6[0-9]|3841|35(?:2[89]|[3-8])"  # Elo and Aura, Elo Hipercard Discover UnionPay, JCB
)
_PREFIX_15 = re.compile(r"3[47]|2131|1800")  # American Express, old JCB


def find_card_number(text: str) -> str | None:
    """The digits of the first card number in a text, or None.

    Fifteen or sixteen digits standing alone, with a prefix that card brands use and Luhn's check
    digit (ISO/IEC 7812-1), and not a part of a boleto, a CNPJ (14 characters) or a phone.
    """
    match = _SHAPE.search(text)
    while match is not None:
        number = _NOT_DIGIT.sub("", match[0])
        if _is_card_number(number) and not _inside_boleto(text, match):
            return number
        match = _SHAPE.search(
            text, match.start() + 1
        )  # the next group may start one ("2028 4111…")
    return None


def _is_card_number(number: str) -> bool:
    prefix = _PREFIX_16 if len(number) == 16 else _PREFIX_15
    if not prefix.match(number) or len(set(number)) == 1:
        return False
    digits = [ord(c) - 48 for c in reversed(number)]
    doubled = sum(2 * d - 9 if d > 4 else 2 * d for d in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def _inside_boleto(text: str, match: re.Match[str]) -> bool:
    # Some print a boleto in groups of four, which look like cards one after another.
    return any(start <= match.start() and match.end() <= end for start, end in boleto.spans(text))
