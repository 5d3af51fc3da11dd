"""Where everyone begins and comes back to: a greeting, and what one can do here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import JSON, Text, _
from bot.core.question import Option
from handlers._readers import tax_id_in
from storage import customers


class Offered:
    """The flows one may choose from; a stranger who writes a CPF at once means to be identified."""

    def __init__(self, chat: Chat) -> None:
        self._options = [Option(each.name, each.title) for each in chat.menu()]
        self.seeds: dict[str, JSON] = {}

    def page(self, offset: int, limit: int) -> Sequence[Option[str]]:
        return self._options[offset : offset + limit]

    def get(self, id: str) -> Option[str] | None:
        return next((each for each in self._options if each.id == id), None)

    def find(self, text: str) -> Sequence[Option[str]]:
        identify, tax_id = self.get("identify"), tax_id_in(text)
        if identify is None or tax_id is None:
            return ()
        self.seeds = {"tax_id": tax_id}
        return [identify]


@flow("menu", title=_("Menu"))
def menu(chat: Chat) -> None:
    """Greet, and offer what is allowed to this visitor and switched on for this brand."""
    offered = Offered(chat)
    chosen = chat.choose("flow", lambda: _greeting(chat), offered)
    chat.switch(chosen, **offered.seeds)


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
