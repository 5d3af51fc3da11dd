"""Several of the staff decide the same thing in one moment: one decision counts, one payment is booked."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from bot.core.brand import Brand
from bot.core.ports import Turn
from storage import bulk, confirming, deciding
from storage.confirming import Result
from storage.database import Database
from storage.deciding import Decided, Outcome
from storage.tables import invoice, payment, payment_claim, staff_decision
from tests.conftest import OpenStorage

from .conftest import BRAND, bills
from .conftest import people as everybody

COLLEAGUES = ("Bia", "Caio", "Davi", "Eva")
NUMBER = "A-0012"


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
async def claim(storage: Database) -> str:
    def fill(tx: Turn) -> str:
        ids = bulk.add_customers(tx, everybody())
        bulk.add_invoices(tx, bills(ids))
        bill = tx.scalar(select(invoice.c.id).where(invoice.c.number == NUMBER))
        ((id,),) = tx.run(
            insert(payment_claim)
            .values(
                brand=BRAND.id, customer=ids["ana"], invoice=bill, account="web", words="I paid",
                state="waiting", created_at=tx.now,
            )
            .returning(payment_claim.c.id)
        )  # fmt: skip
        return f"claim-{id}"

    return await storage.play(BRAND.id, fill)


async def test_yes_and_no_in_one_moment_are_one_decision(
    open_storage: OpenStorage, storage: Database, claim: str
) -> None:
    other = open_storage(owner="second")

    async def decides(at: Database, name: str, *, yes: bool) -> Decided:
        def work(tx: Turn) -> Decided:
            tx.act_as(name)
            return deciding.decide(tx, claim, approve=yes, note="looked at it")

        return await at.play(BRAND.id, work)

    every = await asyncio.gather(
        *(
            decides(at, name, yes=yes)
            for name, at, yes in zip(
                COLLEAGUES, (storage, other) * 2, (True, False, True, False), strict=True
            )
        )
    )

    done = [each for each in every if each.outcome is Outcome.DONE]
    late = [each.before for each in every if each.outcome is Outcome.DECIDED]
    assert (len(done), len(late)) == (1, 3)
    rows = await storage.read(
        BRAND.id, lambda read: read.all(select(staff_decision.c.staff, staff_decision.c.approved))
    )
    assert [(row.staff, row.approved) for row in rows] == [
        (each.staff, each.approved) for each in late[:1] if each
    ]
    booked = await storage.read(BRAND.id, lambda read: read.all(select(payment.c.id)))
    assert len(booked) == (done[0].payment is not None)


async def test_cash_that_two_book_in_one_moment_is_booked_once(
    open_storage: OpenStorage, storage: Database, claim: str
) -> None:
    other = open_storage(owner="second")

    def work(tx: Turn) -> Result:
        tx.act_as("Bia")
        half = Decimal("40.00")
        return confirming.confirm(tx, NUMBER, amount=half, on=date(2026, 11, 9)).result

    told = await asyncio.gather(*(at.play(BRAND.id, work) for at in (storage, other) * 3))

    assert sorted(told) == [Result.AGAIN] * 5 + [Result.PARTLY]
