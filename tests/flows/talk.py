"""Somebody at one of the doors of the house, and the mails that reach them."""

from __future__ import annotations

import re
from email.message import EmailMessage

from bot.core.message import Address, Document, Inbound, Outbound
from tests.transcript import Transcript

from .house import House
from .town import TAX_IDS, Town


def plain(mail: EmailMessage) -> str:
    """A mail's text, as those read it who want no HTML."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def attached(mail: EmailMessage) -> dict[str, bytes]:
    """A mail's attachments by name."""
    return {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}


class Talk(Transcript):
    """Somebody at one of the doors."""

    def __init__(self, house: House, town: Town, chat: str, door: str, locale: str) -> None:
        super().__init__(self._plays, Address(door, chat), house.clock, locale=locale)
        self.house = house
        self.town = town
        self.documents = list[Document]()
        """What came in the last turn."""
        self.last_code = ""

    def _plays(self, event: Inbound) -> list[Outbound]:
        return self._took(self.house.hears(event))

    def _took(self, came: list[tuple[Outbound, Document | None]]) -> list[Outbound]:
        self.documents = [file for _message, file in came if file]
        return [message for message, _file in came]

    # -------------------------------------------------------------- time and mail

    def after(self, **time: float) -> None:
        """Some time goes by: `after(minutes=16)`."""
        self.house.clock.forward(**time)

    def gets_mail(self) -> list[EmailMessage]:
        """The mails that leave now; what this chat is told of it is heard."""
        before = len(self.house.post.mails)
        self.heard = self._took(self.house.mail_goes(self.at))
        self.shown += self.heard
        return self.house.post.mails[before:]

    def reads_code(self) -> str:
        """The digits of the code that just came by mail."""
        (mail,) = self.gets_mail()
        (self.last_code,) = re.findall(r"^\s*(\d{6})\s*$", plain(mail), re.MULTILINE)
        return self.last_code

    def identifies(self, name: str = "ana") -> None:
        """All the way to being known."""
        self.says("quero me identificar")
        self.says(TAX_IDS[name])
        self.says(self.reads_code())

    # -------------------------------------------------------------- seen

    @property
    def question(self) -> str:
        """The last message, the one that asks."""
        return self.heard[-1].text.replace("\u00a0", " ") if self.heard else ""

    def option(self, number: int) -> str:
        """The label of one of the options of the last message, by its number."""
        return [b.label.replace("\u00a0", " ") for b in self._last_buttons if b.kind != "nav"][
            number - 1
        ]

    @property
    def copied(self) -> list[str]:
        """What came alone in its message, to be copied."""
        return [each.text for each in self.heard if each.copyable]
