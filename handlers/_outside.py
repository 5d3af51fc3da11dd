"""Who waits to be let in, or was sent away, hears why before anything is asked of them."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.message import _
from handlers._people import OUTSIDE
from storage import joining
from storage.joining import Standing


def outside(chat: Chat) -> None:
    """Say why this chat is a stranger's though it was somebody's, and what they can do; else nothing.

    Goes on with the flow for somebody who wants to prove who they are.
    """
    if chat.seed("proves") or chat.seed("tax_id"):
        return
    why = joining.standing_at(chat.read, chat.visitor.address)
    if why is None:
        return
    ways = [("prove", _("I have the registered e-mail")), ("human", _("Talk to a person"))]
    if why is Standing.LAPSED:
        ways.insert(0, ("again", _("Ask to be let in again")))
    match chat.choose("outside", OUTSIDE[why], ways):
        case "prove":
            chat.switch("identify", proves=True)
        case "again":
            chat.switch("ask-again")
        case _:
            chat.switch("human")
