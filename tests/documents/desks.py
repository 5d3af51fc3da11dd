"""Somebody's statements to print in the tests, said in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal

from bot.app import LOCALES
from bot.core.message import Text
from bot.core.render import Catalogs, Renderer
from bot.documents.invoice_pdf import Letterhead, Payer
from bot.documents.report import Desk, Report
from bot.documents.statement_pdf import statement_report
from bot.domain import statements as rules
from bot.domain.charges import Charges, amount_due
from bot.domain.periods import year_of
from bot.domain.statements import Bill

from .samples import BRAND, PAYER

TODAY = date(2026, 11, 20)
_RENDERER = Renderer(Catalogs(LOCALES), UTC)


def desk(locale: str = "en", brand: Letterhead = BRAND, payer: Payer = PAYER) -> Desk:
    def say(text: Text) -> str:
        return _RENDERER.plain(text, locale)

    return Desk(brand, payer, TODAY, locale, say)


def bill(number: str, due: date, state: str = "open", amount: str = "99.90") -> Bill:
    paid = {"paid_on": due, "paid_amount": Decimal(amount)} if state == "paid" else {}
    found = Bill(1, number, f"{due:%Y-%m}", due, Decimal(amount), state)
    return replace(found, **paid)  # type: ignore[arg-type]


def charge(amount: Decimal, due_on: date) -> Charges:
    return amount_due(amount, due_on, TODAY, 2, 1, "ROUND_HALF_UP")


def statement(bills: Sequence[Bill], at: Desk | None = None) -> Report:
    """The statement of 2026 with these bills."""
    entries = [rules.entry(each, charge) for each in bills]
    return statement_report(at or desk(), year_of(2026), rules.totals(entries), entries)


def year(of: int, months: int = 12) -> list[Bill]:
    """A paid bill for each month."""
    return [bill(f"{of}-{m:02}", date(of, m, 10), "paid") for m in range(1, months + 1)]


def many(count: int) -> list[Bill]:
    """So many paid bills, a day apart."""
    return [
        bill(f"N-{n:04}", date(2026, 1, 1) + timedelta(days=n % 300), "paid") for n in range(count)
    ]
