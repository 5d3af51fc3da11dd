"""What one can do here and how to say it."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import _


@flow("help", title=_("Help"), menu=90)
def help(chat: Chat) -> None:
    """Explain buttons, numbers and the words that always work."""
    chat.say(
        _(
            "Press a button, or write its number or its name. These words always work:\n"
            "**menu** – everything I can do\n"
            "**back** – the question before\n"
            "**cancel** – stop what we are doing\n"
            "**language** – Português, English, Español\n"
            "**human** – talk to our team\n"
            "Where I ask for free text, put a slash before them: /menu, /back, /human.\n"
            "You can also paste any boleto or PIX code, and I say whether it is ours."
        )
    )
