"""I already paid: the receipt goes to the team, which looks at it; nothing is marked as paid here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import JSON, FileIn, Inbound, Text, _
from bot.core.readers import Reader
from handlers._files import FILE, NOT_KEPT, is_taken
from handlers._owed import Owed
from handlers._payment import company_seed, of_one_company
from handlers._readers import WISH
from storage import claims, invoices
from storage.invoices import Invoice


def _receipt(event: Inbound) -> FileIn | str:
    return WISH.read(event) if event.file is None else FILE.read(event)


def _dump(value: FileIn | str) -> JSON:
    return value if isinstance(value, str) else FILE.dump(value)


def _load(stored: JSON) -> FileIn | str:
    return stored if isinstance(stored, str) else FILE.load(stored)


RECEIPT: Reader[FileIn | str] = Reader(_receipt, _dump, _load, takes="file")
"""A PDF or picture, or the payment in words."""
WORDS: Reader[FileIn | str] = Reader(WISH.read, _dump, _load)


@flow(
    "already-paid",
    title=_("I already paid"),
    needs=VERIFIED,
    when=feature("already_paid"),
    phrases=_(
        "i already paid | already paid | i paid | i have paid | i paid it | here is the receipt"
        " | payment receipt | proof of payment | i paid and it is still open"
    ),
    start="already-paid",
    file_key="receipt",
)
def already_paid(chat: Chat) -> None:
    """Choose the invoice, attach the receipt, and hand both on."""
    sent = chat.seed("receipt")
    if sent and not is_taken(sent):
        chat.say(NOT_KEPT)
        chat.switch("already-paid", **{**_invoice_seed(chat), **company_seed(chat)})
    of_one_company(chat, "already-paid", **({"receipt": sent} if sent else {}))
    if not invoices.count(chat.read, chat.customer, "open"):
        return chat.say(_("All your invoices are paid: nothing is open. 🎉"))
    owed = Owed(chat, lambda: invoices.open_of(chat.read, chat.customer))
    if sent and not chat.seed("invoice"):
        chat.say(_("📎 I take **{name}** as the receipt.", name=sent[1]))
    chosen = chat.choose("invoice", _("Which invoice did you pay?"), owed)
    invoice = invoices.get(chat.read, chosen, chat.customer)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    since = claims.waiting_since(chat.read, chat.customer, invoice.id)
    if since is not None:
        return _add(chat, invoice.id, invoice.number) if sent else chat.say(_told(chat, invoice))
    receipt = chat.ask("receipt", _question(chat), RECEIPT if chat.limits.files_in else WORDS)
    words = receipt if isinstance(receipt, str) else None
    attached = None if isinstance(receipt, str) else _dump(receipt)
    outcome = chat.do(
        "claim", claims.make, chat.customer, invoice.id, words=words, file=attached,
        request=chat.event,
    )  # fmt: skip
    match outcome:
        case "taken":
            text = _(
                "✅ Thank you, I passed it on to our team for invoice {number}. They look at it and"
                " confirm it: until then the invoice still shows as open. There is no need to pay again.",
                number=invoice.number,
            )
        case "gone":
            chat.say(_("The file is not there any more. Please send it once more."))
            chat.switch("already-paid", invoice=invoice.id)
        case "looking":
            text = _looking(invoice.number)
        case "paid":
            text = _("Invoice {number} is not open any more: all is well.", number=invoice.number)
        case _:
            text = _("That invoice is not there any more.")
    return chat.say(text)


def _add(chat: Chat, invoice: int, number: str) -> None:
    """What was said to be paid before, and its receipt now."""
    sent: Sequence[JSON] = chat.seed("receipt")
    match chat.do("add", claims.add_receipt, chat.customer, invoice, sent):
        case "added":
            text = _(
                "✅ Thank you, I added **{name}** to what you told us of invoice {number}. Our team is"
                " looking at it.",
                name=str(sent[1]),
                number=number,
            )
        case "gone":
            text = _("The file is not there any more. Please send it once more.")
        case _:
            text = _("Our team has looked at invoice {number} meanwhile.", number=number)
    chat.say(text)


def _told(chat: Chat, invoice: Invoice) -> Text:
    """That it waits; and where no receipt is there yet, that it may still come."""
    text = _looking(invoice.number)
    waits = [id for id, _number in claims.without_receipt(chat.read, chat.customer)]
    if chat.limits.files_in and invoice.id in waits:
        return _("{looking} If you have the receipt, just send it here.", looking=text)
    return text


def _invoice_seed(chat: Chat) -> dict[str, JSON]:
    invoice = chat.seed("invoice")
    return {"invoice": invoice} if invoice else {}


def _question(chat: Chat) -> Text:
    if chat.limits.files_in:
        return _(
            "Please send the receipt here, a PDF or a picture. If you have none, write when and how you"
            " paid."
        )
    return _(
        "This channel takes no files. Please write when and how you paid, with the number on the receipt"
        " if you have one."
    )


def _looking(number: str) -> Text:
    return _(
        "You told us already that invoice {number} is paid, and our team is looking at it. I tell you"
        " here when it is confirmed.",
        number=number,
    )
