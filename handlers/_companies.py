"""The companies somebody speaks for: how they are called, and which of them a list shows."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.message import JSON, _
from bot.domain.customer_names import names
from storage import companies, members
from storage.members import Spoken

LONGEST = 32
"""Characters of a company's name in a list: beside it there is room for what the row is about."""


def spoken_for(chat: Chat) -> tuple[Spoken, ...]:
    """The companies that who is here speaks for; empty for a stranger."""
    return members.spoken_for(chat.read, chat.visitor.person)


def listed(chat: Chat) -> Mapping[int, str]:
    """The companies whose things a list shows, and what it calls each; empty: the one at hand alone."""
    if not chat.visitor.all_companies:
        return {}
    spoken = spoken_for(chat)
    return names(spoken, LONGEST) if len(spoken) > 1 else {}


def take_up(chat: Chat, customer: int, flow: str, **seeds: JSON) -> None:
    """What was chosen in a list of every company makes its company the one at hand.

    `flow` then goes on there afresh, with what was chosen among its seeds; of the company at hand
    nothing happens.
    """
    if customer == chat.customer:
        return
    if not chat.do("company", companies.turn_to, customer, show="same"):
        chat.say(_("You do not speak for that company any more."))
        chat.switch("menu", greeted=True)
    chat.switch(flow, **seeds)


__all__ = ["LONGEST", "listed", "names", "spoken_for", "take_up"]
