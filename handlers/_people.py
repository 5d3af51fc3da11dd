"""People of a customer as flows speak of them: roles, states, names, and a wish for the administrator."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.message import Inbound, Text, _
from bot.core.readers import Reader
from bot.domain.roles import Change, Refusal, Role, State
from storage import members
from storage.joining import Standing
from storage.members import Known

LONGEST_NAME = 60


def is_administrator(chat: Chat, customer: int) -> bool:
    """Whether who is here decides for a customer."""
    return members.role_of(chat.read, chat.visitor.person, customer) is Role.ADMINISTRATOR


def standing(known: Known) -> Text:
    """Role and state, as a list shows them."""
    match known.state:
        case State.WAITING:
            return _("waits to be let in")
        case State.OFF:
            return _("switched off")
        case _ if known.role is Role.ADMINISTRATOR:
            return _("administrator")
        case _:
            return _("collaborator")


CHANGES: Mapping[Change, Text] = {
    Change.ACTIVATE: _("Let in"),
    Change.REJECT: _("Reject"),
    Change.PROMOTE: _("Make administrator"),
    Change.DEMOTE: _("Make collaborator"),
    Change.SWITCH_OFF: _("Switch off"),
    Change.REMOVE: _("Remove"),
}

REFUSALS: Mapping[Refusal, Text] = {
    Refusal.NOT_ALLOWED: _("Only an administrator can do that."),
    Refusal.GONE: _("That person is not among the people of this company any more."),
    Refusal.ALREADY: _("That was done already: look at the list again."),
    Refusal.LAST: _(
        "This is the last administrator, and one must stay. Make somebody else administrator first."
    ),
}


OUTSIDE: Mapping[Standing, Text] = {
    Standing.WAITING: _(
        "An administrator has still to let you in. I will tell you here as soon as they do; until then"
        " I cannot show you anything."
    ),
    Standing.OFF: _(
        "An administrator switched off your access, so I cannot show you anything. Please talk to them."
    ),
    Standing.GONE: _(
        "Your access was ended by an administrator, so I cannot show you anything. Please talk to them."
    ),
    Standing.LAPSED: _(
        "You have not been let in for a while, so an administrator has to let you in again."
    ),
}
"""Why a chat that was somebody's is a stranger's now."""


def _name(event: Inbound) -> str:
    said = " ".join((event.text or "").split())
    if len(said) > LONGEST_NAME:
        raise Misread(
            _("That is too long. Please use at most {most} characters.", most=LONGEST_NAME)
        )
    if (
        sum(c.isalpha() for c in said) < 2
        or not said.isprintable()
        or any(c in "@/:" for c in said)
    ):
        raise Misread(_("Please write your name, as your colleagues know it."))
    return said


NAME: Reader[str] = Reader(_name, lambda said: said, str)
"""Somebody's name."""
