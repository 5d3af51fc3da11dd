"""The one error of the rules: a typed or computed value that a rule refuses, and why."""

from typing import Literal

Code = Literal[
    # any typed value
    "empty",  # nothing was written
    "characters",  # holds a character that this kind of value never has
    "length",  # right characters, wrong number of them
    "format",  # right characters, wrong arrangement
    "check_digit",  # a check digit (CPF, CNPJ, boleto) does not match: a typo, most likely
    "repeated",  # one digit all along: passes the arithmetic, is never issued
    # phones
    "area_code",  # no area code, or one that does not exist
    "ninth_digit",  # a Brazilian mobile without its ninth digit
    "unassigned",  # well formed, but in a range that nobody has
    "service_number",  # 190, 0300, 4004 …: reaches no customer
    "not_a_phone",  # a channel id that stands for a group, a list or a hidden number
    # e-mail
    "no_domain",  # no @, or nothing that can be a domain after it
    # PIX
    "crc",  # the last four characters do not match: cut short or altered on the way
    "structure",  # lengths, order or repetition of the fields are wrong
    "missing",  # a mandatory field is not there
    "value",  # a fixed field (version, currency, country …) holds something else
    "not_pix",  # a payment code of another arrangement
    "target",  # key and URL together, or neither
    "key",  # not one of the five kinds of PIX key
    "url",  # has a scheme, a space, or no host
    "txid",  # not 1 to 25 letters and digits
    "too_long",  # more than the field takes; nothing is ever cut silently
    # money, dates, terms
    "amount",  # not a positive amount in whole cents
    "ambiguous",  # could be read as two different amounts
    "sub_cent",  # finer than a cent
    "negative",  # below zero where only zero and above make sense
    "currency",  # not in reais
    "no_such_date",  # 31/02
    "date_range",  # outside the years that a rule covers
    "rounding",  # not a rounding that the decimal module knows
    "fine_cap",  # a fine above what the law allows
]
"""Every reason a rule gives, stable, for the conversation to translate into a kind sentence."""


class Invalid(ValueError):
    """A value that a rule refuses.

    `code` is the reason, stable and fit for a table of sentences; the message says it in plain
    English for logs and developers. Neither ever holds the value itself, which may be a tax id.
    """

    code: Code

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)  # both, so that it survives pickling
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message
