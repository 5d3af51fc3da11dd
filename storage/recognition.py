"""Is this ours? What a pasted boleto line, barcode or PIX code is, and whether we issued it.

It says nothing about whose an invoice is, unless it is the asker's own. Names in a code prove
nothing, since anybody writes any name into one: what counts is where the money goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from rapidfuzz import fuzz
from sqlalchemy import select

from bot.core.ports import Read
from bot.core.words import normal
from bot.domain import boleto, pix
from bot.domain.boleto import Boleto
from bot.domain.errors import Code, Invalid
from bot.domain.pix import PixCode
from storage.invoices import Invoice, InvoiceState, page, txid_of
from storage.tables import invoice

_MOST_OWN = 600
_ALIKE = 90
"""Similarity (0..100) from which a receiver's name is meant to be taken for the brand's."""
_PIX_CODE = re.compile(r"000201.{20,500}?6304[0-9A-F]{4}", re.DOTALL)
_DIGIT_RUN = re.compile(r"[0-9][0-9\s.\-]*", re.ASCII)


class Verdict(StrEnum):
    """Whether a payment code is the brand's."""

    YOURS = "yours"
    """The brand issued it, for the customer who asks."""
    OURS = "ours"
    """The money goes to the brand; whose invoice it is, is not said."""
    NOT_OURS = "not-ours"
    IMPOSTOR = "impostor"
    """It is made to look like the brand's or like an invoice of the customer, and is paid elsewhere."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a pasted code is; amount, date and name are what the code itself says."""

    verdict: Verdict
    kind: Literal["boleto", "collection", "pix"] | None = None
    invoice: int | None = None
    """The asker's own: the one this code pays, or the one an impostor copies."""
    state: InvoiceState | None = None
    """Of that invoice: one that is paid is not to be paid again."""
    amount: Decimal | None = None
    due_on: date | None = None
    name: str | None = None
    """The receiver a PIX code names."""
    changed: bool = False
    """It pays that invoice, but asks for another amount than the brand wrote into it."""
    reason: Code | None = None
    """Why it cannot be read."""


def looks_like_payment(text: str) -> bool:
    """Whether a text holds what may be a boleto line, a barcode or a PIX code, mistyped perhaps."""
    return pix.looks_like_pix(text) or boleto.looks_like_boleto(text)


def recognise(read: Read, text: str, customer: int | None) -> Recognition:
    """What a text with a payment code in it is to the brand, and to the customer who asks, if known."""
    if pix.looks_like_pix(text):
        code = pix.find(text)
        return _of_pix(read, text, code, customer) if code else _unread_pix(text)
    slip = boleto.find(text, read.today)
    return _of_boleto(read, slip, customer) if slip else _unread_boleto(text, read.today)


def _of_pix(read: Read, text: str, code: PixCode, customer: int | None) -> Recognition:
    own = _own(read, customer)
    mine = next((each for each in own if each.pix_code and each.pix_code in text), None)
    to_us = _is_brands_key(read, code.key)
    if mine is None and to_us:
        mine = next((each for each in own if txid_of(each.number) == code.txid), None)
    if mine is not None:
        verdict = Verdict.YOURS
    elif to_us or _issued_pix(read, text):
        verdict = Verdict.OURS
    else:
        copied = next((each for each in own if txid_of(each.number) == code.txid), None)
        verdict = Verdict.IMPOSTOR if copied or _sounds_like_us(read, code) else Verdict.NOT_OURS
        mine = copied
    return Recognition(
        verdict,
        "pix",
        invoice=mine.id if mine else None,
        state=mine.state if mine else None,
        amount=code.amount,
        name=code.name,
    )


def _of_boleto(read: Read, slip: Boleto, customer: int | None) -> Recognition:
    own = [each for each in _own(read, customer) if each.barcode]
    mine = next((each for each in own if each.barcode == slip.barcode), None)
    changed = False
    if mine is not None:
        verdict = Verdict.YOURS
    elif _issued_boleto(read, slip.barcode):
        verdict = Verdict.OURS
    elif same := next((each for each in own if _title(each.barcode) == _title(slip.barcode)), None):
        # The bank's title is ours, so the money arrives; the amount is not what was issued.
        verdict, mine, changed = Verdict.YOURS, same, True
    elif copied := next((each for each in own if _copies(slip, each)), None):
        verdict, mine = Verdict.IMPOSTOR, copied
    else:
        verdict = Verdict.NOT_OURS
    return Recognition(
        verdict,
        slip.kind,
        invoice=mine.id if mine else None,
        state=mine.state if mine else None,
        amount=slip.amount,
        due_on=mine.due_on if mine and not changed else slip.due_on,
        changed=changed,
    )


def _own(read: Read, customer: int | None) -> Sequence[Invoice]:
    return [] if customer is None else page(read, customer, limit=_MOST_OWN)


def _issued_boleto(read: Read, barcode: str) -> bool:
    issued = select(invoice.c.id).where(
        invoice.c.barcode == barcode, invoice.c.brand == read.brand.id
    )
    return read.scalar(issued) is not None


def _issued_pix(read: Read, text: str) -> bool:
    """Whether a gateway's code in this text is one of any invoice."""
    codes = [found[0] for found in _PIX_CODE.finditer(text)]
    issued = select(invoice.c.id).where(
        invoice.c.pix_code.in_(codes), invoice.c.brand == read.brand.id
    )
    return bool(codes) and read.scalar(issued) is not None


def _is_brands_key(read: Read, key: str | None) -> bool:
    if key is None or read.brand.pix is None:
        return False
    try:
        return pix.parse_key(key) == pix.parse_key(read.brand.pix.key)
    except Invalid:
        return False  # a key of no known kind is not the brand's, whose key was checked at start


def _sounds_like_us(read: Read, code: PixCode) -> bool:
    brand = read.brand
    names = [brand.name, brand.legal_name, brand.pix.name if brand.pix else ""]
    return any(
        fuzz.token_set_ratio(normal(name), normal(code.name)) >= _ALIKE for name in names if name
    )


def _title(barcode: str | None) -> tuple[str, str] | None:
    """The bank and the free field: the title at the bank, whatever amount and date it asks for."""
    return (barcode[:3], barcode[19:]) if barcode and barcode[0] != "8" else None


def _copies(slip: Boleto, each: Invoice) -> bool:
    """Amount and due date of an open invoice with other places to pay: the usual false boleto."""
    if slip.kind != "boleto" or each.state is not InvoiceState.OPEN or each.barcode is None:
        return False
    return slip.barcode[5:19] == each.barcode[5:19]


def _unread_pix(text: str) -> Recognition:
    start = max(text.find("0002"), 0)
    return Recognition(Verdict.UNREADABLE, "pix", reason=_why(pix.decode, text[start:]))


def _unread_boleto(text: str, today: date) -> Recognition:
    run = max(_DIGIT_RUN.findall(text), key=len, default="")
    return Recognition(Verdict.UNREADABLE, reason=_why(lambda t: boleto.parse(t, today), run))


def _why(read_code: Callable[[str], object], text: str) -> Code | None:
    try:
        read_code(text)
    except Invalid as refusal:
        return refusal.code
    return None
