"""What customers are told of their payments: each piece of news once, in the chat used last, else by mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.core.message import DocumentRef, Mail, Notice, NoticeButton, Text, _, ngettext
from bot.core.ports import Read, Write
from bot.domain.payments import News, Settlement
from storage import customers, unlocks
from storage.invoices import file_name
from storage.reached import last_chat_of_customer
from storage.releases import Followed

if TYPE_CHECKING:
    from storage.payments import Paid

TEMPLATE = "payment"
SAID = "said"
"""The value of that mail which is a Text: rendered as the mail leaves, in its language."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of a payment that came, or was taken back."""

    news: News
    invoice: Any
    """Its row: id, customer, number."""
    payment: Paid
    after: Settlement
    followed: Followed
    promised: date | None
    """The day it was promised for, if that promise is kept by it."""
    again: bool
    """The payment was known before: of one that counts again there is no second receipt."""


def tell(write: Write, what: Told) -> None:
    """One message: with the receipt, and with what it did to the customer's access.

    It goes to the proved chat that was written from last; to the registered e-mail where there is none.
    """
    parts = list(_words(write, what))
    if not parts:
        return
    text = parts[0]
    for part in parts[1:]:
        text = Text("{before}\n\n{part}", {"before": text, "part": part})
    number, id = what.invoice.number, what.invoice.id
    document = None
    if what.news is News.PAID and not what.again:
        name = file_name(write.brand, number)
        document = DocumentRef("invoice-pdf", id, name, "application/pdf")
    # Paid, taken back and paid again (a dispute that was won) are three pieces of news.
    dedup = f"payment:{what.payment.id}:{what.news}:{write.now.isoformat()}"
    notice = Notice(text, tuple(_buttons(what)), document=document)
    bring(write, what.invoice, what.news.value, notice, dedup=dedup)


def bring(write: Write, invoice: Any, news: str, notice: Notice, *, dedup: str) -> bool:
    """Bring something about an invoice's payment to its customer: to the chat used last, else by mail.

    `invoice` is a row or an `Invoice`. Whether there was a way, and it was not brought before.
    """
    subject = f"invoice:{invoice.id}"
    chat = last_chat_of_customer(write, invoice.customer)
    if chat is not None:
        return write.post(notice, dedup=dedup, address=chat, subject=subject) is not None
    owner = customers.get(write, invoice.customer)
    if owner is None or owner.email is None or not owner.can_be_mailed:
        return False
    if not write.brand.has("mail"):
        return False
    values = {
        "customer_name": owner.name, "first_name": owner.first_name,
        "invoice_number": invoice.number, "news": news, SAID: notice.text.dump(),
    }  # fmt: skip
    documents = () if notice.document is None else (notice.document,)
    mail = Mail(TEMPLATE, owner.email, write.brand.locale, values, documents, "invoices")
    return write.post(mail, dedup=dedup, subject=subject) is not None


def _buttons(what: Told) -> Iterator[NoticeButton]:
    if what.followed is Followed.BLOCKED:
        yield NoticeButton(_("Why am I blocked?"), "blocked")
    if what.news in (News.PARTLY, News.LESS, News.REOPENED):
        yield NoticeButton(_("Pay now"), "invoices", {"invoice": what.invoice.id})


def _words(read: Read, what: Told) -> Iterator[Text]:
    news = _news(what)
    if news is not None:
        yield news
    if what.promised is not None:
        yield _("You kept your promise to pay it by {day}.", day=what.promised)
    if what.followed is Followed.RELEASED:
        yield _("🎉 Your service is **released**: nothing keeps it blocked any more.")
    if what.followed is Followed.BLOCKED:
        yield _blocked(read)
        last = unlocks.last(read, what.invoice.customer)
        if last is not None and last.runs(read.today):
            yield _("It stays open on trust until the end of {day}.", day=last.last_day)


def _blocked(read: Read) -> Text:
    allowed = read.brand.trust.block_after_days
    if not allowed:
        return _(
            "With that your service is **blocked** again. The rule: access ends when an invoice is late."
        )
    return ngettext(
        "With that your service is **blocked** again. The rule: access ends when an invoice is more"
        " than {count} day late.",
        "With that your service is **blocked** again. The rule: access ends when an invoice is more"
        " than {count} days late.",
        allowed,
    )


def _news(what: Told) -> Text | None:
    number, amount, on = what.invoice.number, what.payment.amount, what.payment.paid_on
    after = what.after
    match what.news:
        case News.PAID if what.again:
            return _(
                "The payment of {amount} for invoice {number} counts again: the invoice is paid.",
                amount=amount, number=number,
            )  # fmt: skip
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
        case News.LESS | News.REOPENED if after.received:
            return _(
                "A part of what was paid for invoice {number} was taken back. Missing now: {missing}."
                " If you did not expect this, write /human.",
                number=number, missing=after.missing,
            )  # fmt: skip
        case News.LESS | News.REOPENED:
            return _(
                "The payment of {amount} for invoice {number} was taken back, so the invoice is"
                " open again. If you did not expect this, write /human.",
                amount=amount, number=number,
            )  # fmt: skip
        case News.RETURNED:
            return _("What was paid too much for invoice {number} was returned.", number=number)
        case _:
            return None
