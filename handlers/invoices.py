"""My invoices: the list, one of them, and how to pay it or have it."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import DocumentRef, Text, _
from bot.domain import boleto
from handlers._invoices import Invoices, described
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
    if chat.seed("invoice") is None and not rows.count(chat.read, chat.customer):
        return chat.say(_("You have no invoices yet."))
    chosen = chat.choose(
        "invoice",
        _(
            "Here are your invoices, open ones first. Choose an invoice, or write a month or an amount."
        ),
        Invoices(chat),
    )
    invoice = rows.get(chat.read, chosen, chat.customer)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    again = _("Anything else about invoice {number}?", number=invoice.number)
    text = again if chat.seed("brief") else described(chat, invoice)
    what = chat.choose("what", text, _wishes(chat, invoice))
    _give(chat, invoice, what)
    chat.switch("invoices", invoice=invoice.id, brief=True)


def _wishes(chat: Chat, invoice: Invoice) -> list[tuple[str, Text]]:
    """What one can have of an invoice, as far as it makes sense and is switched on."""
    wishes = list[tuple[str, Text]]()
    if invoice.state is InvoiceState.OPEN:
        if chat.brand.has("pix") and rows.pix_of(invoice, chat.brand, chat.today):
            wishes.append(("pix", _("Pay with PIX")))
        if chat.brand.has("boleto") and invoice.barcode:
            wishes.append(("boleto", _("Boleto line")))
    if chat.brand.has("pdf") and invoice.state is not InvoiceState.CANCELLED:
        wishes.append(("pdf", _("PDF")))
    if chat.offers("second-copy") and invoice.state is not InvoiceState.CANCELLED:
        wishes.append(("mail", _("Send by e-mail")))
    wishes.append(("other", _("Another invoice")))
    return wishes


def _give(chat: Chat, invoice: Invoice, what: str) -> None:
    match what:
        case "pix":
            code = rows.pix_of(invoice, chat.brand, chat.today)
            if code is None:
                return chat.say(_("This invoice has no PIX any more."))
            total = rows.charges_today(invoice, chat.brand.terms, chat.today).total
            chat.say(_("PIX of {total}. Copy the code below into your bank's app:", total=total))
            chat.hand(code)
            chat.document(
                DocumentRef("pix-qr", invoice.id, f"pix-{invoice.number}.png", "image/png"),
                _("Or point the camera of your bank's app at this QR code."),
            )
        case "boleto":
            found = rows.boleto_of(invoice)
            if found is None:
                return chat.say(_("This invoice has no boleto any more."))
            chat.say(_("The boleto line, to copy into your bank's app:"))
            chat.hand(boleto.format_line(found.line))
        case "pdf":
            name = rows.file_name(chat.brand, invoice.number)
            chat.do("opened", note_opened, invoice.id, chat.customer, kind="invoice-pdf")
            chat.document(
                DocumentRef("invoice-pdf", invoice.id, name, "application/pdf"),
                _("Invoice {number}", number=invoice.number),
            )
        case "mail":
            chat.switch("second-copy", invoice=invoice.id)
        case _:
            chat.again()
    return None
