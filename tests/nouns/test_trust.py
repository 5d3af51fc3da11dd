"""Promises, unlocks, claims and approved changes at the tables: one customer's, of one brand, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.core.brand import Trust
from bot.domain.payments import CardSeen
from storage import cards, claims, paying, promises, situations, unlocks
from storage.tables import customer, invoice, payment_claim, payment_promise, trust_unlock

from .conftest import BRAND, OTHER, Folk
from .desk import Desk

TRUST = Trust(unlock_days=3, promise_days=7)
WORDS: dict[str, Any] = {"digest": "d", "words": "I promise", "at": "2026-11-20T15:00:00+00:00"}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.brand = replace(BRAND, trust=TRUST, email="", features={})
    desk.visit()
    return desk


@pytest.fixture
def late(desk: Desk, folk: Folk) -> int:
    """The invoice of Ana that is ten days late."""
    return int(
        desk.turn(lambda tx: tx.scalar(select(invoice.c.id).where(invoice.c.number == "A-0012")))
    )


@pytest.fixture
def blocked(desk: Desk, folk: Folk) -> None:
    desk.turn(
        lambda tx: tx.run(
            update(customer).where(customer.c.id == folk["ana"]).values(status="blocked")
        )
    )


def count(desk: Desk, table: Any) -> int:
    return int(desk.turn(lambda tx: tx.scalar(select(func.count()).select_from(table))))


def as_other_brand(desk: Desk, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
    mine, desk.brand = desk.brand, replace(OTHER, trust=TRUST)
    try:
        return desk.turn(work, *args, **more)
    finally:
        desk.brand = mine


def test_another_s_invoice_is_neither_promised_nor_claimed(
    desk: Desk, folk: Folk, late: int
) -> None:
    bruno = folk["bruno"]
    assert desk.turn(promises.make, bruno, late, "2026-11-25", WORDS) == "unknown"
    assert desk.turn(claims.make, bruno, late, words="I paid", request="e1") == "unknown"
    assert desk.turn(claims.waiting_since, bruno, late) is None
    assert count(desk, payment_promise) == count(desk, payment_claim) == 0


def test_another_brand_s_customer_is_nobody(
    desk: Desk, folk: Folk, late: int, blocked: None
) -> None:
    ana = folk["ana"]
    assert as_other_brand(desk, situations.of, ana) is None
    assert as_other_brand(desk, situations.is_blocked_or_late, ana) is False
    assert as_other_brand(desk, promises.make, ana, late, "2026-11-25", WORDS) == "unknown"
    assert as_other_brand(desk, claims.make, ana, late, words="I paid", request="e1") == "unknown"
    assert as_other_brand(desk, unlocks.give, ana)["refused"] == "off"
    assert count(desk, trust_unlock) == count(desk, payment_claim) == 0


def test_a_claim_is_in_its_brand_s_queue_until_staff_has_looked(
    desk: Desk, folk: Folk, late: int
) -> None:
    ana = folk["ana"]
    assert desk.turn(claims.make, ana, late, words="I paid", request="e1") == "taken"
    assert desk.turn(claims.make, ana, late, words="again", request="e2") == "looking"
    (waiting,) = desk.turn(claims.queue)
    assert (waiting.customer, waiting.invoice, waiting.words) == (ana, late, "I paid")
    assert as_other_brand(desk, claims.queue) == []
    assert not as_other_brand(desk, claims.settle, waiting.id, "confirmed")
    assert desk.turn(claims.settle, waiting.id, "dismissed")
    assert desk.turn(claims.queue) == []


def test_what_is_paid_meanwhile_leaves_the_queue_and_takes_no_claim(
    desk: Desk, folk: Folk, late: int
) -> None:
    desk.turn(claims.make, folk["ana"], late, words="I paid", request="e1")
    desk.turn(lambda tx: tx.run(update(invoice).where(invoice.c.id == late).values(state="paid")))
    assert desk.turn(claims.queue) == []
    assert desk.turn(claims.make, folk["ana"], late, words="I paid", request="e2") == "paid"
    assert desk.turn(promises.make, folk["ana"], late, "2026-11-25", WORDS) == "unknown"


def test_a_promise_is_only_for_a_day_of_the_rule(desk: Desk, folk: Folk, late: int) -> None:
    for day in ("2026-11-20", "2026-11-28"):
        assert desk.turn(promises.make, folk["ana"], late, day, WORDS) == "day"
    assert desk.turn(promises.make, folk["ana"], late, "2026-11-27", WORDS) == "made"
    assert desk.turn(promises.make, folk["ana"], late, "2026-11-26", WORDS) == "open"
    assert desk.turn(promises.running, folk["ana"]) == {late: date(2026, 11, 27)}
    assert desk.turn(promises.running, folk["bruno"]) == {}


def test_an_unlock_is_given_once(desk: Desk, folk: Folk, blocked: None) -> None:
    assert desk.turn(unlocks.give, folk["ana"]) == {"last_day": "2026-11-23"}
    assert desk.turn(unlocks.give, folk["ana"]) == {"refused": "running", "again_on": "2026-12-20"}
    found = desk.turn(situations.of, folk["ana"])
    assert found is not None
    assert found.has_access
    assert (
        desk.turn(
            lambda tx: tx.scalar(select(customer.c.status).where(customer.c.id == folk["ana"]))
        )
        == "blocked"
    )


def test_an_approved_change_reaches_only_the_customer_s_own_cards(desk: Desk, folk: Folk) -> None:
    saved = desk.turn(cards.saved, "main", folk["bruno"], CardSeen("VISA", "4444", "t"))
    for change in ("default", "remove"):
        outcome = desk.turn(
            paying.apply_approved, folk["ana"], {"do": change, "card": saved["card"]}
        )
        assert outcome["refused"]["s"] == "that card is not there any more."
    outcome = desk.turn(paying.apply_approved, folk["ana"], {"do": "autopay", "on": True})
    assert "refused" in outcome
    assert [each.last4 for each in desk.turn(cards.of, folk["bruno"])] == ["4444"]
