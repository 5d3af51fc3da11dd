"""People: who speaks for this company in the chat, and what an administrator does about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, flow
from bot.core.message import LinkRef, Text, _, ngettext
from bot.core.question import Option
from bot.core.words import match_label
from bot.domain.roles import Change, Refusal, changes_of
from handlers._people import CHANGES, REFUSALS, is_administrator, standing
from storage import approvals, customers, joining, links, members, membership
from storage.members import Known

_INVITE, _REQUESTS = -1, -2
_MOST_SEARCHED = 500


class People:
    """What can be done about people, then the people themselves, page by page."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        waiting = len(approvals.waiting_for(chat.read, chat.visitor.person))
        self._first = [Option(_INVITE, _("Invite somebody"))]
        if waiting:
            label = ngettext("{count} request to decide", "{count} requests to decide", waiting)
            self._first.append(Option(_REQUESTS, label))

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        first = self._first[offset : offset + limit]
        skipped = max(0, offset - len(self._first))
        read, customer = self._chat.read, self._chat.customer
        left = limit - len(first)
        there = members.page(read, customer, skipped, left) if left else []
        return [*first, *map(_option, there)]

    def get(self, id: int) -> Option[int] | None:
        if id < 0:
            return next((each for each in self._first if each.id == id), None)
        known = members.get(self._chat.read, self._chat.customer, id)
        return _option(known) if known else None

    def find(self, text: str) -> Sequence[Option[int]]:
        there = members.page(self._chat.read, self._chat.customer, limit=_MOST_SEARCHED)
        return [_option(there[i]) for i in match_label(text, [each.name for each in there])]


def _option(known: Known) -> Option[int]:
    return Option(known.person, known.name, standing(known))


@flow(
    "people",
    title=_("People with access"),
    needs=VERIFIED,
    menu=60,
    phrases=_(
        "people | users | give access | who has access | add a user | remove a user"
        " | access for my bookkeeper | activate a user"
    ),
)
def people(chat: Chat) -> None:
    """List who speaks for the company; one is chosen and let in, promoted, demoted or removed."""
    if not is_administrator(chat, chat.customer):
        chat.say(_("Only an administrator of your company decides who has access here."))
        chat.switch("ask-administrator")
    chosen = chat.choose("who", lambda: _list_title(chat), People(chat))
    if chosen == _INVITE:
        chat.switch("invite")
    if chosen == _REQUESTS:
        chat.switch("approvals")
    known = members.get(chat.read, chat.customer, chosen)
    if known is None:
        return chat.say(REFUSALS[Refusal.GONE])
    change = chat.choose(
        "what",
        _(
            "**{name}**: {standing}, since {day}. What do you want to do?",
            name=known.name,
            standing=standing(known),
            day=known.since.astimezone(chat.brand.zone).date(),
        ),
        [
            *((each.value, CHANGES[each]) for each in changes_of(known.member)),
            ("other", _("Back to the list")),
        ],
    )
    if change == "other":
        chat.again()
    seeds = {"person": chosen, "customer": chat.customer}
    if change == Change.REJECT:
        chat.switch("person-reject", **seeds)
    chat.switch("person-change", change=change, **seeds)


def _list_title(chat: Chat) -> Text:
    company = customers.get(chat.read, chat.customer)
    named = {"company": (company.trade_name or company.name) if company else ""}
    waiting = members.count(chat.read, chat.customer, waiting=True)
    if waiting:
        return ngettext(
            "These people speak for **{company}**; {count} waits for you. Choose one, or write a name.",
            "These people speak for **{company}**; {count} wait for you. Choose one, or write a name.",
            waiting,
            **named,
        )
    return _("These people speak for **{company}**. Choose one, or write a name.", **named)


# ------------------------------------------------------------------------- one person


@flow("person-activate", title=_("Let somebody in"), needs=FRESH)
def person_activate(chat: Chat) -> None:
    """The button of a notice: let in who asks, in one chat again or for the first time."""
    if chat.seed("chat") is not None:
        return _let_in_again(chat)
    return _change(chat, Change.ACTIVATE)


@flow("person-reject", title=_("Reject somebody"), needs=VERIFIED)
def person_reject(chat: Chat) -> None:
    """The other button: whoever asks stays a stranger."""
    if chat.seed("chat") is not None:
        return chat.say(_("All right: that chat stays outside."))
    return _change(chat, Change.REJECT)


@flow("person-change", title=_("Change somebody's access"), needs=FRESH)
def person_change(chat: Chat) -> None:
    """What was chosen in the list."""
    _change(chat, Change(chat.seed("change")))


