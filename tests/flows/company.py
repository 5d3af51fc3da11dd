"""A company whose people talk to the counter: who administers it, who was let in, who waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.core.message import Inbound, Outbound
from bot.core.ports import Turn

from .conftest import Visit
from .house import House
from .talk import Talk

LINK = re.compile(r"http://[^ ]*/join/curral/([0-9a-f-]+)")


def arrived(talk: Talk) -> list[Outbound]:
    """What came to a chat since it last said something; its buttons can be pressed from now on."""
    new = talk.house.came_to(talk.at)[len(talk.shown) :]
    talk.shown += new
    talk.heard = new
    return new


def acts(talk: Talk, action: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Something done from a chat without words, as a flow of another file would."""

    def play(tx: Turn) -> Any:
        tx.open(Inbound("acts", talk.at, text="-"))
        return action(tx, *args, **more)

    return talk.house.writes(play)


def invited(administrator: Talk) -> str:
    """The token of an invite link that an administrator makes just now."""
    administrator.says("invite somebody")
    if "not used yet" in administrator.words:
        administrator.presses("New invite link")
    administrator.presses("Yes")
    (url,) = administrator.copied
    (token,) = LINK.fullmatch(url).groups()  # type: ignore[union-attr]
    return str(token)


def comes_in(
    visit: Visit, administrator: Talk, name: str, *, chat: str = "", door: str = "web"
) -> Talk:
    """Somebody opens an invite link, says a name, and is let in."""
    somebody = waits(visit, administrator, name, chat=chat, door=door)
    arrived(administrator)
    administrator.presses("Let in")
    administrator.presses("Yes")
    arrived(somebody)
    return somebody


def waits(
    visit: Visit, administrator: Talk, name: str, *, chat: str = "", door: str = "web"
) -> Talk:
    """Somebody opens an invite link, says a name, and waits."""
    token = invited(administrator)
    somebody = visit(chat or name, door=door, locale="en")
    somebody.opens(f"join_{token}")
    somebody.says(name)
    return somebody


def administrator_of(
    visit: Visit, name: str = "oficina", chat: str = "rosa", door: str = "web"
) -> Talk:
    """The first who proves to be a customer's, by the code mailed to it; fresh for ten minutes."""
    talk = visit(chat, door=door, locale="en")
    talk.identifies(name)
    return talk


__all__ = ["House", "acts", "administrator_of", "arrived", "comes_in", "invited", "waits"]
