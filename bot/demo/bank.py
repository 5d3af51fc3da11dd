"""The demo's bank: pays invoices and saves the test card, and tells the counter as a webhook would."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from bot.core.ports import Read, Turn
from bot.demo.gateway import NAME, CardPage, DemoGateway
from bot.demo.seed import Someone
from bot.domain.tax_id import parse_tax_id
from storage import charges, customers, invoices, payments, pending
from storage.invoices import Invoice

R = TypeVar("R")
HALF = Decimal("0.5")
CENT = Decimal("0.01")
SHOWN = 3
"""Paid invoices of each customer, whose payment can be given back."""


class Plays(Protocol):
    """The storage."""

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R: ...
    async def read(self, brand: str, work: Callable[[Read], R]) -> R: ...


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice as the bank's page shows it; money in reais."""

    invoice: int
    number: str
    who: str
    owed: Decimal
    """With fine and interest; 0 if it is paid."""
    paid: Decimal | None
    """What came in by this bank; None: nothing that could be given back."""


class DemoBank:
    """What one can do on the pages of the demo's gateway."""

    def __init__(self, gateway: DemoGateway, brand: str) -> None:
        self._gateway = gateway
        self._brand = brand
        self._people: Sequence[Someone] = ()

    def opens(self, storage: Plays, people: Sequence[Someone]) -> None:
        """From now on it knows whose invoices there are."""
        self._storage = storage
        self._people = people

    async def bills(self) -> Sequence[Bill]:
        """What the people one can be owe, and what they paid here."""
        return await self._storage.read(self._brand, self._bills)

    def _bills(self, read: Read) -> list[Bill]:
        found = []
        for each in self._people:
            who = customers.by_tax_id(read, parse_tax_id(each.tax_id))
            if who is None:
                continue
            paid = invoices.page(read, who.id, "paid", limit=SHOWN)
            for invoice in (*invoices.open_of(read, who.id), *paid):
                mine = _paid_here(read, invoice)
                owed = invoices.charges_today(invoice, read.brand.terms, read.today).total
                if invoice.is_open or mine is not None:
                    found.append(Bill(invoice.id, invoice.number, each.name, owed, mine))
        return found

    async def pay(self, invoice: int, *, half: bool) -> None:
        """All that is owed today is paid, or half of what is missing."""

        def look(read: Read) -> tuple[str, Decimal] | None:
            wanted = charges.wanted(read, invoice)
            if wanted is None:
                return None
            part = (wanted.amount * HALF).quantize(CENT)
            return wanted.reference, part if half else wanted.amount_today

        found = await self._storage.read(self._brand, look)
        if found is not None:
            await self._tell(self._gateway.paid(*found).ref)

    async def give_back(self, invoice: int) -> None:
        """The last payment that came in by this bank is given back."""

        def look(read: Read) -> tuple[str, Decimal, date] | None:
            whose = payments.of_invoice(read, invoice)
            mine = [p for p in whose if p.gateway == NAME and p.counted.kept]
            return (mine[-1].ref, mine[-1].amount, mine[-1].paid_on) if mine else None

        found = await self._storage.read(self._brand, look)
        if found is not None:
            self._gateway.given_back(*found)
            await self._tell(found[0])

    def page(self, token: str) -> CardPage | None:
        """A card page that was asked for since the demo began."""
        return self._gateway.pages.get(token)

    async def use_card(self, token: str, *, save: bool) -> None:
        """The test card is saved, once; or declined, and then another try is free."""
        page = self.page(token)
        if page is None or page.saved:
            return
        page.saved, page.declined = save, not save
        if save and page.pays is not None and page.kind == "debit":
            paid = self._gateway.paid(page.pays.reference, page.pays.amount_today)
            await self._tell(paid.ref)
        values = {"ref": token, "why": None if save else "declined"}
        dedup = f"event:{secrets.token_hex(8)}"
        await self._storage.play(
            self._brand, lambda tx: pending.post(tx, "page", values, dedup=dedup, gateway=NAME)
        )

    async def _tell(self, ref: str) -> None:
        event = secrets.token_hex(8)
        await self._storage.play(
            self._brand,
            lambda tx: charges.look(tx, ref, dedup=f"event:{event}", gateway=NAME),
        )


def _paid_here(read: Read, of: Invoice) -> Decimal | None:
    mine = [p.counted.kept for p in payments.of_invoice(read, of.id) if p.gateway == NAME]
    return sum(mine, Decimal("0.00")) or None
