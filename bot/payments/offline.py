"""No gateway: the brand's own PIX code, the billing system's own boletos, staff that confirms."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.ports import LaneLimits
from bot.domain import pix
from bot.domain.payments import (
    CardSeen,
    Charge,
    ChargeState,
    Codes,
    Method,
    Page,
    Payer,
    Wanted,
)
from bot.payments.port import CardWanted


class Offline:
    """The account of brands that have none. It keeps nothing: the record is the counter's own.

    A charge is what was wanted; its PIX code is made of the brand's key, with what is owed today,
    and nobody reports when it was paid: staff confirms by hand.
    """

    keeps_charges = False

    def __init__(self, name: str, brand_of: Callable[[str], Brand | None]) -> None:
        """`brand_of` gives the brand that a reference (`brand:number`) belongs to."""
        self._name = name
        self._brand_of = brand_of

    @property
    def name(self) -> str:
        return self._name

    @property
    def lane_limits(self) -> LaneLimits:
        return LaneLimits(100.0, 100)

    async def check(self) -> None:
        """Nothing can be wrong with it."""

    async def payer(self, payer: Payer) -> str:
        return payer.known_as or "offline"

    async def find(self, reference: str) -> Charge | None:
        return None

    async def charge(self, wanted: Wanted, known_as: str) -> Charge:
        if wanted.method is Method.CARD:
            raise Permanent("not_offered")
        return Charge(
            ref=wanted.reference,
            reference=wanted.reference,
            state=ChargeState.WAITING,
            method=wanted.method,
            amount=wanted.amount,
            due_on=wanted.due_on,
        )

    async def codes(self, charge: Charge, wanted: Wanted) -> Codes:
        """The brand's static PIX code for what is owed today; no boleto."""
        brand = self._brand_of(wanted.reference.partition(":")[0])
        if brand is None or brand.pix is None or wanted.amount_today <= 0:
            return Codes()
        named = wanted.reference.partition(":")[2]
        if wanted.received:
            named = named.rpartition("#")[0]
        number = "".join(c for c in named if c.isalnum() and c.isascii())
        key = brand.pix
        code = pix.encode(key.key, key.name, key.city, wanted.amount_today, number[-25:] or "***")
        return Codes(pix=code)

    async def read(self, ref: str) -> Charge | None:
        return None

    async def withdraw(self, ref: str) -> None:
        """Nothing is there to be deleted."""

    async def card_page(self, wanted: CardWanted) -> Page:
        raise Permanent("not_offered")

    async def card_of(self, page: str, known_as: str) -> tuple[CardSeen, Charge] | None:
        return None

    async def clear_page(self, page: str, known_as: str) -> None:
        """There are no pages."""

    async def collect(self, ref: str, token: str) -> Charge:
        raise Permanent("not_offered")

    async def close(self) -> None:
        """Nothing is open."""
