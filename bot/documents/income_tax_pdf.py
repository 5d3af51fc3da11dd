"""A year's payments on paper, month by month, for the income tax declaration."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.message import Text, _, ngettext
from bot.documents.report import Cell, Column, Desk, Headline, Report, Row, Tone
from bot.domain.statements import MonthPaid, YearPaid


def income_tax_report(desk: Desk, paid: YearPaid) -> Report:
    """What was paid in a year, each payment in the month in which it was made."""
    say, money, year = desk.say, desk.money, str(paid.year)
    names = desk.months()
    return desk.report(
        title=say(_("Payments of the year")),
        subtitle=year,
        headline=Headline(
            say(_("Paid in {year}", year=year)),
            money(paid.total),
            say(ngettext("{count} payment", "{count} payments", paid.payments)),
        ),
        facts=(),
        before=(
            say(
                _(
                    "For the purpose of income tax, we declare that the customer named above paid"
                    " {beneficiary} the amounts below in the calendar year {year}.",
                    beneficiary=desk.beneficiary,
                    year=year,
                )
            ),
        ),
        columns=(
            Column(say(_("Month of payment")), 90),
            Column(say(_("Payments")), 38, right=True),
            Column(say(_("Amount paid")), 50, right=True),
        ),
        rows=tuple(_row(desk, each, names[each.month - 1]) for each in paid.months),
        sum=Row(tuple(map(Cell, (say(_("Total")), str(paid.payments), money(paid.total))))),
        after=tuple(say(text) for text in _notes(desk, paid)),
    )


def _row(desk: Desk, month: MonthPaid, name: str) -> Row:
    tone: Tone = "plain" if month.payments else "muted"
    many = str(month.payments) if month.payments else "–"
    return Row((Cell(name, tone), Cell(many, tone), Cell(desk.money(month.amount), tone)))


def _notes(desk: Desk, paid: YearPaid) -> Iterator[Text]:
    yield _("Amounts by the day of payment, with fine and interest where they were paid.")
    if paid.year == desk.today.year:
        yield _("The year is not over: these are the payments up to {day}.", day=desk.today)
    if paid.undated:
        yield ngettext(
            "{count} paid invoice due in this year has no day of payment on record and is not counted.",
            "{count} paid invoices due in this year have no day of payment on record and are not counted.",
            paid.undated,
        )
    yield _("It does not stand for the tax invoices (notas fiscais) of the services.")
