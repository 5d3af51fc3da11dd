"""Where everyone begins and comes back to: a greeting, and what one can do here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.chat import Chat
from bot.core.flow import Flow, flow
from bot.core.message import JSON, Text, _
from bot.core.ports import Read
from bot.core.question import Option
from handlers._companies import names, spoken_for
from handlers._people import OUTSIDE
from handlers._readers import tax_id_in
from storage import customers, situations
from storage.joining import standing_at
from storage.members import Spoken


class Offered:
    """The flows one may choose from; a stranger who writes a CPF at once means to be identified.

    A turn that names one of them looks up only what concerns that one.
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._flows = chat.menu()
        self._spoken: Sequence[Spoken] | None = None
        self._options: Sequence[Option[str]] | None = None
        self.seeds: dict[str, JSON] = {}

    def page(self, offset: int, limit: int) -> Sequence[Option[str]]:
        if self._options is None:
            self._options = [_option(each) for each in self._flows if self._concerns(each)]
        return self._options[offset : offset + limit]

    def get(self, id: str) -> Option[str] | None:
        found = next((each for each in self._flows if each.name == id), None)
        return _option(found) if found is not None and self._concerns(found) else None

    def find(self, text: str) -> Sequence[Option[str]]:
        identify, tax_id = self.get("identify"), tax_id_in(text)
        if identify is None or tax_id is None:
            return ()
        self.seeds = {"tax_id": tax_id}
        return [identify]

    def spoken(self) -> Sequence[Spoken]:
        """The companies one speaks for: with one alone there is none to change to."""
        if self._spoken is None:
            self._spoken = spoken_for(self._chat)
        return self._spoken

    def _concerns(self, flow: Flow) -> bool:
        """Whether what may be offered has something to do here."""
        if flow.name == "companies":
            return len(self.spoken()) > 1
        if flow.name == "blocked":
            at_hand = self._chat.visitor.customer
            return at_hand is not None and situations.is_blocked_or_late(self._chat.read, at_hand)
        return True


def _option(flow: Flow) -> Option[str]:
    return Option(flow.name, flow.title)


@flow("menu", title=_("Menu"))
def menu(chat: Chat) -> None:
    """Greet, and offer what is allowed to this visitor and switched on for this brand."""
    offered = Offered(chat)
    chosen = chat.choose("flow", lambda: _greeting(chat, offered.spoken()), offered)
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
    name = _first_name(chat.read, chat.visitor.customer, spoken)
    return _("Hello, {name}! What can **{brand}** do for you?", name=name, brand=brand)


def _first_name(read: Read, customer: int, spoken: Sequence[Spoken]) -> str:
    """How the customer at hand is greeted, also one that an import has moved from who spoke for it."""
    for each in spoken:
        if each.customer == customer:
            return each.first_name
    known = customers.get(read, customer)
    return known.first_name if known else ""
