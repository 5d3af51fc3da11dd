"""My own e-mail for codes: of an administrator who does not read the company's mailbox."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _
from bot.domain.email import masked_email
from bot.domain.roles import Refusal
from handlers._new_values import Unchanged, new_email
from handlers._people import REFUSALS, is_administrator
from storage import members, own_email
from storage.own_email import Kept


@flow(
    "own-email",
    title=_("My own e-mail for codes"),
    needs=VERIFIED,
    when=feature("mail"),
    phrases=_("my own e-mail for codes | send codes to me | codes to my own e-mail"),
)
def own(chat: Chat) -> None:
    """Prove an e-mail of one's own; it counts at once for who proved the mailbox, else once approved."""
    if not is_administrator(chat, chat.customer):
        return chat.say(REFUSALS[Refusal.NOT_ALLOWED])
    known = members.own_email_of(chat.read, chat.visitor.person)
    chat.say(
        _(
            "Before you change something, a code goes to the registered e-mail. If you do not read"
            " that one, it can go to your own."
        )
    )
    try:
        new = new_email(chat, "own", known=[known] if known else [])
    except Unchanged as unchanged:
        return chat.say(unchanged.reason)
    email = masked_email(new["value"])
    outcome = chat.do(
        "keep",
        own_email.keep,
        chat.customer,
        new["value"],
        new["proof"],
        words=_("Codes for {name} go to {email}", name=_name(chat), email=email),
    )
    if outcome == Kept.SAVED:
        return chat.say(_("✅ Saved: from now on your codes go to {email}.", email=email))
    return chat.say(_OUTCOMES[Kept(outcome)])


def _name(chat: Chat) -> str:
    return members.name_of(chat.read, chat.visitor.person)


_OUTCOMES: Mapping[Kept, Text] = {
    Kept.WAITING: _(
        "Another administrator has to approve it. I asked, and tell you the answer here; from then"
        " on your codes go there."
    ),
    Kept.ALREADY: _("You asked for that already: another administrator has still to decide."),
    Kept.STALE: _("That took a while, so the e-mail has to be proved again. Please start again."),
    Kept.ALONE: _(
        "You are the only administrator, so nobody can approve it. Please prove who you are by a"
        " code to the registered e-mail first, or write **human**."
    ),
    Kept.NOT_ALLOWED: REFUSALS[Refusal.NOT_ALLOWED],
}
