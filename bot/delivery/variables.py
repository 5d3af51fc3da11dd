"""What a mail template may use: every variable, what it holds, and a sample for the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.core.message import JSON


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a template.

    Money is a Decimal for the filter `money`, a day is a date for the filters `date` and `month`:
    they write it in the reader's language.
    """

    name: str
    holds: str
    """What it holds, for the operator who rewords the template."""
    sample: JSON
    needed: bool = True
    """The mail cannot be made without it; else it may be empty, and templates ask `{% if %}`."""
    wanted: bool = False
    """Text and HTML that leave it out are not accepted: the mail would miss its purpose."""


COMMON: tuple[Variable, ...] = (
    Variable("brand_name", "the name customers know the business by", "Fibra Exemplo"),
    Variable("brand_legal_name", "its registered name", "Exemplo Telecom Ltda."),
    Variable("brand_tax_id", "its CNPJ or CPF, with the mask", "12.ABC.345/01DE-35"),
    Variable("brand_address", "its postal address, a list of lines", ["Rua Um, 1", "São Paulo"]),
    Variable("brand_phone", "its phone, as people read it", "(11) 90000-0000"),
    Variable("brand_email", "where answers to the mail go", "atendimento@example.com"),
    Variable("brand_site", "its site", "https://example.com"),
    Variable("brand_hours", "its business hours, in its own words", "Seg. a sex., 8h às 18h"),
    Variable("brand_color", "its colour, #rrggbb", "#0b6e4f"),
    Variable("brand_ink", "black or white: what can be read on brand_color", "#ffffff"),
    Variable("currency", "the currency of the filter money", "BRL"),
    Variable("language", "the language of the mail, as HTML names it", "pt-BR"),
)
"""In every template."""

_PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865406134.825802BR5913Fibra Exemplo6009Sao Paulo"
    "62190515FAT20261100010463049954"
)
_LINE = "99990.00004 12345.678903 12345.678903 6 16260000013170"

_CUSTOMER = (
    Variable("customer_name", "the customer's name", "Maria Exemplo da Silva", needed=False),
    Variable("first_name", "what a person is called by", "Maria", needed=False),
)

VARIABLES: Mapping[str, tuple[Variable, ...]] = {
    "second-copy": (
        *_CUSTOMER,
        Variable("invoice_number", "the invoice's number", "2026-11-00104", wanted=True),
        Variable("period", "a day in the month it is for", date(2026, 11, 1), needed=False),
        Variable("issued_on", "the day it was made", date(2026, 11, 1), needed=False),
        Variable("due_on", "the due date", date(2026, 11, 10), wanted=True),
        Variable("state", "open, paid or cancelled", "open"),
        Variable("amount", "the invoice's own amount", Decimal("131.70")),
        Variable(
            "lines",
            "what amount is made of: a list whose items have description and amount",
            [
                {"description": "Internet 500 Mega", "amount": Decimal("119.90")},
                {"description": "IP fixo", "amount": Decimal("11.80")},
            ],
            needed=False,
        ),
        Variable("fine", "the fine as of today", Decimal("2.63"), needed=False),
        Variable("interest", "the interest as of today", Decimal("0.49"), needed=False),
        Variable("total", "what is owed today, charges and all", Decimal("134.82"), wanted=True),
        Variable("today", "the day of the mail, for which total counts", date(2026, 11, 21)),
        Variable("paid_on", "the day it was paid; empty if it is not", None, needed=False),
        Variable("paid_amount", "what was paid; empty if it is not", None, needed=False),
        Variable(
            "boleto_line",
            "the boleto's digits; empty without one",
            _LINE,
            needed=False,
            wanted=True,
        ),
        Variable(
            "pix_code", "the PIX code to copy; empty without one", _PIX, needed=False, wanted=True
        ),
        Variable("attachment", "the attached file's name; may be empty", "fatura.pdf", False),
    ),
    "code": (
        *_CUSTOMER,
        Variable("code", "the digits to type into the chat", "480216", wanted=True),
        Variable("minutes", "for how many minutes it counts", 10),
    ),
    "human-request": (
        *_CUSTOMER,
        Variable("customer", "the customer's number with us; may be empty", 104, needed=False),
        Variable("channel", "where the chat is", "webchat", wanted=True),
        Variable("phone", "a phone to call back; may be empty", "+55 11 90000-0012", False),
        Variable("reply_to", "whom an answer reaches; may be empty", "maria@example.com", False),
        Variable("about", "email: it is about the registered address; else empty", "email", False),
        Variable("wish", "their words; may be empty", "Meu e-mail mudou", False),
    ),
}
"""By template. `second-copy` and `code` go to customers, `human-request` to the brand's staff."""

NAMES: tuple[str, ...] = tuple(VARIABLES)

Kind = Literal["full", "sparse", "paid", "cancelled"]


def samples(name: str, kind: Kind = "full") -> dict[str, JSON]:
    """Sample values: `sparse` without what may be empty; a second copy also of a paid invoice."""
    values = {v.name: v.sample if kind != "sparse" or v.needed else None for v in VARIABLES[name]}
    if name == "second-copy" and kind in ("paid", "cancelled"):
        values |= {"state": kind, "boleto_line": None, "pix_code": None}
        values |= {"fine": Decimal(0), "interest": Decimal(0), "total": Decimal(0)}
    if name == "second-copy" and kind == "paid":
        values |= {"paid_on": date(2026, 11, 9), "paid_amount": Decimal("131.70")}
    return values
