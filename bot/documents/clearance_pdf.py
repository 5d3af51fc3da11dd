"""The annual clearance declaration of Lei 12.007/2009 on paper."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.message import Text, _, ngettext
from bot.documents.report import Cell, Column, Desk, Headline, Report, Row
from bot.domain.statements import ZERO, Bill, Clearance, Verdict

_MOST_NAMED = 12
"""Open invoices of earlier years that are named one by one."""


def clearance_report(desk: Desk, of: Clearance) -> Report:
    """The declaration, with every bill it covers.

    Raises ValueError where nothing can be declared (`Clearance.verdict`).
    """
    if of.verdict is not Verdict.CLEARED:
        raise ValueError(f"a year that is {of.verdict.value} is not declared paid")
    say, money, year = desk.say, desk.money, str(of.year)
    return desk.report(
        title=say(_("Annual clearance declaration")),
        subtitle=year,
        headline=Headline(
            say(_("Invoices due in {year}", year=year)),
            say(_("All paid")),
            say(_("Declaration under Lei 12.007/2009")),
            "good",
        ),
        facts=(
            (say(_("Invoices")), str(len(of.bills))),
            (say(_("Total paid")), money(of.total)),
        ),
        before=tuple(say(text) for text in _declared(desk, of, year)),
        columns=(
            Column(say(_("Reference")), 24),
            Column(say(_("Invoice")), 50),
            Column(say(_("Due on")), 26),
            Column(say(_("Paid on")), 26),
            Column(say(_("Amount")), 26, right=True),
            Column(say(_("Amount paid")), 26, right=True),
        ),
        rows=tuple(_row(desk, bill) for bill in of.bills),
        sum=_sum(desk, of),
        after=(say(_("Issued electronically on {day}.", day=desk.today)),),
        stamp=say(_("CLEARED")),
    )


def _declared(desk: Desk, of: Clearance, year: str) -> Iterator[Text]:
    if len(of.months) == 12:
        yield _(
            "Under Lei 12.007 of 29 July 2009, we declare that the customer named above has paid all"
            " that {beneficiary} charged with a due date from January to December {year}.",
            beneficiary=desk.beneficiary,
            year=year,
        )
    else:
        names = desk.months()
        yield _(
            "Under Lei 12.007 of 29 July 2009, we declare that the customer named above has paid all"
            " that {beneficiary} charged with a due date in {year}, in the months in which there was"
            " an invoice: {months}.",
            beneficiary=desk.beneficiary,
            year=year,
            months=", ".join(names[month - 1].lower() for month in of.months)
            if desk.locale != "en"
            else ", ".join(names[month - 1] for month in of.months),
        )
    # The words that art. 4 asks for.
    yield _(
        "This declaration replaces, as proof that the customer's obligations were met, the receipts"
        " of the monthly invoices of {year} and of the years before it.",
        year=year,
    )
    if of.earlier:
        yield _except(of.earlier)


def _except(bills: tuple[Bill, ...]) -> Text:
    numbers = ", ".join(bill.number for bill in bills[:_MOST_NAMED])
    if len(bills) <= _MOST_NAMED:
        return _(
            "It does not cover these invoices of earlier years, still open: {all}.", all=numbers
        )
    return ngettext(
        "It does not cover these invoices of earlier years, still open: {all} and {count} more.",
        "It does not cover these invoices of earlier years, still open: {all} and {count} more.",
        len(bills) - _MOST_NAMED,
        all=numbers,
    )


def _row(desk: Desk, bill: Bill) -> Row:
    year, month = bill.period.split("-")
    words = (
        f"{month}/{year}", bill.number, desk.day(bill.due_on), desk.day(bill.paid_on),
        desk.money(bill.amount), desk.money(bill.paid),
    )  # fmt: skip
    return Row(tuple(map(Cell, words)))


def _sum(desk: Desk, of: Clearance) -> Row:
    charged = sum((bill.amount for bill in of.bills), ZERO)
    words = (desk.say(_("Total")), "", "", "", desk.money(charged), desk.money(of.total))
    return Row(tuple(map(Cell, words)))
