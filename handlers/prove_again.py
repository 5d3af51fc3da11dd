"""Is it still you? A new code to the registered e-mail, before anything is changed."""

from __future__ import annotations

from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, flow
from bot.core.message import Text, _
from bot.domain.email import masked_email
from bot.domain.roles import Role
from handlers._codes import check, code_mail, ended, paused
from storage import codes, customers, members, people
from storage.codes import Proof


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
    if known is None or known.email is None or not (known.can_be_mailed and chat.brand.has("mail")):
        _without_mail(chat)
    asked = chat.do("request", codes.request_code, known.tax_id, "again", code_mail(chat.locale))
    if asked["result"] == Proof.PAUSED:
        _not_now(chat, paused(chat, asked["until"]), new_code=False)
    outcome = chat.secret(
        "code",
        _(
            "Before anything is changed, I make sure that it is you. I sent a code to {email}: please"
            " write its 6 digits here.",
            email=masked_email(known.email),
        ),
        check(asked["code"]),
    )
    if outcome["result"] != Proof.OK:
        _not_now(chat, ended(chat, outcome), new_code=outcome["until"] is None)
    return chat.say(_("Thank you! For the next 10 minutes you can change things."))


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
