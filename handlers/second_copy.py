"""The second copy of an invoice, mailed to the registered address and to nowhere else."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import _
from handlers._companies import take_up
from handlers._invoices import Invoices, NoInvoices
from handlers._second_copy import mail_copy


@flow(
    "second-copy",
    title=_("Second copy by e-mail"),
    needs=VERIFIED,
    when=feature("email_second_copy", "mail"),
    menu=20,
)
def second_copy(chat: Chat) -> None:
    """E-mail the second copy of an invoice to the registered address."""
    mine = Invoices(chat)
    try:
        chosen = chat.choose("invoice", _("Which invoice shall I send to your e-mail?"), mine)
    except NoInvoices:
        return chat.say(_("You have no invoices yet."))
    invoice = mine.row(chosen)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    take_up(chat, invoice.customer, "second-copy", invoice=invoice.id)
    mail_copy(chat, invoice)
    chat.switch("invoices", invoice=invoice.id, brief=True)


@flow(
    "second-copy-wish",
    title=_("Second copy of an invoice"),
    needs=VERIFIED,
    phrases=_(
        "second copy | copy of the bill | copy of my invoice | copy of the invoice"
        " | send the invoice by e-mail | mail me the invoice | send my bill"
    ),
    start="second-copy",
)
def second_copy_wish(chat: Chat) -> None:
    """The wish for a second copy, however it is said: by e-mail where that works, else here."""
    if chat.offers("second-copy"):
        chat.switch("second-copy")
    if chat.brand.has("email_second_copy"):
        chat.say(_("I cannot send e-mails at the moment, but you can have your invoices here."))
    else:
        chat.say(_("I do not send invoices by e-mail, but you can have them here."))
    chat.switch("invoices")
