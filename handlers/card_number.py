"""A card number typed into the chat: not kept, deleted where the channel can, and said why.

PCI FAQ 1310: one such message brings the whole system into scope, so cards only go into hosted pages.
"""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import Recognised, flow
from bot.core.message import _
from bot.domain.cards import find_card_number


def _card(text: str) -> Recognised | None:
    return Recognised({}, sensitive=True) if find_card_number(text) else None


@flow("card-number", title=_("Card number"), recognises=_card)
def card_number(chat: Chat) -> None:
    """Say that card numbers do not belong into a chat."""
    chat.say(
        _(
            "🔒 That looked like a card number, so I did not keep it. For your safety, please never"
            " send one in a chat: {brand} does not ask for it here.",
            brand=chat.brand.name,
        )
    )
    if not chat.limits.deletes:
        chat.say(_("If you can, delete that message from this conversation."))
    if not chat.offers("card-add"):
        return
    wish = chat.choose(
        "link",
        _("A card is added on a safe page of our payment gateway. Shall I open one for you?"),
        [("yes", _("Add a card there")), ("no", _("No, thank you"))],
    )
    if wish == "yes":
        chat.switch("card-add")
