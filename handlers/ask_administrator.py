"""A wish for the administrator: what a collaborator may not do, handed on in their own words."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import _, ngettext
from handlers._readers import WISH
from storage import wishes


@flow(
    "ask-administrator",
    title=_("Ask my administrator"),
    needs=VERIFIED,
    phrases=_("ask my administrator | talk to my administrator"),
)
def ask_administrator(chat: Chat) -> None:
    """Pass a wish on to whoever decides for the company."""
    offer = _("Your administrator can do it. Shall I pass your wish on?")
    yes = ("yes", _("Ask my administrator"))
    if chat.choose("shall", offer, [yes, ("no", _("No, thank you"))]) == "no":
        return chat.say(_("All right! Write whenever you need me."))
    wish = chat.ask("wish", _("What shall I tell them? Write it in a sentence or two."), WISH)
    told = chat.do("tell", wishes.tell_administrators, chat.customer, wish, request=chat.event)
    if told is None:
        return chat.say(_("You sent several wishes already. Please wait a while before another."))
    if not told:
        return chat.say(
            _("None of your administrators can be reached in a chat now. Please ask them yourself.")
        )
    return chat.say(
        ngettext(
            "✅ I told {count} administrator. They will see it in their chat.",
            "✅ I told {count} administrators. They will see it in their chat.",
            told,
        )
    )
