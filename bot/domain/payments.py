"""Payments: what a gateway says of a charge, and what the payments of an invoice make of it.

The rules in one place. A payment *counts* with what is left of it after refunds, unless it was
undone or is disputed. An invoice is paid when what counts reaches its amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from bot.domain.charges import amount_due

NOTHING = Decimal("0.00")
NEGLIGIBLE = Decimal("0.05")
"""Reais. Issuers round fine and interest each in their own way; so little is neither asked for
afterwards nor given back."""


class Method(StrEnum):
    """How a charge is to be paid."""

    BOLETO = "boleto"
    PIX = "pix"
    CARD = "card"
    ANY = "any"
    """The payer chooses on the gateway's own page."""


class ChargeState(StrEnum):
    """What became of a charge, as the gateway says."""

    WAITING = "waiting"
    PAID = "paid"
    """Confirmed or received: for the customer both are paid."""
    REFUNDED = "refunded"
    """All of it was given back."""
    DISPUTED = "disputed"
    """The card's holder called the payment back; the money is not ours while that is open."""
    GONE = "gone"
    """Deleted, or unknown there."""


class CardKind(StrEnum):
    CREDIT = "credit"
    DEBIT = "debit"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card as the gateway names it; its number never comes here."""

    scheme: str
    """VISA, MASTERCARD …"""
    last4: str
    token: str | None = None
    """What the gateway takes instead of the number; None if it keeps none of this card."""
    kind: CardKind = CardKind.CREDIT


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the gateway holds it; money in reais."""

    ref: str
    """The gateway's id."""
    reference: str
    """Ours, by which it is found again."""
    state: ChargeState
    method: Method
    amount: Decimal
    """What was asked for, without fine and interest."""
    due_on: date
    url: str | None = None
    """The gateway's own page, where it can be paid."""
    slip_url: str | None = None
    paid: Decimal | None = None
    """What came in, fine and interest included."""
    paid_on: date | None = None
    """The day on which the customer paid, which may be before the day it was reported."""
    refunded: Decimal = NOTHING
    by_hand: bool = False
    """Confirmed by staff (cash), not by a bank."""
    card: CardSeen | None = None
    page: str | None = None
    """The hosted card page it was made by."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What pays a charge; fetched anew after every edit, for each makes the last ones void."""

    barcode: str | None = None
    """44 digits of a boleto."""
    pix: str | None = None
    """Copy and paste."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a gateway asks: a customer, as far as it wants to know him."""

    name: str
    tax_id: str
    """Bare; a gateway finds him again by it."""
    email: str | None = None
    phone: str | None = None
    """E.164."""
    postal_code: str | None = None
    street_number: str | None = None
    known_as: str | None = None
    """The gateway's id, if it was learned before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A charge as it should be; money in reais."""

    reference: str
    """By which it is found again, so that a repeat makes no second one."""
    payer: Payer
    method: Method
    amount: Decimal
    due_on: date
    today: date
    amount_today: Decimal
    """With fine and interest: what a charge asks for that is made after the due date, since no
    gateway takes one that is due in the past."""
    description: str
    received: Decimal = NOTHING
    """What was paid in part before: `amount` is the rest."""
    fine_percent: Decimal = NOTHING
    interest_percent_month: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the gateway on which a card is entered."""

    ref: str
    url: str


# ---------------------------------------------------------------------- the rules


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an invoice, as far as the rules care."""

    amount: Decimal
    on: date
    refunded: Decimal = NOTHING
    stands: bool = True
    """False: it was undone, or is disputed."""

    @property
    def kept(self) -> Decimal:
        """What of it counts."""
        return max(self.amount - self.refunded, NOTHING) if self.stands else NOTHING


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the payments of an invoice come to."""

    paid_on: date | None = None
    """The day its amount was reached; None: it is open."""
    received: Decimal = NOTHING
    """Everything that counts."""
    missing: Decimal = NOTHING
    """Of the amount, while it is open."""
    short: Decimal = NOTHING
    """Fine and interest that were owed on the day it was paid, and were not paid with it."""
    surplus: Decimal = NOTHING
    """More than was owed: to be given back, or to count for the next invoice."""

    @property
    def paid(self) -> bool:
        return self.paid_on is not None


def settle(
    amount: Decimal,
    due_on: date,
    payments: Iterable[Payment],
    *,
    fine_percent: Decimal = NOTHING,
    interest_percent_month: Decimal = NOTHING,
    rounding: str = "ROUND_HALF_UP",
    owed: bool = True,
) -> Settlement:
    """What the payments of an invoice of `amount` reais come to.

    - **Paid**: on the day on which what counts reaches the amount.
    - **Paid late with less than fine and interest**: paid. What lacks is `short`, for the billing
      system's next invoice; the invoice is not kept open for it, and nobody is blocked for it.
      (CDC art. 52 §1 bounds the fine and does not make its payment a condition of the debt's.)
    - **Paid partly**: open; `missing` is what lacks of the amount, and all that is asked for from
      then on. A payment counts towards the amount first (Código Civil art. 354 leaves that to the
      creditor), and fine and interest are on what was missing on its day: each payment owes those of its
      own part (art. 413: a fine is less where the debt was paid in part). A further payment completes it.
    - **Paid twice**, or more than was owed: paid on the first day; the rest is `surplus`
      (Código Civil art. 876: what was received beyond the debt is given back).
    - **Refunded**: what was given back counts no more. If too little is left, the invoice is open
      again until staff cancels it: only they know whether it is still owed.
    - **Chargeback**: counts no more while it is disputed, and again when the dispute is won.
    - **Undone** (a confirmation taken back): as if it had never been.

    `owed` is False for a cancelled invoice: it stays so, and all that is paid is surplus.
    Up to `NEGLIGIBLE`, `short` and `surplus` are nothing.
    """
    counting = sorted((p for p in payments if p.kept > 0), key=lambda p: p.on)
    received = sum((p.kept for p in counting), NOTHING)
    if not owed:
        return Settlement(received=received, surplus=received)
    missing, total, paid_on = amount, NOTHING, None
    for day, of_day in groupby(counting, key=lambda p: p.on):
        part = min(sum((p.kept for p in of_day), NOTHING), missing)
        total += amount_due(part, due_on, day, fine_percent, interest_percent_month, rounding).total
        missing -= part
        if not missing:
            paid_on = day
            break
    if paid_on is None:
        return Settlement(received=received, missing=missing)
    return Settlement(
        paid_on=paid_on,
        received=received,
        short=_worth_it(total - received),
        surplus=_worth_it(received - total),
    )


def _worth_it(difference: Decimal) -> Decimal:
    return difference if difference > NEGLIGIBLE else NOTHING


class News(StrEnum):
    """What a payment, or its end, changed for the customer."""

    NONE = "none"
    PAID = "paid"
    PARTLY = "partly"
    TWICE = "twice"
    """More came in than is owed."""
    REOPENED = "reopened"
    """It was paid and is not any more: refunded, disputed or undone."""
    RETURNED = "returned"
    """What was paid too much was given back."""
    LESS = "less"
    """A part of what was paid in part was refunded, disputed or undone."""


def news(before: Settlement, after: Settlement) -> News:
    """What is new for the customer between two settlements of one invoice."""
    if after.paid != before.paid:
        return News.PAID if after.paid else News.REOPENED
    if after.surplus != before.surplus:
        return News.TWICE if after.surplus > before.surplus else News.RETURNED
    if not after.paid and after.received != before.received:
        return News.PARTLY if after.received > before.received else News.LESS
    return News.NONE


FORMS = ("boleto", "pix", "card", "informal")
"""How a customer pays (`customer.payment_form`); informal: no boleto, staff confirms by hand."""


def form_to_method(form: str) -> Method:
    """The method a customer's form of payment asks charges to have."""
    return Method(form) if form in ("boleto", "pix", "card") else Method.ANY
