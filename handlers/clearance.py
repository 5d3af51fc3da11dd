"""The annual clearance declaration of Lei 12.007/2009: that a year's invoices are paid, or what is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _, ngettext
from bot.domain.statements import Bill, Clearance, Verdict
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

_MOST_NAMED, _MOST_OFFERED = 5, 3
_PAY = "pay:"


@flow(
    "clearance",
    title=_("Annual clearance declaration"),
    needs=VERIFIED,
    when=feature("clearance"),
    phrases=_(
        "annual clearance | clearance | clearance declaration | declaration that all is paid"
        " | proof that i paid everything"
    ),
    start="clearance",
    hears=True,
)
def clearance(chat: Chat) -> None:
    """Declare a year paid; or name what is still open, and lead to paying it."""
    of_one_company(chat, "clearance")

    def over() -> list[int]:
        years = rows.years_due(chat.read, chat.customer)
        return [year for year in years if year < chat.today.year]

    year = year_of(chat, _("Declaration of which year?"), over)
    if year is None:
        return chat.say(_nothing_yet(chat))
    found = rows.clearance(chat.read, chat.customer, year)
    if found.verdict is not Verdict.CLEARED:
        return _refuse(chat, found)
    paper = _paper(year)
    if not chat.seed("brief"):
        tell(chat, paper, _declared(chat, found))
    question = _("Anything else about the declaration of {year}?", year=str(year))
    anything_else(chat, paper, question, ANOTHER_YEAR)
    return None


def _nothing_yet(chat: Chat) -> Text:
    if not rows.years_due(chat.read, chat.customer):
        return _("You have no invoices yet.")
    return _not_over(chat.today.year)


def _not_over(year: int) -> Text:
    return _(
        "The declaration covers a whole year, and {year} is not over. You can have it from January"
        " {next}, once everything due in {year} is paid.",
        year=str(year),
        next=str(year + 1),
    )


def _refuse(chat: Chat, found: Clearance) -> None:
    """Say why there is no declaration, and what can be done about it."""
    year, offered = str(found.year), list[tuple[str, Text]]()
    match found.verdict:
        case Verdict.NOT_OVER:
            why = _not_over(found.year)
        case Verdict.NO_BILLS:
            why = _(
                "No invoice of yours was due in {year}, so there is nothing to declare.", year=year
            )
        case _:
            why = _still_open(found)
            offered = [
                (f"{_PAY}{bill.id}", _("Pay invoice {number}", number=bill.number))
                for bill in found.unpaid[:_MOST_OFFERED]
            ]
            offered.append(("dispute", _("I do not agree with it")))
    wish = chat.choose("refused", why, [*offered, ("other", ANOTHER_YEAR), ("done", DONE)])
    if wish.startswith(_PAY):
        chat.switch("invoices", invoice=int(wish.removeprefix(_PAY)))
    if wish == "dispute":
        _to_the_team(chat)
    go_on(chat, wish)


def _to_the_team(chat: Chat) -> NoReturn:
    """Of a debt in dispute at court the other months can be declared (art. 2 §3): a person looks at it."""
    chat.say(
        _(
            "Tell our team which invoice you do not agree with. Of one that is disputed at court, the"
            " other months can be declared paid."
        )
    )
    chat.switch("human")


def _paper(year: int) -> Paper:
    name = _("Annual clearance declaration of {year}", year=str(year))
    return Paper(Kind.CLEARANCE, str(year), name, "clearance", {"year": year})


def _declared(chat: Chat, found: Clearance) -> Text:
    brand = chat.brand
    parts = [
        ngettext(
            "✅ {count} invoice due in {year}, paid: {amount}.",
            "✅ {count} invoices due in {year}, all paid: {amount}.",
            len(found.bills),
            year=str(found.year),
            amount=found.total,
        ),
        _(
            "So declares {name} under Lei 12.007/2009. The declaration replaces the receipts of {year}"
            " and of the years before.",
            name=brand.legal_name or brand.name,
            year=str(found.year),
        ),
    ]
    if found.earlier:
        numbers = _numbers(found.earlier)
        parts.append(
            _("It excepts what is still open of earlier years: {numbers}.", numbers=numbers)
        )
    return lines(*parts)


def _still_open(found: Clearance) -> Text:
    head = ngettext(
        "{count} invoice due in {year} is still open, so the year cannot be declared paid yet:",
        "{count} invoices due in {year} are still open, so the year cannot be declared paid yet:",
        len(found.unpaid),
        year=str(found.year),
    )
    named = [
        _("{number}, due {due}, {amount}", number=each.number, due=each.due_on, amount=each.amount)
        for each in found.unpaid[:_MOST_NAMED]
    ]
    hidden = len(found.unpaid) - len(named)
    if hidden:
        named.append(ngettext("and {count} more", "and {count} more", hidden))
    return lines(head, *named)


def _numbers(bills: Sequence[Bill]) -> Text:
    numbers = Text("{all}", {"all": ", ".join(bill.number for bill in bills[:_MOST_NAMED])})
    hidden = len(bills) - _MOST_NAMED
    if hidden <= 0:
        return numbers
    return ngettext("{all} and {count} more", "{all} and {count} more", hidden, all=numbers)
