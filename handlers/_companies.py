"""The companies somebody speaks for: how they are called, and which of them a list shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.core.chat import Chat
from bot.core.message import JSON, _
from storage import companies, members
from storage.members import Spoken


def spoken_for(chat: Chat) -> tuple[Spoken, ...]:
    """The companies that who is here speaks for; empty for a stranger."""
    return members.spoken_for(chat.read, chat.visitor.person)


def names(spoken: Sequence[Spoken]) -> Mapping[int, str]:
    """What each company is called among the others; filiais of one name by the end of their CNPJ."""
    called = Counter(each.name for each in spoken)
    return {
        each.customer: each.name if called[each.name] == 1 else f"{each.name} ({_end(each.tax_id)})"
        for each in spoken
    }


def listed(chat: Chat) -> Mapping[int, str]:
    """The companies whose things a list shows and names; empty: that of the one at hand alone."""
    if not chat.visitor.all_companies:
        return {}
    spoken = spoken_for(chat)
    return names(spoken) if len(spoken) > 1 else {}


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


def _end(tax_id: str) -> str:
    """`/0002-72` of a CNPJ (branch number and check digits); the last digits of a CPF."""
    return f"/{tax_id[8:12]}-{tax_id[12:]}" if len(tax_id) == 14 else f"…{tax_id[-4:]}"
