"""What payments make of an invoice: paid, late, partly, twice, refunded, disputed, undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.payments import (
    NEGLIGIBLE,
    Method,
    News,
    Payment,
    Settlement,
    form_to_method,
    news,
    settle,
)

AMOUNT = Decimal("100.00")
DUE = date(2026, 11, 10)  # a Tuesday


def on(day: int, amount: str = "100.00", **more: object) -> Payment:
    return Payment(Decimal(amount), date(2026, 11, day), **more)  # type: ignore[arg-type]


def settled(*payments: Payment, owed: bool = True) -> Settlement:
    return settle(
        AMOUNT, DUE, payments,
        fine_percent=Decimal(2), interest_percent_month=Decimal(1), owed=owed,
    )  # fmt: skip


def test_nothing_paid_leaves_it_open() -> None:
    assert settled() == Settlement(missing=AMOUNT)


def test_paid_in_time_is_paid_on_that_day_and_nothing_is_left_to_say() -> None:
    assert settled(on(9)) == Settlement(paid_on=date(2026, 11, 9), received=AMOUNT)


def test_paid_late_with_fine_and_interest_is_paid() -> None:
    assert settled(on(20, "102.33")) == Settlement(
        paid_on=date(2026, 11, 20), received=Decimal("102.33")
    )


def test_paid_late_without_fine_and_interest_is_paid_and_what_lacks_is_short() -> None:
    late = settled(on(20))
    assert late.paid_on == date(2026, 11, 20)
    assert (late.short, late.missing) == (Decimal("2.33"), Decimal("0.00"))


def test_a_few_centavos_of_rounding_are_neither_short_nor_surplus() -> None:
    for paid in ("102.28", "102.33", "102.38"):
        assert (settled(on(20, paid)).short, settled(on(20, paid)).surplus) == (0, 0)
    assert settled(on(20, "102.27")).short == Decimal("0.06")


def test_paid_partly_stays_open_until_the_rest_comes() -> None:
    part = settled(on(5, "60.00"))
    assert (part.paid, part.missing) == (False, Decimal("40.00"))
    assert settled(on(8, "40.00"), on(5, "60.00")).paid_on == date(2026, 11, 8)


def test_fine_and_interest_are_on_what_was_missing_on_the_day_of_each_payment() -> None:
    in_time = settled(on(5, "60.00"), on(20, "40.93"))  # 0.80 and 0.13 on the 40.00 that were late
    assert in_time.paid_on == date(2026, 11, 20)
    assert not in_time.short + in_time.surplus
    late_too = settled(on(15, "60.00"), on(20, "40.93"))
    assert late_too.short == Decimal("1.30")  # of the 60.00, five days late
    assert settled(on(15, "60.00"), on(20, "42.23")).short == 0


def test_paid_twice_is_paid_on_the_first_day_and_the_rest_is_surplus() -> None:
    twice = settled(on(12), on(9))
    assert twice.paid_on == date(2026, 11, 9)
    assert twice.surplus == AMOUNT


def test_a_refund_of_all_opens_it_again() -> None:
    assert settled(on(9, refunded=AMOUNT)) == Settlement(missing=AMOUNT)


def test_a_refund_of_what_was_paid_twice_leaves_it_paid() -> None:
    assert settled(on(9), on(12, refunded=AMOUNT)) == settled(on(9))


def test_a_refund_of_a_part_opens_it_again_for_that_part() -> None:
    assert settled(on(9, refunded=Decimal("30.00"))).missing == Decimal("30.00")


@pytest.mark.parametrize("stands", [True, False])
def test_a_disputed_or_undone_payment_counts_while_it_stands_alone(stands: bool) -> None:
    assert settled(on(9, stands=stands)).paid is stands


def test_what_is_paid_for_a_cancelled_invoice_is_surplus() -> None:
    assert settled(on(9), owed=False) == Settlement(received=AMOUNT, surplus=AMOUNT)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ([], [on(9)], News.PAID),
        ([], [on(9, "60.00")], News.PARTLY),
        ([on(9, "60.00")], [on(9, "60.00"), on(10, "40.00")], News.PAID),
        ([on(9)], [on(9), on(12)], News.TWICE),
        ([on(9), on(12)], [on(9), on(12, refunded=AMOUNT)], News.RETURNED),
        ([on(9)], [on(9, refunded=AMOUNT)], News.REOPENED),
        ([on(9)], [on(9, stands=False)], News.REOPENED),
        ([on(9, stands=False)], [on(9)], News.PAID),
        ([on(9)], [on(9)], News.NONE),
        ([on(9, "60.00")], [on(9, "60.00", stands=False)], News.LESS),
    ],
)
def test_what_is_new_for_the_customer(
    before: Sequence[Payment], after: Sequence[Payment], what: News
) -> None:
    assert news(settled(*before), settled(*after)) is what


MONEY = st.decimals("0.01", "9999.99", places=2)
PAYMENTS = st.lists(
    st.builds(
        Payment,
        MONEY,
        st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        refunded=MONEY | st.just(Decimal("0.00")),
        stands=st.booleans(),
    ),
    max_size=5,
)


@given(PAYMENTS)
def test_it_is_paid_exactly_when_what_counts_reaches_the_amount(payments: list[Payment]) -> None:
    found = settled(*payments)
    assert found.received == sum((p.kept for p in payments), Decimal("0.00"))
    assert found.paid == (found.received >= AMOUNT)
    assert found.missing == (0 if found.paid else AMOUNT - found.received)
    assert min(found.short, found.surplus) == 0
    assert all(x == 0 or x > NEGLIGIBLE for x in (found.short, found.surplus))


@given(PAYMENTS, st.randoms())
def test_the_order_in_which_payments_are_told_does_not_matter(
    payments: list[Payment], random: object
) -> None:
    shuffled = list(payments)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settled(*shuffled) == settled(*payments)


@given(PAYMENTS)
def test_money_more_never_opens_an_invoice(payments: list[Payment]) -> None:
    more = [*payments, Payment(AMOUNT, DUE + timedelta(days=400))]
    assert settled(*more).paid
    assert news(settled(*payments), settled(*more)) is not News.REOPENED


def test_forms_of_payment_ask_for_their_method() -> None:
    assert [form_to_method(f) for f in ("boleto", "pix", "card", "informal")] == [
        Method.BOLETO, Method.PIX, Method.CARD, Method.ANY,
    ]  # fmt: skip
