"""Approve and deny: what a collaborator asked for, decided once by an administrator."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, flow
from bot.core.message import Text, _
from bot.core.question import Option
from handlers._approved import settle
from storage import approvals
from storage.approvals import Approval, State


@flow("approve", title=_("Approve a request"), needs=FRESH)
def approve(chat: Chat) -> None:
    """Carry out what somebody asked for."""
    _decide(chat, yes=True)


@flow("deny", title=_("Deny a request"), needs=VERIFIED)
def deny(chat: Chat) -> None:
    """Leave everything as it is, and say so to who asked."""
    _decide(chat, yes=False)


@flow(
    "approvals",
    title=_("Requests to decide"),
    needs=VERIFIED,
    phrases=_("requests to approve | approvals | pending requests"),
)
def waiting(chat: Chat) -> None:
    """What waits for this administrator, one after the other."""
    pending = approvals.waiting_for(chat.read, chat.visitor.person)
    if not pending:
        return chat.say(_("Nothing waits for your approval."))
    chosen = chat.choose(
        "which",
        _("These requests wait for an administrator. Which one do you want to decide?"),
        [Option(each.id, each.words, each.asker) for each in pending],
    )
    found = approvals.get(chat.read, chosen, chat.visitor.person)
    if found is None:
        return chat.say(_GONE)
    decision = chat.choose(
        "decision", _asked(chat, found), [("approve", _("Approve")), ("deny", _("Deny"))]
    )
    chat.switch(decision, approval=chosen)


_GONE = _("That request is not there any more, or it is not yours to decide.")


def _decide(chat: Chat, *, yes: bool) -> None:
    id = chat.seed("approval")
    found = approvals.get(chat.read, id, chat.visitor.person)
    if found is None:
        return chat.say(_GONE)
    if found.state is not State.WAITING:
        return chat.say(_over(found))
    if found.asked_by == chat.visitor.person:
        return chat.say(_("You asked for this yourself, so another administrator decides."))
    question = _("Shall I do it?") if yes else _("Shall I deny it? Nothing will be changed.")
    chat.consent("sure", _("{asked}\n\n{question}", asked=_asked(chat, found), question=question))
    outcome = chat.do("decide", settle, id, approve=yes)
    if outcome is None:
        now = approvals.get(chat.read, id, chat.visitor.person)
        return chat.say(_over(now) if now else _GONE)
    if not yes:
        return chat.say(_("Denied. I told {name}; nothing was changed.", name=found.asker))
    if outcome["refused"] is not None:
        reason = Text.load(outcome["refused"])
        return chat.say(_("It could not be done: {reason}", reason=reason))
    return chat.say(_("✅ Done and saved. I told {name}.", name=found.asker))


def _asked(chat: Chat, found: Approval) -> Text:
    return _(
        "**{name}** ({company}) asked on {day}:\n{words}",
        name=found.asker,
        company=found.company,
        day=found.asked_at.astimezone(chat.brand.zone).date(),
        words=found.words,
    )


def _over(found: Approval) -> Text:
    """Why there is nothing to decide any more."""
    if found.state is State.EXPIRED or found.decided_at is None:
        return _("Nobody decided that request in time, so it ran out. It can be asked for again.")
    named: dict[str, Text | str] = {"name": found.decider or "", "words": found.words}
    if found.state is State.APPROVED:
        return _("That is decided already: **{name}** approved it.\n{words}", **named)
    return _("That is decided already: **{name}** did not approve it.\n{words}", **named)
