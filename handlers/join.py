"""Join: somebody opens an invite link, says their name, and waits to be let in."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import _
from handlers._people import NAME
from storage import joining, links, members
from storage.joining import Joined

_GONE = _(
    "That invite link does not work any more: each works once, and not for long. Please ask for a new one."
)


@flow("join", title=_("Come in by an invitation"), start="join")
def join(chat: Chat) -> None:
    """Look whether the link works. Its token goes no further: from here on the link is known by its row."""
    found = chat.do("look", links.find, chat.seed("start", ""), links.JOIN)
    if found is None:
        return chat.say(_GONE)
    chat.switch("join-as", link=found)


@flow("ask-again", title=_("Ask to be let in again"))
def ask_again(chat: Chat) -> None:
    """Somebody let in before, whose proof has run out, asks the administrators again."""
    chat.consent("sure", _("Shall I ask the administrators to let this chat in again?"))
    if chat.do("ask", joining.ask_again):
        return chat.say(
            _("I asked the administrators, and will tell you here when they let you in.")
        )
    return chat.say(_("There is nothing to ask for any more."))


@flow("join-as", title=_("Ask to come in"))
def join_as(chat: Chat) -> None:
    """Ask who it is, and ask the administrators; nothing is shown of whose link it is."""
    link = chat.seed("link")
    known = members.name_of(chat.read, chat.visitor.person)
    if known:
        name = known
        chat.consent(
            "sure", _("You were invited. Shall I ask to let you in, as **{name}**?", name=name)
        )
    else:
        chat.say(
            _(
                "Welcome to **{brand}**! You were invited. An administrator lets you in once they know"
                " who you are.",
                brand=chat.brand.name,
            )
        )
        name = chat.ask("name", _("What is your name?"), NAME)
    match chat.do("join", joining.join, link, name):
        case Joined.WAITING:
            chat.say(
                _(
                    "Thank you, {name}! I asked the administrator. Until they let you in I cannot show"
                    " you anything; I will tell you here as soon as they do.",
                    name=name,
                )
            )
        case Joined.ALREADY:
            chat.say(
                _("You asked already, or are in already: there is nothing to do with this link.")
            )
        case Joined.FIRST:
            chat.say(_("You are the first here, so please prove who you are."))
            chat.switch("identify")
        case _:
            chat.say(_GONE)
