"""The staff of a brand sees and decides what is its own, and nothing of another's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.core.ports import Turn
from storage import companies, confirming, deciding, queue
from storage.companies import Grouped
from storage.confirming import Result, Undone
from storage.deciding import Outcome
from storage.tables import invoice, payment, payment_claim

from .conftest import OTHER, Folk
from .desk import Desk


def as_staff(tx: Turn, action: Any, *args: Any, **more: Any) -> Any:
    tx.act_as("Caio")
    return action(tx, *args, **more)


@pytest.fixture
def claim(desk: Desk, folk: Folk) -> str:
    def told(tx: Turn) -> str:
        bill = tx.scalar(select(invoice.c.id).where(invoice.c.number == "A-0012"))
        ((id,),) = tx.run(
            insert(payment_claim)
            .values(
                brand="curral", customer=folk["ana"], invoice=bill, account="web", words="I paid",
                state="waiting", created_at=tx.now,
            )
            .returning(payment_claim.c.id)
        )  # fmt: skip
        return f"claim-{id}"

    return desk.turn(told)


def test_another_brand_s_staff_finds_nothing(desk: Desk, folk: Folk, claim: str) -> None:
    desk.turn(as_staff, companies.join_group, folk["filial"], folk["matriz"])
    ours = desk.brand
    desk.brand = OTHER

    assert desk.turn(queue.waiting) == []
    assert desk.turn(queue.get, claim) is None
    decided = desk.turn(as_staff, deciding.decide, claim, approve=True)
    assert decided.outcome is Outcome.GONE
    assert desk.turn(as_staff, confirming.confirm, "A-0012").result is Result.UNKNOWN
    assert desk.turn(as_staff, confirming.undo, "A-0012").result is Undone.UNKNOWN
    assert desk.turn(companies.grouped) == []
    assert desk.turn(as_staff, companies.leave_group, folk["filial"]) is Grouped.UNKNOWN
    assert desk.rows(select(payment.c.id)) == []

    desk.brand = ours
    assert [each.ref for each in desk.turn(queue.waiting)] == [claim]
    assert [each.id for each in desk.turn(companies.grouped)] == [folk["matriz"], folk["filial"]]


def test_late_is_booked_with_fine_and_interest_of_its_day(desk: Desk, folk: Folk) -> None:
    """99.90, due on Tuesday 10 November 2026, paid on the 16th: 2 % once, six days of 1 % a month."""
    done = desk.turn(as_staff, confirming.confirm, "A-0012", on=date(2026, 11, 16))
    assert (str(done.owed), str(done.amount), done.result) == ("102.10", "102.10", Result.PAID)


def test_a_cancelled_invoice_takes_money_only_when_told_twice(desk: Desk, folk: Folk) -> None:
    assert desk.turn(as_staff, confirming.confirm, "A-0009").result is Result.CANCELLED
    taken = desk.turn(
        as_staff, confirming.confirm, "A-0009", amount=Decimal("10.00"), anyway=True
    )  # fmt: skip
    assert (taken.result, taken.surplus) == (Result.SURPLUS, Decimal("10.00"))
