"""Where everyone begins and comes back to: a greeting, and what one can do here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import JSON, Text, _
from bot.core.question import Option
from handlers._companies import names, spoken_for
from handlers._people import OUTSIDE
from handlers._readers import tax_id_in
from storage import customers, situations
from storage.joining import standing_at
from storage.members import Spoken


class Offered:
    """The flows one may choose from; a stranger who writes a CPF at once means to be identified."""

    def __init__(self, chat: Chat) -> None:
        self.spoken = spoken_for(chat)
        """The companies one speaks for: with one alone there is none to change to."""
        at_hand = chat.visitor.customer
        hidden = set[str]()
        if len(self.spoken) < 2:
            hidden.add("companies")
        if at_hand is None or not situations.is_blocked_or_late(chat.read, at_hand):
            hidden.add("blocked")
        self._options = [
            Option(each.name, each.title) for each in chat.menu() if each.name not in hidden
        ]
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
    chosen = chat.choose("flow", lambda: _greeting(chat, offered.spoken), offered)
    chat.switch(chosen, **offered.seeds)


def _greeting(chat: Chat, spoken: Sequence[Spoken]) -> Text:
    if chat.seed("greeted"):
        return _("What can I do for you?")
    brand = chat.brand.name
    if chat.visitor.customer is None:
        outside = standing_at(chat.read, chat.visitor.address)
        if outside is not None:
            return _("Hello! {why}", why=OUTSIDE[outside])
        return _(
            "Hello! This is the counter of **{brand}**. To see and pay your invoices, just identify"
            " yourself. What can I do for you?",
            brand=brand,
        )
    if len(spoken) > 1:
        company = names(spoken).get(chat.visitor.customer, "")
        here = _("all your companies") if chat.visitor.all_companies else company
        return _(
            "Hello! This is about **{company}**. What can **{brand}** do for you?",
            company=here,
            brand=brand,
        )
    known = customers.get(chat.read, chat.visitor.customer)
    name = known.first_name if known else ""
    return _("Hello, {name}! What can **{brand}** do for you?", name=name, brand=brand)
