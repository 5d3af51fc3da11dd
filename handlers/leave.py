"""Leave: this chat no longer counts as the customer's, as on a shared computer."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import _
from storage import people


@flow(
    "leave",
    title=_("Leave"),
    needs=VERIFIED,
    menu=95,
    phrases=_("log out | sign out | leave | exit | this is not my computer"),
)
def leave(chat: Chat) -> None:
    """Forget who is at this address."""
    chat.consent(
        "sure",
        _("Shall I forget who you are in this chat? Next time you will need a new code to enter."),
    )
    chat.do("leave", people.leave)
    chat.say(_("Done: nobody sees your data here any more. Come back whenever you like!"))
