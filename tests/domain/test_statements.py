"""The sums of a statement, a year's payments, and when a year may be declared paid (Lei 12.007/2009)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.charges import Charges, amount_due
from bot.domain.statements import (
    ZERO,
    Bill,
    Part,
    Standing,
    Totals,
    Verdict,
    clearance,
    entry,
    parts_paid,
    totals,
    with_parts,
    year_paid,
)

TODAY = date(2026, 11, 20)
_numbers = count(1)


def charge(amount: Decimal, due_on: date) -> Charges:
    return amount_due(amount, due_on, TODAY, 2, 1, "ROUND_HALF_UP")


def bill(due: date, amount: str = "100.00", state: str = "open", paid: str | None = None) -> Bill:
    number = next(_numbers)
    on = due if state == "paid" else None
    amount_paid = Decimal(paid) if paid else None
    return Bill(
        number, f"N-{number:03}", f"{due:%Y-%m}", due, Decimal(amount), state, on, amount_paid
    )


BILLS = st.lists(
    st.builds(
        bill,
        st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.integers(0, 10**8).map(lambda cents: str(Decimal(cents).scaleb(-2))),
        st.sampled_from(["open", "paid", "cancelled"]),
        st.none() | st.integers(0, 10**8).map(lambda cents: str(Decimal(cents).scaleb(-2))),
    ),
    max_size=30,
)

# ------------------------------------------------------------------ a period


@pytest.mark.parametrize(
    ("of", "standing", "owed"),
    [
        (bill(date(2026, 12, 10)), Standing.OPEN, "100.00"),
        (bill(TODAY), Standing.OPEN, "100.00"),
        (bill(date(2026, 11, 10)), Standing.OVERDUE, "102.33"),
        (bill(date(2026, 11, 10), "0.00"), Standing.OPEN, "0.00"),
        (bill(date(2026, 11, 10), state="paid"), Standing.PAID, "0.00"),
        (bill(date(2026, 11, 10), state="cancelled"), Standing.CANCELLED, "0.00"),
    ],
)
def test_a_bill_stands_open_overdue_paid_or_cancelled(
    of: Bill, standing: Standing, owed: str
) -> None:
    found = entry(of, charge)
    assert (found.standing, found.owed) == (standing, Decimal(owed))


def test_the_sums_say_what_was_charged_paid_and_is_owed() -> None:
    found = totals(
        entry(each, charge)
        for each in (
            bill(date(2026, 9, 10), state="paid", paid="102.00"),
            bill(date(2026, 8, 10), state="paid"),
            bill(date(2026, 7, 10), state="cancelled"),
            bill(date(2026, 11, 10)),
            bill(date(2026, 12, 10), "50.00"),
        )
    )
    assert found == Totals(
        bills=4, cancelled=1, charged=Decimal("350.00"), paid=Decimal("202.00"),
        open=Decimal("50.00"), overdue=Decimal("100.00"), fine=Decimal("2.00"),
        interest=Decimal("0.33"), late=1, unpaid=2,
    )  # fmt: skip
    assert found.owed == Decimal("152.33")


def test_of_nothing_the_sums_are_zero() -> None:
    assert totals([]) == Totals()
    assert Totals().owed == ZERO


@given(BILLS)
def test_what_is_owed_is_what_each_open_bill_costs_today(bills: list[Bill]) -> None:
    entries = [entry(each, charge) for each in bills]
    found = totals(entries)
    assert found.owed == sum((each.owed for each in entries), ZERO)
    assert found.bills + found.cancelled == len(bills)
    assert found.charged == sum((b.amount for b in bills if b.state != "cancelled"), ZERO)


@given(BILLS, st.integers(0, 30))
def test_the_sums_of_two_parts_are_those_of_the_whole(bills: list[Bill], cut: int) -> None:
    entries = [entry(each, charge) for each in bills]
    assert totals(entries[:cut]) + totals(entries[cut:]) == totals(entries)


# ------------------------------------------------------------------ a year's payments


def test_a_year_has_twelve_months_though_some_were_without_payment() -> None:
    found = year_paid(2025, {3: (Decimal("199.80"), 2), 12: (Decimal("99.90"), 1)}, undated=4)
    assert [each.month for each in found.months] == list(range(1, 13))
    assert (found.total, found.payments, found.undated) == (Decimal("299.70"), 3, 4)
    assert found.months[0].amount == ZERO


def test_a_year_without_payments_comes_to_zero() -> None:
    assert (year_paid(2024, {}).total, year_paid(2024, {}).payments) == (ZERO, 0)


def test_an_invoice_paid_in_parts_counts_on_the_day_of_each() -> None:
    parts = [
        Part(1, date(2025, 12, 28), Decimal("60.00"), Decimal("100.00")),
        Part(1, date(2026, 1, 4), Decimal("60.00"), Decimal("100.00")),  # 20.00 are owed back
        Part(1, date(2026, 2, 1), Decimal("5.00"), Decimal("100.00")),
        Part(2, date(2026, 1, 5), Decimal("30.00"), None),
    ]
    assert parts_paid(parts) == [
        (date(2025, 12, 28), Decimal("60.00")),
        (date(2026, 1, 4), Decimal("40.00")),
        (date(2026, 1, 5), Decimal("30.00")),
    ]


def test_parts_are_added_to_what_was_paid_at_once() -> None:
    at_once = {1: (Decimal("99.90"), 1)}
    found = with_parts(at_once, [(1, Decimal("40.00")), (2, Decimal("30.00"))])
    assert found == {1: (Decimal("139.90"), 2), 2: (Decimal("30.00"), 1)}
    assert at_once == {1: (Decimal("99.90"), 1)}


# ------------------------------------------------------------------ Lei 12.007/2009


def year(of: int, state: str = "paid") -> list[Bill]:
    return [bill(date(of, month, 10), state=state) for month in range(1, 13)]


def test_a_year_is_declared_paid_when_every_bill_due_in_it_is() -> None:
    """Art. 2 §1."""
    found = clearance(2025, year(2025), TODAY)
    assert found.verdict is Verdict.CLEARED
    assert (len(found.bills), found.total) == (12, Decimal("1200.00"))
    assert found.months == tuple(range(1, 13))


def test_a_bill_belongs_to_the_year_it_is_due_in_whenever_it_was_paid() -> None:
    """Art. 2: "tendo como referência a data do vencimento"."""
    late = replace(bill(date(2025, 12, 10), state="paid"), paid_on=date(2026, 3, 2))
    assert clearance(2025, [late], TODAY).bills == (late,)
    assert clearance(2026, [late], date(2027, 1, 1)).verdict is Verdict.NO_BILLS


def test_one_open_bill_stands_against_it_and_is_named() -> None:
    owed = bill(date(2025, 6, 10), "99.90")
    found = clearance(2025, [*year(2025), owed], TODAY)
    assert found.verdict is Verdict.UNPAID
    assert found.unpaid == (owed,)


def test_a_cancelled_bill_and_one_of_zero_are_no_debt() -> None:
    nothing = [bill(date(2025, 6, 11), state="cancelled"), bill(date(2025, 6, 12), "0.00")]
    found = clearance(2025, [*year(2025), *nothing], TODAY)
    assert found.verdict is Verdict.CLEARED
    assert len(found.bills) == 13


def test_who_had_bills_in_some_months_is_cleared_of_those() -> None:
    """Art. 2 §2."""
    found = clearance(2025, year(2025)[6:], TODAY)
    assert found.verdict is Verdict.CLEARED
    assert found.months == (7, 8, 9, 10, 11, 12)


@pytest.mark.parametrize("bills", [[], [bill(date(2025, 3, 10), state="cancelled")]])
def test_who_had_no_bill_has_nothing_to_be_cleared_of(bills: list[Bill]) -> None:
    assert clearance(2025, bills, TODAY).verdict is Verdict.NO_BILLS


def test_a_year_that_is_not_over_is_not_declared_and_on_new_years_day_it_is() -> None:
    """Arts. 2 and 3."""
    bills = year(2026)
    assert clearance(2026, bills, date(2026, 12, 31)).verdict is Verdict.NOT_OVER
    assert clearance(2026, bills, date(2027, 1, 1)).verdict is Verdict.CLEARED
    assert clearance(2030, bills, TODAY).verdict is Verdict.NOT_OVER


def test_what_is_open_of_earlier_years_is_excepted_and_does_not_stand_against_it() -> None:
    """Arts. 2 §1 and 4."""
    old, older = bill(date(2024, 6, 10)), bill(date(2023, 6, 10))
    later = bill(date(2026, 6, 10))
    found = clearance(2025, [*year(2025), old, older, later], TODAY)
    assert found.verdict is Verdict.CLEARED
    assert found.earlier == (older, old)


@given(BILLS, st.integers(2023, 2026), st.integers(0, 900))
def test_a_clearance_never_covers_an_open_bill(bills: list[Bill], year: int, days: int) -> None:
    found = clearance(year, bills, date(2025, 6, 1) + timedelta(days=days))
    if found.verdict is Verdict.CLEARED:
        assert all(each.state == "paid" or each.amount == 0 for each in found.bills)
        assert found.bills
    assert {each.due_on.year for each in found.bills} <= {year}
    assert "cancelled" not in {each.state for each in found.bills}
    assert set(found.unpaid) <= set(found.bills)
