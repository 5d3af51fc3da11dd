"""Talk to a person: the wish is mailed to the team, and the ways to reach it are said."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import Text, _
from bot.core.readers import words
from bot.domain.phone import format_phone
from storage import handoffs


@flow(
    "human",
    title=_("Talk to a person"),
    menu=70,
    phrases=_("complaint | i have a problem | speak with support | support | attendant"),
)
def human(chat: Chat) -> None:
    """Hand the wish to the team."""
    brand = chat.brand
    if not (brand.has("mail") and brand.email):
        return chat.say(_reach(chat))
    wish = chat.ask(
        "wish",
        _(
            "What is it about? Write it in a sentence or two (with a phone or e-mail to answer to, if you like)."
        ),
        words(at_most=1500, at_least=3),
    )
    chat.do("hand", handoffs.ask_the_team, wish, request=chat.event)
    chat.say(_("I passed it on to our team.\n{reach}", reach=_reach(chat)))
    return None


def _reach(chat: Chat) -> Text:
    brand = chat.brand
    lines: Text = _("This is how you reach us:")
    if brand.phone:
        lines = _("{before}\nPhone: {phone}", before=lines, phone=format_phone(brand.phone))
    if brand.email:
        lines = _("{before}\nE-mail: {email}", before=lines, email=brand.email)
    if brand.hours:
        lines = _("{before}\nHours: {hours}", before=lines, hours=brand.hours)
    return lines
