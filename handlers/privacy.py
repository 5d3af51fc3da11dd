"""My data and privacy: the data as a file, correction, consents, messages, deletion."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, feature, flow
from bot.core.message import Text, _
from bot.domain.roles import Role
from storage import members, personal_data


@flow(
    "privacy",
    title=_("My data and privacy"),
    needs=VERIFIED,
    when=feature("privacy"),
    menu=75,
    phrases=_("my data and privacy | privacy | data protection | lgpd | gdpr | my rights"),
    start="privacy",
)
def privacy(chat: Chat) -> None:
    """What one may do with one's own data (LGPD art. 18)."""
    ways: list[tuple[str, Text]] = [
        ("file", _("My data as a file")),
        ("correct", _("Correct something")),
        ("consents", _("What I agreed to")),
        ("messages", _("Which messages I get")),
        ("erase", _("Delete my data")),
    ]
    question = _(
        "Your data is yours: you can see it, correct it, take it with you, and have it deleted. What"
        " would you like to do?"
    )
    match chat.choose("what", question, ways):
        case "file":
            chat.switch("privacy-file")
        case "correct":
            _correct(chat)
        case "consents":
            chat.switch("consents")
        case "messages":
            chat.switch("messages")
        case _:
            chat.switch("erase-me")


@flow(
    "privacy-file",
    title=_("My data as a file"),
    needs=FRESH,
    when=feature("privacy"),
    phrases=_("my data as a file | export my data | download my data | copy of my data"),
)
def privacy_file(chat: Chat) -> None:
    """Everything kept, to read and for programs; an administrator gets the customer's, others their own."""
    if not chat.limits.files_out:
        return chat.say(
            _("Files cannot be sent here. Please ask me in another chat, for example on our site.")
        )
    if not chat.do("hand", personal_data.note_handed, chat.customer):
        return chat.say(
            _("You do not speak for this customer any more, so I have nothing to show.")
        )
    role = members.role_of(chat.read, chat.visitor.person, chat.customer)
    caption = (
        _("This is everything we keep about you, to read. Keep it safe.")
        if role is Role.ADMINISTRATOR
        else _(
            "This is what we keep about you yourself. The company's own data goes to its"
            " administrators only."
        )
    )
    to_read, for_programs = personal_data.files_of(chat.brand, chat.visitor, chat.today)
    chat.document(to_read, caption)
    return chat.document(
        for_programs, _("And the same in full, as a file that other systems can take in (JSON).")
    )


def _correct(chat: Chat) -> None:
    """To the registration where one may change it, else to a person."""
    if chat.offers("registration"):
        chat.switch("registration")
    chat.say(_("Our team corrects it for you: please tell them what is wrong."))
    chat.switch("human")
