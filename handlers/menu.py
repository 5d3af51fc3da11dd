"""Where everyone begins and comes back to: a greeting, and what one can do here."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import Text, _
from storage import customers


@flow("menu", title=_("Menu"))
def menu(chat: Chat) -> None:
    """Greet, and offer what is allowed to this visitor and switched on for this brand."""
    offered = [(each.name, each.title) for each in chat.menu()]
    chat.switch(chat.choose("flow", lambda: _greeting(chat), offered))


def _greeting(chat: Chat) -> Text:
    if chat.seed("greeted"):
        return _("What can I do for you?")
    brand = chat.brand.name
    if chat.visitor.customer is None:
        return _(
            "Hello! This is the counter of **{brand}**. To see and pay your invoices, just identify"
            " yourself. What can I do for you?",
            brand=brand,
        )
    known = customers.get(chat.read, chat.visitor.customer)
    name = known.first_name if known else ""
    return _("Hello, {name}! What can **{brand}** do for you?", name=name, brand=brand)
