"""The statement of a period: what was charged and paid, and what is to be paid today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import JSON, Text, _, ngettext
from bot.core.question import Option
from bot.domain.periods import Period
from bot.domain.statements import Entry, Standing, Totals
from handlers._companies import listed, take_up
from handlers._periods import OTHER, asked_period
from handlers._statements import DONE, Paper, anything_else, go_on, lines, period_name, tell
from storage import statements as rows
from storage.statement_papers import Kind
from storage.statements import Statement, Whose

_MOST = 12
"""Invoices that are named in the chat; the PDF has all."""
_ANOTHER = _("Another period")


@flow(
    "statement",
    title=_("Statement of a period"),
    needs=VERIFIED,
    when=feature("statements"),
    phrases=_(
        "statement | statement of | account statement | my statement | statement for"
        " | payment history | what did i pay | what have i paid"
    ),
    start="statement",
    hears=True,
)
def statement(chat: Chat) -> None:
    """Show the invoices due in a period with their sums; give them as a PDF or by e-mail.

    Where lists show every company, it is of all of them and names each, until one is chosen.
    """
    companies = {} if chat.seed("one") else listed(chat)
    whose: Whose = list(companies) or chat.customer
    which = _(
        "Statement of which period? Choose one, or write it: **March**, **2025**,"
        " **01/03 to 30/06/2026**."
    )
    period = asked_period(chat, which, _ANOTHER)
    paper = _paper(chat, period)
    if companies:
        theirs = tuple(rows.totals_of_each(chat.read, whose, period))
        paper = replace(paper, kind=Kind.STATEMENT_OF_ALL, customers=theirs)
    if not chat.seed("brief"):
        found = rows.statement(chat.read, whose, period, most=_MOST)
        if not found.count:
            none = _("No invoice of yours is due in {period}.", period=period_name(period))
            return go_on(chat, chat.choose("none", none, [(OTHER, _ANOTHER), ("done", DONE)]))
        tell(chat, paper, _described(found, paper, companies))
    more = [("invoice", _("See or pay an invoice"))]
    if companies:
        more.append(("company", _("Of one company")))
    question = _("Anything else about the statement of {period}?", period=period_name(period))
    match anything_else(chat, paper, question, _ANOTHER, more):
        case "invoice":
            due = _Due(chat, period, companies)
            chat.switch("invoices", invoice=chat.choose("invoice", _("Which invoice?"), due))
        case "company":
            chosen = chat.choose("company", _("Of which company?"), list(companies.items()))
            take_up(chat, chosen, "statement", **paper.seeds, one=True)
            chat.switch("statement", **paper.seeds, one=True)


def _paper(chat: Chat, period: Period) -> Paper:
    name = _("Statement of {period}", period=period_name(period))
    seeds: dict[str, JSON] = {"period": period.dump()}
    if chat.seed("one"):
        seeds["one"] = True
    return Paper(Kind.STATEMENT, period.dump(), name, "statement", seeds)


class _Due:
    """The invoices due in a period, as a list to choose from."""

    def __init__(self, chat: Chat, period: Period, companies: Mapping[int, str]) -> None:
        self._read = chat.read
        self._period = period
        self._companies = companies
        self._whose: Whose = list(companies) or chat.customer

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        return self._options(rows.page(self._read, self._whose, self._period, offset, limit))

    def get(self, id: int) -> Option[int] | None:
        found = rows.entry(self._read, self._whose, self._period, id)
        return self._options([found])[0] if found else None

    def find(self, text: str) -> Sequence[Option[int]]:
        return self._options(rows.find(self._read, self._whose, self._period, text))

    def _options(self, entries: Iterable[Entry]) -> list[Option[int]]:
        return [
            Option(
                each.bill.id,
                _("{period} · {amount}", period=_month(each), amount=each.bill.amount),
                _of_company(self._companies.get(each.bill.customer), _state(each)),
            )
            for each in entries
        ]


def _of_company(company: str | None, state: Text) -> Text:
    return _("{company} · {state}", company=company, state=state) if company else state


# ------------------------------------------------------------------ what it says


def _described(found: Statement, paper: Paper, companies: Mapping[int, str]) -> Text:
    hidden = found.count - len(found.entries)
    parts = [Text("**{name}**", {"name": paper.name})]
    if hidden:
        parts.append(
            ngettext(
                "The last {shown} invoices; the PDF has {count} more.",
                "The last {shown} invoices; the PDF has {count} more.",
                hidden,
                shown=len(found.entries),
            )
        )
    parts += [_line(entry, companies.get(entry.bill.customer)) for entry in found.entries]
    sums = _sums(found.totals)
    if companies:
        sums = lines(*_of_each(found, companies), sums)
    return Text("{rows}\n\n{sums}", {"rows": lines(*parts), "sums": sums})


def _of_each(found: Statement, companies: Mapping[int, str]) -> list[Text]:
    """What each company has to pay, in the order of the list of companies; then a gap."""
    return [
        *(
            _("{company}: charged {charged}, to pay today {owed}", company=name,
              charged=found.each[id].charged, owed=found.each[id].owed)
            for id, name in companies.items()
            if id in found.each
        ),
        Text(""),
    ]  # fmt: skip


def _line(entry: Entry, company: str | None) -> Text:
    bill = entry.bill
    return _(
        "{due} · {number} · {amount} · {state}",
        due=bill.due_on,
        number=bill.number,
        amount=bill.amount,
        state=_of_company(company, _state(entry)),
    )


def _state(entry: Entry) -> Text:
    match entry.standing:
        case Standing.PAID if entry.bill.paid_on:
            return _("paid on {day}", day=entry.bill.paid_on)
        case Standing.PAID:
            return _("paid")
        case Standing.CANCELLED:
            return _("cancelled")
        case Standing.OVERDUE if entry.charges:
            return ngettext(
                "{count} day late, {total} today",
                "{count} days late, {total} today",
                entry.charges.days_late,
                total=entry.owed,
            )
        case _:
            return _("open")


def _month(entry: Entry) -> str:
    year, month = entry.bill.period.split("-")
    return f"{month}/{year}"


def _sums(totals: Totals) -> Text:
    parts = [
        _("Charged: {amount}", amount=totals.charged),
        _("Paid: {amount}", amount=totals.paid),
    ]
    if totals.unpaid:
        parts.append(_("Open: {amount}", amount=totals.open + totals.overdue))
    if totals.fine or totals.interest:
        charges = totals.fine + totals.interest
        parts.append(_("Fine and interest: {amount}", amount=charges))
    if totals.unpaid:
        parts.append(_("**To pay today: {amount}**", amount=totals.owed))
    else:
        parts.append(_("Nothing is left to pay. 🎉"))
    return lines(*parts)
