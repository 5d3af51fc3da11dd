"""A statement on paper: the invoices due in a period, what was charged, paid, and is to be paid today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from bot.core.message import Text, _, ngettext
from bot.documents.report import Cell, Column, Desk, Headline, Report, Row, Tone
from bot.domain.periods import Period
from bot.domain.statements import Entry, Standing, Totals


def statement_report(
    desk: Desk,
    period: Period,
    totals: Totals,
    entries: Sequence[Entry],
    companies: Mapping[int, tuple[str, Totals]] | None = None,
) -> Report:
    """The statement of a period. `totals` are of all its invoices, `entries` the last of them, or all.

    `companies`: of several, what each is called and its own sums; each row then names its own.
    """
    say, money = desk.say, desk.money
    named = {id: name for id, (name, _sums) in (companies or {}).items()}
    return desk.report(
        title=say(_("Statement")),
        subtitle=say(_("{start} to {end}", start=period.start, end=period.end)),
        headline=_headline(desk, totals),
        facts=(
            (say(_("Charged")), money(totals.charged)),
            (say(_("Amount paid")), money(totals.paid)),
            (say(_("Open")), money(totals.open + totals.overdue)),
            (say(_("Fine and interest")), money(totals.fine + totals.interest)),
        ),
        before=tuple(say(_of_one(name, sums)) for name, sums in (companies or {}).values()),
        columns=(
            Column(say(_("Due on")), 24),
            Column(say(_("Invoice")), 24 if named else 33),
            Column(say(_("Company")), 26) if named else Column(say(_("Reference")), 17),
            Column(say(_("State")), 36),
            Column(say(_("Amount")), 22, right=True),
            Column(say(_("Amount paid")), 22, right=True),
            Column(say(_("To pay today")), 24, right=True),
        ),
        rows=tuple(_row(desk, entry, named.get(entry.bill.customer)) for entry in entries),
        sum=Row(
            tuple(
                Cell(words)
                for words in (
                    say(_("Total")), "", "", "", money(totals.charged), money(totals.paid),
                    money(totals.owed),
                )
            )
        )
        if entries
        else None,
        after=tuple(say(text) for text in _notes(desk.today, totals, entries)),
    )  # fmt: skip


def _headline(desk: Desk, totals: Totals) -> Headline:
    tone: Literal["accent", "good", "bad"] = "accent"
    note = ""
    if totals.late:
        tone = "bad"
        note = desk.say(
            ngettext(
                "{count} invoice overdue; amount for payment on {day}",
                "{count} invoices overdue; amount for payment on {day}",
                totals.late,
                day=desk.today,
            )
        )
    elif not totals.unpaid:
        tone, note = "good", desk.say(_("Nothing is owed in this period."))
    return Headline(desk.say(_("To pay today")), desk.money(totals.owed), note, tone)


def _of_one(name: str, sums: Totals) -> Text:
    return _(
        "{company}: charged {charged}, to pay today {owed}",
        company=name,
        charged=sums.charged,
        owed=sums.owed,
    )


def _row(desk: Desk, entry: Entry, company: str | None) -> Row:
    bill = entry.bill
    year, month = bill.period.split("-")
    state, tone = _state(desk, entry)
    whole: Tone = "muted" if entry.standing is Standing.CANCELLED else "plain"
    paid = desk.money(bill.paid) if entry.standing is Standing.PAID or bill.paid else ""
    owed = desk.money(entry.owed) if entry.charges else ""
    return Row(
        (
            Cell(desk.day(bill.due_on), whole),
            Cell(bill.number, whole),
            Cell(company or f"{month}/{year}", whole),
            Cell(state, tone),
            Cell(desk.money(bill.amount), whole),
            Cell(paid, whole),
            Cell(owed, "bad" if entry.standing is Standing.OVERDUE else whole),
        )
    )


def _state(desk: Desk, entry: Entry) -> tuple[str, Tone]:
    match entry.standing:
        case Standing.PAID if entry.bill.paid_on:
            return desk.say(_("Paid on {day}", day=entry.bill.paid_on)), "good"
        case Standing.PAID:
            return desk.say(_("Paid")), "good"
        case Standing.CANCELLED:
            return desk.say(_("Cancelled")), "muted"
        case Standing.OVERDUE if entry.charges:
            late = ngettext("{count} day late", "{count} days late", entry.charges.days_late)
            return desk.say(late), "bad"
        case _:
            return desk.say(_("Open")), "plain"


def _notes(today: date, totals: Totals, entries: Sequence[Entry]) -> list[Text]:
    if not entries:
        return [_("No invoices were due in this period.")]
    notes = [
        _("The invoices due in this period, as they stand on {day}.", day=today)
        if not totals.cancelled
        else _(
            "The invoices due in this period, as they stand on {day}. Cancelled ones are not counted.",
            day=today,
        )
    ]
    hidden = totals.bills + totals.cancelled - len(entries)
    if hidden:
        notes.append(
            ngettext(
                "{count} earlier invoice of this period is in the sums and not in the list.",
                "{count} earlier invoices of this period are in the sums and not in the list.",
                hidden,
            )
        )
    if totals.late:
        notes.append(
            _(
                "What is to be paid today includes a fine of {fine} and interest of {interest}.",
                fine=totals.fine,
                interest=totals.interest,
            )
        )
    return notes
