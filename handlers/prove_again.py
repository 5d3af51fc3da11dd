"""Is it still you? A new code to the registered e-mail, before anything is changed."""

from __future__ import annotations

from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, flow
from bot.core.message import Text, _
from bot.domain.email import masked_email
from bot.domain.roles import Role
from handlers._codes import check, code_mail, ended, paused
from storage import codes, customers, members, own_email, people
from storage.codes import Proof
from storage.customers import Customer


@flow("prove-again", title=_("Prove it is you"), needs=VERIFIED, grants=FRESH)
def prove_again(chat: Chat) -> None:
    """A code counts for ten minutes of changes."""
    if chat.visitor.level >= FRESH:
        return None  # proved by a code a moment ago
    role = members.role_of(chat.read, chat.visitor.person, chat.customer)
    if role is Role.COLLABORATOR:
        # No code reaches them, and nothing they change counts before an administrator's yes.
        chat.do("refresh", people.refresh)
        return None
    known = customers.get(chat.read, chat.customer)
    mine = _own_email(chat)
    if mine is not None:
        asked = chat.do("request", codes.request_own_code, code_mail(chat.locale))
    elif known is None or known.email is None or not _can_be_mailed(chat, known):
        _without_mail(chat)
    else:
        asked = chat.do(
            "request", codes.request_code, known.tax_id, "again", code_mail(chat.locale)
        )
    if asked["result"] == Proof.PAUSED:
        _not_now(chat, paused(chat, asked["until"]), new_code=False)
    outcome = chat.secret(
        "code",
        _(
            "Before anything is changed, I make sure that it is you. I sent a code to {email}: please"
            " write its 6 digits here.",
            email=masked_email(mine or (known.email if known else "") or ""),
        ),
        check(asked["code"], compare=codes.check_own_code if mine else codes.check_code),
    )
    if outcome["result"] != Proof.OK:
        _not_now(chat, ended(chat, outcome), new_code=outcome["until"] is None)
    return chat.say(_("Thank you! For the next 10 minutes you can change things."))


def _own_email(chat: Chat) -> str | None:
    """The administrator's own e-mail, if the code goes there; who has one, or was invited, is asked."""
    mine = members.own_email_of(chat.read, chat.visitor.person)
    known = customers.get(chat.read, chat.customer)
    registered = known.email if known is not None and _can_be_mailed(chat, known) else None
    invited = own_email.was_invited(chat.read, chat.visitor.person, chat.customer)
    if not chat.brand.has("mail") or (mine is None and not (invited and registered)):
        return None
    ways: list[tuple[str, Text]] = []
    if mine is not None:
        ways.append(("mine", _("To my own: {email}", email=masked_email(mine))))
    if registered is not None:
        ways.append(("registered", _("To {email}", email=masked_email(registered))))
    if mine is None:
        ways.append(("other", _("I do not read that e-mail")))
    question = _("Before anything is changed, I make sure that it is you. Where shall the code go?")
    match chat.choose("where", question, ways):
        case "mine":
            return mine
        case "other":
            chat.switch("own-email")
        case _:
            return None


def _can_be_mailed(chat: Chat, known: Customer) -> bool:
    return known.can_be_mailed and chat.brand.has("mail")


def _not_now(chat: Chat, reason: Text, *, new_code: bool) -> NoReturn:
    """It did not work: another code, if no pause holds it up, or a person."""
    ways = [("code", _("New code by e-mail"))] if new_code else []
    match chat.choose("after", reason, [*ways, ("human", _("Talk to a person"))]):
        case "code":
            chat.again()
        case _:
            chat.switch("human")


def _without_mail(chat: Chat) -> NoReturn:
    """Nowhere to send a code to, or nothing to send it by."""
    if not chat.brand.has("mail"):
        chat.say(
            _("To change something I would send you a code by e-mail, which I cannot right now.")
        )
        chat.switch("human")
    chat.say(
        _("To change something I would send you a code, but I have no e-mail of yours that works.")
    )
    ways: list[tuple[str, Text]] = []
    if chat.offers("new-email"):
        ways.append(("email", _("Update my e-mail")))
    ways.append(("human", _("Talk to a person")))
    match chat.choose("instead", _("What shall we do?"), ways):
        case "email":
            chat.switch("new-email")
        case _:
            chat.switch("human")
