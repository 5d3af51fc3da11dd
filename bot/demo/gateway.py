"""The demo's gateway: behind the same port as a real one, and all of it pretended in this process.

It knows no card number: its page saves one test card. What it holds is forgotten when the demo stops;
a charge is found again by its reference, so nothing is asked for twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from bot.core.brand import Pix
from bot.core.errors import Permanent
from bot.core.ports import LaneLimits
from bot.demo.brand import BANK
from bot.domain import boleto, pix
from bot.domain.payments import (
    CardKind,
    CardSeen,
    Charge,
    ChargeState,
    Codes,
    Method,
    Page,
    Payer,
    Wanted,
)

NAME = "demo"
"""The account."""
SCHEME, LAST4 = "Visa", "1234"
"""The test card."""
REF = "demo:"
"""Begins the id of a charge; its reference follows."""


class CardWanted(Protocol):
    """What a card page is asked for (`bot.payments.port.CardWanted`, as far as it matters here)."""

    @property
    def kind(self) -> CardKind: ...
    @property
    def charge(self) -> Wanted | None: ...
    @property
    def next_due_on(self) -> date: ...


@dataclass(slots=True)
class CardPage:
    """A page on which the test card can be saved."""

    kind: CardKind
    pays: Wanted | None
    """The invoice that a debit card pays, and so is saved."""
    next_due_on: date
    saved: bool = False
    """Nothing else can be done on it."""
    declined: bool = False
    """The last try."""


class DemoGateway:
    """An account at a gateway that does not exist."""

    keeps_charges = True

    def __init__(
        self, address: str, key: Pix, *, token: Callable[[], str] = lambda: secrets.token_hex(12)
    ) -> None:
        """`address` is where the demo's pages are; `key` the brand's own, which its PIX codes name."""
        self._address = address
        self._key = key
        self._token = token
        self._charges: dict[str, Charge] = {}
        self.pages: dict[str, CardPage] = {}

    @property
    def name(self) -> str:
        return NAME

    @property
    def lane_limits(self) -> LaneLimits:
        return LaneLimits(100.0, 100)

    async def check(self) -> None:
        """Nothing can be wrong with it."""

    async def payer(self, payer: Payer) -> str:
        return f"payer:{payer.tax_id}"

    # -------------------------------------------------------------- charges

    async def find(self, reference: str) -> Charge | None:
        return self._charges.get(f"{REF}{reference}")

    async def charge(self, wanted: Wanted, known_as: str) -> Charge:
        found = await self.find(wanted.reference)
        if found is not None and found.state in (ChargeState.PAID, ChargeState.DISPUTED):
            return found
        late = wanted.due_on < wanted.today
        made = Charge(
            ref=f"{REF}{wanted.reference}",
            reference=wanted.reference,
            state=ChargeState.WAITING,
            method=wanted.method,
            amount=wanted.amount_today if late else wanted.amount,
            due_on=wanted.today if late else wanted.due_on,
            url=f"{self._address}/demo/bank",
        )
        self._charges[made.ref] = made
        return made

    async def codes(self, charge: Charge, wanted: Wanted) -> Codes:
        if charge.method is Method.CARD:
            return Codes()
        named = f"{charge.reference}{charge.due_on:%y%m%d}"  # other codes after every edit
        digits = "".join(each for each in named if each in "0123456789")
        key = self._key
        code = pix.encode(key.key, key.name, key.city, charge.amount, digits[-25:] or "***")
        if charge.method is Method.PIX:
            return Codes(pix=code)
        free = digits[-25:].rjust(25, "0")
        return Codes(boleto.make_barcode(BANK, charge.due_on, charge.amount, free), code)

    async def read(self, ref: str) -> Charge | None:
        return self._charges.get(ref)

    async def withdraw(self, ref: str) -> None:
        found = self._charges.get(ref)
        if found is not None and found.state is ChargeState.WAITING:
            del self._charges[ref]

    async def close(self) -> None:
        """Nothing is open."""

    # -------------------------------------------------------------- cards

    async def card_page(self, wanted: CardWanted) -> Page:
        if wanted.kind is CardKind.DEBIT and wanted.charge is None:
            raise Permanent("nothing_to_pay")
        token = self._token()
        self.pages[token] = CardPage(wanted.kind, wanted.charge, wanted.next_due_on)
        return Page(token, f"{self._address}/demo/card/{token}")

    async def card_of(self, page: str, known_as: str) -> tuple[CardSeen, Charge] | None:
        found = self.pages.get(page)
        if found is None or not found.saved:
            return None
        if found.kind is CardKind.DEBIT and found.pays is not None:
            seen = CardSeen(SCHEME, LAST4, None, CardKind.DEBIT)
            return seen, self.paid(found.pays.reference, found.pays.amount_today, Method.CARD)
        seen = CardSeen(SCHEME, LAST4, f"test-card-{page}", CardKind.CREDIT)
        first = Charge(
            ref=f"{REF}page:{page}", reference=f"page:{page}", state=ChargeState.WAITING,
            method=Method.CARD, amount=Decimal("5.00"), due_on=found.next_due_on, card=seen,
        )  # fmt: skip
        return seen, first

    async def clear_page(self, page: str, known_as: str) -> None:
        """There is nothing beside the card."""

    async def collect(self, ref: str, token: str) -> Charge:
        found = self._charges.get(ref)
        if found is None:
            raise Permanent("gone")
        return self.paid(found.reference, found.amount, Method.CARD)

    # -------------------------------------------------------------- what its pages do

    def paid(self, reference: str, amount: Decimal, method: Method = Method.PIX) -> Charge:
        """A charge is paid with so many reais; one that was paid stays as it is."""
        ref = f"{REF}{reference}"
        found = self._charges.get(ref)
        if found is None or found.state is not ChargeState.PAID:
            asked = amount if found is None else found.amount
            due_on = date(2026, 1, 1) if found is None else found.due_on
            found = Charge(ref, reference, ChargeState.PAID, method, asked, due_on, paid=amount)
            self._charges[ref] = found
        return found

    def given_back(self, ref: str, amount: Decimal, due_on: date) -> None:
        """All of a payment is given back; `amount` and `due_on` are what the record says of it."""
        reference = ref.removeprefix(REF)
        found = self._charges.get(ref) or Charge(
            ref, reference, ChargeState.PAID, Method.PIX, amount, due_on, paid=amount
        )
        self._charges[ref] = replace(found, state=ChargeState.REFUNDED, refunded=amount)
