"""Words that mean an invoice: a number, a month, a date, an amount, or several of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.finding import matching

TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Bill:
    number: str
    due_on: date
    amount: Decimal = Decimal("99.90")

    @property
    def period(self) -> str:
        return f"{self.due_on:%Y-%m}"


BILLS = [
    Bill("A-0012", date(2026, 11, 10)),
    Bill("A-0013", date(2026, 12, 10)),
    Bill("A-0014", date(2027, 1, 10), Decimal("104.90")),
    Bill("A-0011", date(2026, 10, 10)),
    Bill("A-0010", date(2026, 9, 10)),
    Bill("A-0009", date(2026, 8, 10)),
]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("A-0012", ["A-0012"]),
        ("a0012", ["A-0012"]),
        ("fatura A-0012 por favor", ["A-0012"]),
        ("quero o boleto de outubro", ["A-0011"]),
        ("Março", []),
        ("setembro de 2026", ["A-0010"]),
        ("setembro de 2025", []),
        ("setenbro", ["A-0010"]),
        ("september", ["A-0010"]),
        ("septiembre", ["A-0010"]),
        ("10/2026", ["A-0011"]),
        ("2026-10", ["A-0011"]),
        ("10/26", ["A-0011"]),
        ("10/11", ["A-0012"]),
        ("10/12/2026", ["A-0013"]),
        ("dia 10 de dezembro", ["A-0013"]),
        ("R$ 104,90", ["A-0014"]),
        ("104.90", ["A-0014"]),
        ("104", ["A-0014"]),
        ("99,90 de outubro", ["A-0011"]),
        ("104,90 de outubro", []),
        ("2026", ["A-0012", "A-0013", "A-0011", "A-0010", "A-0009"]),
        ("atendente", []),
        ("2", []),
        ("", []),
    ],
)
def test_words_find_the_invoice_they_mean(text: str, expected: list[str]) -> None:
    assert [bill.number for bill in matching(BILLS, text, TODAY)] == expected


def test_a_month_is_the_one_it_is_for_or_the_one_it_is_due_in() -> None:
    @dataclass(frozen=True)
    class Odd(Bill):
        @property
        def period(self) -> str:
            return "2026-09"

    odd = Odd("X-1", date(2026, 10, 10))
    assert matching([odd], "setembro", TODAY) == matching([odd], "outubro", TODAY) == [odd]


@given(st.text(max_size=300))
def test_no_words_crash_the_search(text: str) -> None:
    assert set(matching(BILLS, text, TODAY)) <= set(BILLS)


@given(st.sampled_from(BILLS), st.sampled_from(["{}", " {} ", "fatura {}", "a {}, por favor"]))
def test_a_number_always_finds_its_invoice(bill: Bill, words: str) -> None:
    assert matching(BILLS, words.format(bill.number.lower()), TODAY) == [bill]
