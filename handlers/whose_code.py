"""Is this boleto yours? A pasted line, barcode or PIX code is recognised anywhere and answered."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.flow import VERIFIED, Recognised, flow
from bot.core.message import Inbound, Text, _
from bot.core.readers import Reader
from handlers._invoices import period
from storage import invoices, recognition
from storage.invoices import Invoice, InvoiceState
from storage.recognition import Recognition, Verdict, looks_like_payment

MOST = 1200
"""Characters looked at: a PIX code has some 200, a mail that quotes one a few hundred."""
_MEANT = 12
"""Digits from which what was typed is meant to be a code, whole or not."""


def _payment_code(text: str) -> Recognised | None:
    if looks_like_payment(text[:MOST]):
        return Recognised({"code": text[:MOST]})
    return None


def _code(event: Inbound) -> str:
    text = (event.text or "")[:MOST]
    if looks_like_payment(text) or sum(c.isdigit() for c in text) >= _MEANT:
        return text
    raise Misread(
        _("That is no payment code: a boleto has 47 or 48 digits, a PIX code begins with 000201.")
    )


CODE: Reader[str] = Reader(_code, lambda text: text, str)


@flow(
    "whose-code",
    title=_("Is this boleto yours?"),
    menu=78,
    recognises=_payment_code,
    phrases=_(
        "is this boleto yours | is this pix yours | fraud | fake boleto | scam | check a boleto"
    ),
)
def whose_code(chat: Chat) -> None:
    """Say whether the brand issued a boleto or PIX code, and warn if someone else gets the money."""
    code = chat.ask(
        "code", _("Paste the boleto line, the barcode digits or the PIX code here."), CODE
    )
    found = recognition.recognise(chat.read, code, chat.visitor.customer)
    mine = invoices.get(chat.read, found.invoice, chat.customer) if found.invoice else None
    chat.say(_verdict(chat, found, mine))
    if mine is not None:
        if _wants(chat, _("Do you want to see your invoice?"), _("See the invoice")):
            chat.switch("invoices", invoice=mine.id)
    elif (
        found.verdict is Verdict.OURS
        and chat.visitor.customer is None
        and _wants(chat, _("Shall I check whether it is yours?"), _("Identify myself"))
    ):
        chat.switch("my-code", code=code)


@flow("my-code", title=_("Is this boleto yours?"), needs=VERIFIED)
def my_code(chat: Chat) -> None:
    """The same question, once it is known who asks."""
    chat.switch("whose-code", code=chat.seed("code"))


def _wants(chat: Chat, text: Text, yes: Text) -> bool:
    return chat.choose("after", text, [("yes", yes), ("no", _("No, thank you"))]) == "yes"


def _verdict(chat: Chat, found: Recognition, mine: Invoice | None) -> Text:
    brand = chat.brand.name
    match found.verdict:
        case Verdict.YOURS if mine is not None:
            return _of_mine(brand, found, mine)
        case Verdict.YOURS | Verdict.OURS if chat.visitor.customer is None:
            return _("✅ Yes, this code pays **{brand}**.", brand=brand)
        case Verdict.YOURS | Verdict.OURS:
            return _(
                "This code pays **{brand}**, but it is **not one of your invoices**. Please check"
                " before you pay.",
                brand=brand,
            )
        case Verdict.IMPOSTOR:
            return _(
                "🚫 **Do not pay this.** It is made to look like ours, but the money goes to somebody"
                " else{whom}.",
                whom=_whom(found),
            )
        case Verdict.NOT_OURS:
            return _(
                "⚠️ {brand} did **not** issue this code{whom}. If somebody sent it to you in our"
                " name, do not pay it, and tell us.",
                brand=brand,
                whom=_whom(found),
            )
        case _:
            return _unreadable(found)


def _of_mine(brand: str, found: Recognition, mine: Invoice) -> Text:
    named = {"brand": brand, "number": mine.number, "period": period(mine)}
    if mine.state is InvoiceState.PAID:
        return _(
            "✅ **{brand}** issued this code for your invoice {number} ({period}), which is **paid"
            " already**: there is nothing to pay.",
            **named,
        )
    if mine.state is InvoiceState.CANCELLED:
        return _(
            "**{brand}** issued this code, but your invoice {number} ({period}) was **cancelled**:"
            " do not pay it.",
            **named,
        )
    if found.changed:
        return _(
            "⚠️ This code pays **{brand}**, but its amount or date is not that of your invoice"
            " {number} ({period}). Please pay with the code of the invoice itself.",
            **named,
        )
    return _(
        "✅ Yes, **{brand}** issued this code for your invoice {number} ({period}). You can pay it.",
        **named,
    )


def _whom(found: Recognition) -> Text | str:
    return _(" (the receiver it names is {name})", name=found.name) if found.name else ""


def _unreadable(found: Recognition) -> Text:
    if found.reason in ("check_digit", "crc"):
        return _(
            "I cannot read this code: at least one character is wrong or missing. Please copy it"
            " again, whole, and paste it here. Do not pay it as it is."
        )
    return _(
        "I cannot read this code. Please copy it again, whole: a boleto has 47 or 48 digits, a PIX"
        " code begins with 000201."
    )
