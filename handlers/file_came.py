"""A file that nobody asked for: most often the receipt of a payment, right from the bank's app."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import Text, _
from handlers._files import NOT_KEPT, is_taken
from storage import claims, invoices

_OF = "claim-of:"
"""Begins the way to an invoice that its customer says is paid."""


@flow("file-came", title=_("A file you sent"), needs=VERIFIED, takes_files=True)
def file_came(chat: Chat) -> None:
    """Ask what it is, and go on with it where it belongs."""
    file = chat.seed("file")
    name = file[1]
    ways: list[tuple[str, Text]] = []
    missing = claims.without_receipt(chat.read, chat.customer)
    if chat.offers("already-paid"):
        for id, number in missing:
            label = _("The receipt for invoice {number}", number=number)
            ways.append((f"{_OF}{id}", label))
    if chat.offers("already-paid") and invoices.count(chat.read, chat.customer, "open"):
        ways.append(("already-paid", _("A payment receipt")))
    if chat.offers("send-document"):
        ways.append(("send-document", _("A document for your team")))
    if not ways:
        return chat.say(_("Thank you, but I do not need a file now, so I did not keep it."))
    if not is_taken(file):
        return chat.say(NOT_KEPT)
    what = chat.choose(
        "what", _("You sent **{name}**. What is it?", name=name),
        [*ways, ("nothing", _("Nothing, forget it"))],
    )  # fmt: skip
    match what:
        case "already-paid":
            chat.switch(what, receipt=file)
        case _ if what.startswith(_OF):
            chat.switch("already-paid", receipt=file, invoice=int(what.removeprefix(_OF)))
        case "send-document":
            chat.switch(what, file=file)
        case _:
            return chat.say(_("All right, I did not keep it."))
