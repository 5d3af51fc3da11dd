"""Any story that gateways and staff may tell of an invoice ends as the rules say, and says each thing once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.payments import Charge, ChargeState, Method, settle
from storage import booking, bulk, payments, people
from storage.bulk import NewInvoice
from storage.invoices import Line
from storage.tables import invoice, message, payment

from .conftest import BRAND
from .conftest import people as everybody
from .desk import Desk

AMOUNT = Decimal("99.90")
DUE = date(2026, 11, 10)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def known() -> dict[str, int]:
    return {}


@pytest.fixture
def counter(sqlite_url: str) -> Iterator[Desk]:
    opened = Desk(sqlite_url, BRAND)
    yield opened
    opened.close()


READINGS = st.tuples(
    st.sampled_from(["one", "two"]),
    st.sampled_from(list(ChargeState)),
    st.sampled_from(["30.00", "69.90", "99.90", "150.00"]),
    st.sampled_from(["0.00", "30.00"]),
    st.integers(0, 20),
    st.booleans(),
)
HANDS = st.tuples(st.just("hand"), st.sampled_from(["confirm", "undo"]), st.integers(0, 3))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(READINGS | HANDS, min_size=1, max_size=8))
def test_any_story_ends_as_the_rules_say(
    counter: Desk, known: dict[str, int], story: list[tuple[object, ...]]
) -> None:
    desk = counter
    if not desk.rows(select(invoice.c.id).limit(1)):
        known |= desk.turn(bulk.add_customers, everybody())
        visitor = desk.visit("ana")
        desk.turn(people.link, visitor.address, known["ana"], by="code")
        desk.visitor = None
    number = f"S-{next(_numbers)}"
    id = new_invoice(desk, known["ana"], number)

    for step in story:
        if step[0] == "hand":
            by_hand(desk, id, known["ana"], step)
            continue
        name, state, paid, refunded, days, hand = step
        ref = f"{number}-{name}"
        reading = Charge(
            ref, f"{BRAND.id}:{number}", ChargeState(state), Method.PIX, AMOUNT, DUE,
            paid=Decimal(str(paid)), paid_on=DUE + timedelta(days=int(str(days))),
            refunded=Decimal(str(refunded)), by_hand=bool(hand),
        )  # fmt: skip
        desk.turn(booking.seen, "main", reading, desk.turn(booking.revision, "main", ref))

    check(desk, id)


def new_invoice(desk: Desk, customer: int, number: str) -> int:
    bill = NewInvoice(
        customer, number, "2026-11", date(2026, 11, 1), DUE, lines=(Line("Fibra", AMOUNT),)
    )
    desk.turn(bulk.add_invoices, [bill])
    (row,) = desk.rows(select(invoice.c.id).where(invoice.c.number == number))
    return int(row.id)


def by_hand(desk: Desk, id: int, customer: int, step: tuple[object, ...]) -> None:
    if step[1] == "confirm":
        desk.turn(payments.confirm, id, customer, amount=AMOUNT, on=DUE, ref=f"{id}:{step[2]}")
        return
    mine = [each for each in desk.turn(payments.of_invoice, id) if each.gateway == "hand"]
    for each in mine[:1]:
        desk.turn(payments.undo, each.id)


def check(desk: Desk, id: int) -> None:
    rules = settle(
        AMOUNT, DUE, [each.counted for each in desk.turn(payments.of_invoice, id)],
        fine_percent=BRAND.terms.fine_percent,
        interest_percent_month=BRAND.terms.interest_percent_month,
    )  # fmt: skip
    (row,) = desk.rows(
        select(invoice.c.state, invoice.c.paid_on, invoice.c.paid_amount).where(invoice.c.id == id)
    )
    assert row.state == ("paid" if rules.paid else "open")
    assert row.paid_on == rules.paid_on
    assert row.paid_amount == (rules.received - rules.surplus if rules.paid else None)
    refs = desk.rows(select(payment.c.gateway, payment.c.ref).where(payment.c.invoice == id))
    assert max(Counter(map(tuple, refs)).values(), default=1) == 1
    told = desk.rows(select(message.c.dedup).where(message.c.subject == f"invoice:{id}"))
    assert max(Counter(row.dedup for row in told).values(), default=1) == 1
