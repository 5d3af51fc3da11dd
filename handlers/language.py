"""Which language we speak at this address."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import _
from storage import people


@flow("language", title=_("Language"), menu=80)
def language(chat: Chat) -> None:
    """Choose a language; each is called by its own name."""
    chosen = chat.choose(
        "language",
        _("Which language do you prefer?"),
        [("pt_BR", "Português"), ("en", "English"), ("es", "Español")],
    )
    chat.do("set", people.set_locale, chosen)
    chat.say(_("All right, we go on in English."))
