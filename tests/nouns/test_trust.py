"""Promises, unlocks, claims and approved changes at the tables: one customer's, of one brand, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.core.brand import Trust
from bot.core.message import _
from bot.domain.payments import CardSeen
from storage import cards, charges, claims, paying, people, promises, situations, unlocks
from storage.tables import (
    customer,
    invoice,
    membership,
    message,
    payment_claim,
    payment_promise,
    trust_unlock,
)

from .conftest import BRAND, OTHER, Folk
from .desk import Desk

TRUST = Trust(unlock_days=3, promise_days=7)
WORDS: dict[str, Any] = {"digest": "d", "words": "I promise", "at": "2026-11-20T15:00:00+00:00"}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.brand = replace(BRAND, trust=TRUST, email="", features={})
    desk.visit()
    return desk


@pytest.fixture(autouse=True)
def ana(desk: Desk, folk: Folk) -> int:
    """She is the administrator of her own, and the one who does all this."""
    assert desk.visitor is not None
    desk.turn(people.link, desk.visitor.address, folk["ana"], by="code")
    return folk["ana"]


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
    with pytest.raises(LookupError):
        desk.turn(promises.make, bruno, late, "2026-11-25", WORDS)
    assert desk.turn(claims.make, bruno, late, words="I paid", request="e1") == "unknown"
    assert desk.turn(claims.waiting_since, bruno, late) is None
    assert count(desk, payment_promise) == count(desk, payment_claim) == 0


def test_another_brand_s_customer_is_nobody(
    desk: Desk, folk: Folk, late: int, blocked: None
) -> None:
    ana = folk["ana"]
    assert as_other_brand(desk, situations.of, ana) is None
    assert as_other_brand(desk, situations.is_blocked_or_late, ana) is False
    with pytest.raises(LookupError):
        as_other_brand(desk, promises.make, ana, late, "2026-11-25", WORDS)
    with pytest.raises(LookupError):
        as_other_brand(desk, unlocks.give, ana)
    assert as_other_brand(desk, claims.make, ana, late, words="I paid", request="e1") == "unknown"
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


TICKET = {"address": 1, "run": "r", "key": "k"}
CHANGES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (cards.make_default, (2,)),
    (cards.remove, (1,)),
    (cards.set_autopay, (True,)),
    (cards.cancel_page, ()),
]


def test_a_collaborator_changes_nothing_by_any_action(desk: Desk, ana: int) -> None:
    """However it was reached: the flow asks an administrator first, and the action asks again."""
    for last4 in ("4444", "1111"):
        desk.turn(cards.saved, "offline", ana, CardSeen("VISA", last4, "t"))
    before = desk.turn(cards.of, ana)
    desk.turn(lambda tx: tx.run(update(membership).values(role="collaborator")))
    for action, more in CHANGES:
        assert desk.turn(action, ana, *more) in (False, "no-card"), action
    words = {"done": _("a"), "failed": _("b")}
    refused = {"refused": "not-allowed"}
    assert desk.turn(cards.ask_page, TICKET, ana, "credit", **words) == refused
    assert desk.turn(charges.ask_form, None, ana, "pix", **words) == refused
    assert desk.turn(cards.of, ana) == before
    calls = desk.rows(select(message.c.dedup).where(message.c.kind == "call"))
    assert all(":answer:" in row.dedup for row in calls)  # the ticket's refusal, and no page


def test_a_collaborator_may_promise_and_be_trusted(
    desk: Desk, ana: int, late: int, blocked: None
) -> None:
    desk.turn(lambda tx: tx.run(update(membership).values(role="collaborator")))
    assert desk.turn(promises.make, ana, late, "2026-11-25", WORDS) == "made"
    assert "last_day" in desk.turn(unlocks.give, ana)


def test_nobody_acts_for_a_customer_they_do_not_speak_for(
    desk: Desk, folk: Folk, blocked: None
) -> None:
    """Ids of another's: Ana names Bruno, whose card, access and form of payment stay as they were."""
    bruno = folk["bruno"]
    desk.turn(cards.saved, "offline", bruno, CardSeen("VISA", "9999", "t"))
    words = {"done": _("a"), "failed": _("b")}
    for action, more in (*CHANGES, (unlocks.give, ())):
        with pytest.raises(LookupError):
            desk.turn(action, bruno, *more)
    for ask, args in (
        (cards.ask_page, (TICKET, bruno, "credit")), (charges.ask_form, (None, bruno, "pix")),
    ):  # fmt: skip
        with pytest.raises(LookupError):
            desk.turn(ask, *args, **words)
    for look in (charges.ask_look, charges.ask_charge):
        with pytest.raises(LookupError):
            desk.turn(look, TICKET, bruno, 1, *(["pix"] if look is charges.ask_charge else []))
    assert [each.last4 for each in desk.turn(cards.of, bruno)] == ["9999"]
