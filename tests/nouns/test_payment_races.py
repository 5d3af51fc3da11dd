"""Two processes hear of the same payment, or two tabs ask for the same change: it counts once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brand import Brand, Payments
from bot.core.message import Address, Inbound, _
from bot.core.ports import Turn
from bot.domain.payments import CardSeen, Charge, ChargeState, Method
from storage import booking, bulk, cards, charges, payments, people
from storage.booking import Booked
from storage.database import Database
from storage.tables import audit, card, invoice, message, payment, pending_change
from tests.conftest import OpenStorage

from .conftest import BRAND, bills
from .conftest import people as everybody

AT_ONCE = 8
PAID = Charge(
    "pay_1", "curral:A-0012", ChargeState.PAID, Method.PIX, Decimal("99.90"), date(2026, 11, 10),
    paid=Decimal("99.90"), paid_on=date(2026, 11, 9),
)  # fmt: skip


@pytest.fixture
def brand() -> Brand:
    return replace(
        BRAND, payments=Payments("main", "asaas", ("boleto", "pix", "card"), ("credit",), True)
    )


@pytest.fixture
async def ids(storage: Database) -> dict[str, int]:
    def fill(tx: Turn) -> dict[str, int]:
        ids = bulk.add_customers(tx, everybody())
        bulk.add_invoices(tx, bills(ids))
        event = Inbound("first", Address("web", "ana"), text="oi")
        tx.record(event)
        visitor, _session = tx.open(event)
        people.link(tx, visitor.address, ids["ana"], by="code")
        return ids

    return await storage.play(BRAND.id, fill)


async def by_two(
    open_storage: OpenStorage, storage: Database, work: Callable[[Turn], Any]
) -> list[Any]:
    """The same work, many times at once, in two processes."""
    other = open_storage(owner="second")
    both = [storage, other] * (AT_ONCE // 2)
    return await asyncio.gather(*(each.play(BRAND.id, work) for each in both))


async def count(storage: Database, column: Any, *where: Any) -> int:
    rows = await storage.read(BRAND.id, lambda read: read.all(select(column).where(*where)))
    return len(rows)


async def test_a_payment_is_booked_and_told_once(
    open_storage: OpenStorage, storage: Database, ids: dict[str, int]
) -> None:
    def book(tx: Turn) -> Booked:
        return booking.seen(tx, "main", PAID, booking.revision(tx, "main", PAID.ref))

    told = await by_two(open_storage, storage, book)

    assert set(told) <= {Booked.DONE, Booked.STALE}
    assert await count(storage, payment.c.id) == 1
    assert await count(storage, message.c.id, message.c.kind == "notice") == 1
    assert await count(storage, audit.c.id, audit.c.what == "invoice.paid") == 1


async def test_cash_confirmed_by_two_is_confirmed_once(
    open_storage: OpenStorage, storage: Database, ids: dict[str, int]
) -> None:
    found = select(invoice.c.id).where(invoice.c.number == "A-0012")
    id = await storage.read(BRAND.id, lambda read: read.scalar(found))
    told = await by_two(
        open_storage,
        storage,
        lambda tx: payments.confirm(
            tx, id or 0, ids["ana"], amount=Decimal("99.90"), on=date(2026, 11, 9), ref="c1"
        ),
    )
    assert sorted(told).count("taken") == 1
    assert await count(storage, payment.c.id) == 1


async def test_one_change_of_form_is_under_way(
    open_storage: OpenStorage, storage: Database, ids: dict[str, int]
) -> None:
    numbers = iter(range(AT_ONCE * 10))

    def ask(tx: Turn) -> Any:
        ticket = {"address": 1, "run": f"r{next(numbers)}", "key": "k"}
        return charges.ask_form(tx, ticket, ids["ana"], "pix", done=_("Done."), failed=_("Not."))

    asked = await by_two(open_storage, storage, ask)

    assert sum("change" in each for each in asked) == 1
    assert [each for each in asked if "refused" in each] == [{"refused": "pending"}] * 7
    assert await count(storage, pending_change.c.id) == 1


async def test_one_card_is_the_default(
    open_storage: OpenStorage, storage: Database, ids: dict[str, int]
) -> None:
    numbers = iter(range(1000, 1000 + AT_ONCE * 10))
    await by_two(
        open_storage,
        storage,
        lambda tx: cards.saved(tx, "main", ids["ana"], CardSeen("VISA", str(next(numbers)), "t")),
    )
    assert await count(storage, card.c.id, card.c.is_default) == 1
    found = await storage.read(BRAND.id, lambda read: cards.of(read, ids["ana"]))
    assert len(found) == AT_ONCE

    await by_two(open_storage, storage, lambda tx: cards.make_default(tx, ids["ana"], found[3].id))
    await by_two(open_storage, storage, lambda tx: cards.remove(tx, ids["ana"], found[3].id))
    left = await storage.read(BRAND.id, lambda read: cards.of(read, ids["ana"]))
    assert [each.is_default for each in left].count(True) == 1
    assert len(left) == AT_ONCE - 1
