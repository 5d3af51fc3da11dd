"""Fine and interest of late bills."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import last_day_without_charges
from bot.domain.charges import Charges, amount_due, check_terms, days_late
from bot.domain.errors import Invalid

from .published import cases

DUE = date(2026, 11, 10)  # a Tuesday
TWO, ONE = Decimal(2), Decimal(1)

cents = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
fines = st.decimals(0, 2, places=2)
interests = st.decimals(0, 10, places=3)
dues = st.dates(date(2020, 1, 1), date(2040, 1, 1))
late_by = st.integers(-30, 4000)


def refusal(*args, **kwargs):
    with pytest.raises(Invalid) as caught:
        amount_due(*args, **kwargs)
    return caught.value.code


@pytest.mark.parametrize("case", cases("late_charges"))
def test_published_example(case):
    charges = amount_due(
        Decimal(case["amount"]),
        DUE,
        DUE + timedelta(days=case["days_late"]),
        Decimal(case["fine_percent"]),
        Decimal(case["interest_percent_month"]),
        case["rounding"],
    )
    expected = {name: Decimal(value) for name, value in case["expected"].items()}
    assert charges == Charges(**expected, days_late=case["days_late"])


def test_the_rounding_is_stated_and_truncates_by_default():
    terms = (Decimal("100.00"), DUE, DUE + timedelta(days=5), TWO, ONE)
    assert amount_due(*terms) == amount_due(*terms, ROUND_DOWN)
    assert amount_due(*terms).interest == Decimal("0.16")
    assert amount_due(*terms, ROUND_HALF_UP).interest == Decimal("0.17")
    assert refusal(*terms, "ROUND_SOMEHOW") == "rounding"


def test_up_to_the_due_date_nothing_is_added():
    for on in (DUE - timedelta(days=40), DUE):
        charges = amount_due(Decimal("99.90"), DUE, on, TWO, ONE)
        assert charges == Charges(Decimal(0), Decimal(0), Decimal("99.90"), 0)
        assert [str(charges.fine), str(charges.total)] == ["0.00", "99.90"]


def test_due_on_a_saturday_and_paid_on_monday_is_free_and_on_tuesday_is_three_days_late():
    saturday = date(2026, 11, 7)
    monday, tuesday = saturday + timedelta(days=2), saturday + timedelta(days=3)
    assert amount_due(Decimal(300), saturday, monday, TWO, ONE).total == Decimal("300.00")
    assert amount_due(Decimal(300), saturday, tuesday, TWO, ONE) == Charges(
        Decimal("6.00"), Decimal("0.30"), Decimal("306.30"), 3
    )
    assert (days_late(saturday, monday), days_late(saturday, tuesday)) == (0, 3)


def test_thirty_days_cost_a_month_of_interest():
    charges = amount_due(Decimal("1000.00"), DUE, DUE + timedelta(days=30), TWO, ONE)
    assert charges == Charges(Decimal("20.00"), Decimal("10.00"), Decimal("1030.00"), 30)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Decimal("-0.01"), "negative"),
        (Decimal("1.001"), "sub_cent"),
        (Decimal("NaN"), "amount"),
        (Decimal("1E+40"), "amount"),
        (1.5, "amount"),
    ],
)
def test_what_is_no_amount_is_refused(amount, code):
    assert refusal(amount, DUE, DUE, TWO, ONE) == code
    if code != "sub_cent":
        assert refusal(Decimal(1), DUE, DUE, amount, ONE) == code
        assert refusal(Decimal(1), DUE, DUE, TWO, amount) == code


def test_the_caller_s_decimal_context_changes_nothing():
    terms = (Decimal("12345.67"), DUE, DUE + timedelta(days=17), TWO, Decimal("1.5"))
    expected = amount_due(*terms)
    with localcontext(prec=3):
        assert amount_due(*terms) == expected


@settings(deadline=None)
@given(cents, dues, late_by, late_by, fines, interests)
def test_waiting_never_makes_a_bill_cheaper(amount, due_on, some, more, fine, interest):
    sooner, later = sorted((some, more))
    totals = [
        amount_due(amount, due_on, due_on + timedelta(days=days), fine, interest).total
        for days in (sooner, later)
    ]
    assert amount <= totals[0] <= totals[1]


@settings(deadline=None)
@given(cents, dues, late_by, fines, interests, st.sampled_from([ROUND_DOWN, ROUND_HALF_UP]))
def test_the_lines_add_up_and_are_whole_cents(amount, due_on, days, fine, interest, rounding):
    on = due_on + timedelta(days=days)
    charges = amount_due(amount, due_on, on, fine, interest, rounding)
    assert charges.total == amount + charges.fine + charges.interest
    assert all(x.as_tuple().exponent == -2 for x in (charges.fine, charges.interest, charges.total))
    assert (charges.days_late == 0) == (on <= last_day_without_charges(due_on))
    if charges.days_late:
        exact = amount * interest * days / 3000
        assert abs(charges.interest - exact) < Decimal("0.01")
        assert abs(charges.fine - amount * fine / 100) < Decimal("0.01")
    else:
        assert charges.total == amount


def test_an_operator_s_terms_are_held_to_the_law():
    check_terms(TWO, Decimal("3.5"))
    check_terms(Decimal(0), Decimal(0))
    with pytest.raises(Invalid, match=r"CDC art\. 52 §1") as caught:
        check_terms(Decimal("2.01"), ONE)
    assert caught.value.code == "fine_cap"
    with pytest.raises(Invalid) as caught:
        check_terms(ONE, Decimal(-1))
    assert caught.value.code == "negative"
