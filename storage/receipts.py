"""What customers are told of their payments: each piece of news once, in their proved chats."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from bot.core.message import DocumentRef, Notice, Text, _
from bot.core.ports import Write
from bot.domain.payments import News, Settlement
from storage.invoices import file_name
from storage.reached import chats_of_customer


def tell(
    write: Write, news: News, invoice: Any, payment_id: int, amount: Decimal, on: date,
    after: Settlement,
) -> None:  # fmt: skip
    """A notice to each proved chat of the customer, once for this payment and this news.

    `invoice` is its row, `amount` and `on` are the payment's, in reais and by its own day.
    """
    text = _words(news, invoice.number, amount, on, after)
    if text is None:
        return
    document = None
    if news is News.PAID:
        name = file_name(write.brand, invoice.number)
        document = DocumentRef("invoice-pdf", invoice.id, name, "application/pdf")
    for chat in chats_of_customer(write, invoice.customer):
        write.post(
            Notice(text, document=document),
            dedup=f"payment:{payment_id}:{news}:{chat}",
            address=chat,
            subject=f"invoice:{invoice.id}",
        )


def _words(news: News, number: str, amount: Decimal, on: date, after: Settlement) -> Text | None:
    match news:
        case News.PAID if after.short:
            return _(
                "**Payment received**: {amount} on {day}, invoice {number}. Thank you!"
                " It came after the due date: {short} of fine and interest will be on a later invoice.",
                amount=amount, day=on, number=number, short=after.short,
            )  # fmt: skip
        case News.PAID:
            return _(
                "**Payment received**: {amount} on {day}, invoice {number}. Thank you!",
                amount=amount, day=on, number=number,
            )  # fmt: skip
        case News.PARTLY:
            return _(
                "We received {amount} for invoice {number}, which is less than its amount."
                " Still missing: {missing}.",
                amount=amount, number=number, missing=after.missing,
            )  # fmt: skip
        case News.TWICE:
            return _(
                "Invoice {number} was paid with more than it asks for. Too much: {surplus}."
                " We will return it or count it for your next invoice, and tell you.",
                number=number, surplus=after.surplus,
            )  # fmt: skip
        case News.REOPENED:
            return _(
                "The payment of {amount} for invoice {number} was taken back, so the invoice is"
                " open again. If you did not expect this, write /human.",
                amount=amount, number=number,
            )  # fmt: skip
        case News.RETURNED:
            return _("What was paid too much for invoice {number} was returned.", number=number)
        case _:
            return None
