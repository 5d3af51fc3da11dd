"""The button of the notice that contacts changed: one tap, and they are as they were."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import _
from storage import contacts


@flow("undo-change", title=_("Undo the change"), needs=VERIFIED)
def undo_change(chat: Chat) -> None:
    """Take back a change of e-mail or phone that somebody else made."""
    change = chat.seed("change")
    if not isinstance(change, int):
        return chat.say(_("There is nothing to undo."))
    result = chat.do("undo", contacts.undo, change, by="chat", customer_id=chat.customer)
    match result:
        case "undone":
            chat.say(
                _(
                    "Undone: your contacts are as they were. Whoever changed them has to prove again"
                    " who they are."
                )
            )
        case "used":
            chat.say(_("That was undone already: your contacts are as they were."))
        case "expired":
            chat.say(
                _("The 48 hours are over, so I cannot undo it any more. Please write **human**.")
            )
        case _:
            chat.say(_("There is nothing to undo."))
    return None
