"""Talk to a person: the wish is mailed to the team, and the ways to reach it are said."""

from __future__ import annotations

from datetime import datetime

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import Text, _
from bot.domain.phone import format_phone
from handlers._readers import EMAIL, WISH
from storage import handoffs


@flow(
    "human",
    title=_("Talk to a person"),
    menu=55,
    phrases=_("complaint | i have a problem | speak with support | support | attendant"),
)
def human(chat: Chat) -> None:
    """Hand the wish to the team."""
    brand = chat.brand
    reach = _reach(chat)
    if not (brand.has("mail") and brand.email):
        return chat.say(reach or _("Our team cannot be reached from here at the moment. Sorry!"))
    about = chat.seed("about", "")
    wish = chat.ask("wish", _question(about), EMAIL if about == "email" else WISH)
    outcome = chat.do("hand", handoffs.ask_the_team, wish, request=chat.event, about=about)
    if outcome["until"] is not None:
        until = datetime.fromisoformat(outcome["until"]).astimezone(brand.zone)
        chat.say(
            _(
                "Our team has several messages of yours already. Please wait until {time} before"
                " you send another.",
                time=f"{until:%H:%M}",
            )
        )
    else:
        chat.say(_("Thank you, I passed it on to our team."))
    if reach:
        chat.say(reach)
    return None


def _question(about: str) -> Text:
    if about == "email":
        return _("Which e-mail shall be in your registration? Our team will check it with you.")
    return _(
        "What is it about? Write it in a sentence or two, with a phone or an e-mail to answer to."
    )


def _reach(chat: Chat) -> Text | None:
    """How the team is reached besides, as far as the brand says."""
    brand = chat.brand
    ways = list[Text]()
    if brand.phone:
        ways.append(_("Phone: {phone}", phone=format_phone(brand.phone)))
    if brand.email:
        ways.append(_("E-mail: {email}", email=brand.email))
    if not ways:
        return None
    if brand.hours:
        ways.append(_("Hours: {hours}", hours=brand.hours))
    lines: Text = _("You can also reach us here:")
    for way in ways:
        lines = _("{before}\n{way}", before=lines, way=way)
    return lines
