"""My invoices: the list, one of them, and how to pay it or have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import DocumentRef, Text, _
from bot.domain import boleto
from handlers._companies import take_up
from handlers._invoices import Invoices, NoInvoices, described
from handlers._second_copy import mail_copy
from storage import charges
from storage import invoices as rows
from storage.documents import note_opened
from storage.invoices import Invoice, InvoiceState


@flow(
    "invoices",
    title=_("My invoices"),
    needs=VERIFIED,
    menu=10,
    phrases=_(
        "my invoices | invoices | bills | what do i owe | how much do i owe | pay | i want to pay"
        " | pix | boleto | barcode | pay invoice"
    ),
    start="invoices",
)
def invoices(chat: Chat) -> None:
    """List the invoices, open ones first, and hand out what pays the chosen one."""
    mine = Invoices(chat)
    try:
        chosen = chat.choose("invoice", lambda: _which(mine), mine)
    except NoInvoices:
        return chat.say(_("You have no invoices yet."))
    invoice = mine.row(chosen)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    take_up(chat, invoice.customer, "invoices", invoice=invoice.id)
    again = bool(chat.seed("brief"))
    # What was chosen stays chosen though it is not offered any more: what follows says why.
    offered = [*_offered(chat, invoice, again=again), chat.seed("what")]
    wish = chat.choose(
        "what",
        lambda: _more(invoice) if again else described(chat, invoice),
        [(each, _WISHES[each]) for each in _WISHES if each in offered],
    )
    if wish == "done":
        return chat.say(_("All right! Write whenever you need me."))
    _grant(chat, invoice, wish)


def _which(mine: Invoices) -> Text:
    if mine.owes is None:
        return _("Choose an invoice, or write its month or its amount.")
    if not mine.owes:
        return _(
            "You owe nothing! 🎉 These are your past invoices. Choose one, or write its month."
        )
    return _(
        "Here are your invoices, open ones first. Choose one, or write its month or its amount."
    )


def _more(invoice: Invoice) -> Text:
    if invoice.state is InvoiceState.PAID:
        return _("Invoice {number} is paid. Anything else about it?", number=invoice.number)
    if invoice.state is InvoiceState.CANCELLED:
        return _("Invoice {number} is cancelled. Anything else?", number=invoice.number)
    return _("Anything else about invoice {number}?", number=invoice.number)


_WISHES: Mapping[str, Text] = {
    "pix": _("Pay with PIX"),
    "boleto": _("Boleto line"),
    "card": _("Pay by card"),
    "pdf": _("PDF"),
    "mail": _("Send by e-mail"),
    "other": _("Another invoice"),
    "done": _("No, thank you"),
}


def _offered(chat: Chat, invoice: Invoice, *, again: bool) -> Iterator[str]:
    """What one can have of an invoice, as far as it makes sense and is switched on.

    Asked `again`, one may have had enough.
    """
    if invoice.state is InvoiceState.OPEN:
        if chat.brand.has("pix") and invoice.has_pix(chat.brand):
            yield "pix"
        slip = invoice.barcode and (invoice.codes_hold or rows.boleto_of(invoice))
        if chat.brand.has("boleto") and slip:
            yield "boleto"
        if _card_page(chat, invoice):
            yield "card"
    if invoice.state is not InvoiceState.CANCELLED:
        if chat.brand.has("pdf"):
            yield "pdf"
        if chat.offers("second-copy"):
            yield "mail"
    yield "other"
    if again:
        yield "done"


def _grant(chat: Chat, invoice: Invoice, wish: str) -> NoReturn:
    """Hand out what was wished for, on record; then the flow afresh at this invoice.

    Afresh, because what was handed out is not to be said again when a task laid over it ends.
    """
    match wish:
        case "pix":
            _hand_pix(chat, invoice)
        case "boleto":
            _hand_boleto(chat, invoice)
        case "card":
            _hand_card_page(chat, invoice)
        case "pdf":
            name = rows.file_name(chat.brand, invoice.number)
            _note_opened(chat, invoice, "invoice-pdf")
            chat.document(
                DocumentRef("invoice-pdf", invoice.id, name, "application/pdf"),
                _("Invoice {number}", number=invoice.number),
            )
        case "mail":
            mail_copy(chat, invoice)
        case _:
            chat.again()
    chat.switch("invoices", invoice=invoice.id, brief=True)


def _note_opened(chat: Chat, invoice: Invoice, kind: str) -> None:
    chat.do("opened", note_opened, invoice.id, chat.customer, kind=kind)


def _hand_pix(chat: Chat, invoice: Invoice) -> None:
    code = rows.pix_of(invoice, chat.brand, chat.today)
    if code is None:
        return chat.say(_("This invoice has no PIX any more."))
    _note_opened(chat, invoice, "pix")
    if code == invoice.pix_code:  # a gateway's: how much it asks for today is the gateway's to say
        chat.say(_("Copy this PIX code and paste it into your bank's app, which shows the amount:"))
    else:
        total = rows.charges_today(invoice, chat.brand.terms, chat.today).total
        chat.say(
            _("PIX of **{total}**. Copy this code and paste it into your bank's app:", total=total)
        )
    chat.hand(code)
    chat.document(
        DocumentRef("pix-qr", invoice.id, f"pix-{invoice.number}.png", "image/png"),
        _("Or point the camera of your bank's app at this QR code."),
    )
    return None


def _card_page(chat: Chat, invoice: Invoice) -> str | None:
    """The gateway's page on which an invoice is paid by card."""
    if not chat.brand.payments.confirms:
        return None
    found = charges.of_invoice(chat.read, invoice.id)
    if found is None or found.method not in ("card", "any") or found.state != "waiting":
        return None
    return found.url


def _hand_card_page(chat: Chat, invoice: Invoice) -> None:
    url = _card_page(chat, invoice)
    if url is None:
        return chat.say(_("This invoice cannot be paid by card any more."))
    _note_opened(chat, invoice, "card-page")
    chat.say(
        _(
            "🔒 Pay it by card on this page of our payment gateway. Please never write a card's number"
            " in this chat."
        )
    )
    chat.hand(url)
    return None


def _hand_boleto(chat: Chat, invoice: Invoice) -> None:
    found = rows.boleto_of(invoice)
    if found is None:
        return chat.say(_("This invoice has no boleto any more."))
    _note_opened(chat, invoice, "boleto-line")
    chat.say(_("This is the boleto line. Copy it and paste it into your bank's app:"))
    chat.hand(boleto.format_line(found.line))
    charges = rows.charges_today(invoice, chat.brand.terms, chat.today)
    if charges.days_late:
        chat.say(
            _("The bank adds fine and interest when you pay: {total} today.", total=charges.total)
        )
    return None
