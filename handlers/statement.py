"""The statement of a period: what was charged and paid, and what is to be paid today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Inbound, Text, _, ngettext
from bot.core.question import Option
from bot.core.readers import Reader
from bot.domain.errors import Invalid
from bot.domain.periods import Period, months_back, parse_period, period_in, year_of
from bot.domain.statements import Entry, Standing, Totals
from handlers._statements import (
    BYE,
    DONE,
    Paper,
    hand_out,
    lines,
    note_shown,
    of_one_company,
    period_name,
    ways,
)
from storage import statements as rows
from storage.statements import Kind, Statement

_MOST = 12
"""Invoices that are named in the chat; the PDF has all."""
_OTHER, _WRONG = "other", "wrong:"
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
    """Show the invoices due in a period with their sums; give them as a PDF or by e-mail."""
    of_one_company(chat, "statement")
    period = _period(chat)
    paper = _paper(period)
    if not chat.seed("brief"):
        found = rows.statement(chat.read, chat.customer, period, most=_MOST)
        if not found.count:
            none = _("No invoice of yours is due in {period}.", period=period_name(period))
            return _go_on(chat, chat.choose("none", none, [(_OTHER, _ANOTHER), ("done", DONE)]))
        note_shown(chat, paper)
        chat.say(_described(found, paper))
        chat.switch("statement", **paper.seeds, brief=True)
    wish = chat.choose(
        "what",
        _("Anything else about the statement of {period}?", period=period_name(period)),
        [*ways(chat), ("invoice", _("See or pay an invoice")), (_OTHER, _ANOTHER), ("done", DONE)],
    )
    if wish == "invoice":
        chosen = chat.choose("invoice", _("Which invoice?"), _Due(chat, period))
        chat.switch("invoices", invoice=chosen)
    if wish in ("pdf", "mail"):
        hand_out(chat, paper, wish)
    return _go_on(chat, wish)


def _go_on(chat: Chat, wish: str) -> None:
    if wish == _OTHER:
        chat.again()
    chat.say(BYE)


def _paper(period: Period) -> Paper:
    name = _("Statement of {period}", period=period_name(period))
    seeds = {"period": period.dump()}
    return Paper(Kind.STATEMENT, period.dump(), name, "statement", seeds)


# ------------------------------------------------------------------ which period

_REASONS: Mapping[str, Text] = {
    "no_such_date": _("There is no such day. Please check the date."),
    "too_long": _("A statement covers at most five years. Please choose a shorter period."),
    "date_range": _("I have no invoices of those years. Please check the dates."),
    "": _("I could not read a period there. Write, for example: 01/03/2026 to 30/06/2026."),
}


def _period(chat: Chat) -> Period:
    said = period_in(chat.seed("words") or "", chat.today)
    if said is not None:
        return said
    question = _(
        "Statement of which period? Choose one, or write it: **March**, **2025**,"
        " **01/03 to 30/06/2026**."
    )
    chosen = chat.choose("period", question, _Periods(chat))
    if chosen != _OTHER and not chosen.startswith(_WRONG):
        return Period.load(chosen)
    text = _("From which day to which? For example: 01/03/2026 to 30/06/2026.")
    if chosen.startswith(_WRONG):
        text = lines(_reason(chosen.removeprefix(_WRONG)), text)

    def read(event: Inbound) -> Period:
        try:
            return parse_period(event.text or "", chat.today)
        except Invalid as refusal:
            raise Misread(_reason(refusal.code)) from refusal

    return chat.ask("dates", text, Reader(read, Period.dump, Period.load))


def _reason(code: str) -> Text:
    return _REASONS.get(code, _REASONS[""])


class _Periods:
    """The usual periods, and whatever period is written. Ids are the days themselves."""

    def __init__(self, chat: Chat) -> None:
        self._today = chat.today

    def page(self, offset: int, limit: int) -> Sequence[Option[str]]:
        today = self._today
        this_month = months_back(today, 1)
        usual = (
            (_("This month"), this_month),
            (_("Last month"), months_back(months_back(today, 2).start, 1)),
            (_("Last 3 months"), months_back(today, 3)),
            (_("This year"), year_of(today.year)),
            (_("Last year"), year_of(today.year - 1)),
        )
        options = [Option(period.dump(), label, _in_figures(period)) for label, period in usual]
        return [*options, Option(_OTHER, _ANOTHER)][offset : offset + limit]

    def get(self, id: str) -> Option[str] | None:
        if id == _OTHER or id.startswith(_WRONG):
            return Option(id, _ANOTHER)
        try:
            return Option(id, period_name(Period.load(id)))
        except Invalid:
            return None

    def find(self, text: str) -> Sequence[Option[str]]:
        try:
            found = parse_period(text, self._today)
        except Invalid as refusal:
            # What is no period at all is just not found; a period that cannot be is told why.
            wrong = refusal.code not in ("format", "empty")
            return [Option(f"{_WRONG}{refusal.code}", _ANOTHER)] if wrong else []
        return [Option(found.dump(), period_name(found))]


def _in_figures(period: Period) -> Text:
    if period.month is not None or period.year is not None:
        return period_name(period)
    start, end = (f"{day.month:02}/{day.year}" for day in (period.start, period.end))
    return _("{start} to {end}", start=start, end=end)


class _Due:
    """The invoices due in a period, as a list to choose from."""

    def __init__(self, chat: Chat, period: Period) -> None:
        self._chat = chat
        self._period = period

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        chat = self._chat
        return _options(rows.page(chat.read, chat.customer, self._period, offset, limit))

    def get(self, id: int) -> Option[int] | None:
        found = rows.entry(self._chat.read, self._chat.customer, self._period, id)
        return _options([found])[0] if found else None

    def find(self, text: str) -> Sequence[Option[int]]:
        return _options(rows.find(self._chat.read, self._chat.customer, self._period, text))


def _options(entries: Iterable[Entry]) -> list[Option[int]]:
    return [
        Option(
            each.bill.id,
            _("{period} · {amount}", period=_month(each), amount=each.bill.amount),
            _state(each),
        )
        for each in entries
    ]


# ------------------------------------------------------------------ what it says


def _described(found: Statement, paper: Paper) -> Text:
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
    parts += [_line(entry) for entry in found.entries]
    return Text("{rows}\n\n{sums}", {"rows": lines(*parts), "sums": _sums(found.totals)})


def _line(entry: Entry) -> Text:
    bill = entry.bill
    return _(
        "{due} · {number} · {amount} · {state}",
        due=bill.due_on,
        number=bill.number,
        amount=bill.amount,
        state=_state(entry),
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
