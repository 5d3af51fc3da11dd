"""CPF and CNPJ, the Brazilian tax ids of people and companies: read, shown, masked, invented.

Sources: IN RFB 2.229/2024 for the alphanumeric CNPJ (since July 2026: twelve of `[0-9A-Z]` and two
digits, a character worth `ord(c) - 48`); Receita Federal's arithmetic for both.
"""

from collections.abc import Iterable
from operator import mul
from random import Random
from typing import Literal

from validate_docbr import CNPJ, CPF

from bot.domain.errors import Invalid

# The verdict on check digits is validate-docbr's. It only ever sees normalised text of full length:
# by itself it pads a short CPF with zeros, and lets a line feed, other scripts' digits and inner
# mask characters through. Its generator draws from the process-wide `random`; ours takes the source.
_CPF = CPF()
_CNPJ = CNPJ()

_SEPARATORS = str.maketrans("", "", ".-/")
_FIRST_CPF = range(10, 1, -1)
_SECOND_CPF = range(11, 1, -1)
_FIRST_CNPJ = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_SECOND_CNPJ = (6, *_FIRST_CNPJ)
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse_cpf(text: str) -> str:
    """The eleven digits of a CPF typed with or without its mask.

    Raises `Invalid`: empty, characters, length, repeated, check_digit.
    """
    return _cpf(_bare(text))


def parse_cnpj(text: str) -> str:
    """The fourteen characters of a CNPJ, numeric or alphanumeric, upper case, without its mask.

    Raises `Invalid`: empty, characters, length, repeated, check_digit.
    """
    return _cnpj(_bare(text))


def parse_tax_id(text: str) -> str:
    """A CPF (eleven digits) or a CNPJ (fourteen characters), bare and upper case; length decides.

    Raises `Invalid`: empty, characters, length, repeated, check_digit.
    """
    bare = _bare(text)
    if len(bare) == 11:
        return _cpf(bare)
    if len(bare) == 14:
        return _cnpj(bare)
    if not bare.isalnum():
        raise Invalid("characters", "A tax id holds letters, digits and . - / only.")
    raise Invalid("length", "A CPF has 11 digits and a CNPJ has 14 characters.")


def kind_of(bare: str) -> Literal["PF", "PJ"]:
    """PF (a person) for a bare CPF, PJ (a company) for a bare CNPJ. Raises `Invalid` ("length")."""
    if len(bare) == 11:
        return "PF"
    if len(bare) == 14:
        return "PJ"
    raise Invalid("length", "A bare tax id has 11 or 14 characters.")


def format_tax_id(bare: str) -> str:
    """A bare tax id with the usual mask: `000.000.000-00` or `00.000.000/0000-00`."""
    if kind_of(bare) == "PF":
        return f"{bare[:3]}.{bare[3:6]}.{bare[6:9]}-{bare[9:]}"
    return f"{bare[:2]}.{bare[2:5]}.{bare[5:8]}/{bare[8:12]}-{bare[12:]}"


def masked_tax_id(bare: str) -> str:
    """A bare tax id with all but the middle hidden: `***.456.789-**` or `**.345.678/****-**`.

    The middle six are what the federal transparency portal shows: enough for the owner to know it.
    """
    if kind_of(bare) == "PF":
        return f"***.{bare[3:6]}.{bare[6:9]}-**"
    return f"**.{bare[2:5]}.{bare[5:8]}/****-**"


def generate_cpf(rng: Random) -> str:
    """A bare CPF with right check digits, drawn from `rng`: for demos and tests.

    No range is reserved for fiction, so it may by chance be somebody's: never look it up anywhere.
    """
    while True:
        body = "".join(rng.choices(_DIGITS, k=9))
        if len(set(body)) > 1:
            break
    first = _check_digit(body, _FIRST_CPF)
    return body + first + _check_digit(body + first, _SECOND_CPF)


def generate_cnpj(
    rng: Random, alphanumeric: bool = False, root: str | None = None, branch: int = 1
) -> str:
    """A bare CNPJ with right check digits, for demos and tests.

    `root`: the company's eight characters, drawn from `rng` when not given (with a letter among them
    if `alphanumeric`); `branch`: 1 for the matriz, 2 to 9999 for its filiais, which share the root.
    Raises `Invalid` (length, characters) for a root or branch that cannot be.
    """
    if root is None:
        root = "".join(rng.choices(_DIGITS + _LETTERS if alphanumeric else _DIGITS, k=8))
        if alphanumeric and root.isdigit():
            root = rng.choice(_LETTERS) + root[1:]
    root = _bare(root)
    if len(root) != 8 or not 1 <= branch <= 9999:
        raise Invalid("length", "A CNPJ root has 8 characters, and its branch is 1 to 9999.")
    if not root.isalnum():
        raise Invalid("characters", "A CNPJ root holds letters and digits only.")
    body = f"{root}{branch:04}"
    first = _check_digit(body, _FIRST_CNPJ)
    return body + first + _check_digit(body + first, _SECOND_CNPJ)


def _bare(text: str) -> str:
    trimmed = text.strip()
    if not trimmed.isascii():  # before upper(), which turns some letters (ß, ſ) into ASCII ones
        raise Invalid("characters", "A tax id holds letters, digits and . - / only.")
    bare = trimmed.translate(_SEPARATORS).upper()
    if not bare:
        raise Invalid("empty", "No tax id was given.")
    return bare


def _cpf(bare: str) -> str:
    if not bare.isdigit():
        raise Invalid("characters", "A CPF holds digits only.")
    if len(bare) != 11:
        raise Invalid("length", "A CPF has 11 digits.")
    if len(set(bare)) == 1:
        raise Invalid("repeated", "A CPF of one repeated digit is never issued.")
    if not _CPF.validate(bare):
        raise Invalid("check_digit", "The check digits of this CPF do not match.")
    return bare


def _cnpj(bare: str) -> str:
    if not bare.isalnum():
        raise Invalid("characters", "A CNPJ holds letters and digits only.")
    if len(bare) != 14:
        raise Invalid("length", "A CNPJ has 14 characters.")
    if not bare[12:].isdigit():
        raise Invalid("characters", "The last two characters of a CNPJ are digits.")
    if len(set(bare)) == 1:
        raise Invalid("repeated", "A CNPJ of one repeated digit is never issued.")
    if not _CNPJ.validate(bare):
        raise Invalid("check_digit", "The check digits of this CNPJ do not match.")
    return bare


def _check_digit(body: str, weights: Iterable[int]) -> str:
    remainder = sum(map(mul, (ord(c) - 48 for c in body), weights)) % 11
    return "0" if remainder < 2 else str(11 - remainder)
