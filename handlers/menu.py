"""Where everyone begins and comes back to: a greeting, and what one can do here."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import _
from storage import customers


@flow("menu", title=_("Menu"))
def menu(chat: Chat) -> None:
    """Greet, and offer what is allowed to this visitor and switched on for this brand."""
    known = chat.visitor.customer and customers.get(chat.read, chat.visitor.customer)
    text = (
        _(
            "Menu of {brand}, {name}. What can I do for you?",
            brand=chat.brand.name,
            name=known.first_name,
        )
        if known
        else _(
            "Hello! This is the counter of **{brand}**. What can I do for you?",
            brand=chat.brand.name,
        )
    )
    chosen = chat.choose("flow", text, [(each.name, each.title) for each in chat.menu()])
    chat.switch(chosen)
