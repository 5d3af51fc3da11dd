"""Reminders of promises: whoever promised to pay today, and has not, hears of it once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, cast, exists, literal, select

from bot.core.message import Notice, NoticeButton, _
from bot.core.ports import Read, Write
from storage import invoices, promises, receipts
from storage.tables import invoice, message, payment_promise

FIRST_HOUR, LAST_HOUR = 9, 20
"""Of the brand's day: nobody is written to at night."""


def due(read: Read, most: int) -> list[tuple[int, int]]:
    """(invoice, customer) of promises whose day is today; a reminder that was posted is not named again."""
    hour = read.now.astimezone(read.brand.zone).hour
    if not FIRST_HOUR <= hour < LAST_HOUR:
        return []
    key = literal(_dedup("")) + cast(invoice.c.id, String)
    day = literal(f":{read.today.isoformat()}")
    rows = read.all(
        select(invoice.c.id, invoice.c.customer)
        .join(payment_promise, payment_promise.c.invoice == invoice.c.id)
        .where(
            payment_promise.c.brand == read.brand.id,
            payment_promise.c.promised_for == read.today,
            invoice.c.state == "open",
            ~exists().where(message.c.dedup == key + day),
        )
        .order_by(invoice.c.id)
        .limit(most)
    )
    return [(row.id, row.customer) for row in rows]


def remind(write: Write, found: Sequence[tuple[int, int]]) -> int:
    """Remind of each, if it still stands; how many reminders were posted."""
    posted = 0
    for id, customer in found:
        of = invoices.get(write, id, customer)
        if of is None or promises.running(write, customer).get(id) != write.today:
            continue
        total = invoices.charges_today(of, write.brand.terms, write.today).total
        text = _(
            "Today is the day you promised to pay invoice **{number}**: {total}.",
            number=of.number, total=total,
        )  # fmt: skip
        button = NoticeButton(_("Pay now"), "invoices", {"invoice": id})
        dedup = f"{_dedup(id)}:{write.today.isoformat()}"
        posted += receipts.bring(write, of, "promised", Notice(text, (button,)), dedup=dedup)
    return posted


def _dedup(invoice: int | str) -> str:
    return f"promised:{invoice}"
