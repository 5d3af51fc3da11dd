"""CEP, the Brazilian postal code: eight digits, usually shown as 00000-000."""

from bot.domain.errors import Invalid

_SEPARATORS = str.maketrans("", "", ".- ")


def parse_postal_code(text: str) -> str:
    """The eight digits of a CEP typed with or without its mask (`01310-200`, `01.310-200`).

    Judges the shape only; whether the CEP exists is for an address lookup to say.
    Raises `Invalid`: empty, characters, length.
    """
    bare = text.strip().translate(_SEPARATORS)
    if not bare:
        raise Invalid("empty", "No postal code was given.")
    if not (bare.isascii() and bare.isdigit()):
        raise Invalid("characters", "A postal code holds digits only.")
    if len(bare) != 8:
        raise Invalid("length", "A postal code has 8 digits.")
    return bare


def format_postal_code(bare: str) -> str:
    """A bare CEP with its mask, `01310-200`."""
    return f"{bare[:5]}-{bare[5:]}"
