"""CEP, the Brazilian postal code: eight digits, usually shown as 00000-000."""

from collections.abc import Mapping

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


_RANGES = (
    (1000, 19999, "SP"), (20000, 28999, "RJ"), (29000, 29999, "ES"), (30000, 39999, "MG"),
    (40000, 48999, "BA"), (49000, 49999, "SE"), (50000, 56999, "PE"), (57000, 57999, "AL"),
    (58000, 58999, "PB"), (59000, 59999, "RN"), (60000, 63999, "CE"), (64000, 64999, "PI"),
    (65000, 65999, "MA"), (66000, 68899, "PA"), (68900, 68999, "AP"), (69000, 69299, "AM"),
    (69300, 69399, "RR"), (69400, 69899, "AM"), (69900, 69999, "AC"), (70000, 72799, "DF"),
    (72800, 72999, "GO"), (73000, 73699, "DF"), (73700, 76799, "GO"), (76800, 76999, "RO"),
    (77000, 77999, "TO"), (78000, 78899, "MT"), (79000, 79999, "MS"), (80000, 87999, "PR"),
    (88000, 89999, "SC"), (90000, 99999, "RS"),
)  # fmt: skip
"""The first five digits of a state's codes, as Correios publishes them ("Faixas de CEP")."""

STATES = tuple(sorted({state for _first, _last, state in _RANGES}))
"""The 26 states and the Distrito Federal, by their two letters."""


def state_of(bare: str) -> str | None:
    """The state (UF) that a bare CEP lies in, or None for one in no state's range."""
    prefix = int(bare[:5])
    return next((state for first, last, state in _RANGES if first <= prefix <= last), None)


_NAMES = {
    "street": ("logradouro", "street"),
    "district": ("bairro", "neighborhood"),
    "city": ("localidade", "city"),
    "state": ("uf", "state"),
}
"""What ViaCEP and BrasilAPI call the parts of an address."""
_LONGEST = 120


def address_in(answer: object, bare: str) -> dict[str, str] | None:
    """The address a look-up answered for a CEP: street, district, city and state, as far as it has them.

    None for no address, and for one whose state is not the CEP's. A part that is no short line of text is
    left out: it comes from outside.
    """
    if not isinstance(answer, Mapping) or answer.get("erro"):
        return None
    found = {}
    for part, names in _NAMES.items():
        value = next((answer[name] for name in names if name in answer), None)
        if isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST and value.isprintable():
            found[part] = value.strip()
    return found if found.get("city") and found.get("state") == state_of(bare) else None
