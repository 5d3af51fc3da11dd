"""Which period: one of the usual ones, or whatever is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.message import Inbound, Text, _
from bot.core.question import Option
from bot.core.readers import Reader
from bot.domain.errors import Invalid
from bot.domain.periods import Period, months_back, parse_period, period_in, year_of
from handlers._statements import lines, period_name

OTHER = "other"
_WRONG = "wrong:"

_REASONS: Mapping[str, Text] = {
    "no_such_date": _("There is no such day. Please check the date."),
    "too_long": _("A statement covers at most five years. Please choose a shorter period."),
    "date_range": _("I have no invoices of those years. Please check the dates."),
    "": _("I could not read a period there. Write, for example: 01/03/2026 to 30/06/2026."),
}


def asked_period(chat: Chat, question: Text, another: Text) -> Period:
    """The period in the words that started the flow, the chosen one, or one that is written."""
    said = period_in(chat.seed("words") or "", chat.today)
    if said is not None:
        return said
    chosen = chat.choose("period", question, _Periods(chat, another))
    if chosen != OTHER and not chosen.startswith(_WRONG):
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

    def __init__(self, chat: Chat, another: Text) -> None:
        self._today = chat.today
        self._another = another

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
        return [*options, Option(OTHER, self._another)][offset : offset + limit]

    def get(self, id: str) -> Option[str] | None:
        if id == OTHER or id.startswith(_WRONG):
            return Option(id, self._another)
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
            return [Option(f"{_WRONG}{refusal.code}", self._another)] if wrong else []
        return [Option(found.dump(), period_name(found))]


def _in_figures(period: Period) -> Text:
    if period.month is not None or period.year is not None:
        return period_name(period)
    start, end = (f"{day.month:02}/{day.year}" for day in (period.start, period.end))
    return _("{start} to {end}", start=start, end=end)
