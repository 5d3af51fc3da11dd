"""How it is paid, as flows speak of it: forms, cards, who may change it, and what an administrator decides."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.message import JSON, Text, _
from bot.domain.roles import Deed, Leave, leave
from bot.domain.standing import Permission
from handlers._companies import listed, take_up
from storage import members, paying, situations
from storage.cards import Card

FORMS: Mapping[str, Text] = {
    "boleto": _("Boleto"),
    "pix": _("PIX"),
    "card": _("Card"),
    "informal": _("Direct arrangement"),
}
"""What each form of payment is called."""

KINDS: Mapping[str, Text] = {"credit": _("credit"), "debit": _("debit")}

DONE = _("No, thank you")
BYE = _("All right! Write whenever you need me.")
CARD_GONE = _("That card is not there any more.")
AS_BEFORE = _("Nothing was changed: you pay as before.")


def card_name(card: Card) -> str:
    """A card as it may be shown: scheme and last four digits."""
    return f"{card.scheme} •••• {card.last4}"


def of_one_company(chat: Chat, flow: str, **seeds: JSON) -> None:
    """How it is paid is each company's own: where lists show all of them, it is asked which.

    `seeds` is what `flow` was begun with and is to go on with there.
    """
    called = {} if chat.seed("company") else listed(chat)
    if called:
        chosen = chat.choose("company", _("Of which company?"), list(called.items()))
        take_up(chat, chosen, flow, company=chosen, **seeds)


def company_seed(chat: Chat) -> dict[str, JSON]:
    """What the next flow is started with, so that it does not ask again of which company."""
    company = chat.seed("company")
    return {"company": company} if company else {}


def may_change(chat: Chat) -> bool:
    """Whether the customer at hand changes how it is paid; else he is told why not."""
    found = situations.of(chat.read, chat.customer)
    if found is not None and Permission.EDIT_RECORD in found.may:
        return True
    chat.say(
        _(
            "Your contract is cancelled, so nothing of how you pay can be changed. Your invoices and"
            " their second copies stay here for you."
        )
    )
    return False


def asks_first(chat: Chat) -> bool:
    """Whether what this person changes waits for an administrator."""
    role = members.role_of(chat.read, chat.visitor.person, chat.customer)
    return leave(role, Deed.CHANGE) is not Leave.YES


def ask_administrator(chat: Chat, values: Mapping[str, JSON], words: Text) -> None:
    """Hand a change on to whoever decides, and say so."""
    if chat.do("ask", paying.ask_administrator, chat.customer, values, words=words):
        return chat.say(
            _("An administrator has to approve this. I asked, and tell you the answer here.")
        )
    return chat.say(_("This waits for an administrator's answer already. I tell you here."))