def _change(chat: Chat, what: Change) -> None:
    customer, person = chat.seed("customer"), chat.seed("person")
    known = members.get(chat.read, customer, person)
    if not is_administrator(chat, customer):
        return chat.say(REFUSALS[Refusal.NOT_ALLOWED])
    if known is None:
        return chat.say(REFUSALS[Refusal.GONE])
    company = customers.get(chat.read, customer)
    named = {"name": known.name, "company": (company.trade_name or company.name) if company else ""}
    if what not in changes_of(known.member):
        return chat.say(_("**{name}** is {standing} now: there is nothing to do.", name=known.name,
                          standing=standing(known)))  # fmt: skip
    chat.consent("sure", _SURE[what]._replace(values=named))
    outcome = chat.do("change", membership.change, customer, person, what.value)
    if outcome != membership.DONE:
        return chat.say(REFUSALS[Refusal(outcome)])
    return chat.say(_SAVED[what]._replace(values=named))


def _let_in_again(chat: Chat) -> None:
    customer, person = chat.seed("customer"), chat.seed("person")
    known = members.get(chat.read, customer, person)
    if known is None or not is_administrator(chat, customer):
        return chat.say(REFUSALS[Refusal.GONE])
    chat.consent("sure", _("Let **{name}** in again, in the chat that asked?", name=known.name))
    if chat.do("let-in", joining.let_in_again, customer, person, chat.seed("chat")):
        return chat.say(_("✅ Saved: **{name}** is in again.", name=known.name))
    return chat.say(_("That chat does not ask any more."))


_SURE: Mapping[Change, Text] = {
    Change.ACTIVATE: _(
        "Let **{name}** in? They will see the invoices and documents of **{company}**, and ask an"
        " administrator before anything is changed."
    ),
    Change.REJECT: _("Reject **{name}**? They will see nothing of **{company}**."),
    Change.PROMOTE: _(
        "Make **{name}** an administrator of **{company}**? Administrators change everything, and"
        " decide who has access."
    ),
    Change.DEMOTE: _(
        "Make **{name}** a collaborator of **{company}**? They will see everything, and ask an"
        " administrator before anything is changed."
    ),
    Change.SWITCH_OFF: _(
        "Switch **{name}** off? They see nothing of **{company}** until an administrator lets them"
        " in again."
    ),
    Change.REMOVE: _(
        "Remove **{name}** from **{company}**? Their access ends at once, in every chat."
    ),
}

_SAVED: Mapping[Change, Text] = {
    Change.ACTIVATE: _("✅ Saved: **{name}** is in. I told them."),
    Change.REJECT: _("✅ Saved: **{name}** stays outside. I told them."),
    Change.PROMOTE: _("✅ Saved: **{name}** is an administrator now. I told them."),
    Change.DEMOTE: _("✅ Saved: **{name}** is a collaborator now. I told them."),
    Change.SWITCH_OFF: _("✅ Saved: **{name}** is switched off. I told them."),
    Change.REMOVE: _("✅ Saved: **{name}** is removed. I told them."),
}


# ------------------------------------------------------------------------- invitations


@flow(
    "invite",
    title=_("Invite somebody"),
    needs=FRESH,
    phrases=_("invite | invite link | invite somebody | link for my bookkeeper"),
)
def invite(chat: Chat) -> None:
    """Make a link that lets one person ask to come in."""
    customer = chat.customer
    if not is_administrator(chat, customer):
        chat.say(REFUSALS[Refusal.NOT_ALLOWED])
        chat.switch("ask-administrator")
    company = customers.get(chat.read, customer)
    name = (company.trade_name or company.name) if company else ""
    opened = len(links.open_of(chat.read, customer))
    if opened:
        question = ngettext(
            "{count} invite link was not used yet. What do you want to do?",
            "{count} invite links were not used yet. What do you want to do?",
            opened,
        )
        wish = chat.choose(
            "wish", question, [("new", _("New invite link")), ("end", _("End them all"))]
        )
        if wish == "end":
            chat.do("end", links.revoke, customer)
            return chat.say(_("✅ Saved: those links do not work any more."))
    days = chat.brand.people.invite_days
    chat.consent(
        "sure",
        ngettext(
            "Make a link that invites one person to **{company}**? It works once, for {count} day, and"
            " whoever opens it sees nothing until you let them in.",
            "Make a link that invites one person to **{company}**? It works once, for {count} days, and"
            " whoever opens it sees nothing until you let them in.",
            days,
            company=name,
        ),
    )
    made = chat.do("make", links.create, customer)
    if made is None:
        return chat.say(_("There are too many open links. End them first, then make a new one."))
    chat.say(_("Copy this link and send it to the person you want to invite:"))
    chat.hand(LinkRef(links.JOIN, made))
    return chat.say(_("I will tell you here when they ask to come in."))
