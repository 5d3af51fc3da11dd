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

_QUEUE = Variable(
    "queue",
    "what waits for your team and is decided with `balcao queue`: a list of ids; may be empty",
    ["claim-12"],
    needed=False,
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
        Variable(
            "payments",
            "what was paid of it in part, while it is open: a list whose items have day and amount",
            [],
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
    "payment": (
        *_CUSTOMER,
        Variable("invoice_number", "the invoice's number", "2026-11-00104"),
        Variable("news", "paid, partly, twice, reopened, returned, less or promised", "paid"),
        Variable(
            "said",
            "what happened, in whole sentences",
            "Pagamento recebido: R$ 131,70 em 09/11/2026, fatura 2026-11-00104. Obrigado!",
            wanted=True,
        ),
        Variable("attachment", "the attached file's name; may be empty", "fatura.pdf", False),
    ),
    "answer": (
        *_CUSTOMER,
        Variable(
            "said",
            "what the team answers, in whole sentences",
            "✅ Nossa equipe aprovou o que você pediu, e já está salvo:\nRG: **.***.*78-9",
            wanted=True,
        ),
    ),
    "code": (
        *_CUSTOMER,
        Variable("code", "the digits to type into the chat", "480216", wanted=True),
        Variable("minutes", "for how many minutes it counts", 10),
    ),
    "document": (
        *_CUSTOMER,
        Variable("title", "what the document is called", "Balancete de outubro", wanted=True),
        Variable("issued_on", "the day of the document", date(2026, 11, 5), needed=False),
        Variable("attachment", "the attached file's name; may be empty", "balancete.pdf", False),
        Variable(
            "link",
            "where the document opens; empty where it is attached",
            "https://example.com/document/fibra/0123456789abcdef0123456789abcdef01234567",
            needed=False,
            wanted=True,
        ),
        Variable("link_until", "the last day of the link; may be empty", date(2026, 12, 5), False),
    ),
    "statement": (
        *_CUSTOMER,
        Variable(
            "kind", "statement, income-tax or clearance (Lei 12.007/2009)", "statement", wanted=True
        ),
        Variable("start", "the first day of the period or of the year", date(2026, 3, 1)),
        Variable("end", "its last day", date(2026, 6, 30)),
        Variable("year", "the year, of income-tax and clearance", "2026"),
        Variable("charged", "what was charged; of a statement only", Decimal("399.60"), False),
        Variable("paid", "what was paid", Decimal("299.70"), needed=False),
        Variable("owed", "what is owed today; of a statement only", Decimal("102.23"), False),
        Variable("today", "the day of the mail", date(2026, 11, 21)),
        Variable("attachment", "the attached file's name; may be empty", "extrato.pdf", False),
    ),
    "new-email": (
        *_CUSTOMER,
        Variable("code", "the digits to type into the chat", "480216", wanted=True),
        Variable("minutes", "for how many minutes it counts", 10),
    ),
    "contact-changed": (
        *_CUSTOMER,
        Variable("what", "email or phone: which contacts changed", "email"),
        Variable("shown", "the new one, masked; may be empty", "n***@e***.com", needed=False),
        Variable(
            "undo_link",
            "undoes it, without logging in",
            "https://example.com/undo/a-1",
            wanted=True,
        ),
        Variable("hours", "for how many hours it can be undone", 48),
    ),
    "registration-changed": (
        *_CUSTOMER,
        Variable("customer", "the customer's number with us", 104),
        Variable("channel", "where the chat is", "webchat"),
        Variable("changed", "a list of the fields that changed; may be empty", ["phone"], False),
        Variable("waits", "a list of those that wait for staff; may be empty", ["email"], False),
        _QUEUE,
    ),
    "erasure-request": (
        *_CUSTOMER,
        Variable("customer", "the customer's number with us", 104, wanted=True),
        Variable("what", "asked or withdrawn", "asked"),
        Variable(
            "person_name",
            "whose data, if it is one person of a company's; else empty",
            "Rosa Exemplo",
            needed=False,
        ),
        Variable("channel", "where the chat is", "webchat"),
        Variable(
            "answer_by", "the last day to answer, in words", "6 de dezembro de 2026", wanted=True
        ),
        Variable("reply_to", "whom an answer reaches; may be empty", "maria@example.com", False),
        _QUEUE,
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
    "payment-claim": (
        *_CUSTOMER,
        Variable("customer", "the customer's number with us", 104),
        Variable("channel", "where the chat is", "webchat", wanted=True),
        Variable("invoice_number", "the invoice's number", "2026-11-00104", wanted=True),
        Variable("phone", "a phone to call back; may be empty", "+55 11 90000-0012", False),
        Variable("reply_to", "whom an answer reaches; may be empty", "maria@example.com", False),
        Variable("words", "what they say of it; may be empty", "Paguei ontem por PIX", False),
        Variable("file_name", "the receipt's name; may be empty", "comprovante.pdf", False),
        Variable("file_ref", "what the channel calls that file; may be empty", "BQACAgEA", False),
        Variable(
            "file_state", "attached, coming or failed; empty without a receipt", "attached", False
        ),
        _QUEUE,
    ),
    "document-sent": (
        *_CUSTOMER,
        Variable("customer", "the customer's number with us", 104),
        Variable("person_name", "who sent it; may be empty", "Rui Couto", needed=False),
        Variable("channel", "where the chat is", "webchat", wanted=True),
        Variable("document", "its number: `balcao documents look 31`", 31, needed=False),
        Variable("title", "what the customer calls the document", "Contrato social", wanted=True),
        Variable("kind", "of what kind it is; may be empty", "Contrato", needed=False),
        Variable("what", "sent or withdrawn", "sent"),
        Variable("reply_to", "whom an answer reaches; may be empty", "maria@example.com", False),
        Variable("attachment", "the attached file's name; may be empty", "contrato.pdf", False),
    ),
}
"""By template. `second-copy`, `code` and `document` go to customers, `human-request`, `payment-claim` and `document-sent` to the brand's staff."""

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
