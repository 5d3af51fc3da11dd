"""Is this boleto yours? A pasted line, barcode or PIX code is recognised anywhere and answered."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import Recognised, flow
from bot.core.message import Text, _
from bot.core.readers import words
from storage import recognition
from storage.invoices import InvoiceState
from storage.recognition import Recognition, Verdict, looks_like_payment

MOST = 1200
"""Characters looked at: a PIX code has some 200, a mail that quotes one a few hundred."""


def _payment_code(text: str) -> Recognised | None:
    if looks_like_payment(text[:MOST]):
        return Recognised({"code": text[:MOST]})
    return None


@flow(
    "whose-code",
    title=_("Is this boleto yours?"),
    menu=30,
    recognises=_payment_code,
    phrases=_(
        "is this boleto yours | is this pix yours | fraud | fake boleto | scam | check a boleto"
    ),
)
def whose_code(chat: Chat) -> None:
    """Say whether the brand issued a boleto or PIX code, and warn if someone else gets the money."""
    code = chat.ask(
        "code",
        _("Paste the boleto line, the barcode digits or the PIX code here."),
        words(at_most=MOST),
    )
    found = recognition.recognise(chat.read, code, chat.visitor.customer)
    chat.say(_verdict(chat, found))
    if found.invoice is None:
        return
    after = chat.choose(
        "after",
        _("Do you want to see your invoice?"),
        [("open", _("See the invoice")), ("no", _("No, thank you"))],
    )
    if after == "open":
        chat.switch("invoices", invoice=found.invoice)


def _verdict(chat: Chat, found: Recognition) -> Text:
    brand = chat.brand.name
    match found.verdict:
        case Verdict.YOURS if found.state is InvoiceState.PAID:
            return _("✅ {brand} issued this for you, and it is **paid already**.", brand=brand)
        case Verdict.YOURS if found.state is InvoiceState.CANCELLED:
            return _(
                "{brand} issued this for you, but it was **cancelled**: do not pay it.", brand=brand
            )
        case Verdict.YOURS if found.changed:
            return _(
                "⚠️ The money of this code goes to {brand}, but its amount or date is not what we"
                " issued. Please use the code of your invoice here instead.",
                brand=brand,
            )
        case Verdict.YOURS:
            return _("✅ Yes, {brand} issued this for you. You can pay it.", brand=brand)
        case Verdict.OURS if chat.visitor.customer is None:
            return _(
                "✅ Yes, {brand} issued this. Identify yourself and I can tell whether it is yours.",
                brand=brand,
            )
        case Verdict.OURS:
            return _(
                "{brand} issued this, but it is **not one of your invoices**. Please check before"
                " you pay.",
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
                "⚠️ {brand} did **not** issue this{whom}. If somebody sent it to you in our name, do not"
                " pay it and tell us.",
                brand=brand,
                whom=_whom(found),
            )
        case _:
            return _unreadable(found)


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
