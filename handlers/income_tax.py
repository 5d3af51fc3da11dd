"""A year's payments for the income tax declaration, month by month."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _, ngettext
from bot.domain.statements import YearPaid
from bot.domain.tax_id import format_tax_id
from handlers._statements import (
    ANOTHER_YEAR,
    DONE,
    Paper,
    anything_else,
    go_on,
    lines,
    of_one_company,
    tell,
    year_of,
)
from storage import statements as rows
from storage.statement_papers import Kind


@flow(
    "income-tax",
    title=_("Payments for income tax"),
    needs=VERIFIED,
    when=feature("income_tax"),
    phrases=_(
        "income tax | income tax statement | payments for income tax | tax declaration"
        " | payments of the year | yearly payments"
    ),
    start="income-tax",
    hears=True,
)
def income_tax(chat: Chat) -> None:
    """Tell what was paid in a year; give it as a PDF or by e-mail."""
    of_one_company(chat, "income-tax")
    year = year_of(
        chat, _("Payments of which year?"), lambda: rows.years_paid(chat.read, chat.customer)
    )
    if year is None:
        return chat.say(_("There is no payment of yours on record yet."))
    paper = _paper(year)
    if not chat.seed("brief"):
        paid = rows.year_paid(chat.read, chat.customer, year)
        if paid.payments:
            tell(chat, paper, _described(chat, paid))
        none = _("There is no payment of yours on record in {year}.", year=str(year))
        return go_on(chat, chat.choose("none", none, [("other", ANOTHER_YEAR), ("done", DONE)]))
    question = _("Anything else about the payments of {year}?", year=str(year))
    anything_else(chat, paper, question, ANOTHER_YEAR)
    return None


def _paper(year: int) -> Paper:
    name = _("Payments of {year}", year=str(year))
    return Paper(Kind.INCOME_TAX, str(year), name, "income-tax", {"year": year})


def _described(chat: Chat, paid: YearPaid) -> Text:
    parts = [_("**Payments of {year}**, by the day of payment", year=str(paid.year))]
    parts += [
        _("{month}: {amount}", month=f"{each.month:02}/{paid.year}", amount=each.amount)
        for each in paid.months
        if each.payments
    ]
    parts.append(_("**Total: {amount}**", amount=paid.total))
    brand = chat.brand
    if brand.tax_id:
        parts.append(
            _(
                "Paid to: {name}, {tax_id}",
                name=brand.legal_name or brand.name,
                tax_id=format_tax_id(brand.tax_id),
            )
        )
    if paid.year == chat.today.year:
        parts.append(_("The year is not over: these are the payments up to today."))
    if paid.undated:
        parts.append(
            ngettext(
                "{count} paid invoice has no day of payment on record and is not counted.",
                "{count} paid invoices have no day of payment on record and are not counted.",
                paid.undated,
            )
        )
    return lines(*parts)
