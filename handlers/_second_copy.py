"""Mailing an invoice to the registered address, and to nowhere else; wherever a flow offers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.message import JSON, Notice, NoticeButton, Text, _
from bot.domain.email import masked_email
from handlers._invoices import period
from storage import customers, invoices
from storage.invoices import Invoice, InvoiceState, SecondCopy

_CANCELLED = _("This invoice was cancelled, so there is nothing to send.")


def mail_copy(chat: Chat, invoice: Invoice, asked: str = "") -> None:
    """Ask for consent and queue the mail; where it cannot be, say why, and go on to what can.

    `asked` makes the keys of this round another's than those of the round before.
    """
    if invoice.state is InvoiceState.CANCELLED:
        return chat.say(_CANCELLED)
    customer = customers.get(chat.read, chat.customer)
    if customer is None or customer.email is None:
        _without_mail(chat, invoice, _("There is no e-mail in your registration."), asked)
    email = masked_email(customer.email)
    if not customer.can_be_mailed:
        bad = _("E-mails to {email} come back to us.", email=email)
        _without_mail(chat, invoice, bad, asked)
    chat.consent(f"sure{asked}", _consent(chat, invoice, email))
    outcome = chat.do(
        f"send{asked}",
        invoices.send_second_copy,
        invoice.id,
        chat.customer,
        request=chat.event,
        sent=_sent(invoice.number, email),
        failed=_failed(invoice, email, _update_email(chat)),
        unsent=_unsent(invoice),
        locale=chat.locale,
    )
    match outcome:
        case SecondCopy.QUEUED:
            chat.say(
                _("On its way to {email}. I will tell you here when it has been sent.", email=email)
            )
        case SecondCopy.ALREADY:
            chat.say(_("It is on its way already: you asked for it a moment ago."))
        case SecondCopy.CANCELLED:
            chat.say(_CANCELLED)
        case SecondCopy.NO_EMAIL | SecondCopy.BAD_EMAIL:
            _without_mail(chat, invoice, _("Your registered e-mail takes no mails."), asked)
        case _:
            chat.say(_("That invoice is not there any more."))
    return None


def _without_mail(chat: Chat, invoice: Invoice, reason: Text, asked: str) -> NoReturn:
    """No address to send to: say so, and what can be done instead."""
    chat.say(reason)
    instead = chat.choose(
        f"instead{asked}",
        _("You can have the invoice here in the chat, or ask our team to update your e-mail."),
        [("here", _("See it here")), ("team", _("Update my e-mail"))],
    )
    if instead == "team":
        flow, seeds = _update_email(chat)
        chat.switch(flow, **seeds)
    chat.switch("invoices", invoice=invoice.id)


def _update_email(chat: Chat) -> tuple[str, Mapping[str, JSON]]:
    """The flow that does it, and its seeds: by oneself where that is allowed; else our team is asked to."""
    return ("new-email", {}) if chat.offers("new-email") else ("human", {"about": "email"})


def _consent(chat: Chat, invoice: Invoice, email: str) -> Text:
    """What is consented to: if the amount or the state is another by then, it is asked again."""
    named = {"number": invoice.number, "period": period(invoice), "email": email}
    if invoice.state is InvoiceState.PAID:
        return _("Send invoice **{number}** ({period}), which is paid, to {email}?", **named)
    total = invoices.charges_today(invoice, chat.brand.terms, chat.today).total
    if invoice.paid_in_part:
        return _(
            "Send invoice **{number}** ({period}), **{total}** still to pay today, to {email}?",
            total=total,
            **named,
        )
    return _("Send invoice **{number}** ({period}), **{total}** today, to {email}?", total=total,
             **named)  # fmt: skip


def _sent(number: str, email: str) -> Notice:
    return Notice(
        _(
            "✅ Sent: invoice {number} went to {email}. Not in your inbox? Look in the spam folder.",
            number=number,
            email=email,
        )
    )


def _failed(invoice: Invoice, email: str, update: tuple[str, Mapping[str, JSON]]) -> Notice:
    return Notice(
        _(
            "I could not send invoice {number}: {email} does not take e-mails. You can have the"
            " invoice here in the chat, or ask our team to update your e-mail.",
            number=invoice.number,
            email=email,
        ),
        buttons=(
            NoticeButton(_("See it here"), "invoices", {"invoice": invoice.id}),
            NoticeButton(_("Update my e-mail"), *update),
        ),
    )


def _unsent(invoice: Invoice) -> Notice:
    return Notice(
        _(
            "I could not send invoice {number} by e-mail: the mail server did not take it. You can have"
            " the invoice here in the chat, or try again later.",
            number=invoice.number,
        ),
        buttons=(
            NoticeButton(_("See it here"), "invoices", {"invoice": invoice.id}),
            NoticeButton(_("Try again"), "second-copy", {"invoice": invoice.id}),
        ),
    )
