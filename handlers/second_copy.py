"""The second copy of an invoice, mailed to the registered address and to nowhere else."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Notice, NoticeButton, Text, _
from bot.domain.email import masked_email
from handlers._invoices import Invoices
from storage import customers, invoices
from storage.invoices import SecondCopy


@flow(
    "second-copy",
    title=_("Second copy by e-mail"),
    needs=VERIFIED,
    when=feature("email_second_copy", "mail"),
    menu=20,
    phrases=_(
        "second copy | send the invoice by e-mail | mail me the invoice | send my bill | copy of the bill"
    ),
    start="second-copy",
)
def second_copy(chat: Chat) -> None:
    """E-mail the second copy of an invoice to the registered address."""
    customer = customers.get(chat.read, chat.customer)
    if customer is None or customer.email is None:
        return _no_email(chat, _("There is no e-mail in your registration."))
    if not customer.can_be_mailed:
        return _no_email(
            chat,
            _("Mails to {email} come back to us.", email=masked_email(customer.email)),
        )
    if chat.seed("invoice") is None and not invoices.count(chat.read, chat.customer):
        return chat.say(_("You have no invoices yet."))
    chosen = chat.choose("invoice", _("Which invoice shall I mail you?"), Invoices(chat))
    invoice = invoices.get(chat.read, chosen, chat.customer)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    chat.consent(
        "sure",
        _(
            "Send invoice {number} to {email}?",
            number=invoice.number,
            email=masked_email(customer.email),
        ),
    )
    outcome = chat.do(
        "send",
        invoices.send_second_copy,
        invoice.id,
        chat.customer,
        request=chat.event,
        sent=_sent(invoice.number, customer.email),
        failed=_failed(invoice.number, customer.email, invoice.id),
        locale=chat.locale,
    )
    match outcome:
        case SecondCopy.QUEUED:
            chat.say(_("On its way. Look in your inbox in a minute."))
        case SecondCopy.ALREADY:
            chat.say(_("It is on its way already: you asked for it a moment ago."))
        case SecondCopy.CANCELLED:
            chat.say(_("This invoice was cancelled, so there is nothing to send."))
        case SecondCopy.NO_EMAIL | SecondCopy.BAD_EMAIL:
            _no_email(chat, _("There is no e-mail in your registration that takes mails."))
        case _:
            chat.say(_("That invoice is not there any more."))


def _no_email(chat: Chat, reason: Text) -> None:
    """No address to send to: say so, and what to do instead."""
    chat.say(reason)
    after = chat.choose(
        "instead",
        _("I can hand you the invoice here in the chat, or ask our team to update your e-mail."),
        [("invoices", _("See it here")), ("human", _("Ask the team"))],
    )
    chat.switch(after)


def _sent(number: str, email: str) -> Notice:
    return Notice(
        _(
            "Sent: invoice {number} is in the mailbox of {email}. Not there? Look in the spam folder.",
            number=number,
            email=masked_email(email),
        )
    )


def _failed(number: str, email: str, id: int) -> Notice:
    return Notice(
        _(
            "I could not mail invoice {number}: the mail server refused {email}. You can have it here,"
            " or ask our team to update your e-mail.",
            number=number,
            email=masked_email(email),
        ),
        buttons=(
            NoticeButton(_("See it here"), "invoices", {"invoice": id}),
            NoticeButton(_("Ask the team"), "human"),
        ),
    )
