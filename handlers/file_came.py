"""A file that nobody asked for: most often the receipt of a payment, right from the bank's app."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import Text, _
from bot.domain.received import LARGEST, TYPES
from storage import invoices


@flow("file-came", title=_("A file you sent"), needs=VERIFIED, takes_files=True)
def file_came(chat: Chat) -> None:
    """Ask what it is, and go on with it where it belongs."""
    file = chat.seed("file")
    _ref, name, media_type, size = file
    ways: list[tuple[str, Text]] = []
    if chat.offers("already-paid") and invoices.count(chat.read, chat.customer, "open"):
        ways.append(("already-paid", _("A payment receipt")))
    if chat.offers("send-document"):
        ways.append(("send-document", _("A document for your team")))
    if not ways:
        return chat.say(_("Thank you, but I do not need a file now, so I did not keep it."))
    if media_type not in TYPES or size > LARGEST:
        return chat.say(
            _("I did not keep that file: I can take a PDF or a picture of at most 10 MB.")
        )
    what = chat.choose(
        "what", _("You sent **{name}**. What is it?", name=name),
        [*ways, ("nothing", _("Nothing, forget it"))],
    )  # fmt: skip
    match what:
        case "already-paid":
            chat.switch(what, receipt=file)
        case "send-document":
            chat.switch(what, file=file)
        case _:
            return chat.say(_("All right, I did not keep it."))
