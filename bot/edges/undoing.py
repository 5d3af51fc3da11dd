"""What is told of a changed registration by mail, and the pages behind the undo links, for every brand."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from bot.core.brand import Brand
from bot.core.message import JSON, Mail
from bot.core.ports import Read, Turn
from bot.web.assets import Assets
from bot.web.pages import Looks
from bot.web.undo import Routes, Say, Undoable, UndoPage
from handlers._registration import label
from storage import contacts
from storage.database import Database

PATH = "/undo"
"""`/undo/<brand>/<token>`: what the link in the mail to the old contact opens."""
_LENGTH = 40
"""Hexadecimal digits of a token's seal: 160 bits."""


class Undoing:
    """What the delivery and the web ask of changes that can be taken back."""

    TEMPLATES = frozenset({"contact-changed", "registration-changed"})
    """The mails it knows what to say in."""

    def __init__(
        self, database: Database, brands: Mapping[str, Brand], say: Say, *, address: str
    ) -> None:
        """`address` is how people reach our pages, `say` gives words in a locale."""
        self._database = database
        self._brands = brands
        self._say = say
        self._address = address.rstrip("/")

    def mail_values(self, brand: str, mail: Mail) -> Mapping[str, JSON]:
        """What a mail about a changed registration says; the link in it is made here and is in no row."""
        if mail.template == "registration-changed":
            return {name: self._named(brand, mail, name) for name in ("changed", "waits")}
        hours = int(contacts.UNDO_FOR.total_seconds() // 3600)
        token = self.token(brand, mail.values["undo"])
        return {"undo_link": f"{self._address}{PATH}/{brand}/{token}", "hours": hours}

    def _named(self, brand: str, mail: Mail, name: str) -> list[str]:
        """Fields as the brand's staff calls them."""
        kind = mail.values["kind"]
        labels = [
            label(self._brands[brand], kind, field, mail.locale) for field in mail.values[name]
        ]
        return [each if isinstance(each, str) else self._say(each, mail.locale) for each in labels]

    def token(self, brand: str, change: int) -> str:
        """What names a change in a link: its row id and a seal nobody can make without our key."""
        seal = self._database.keys.hash("undo", f"{brand}:{change}")
        return f"{change}-{seal[:_LENGTH]}"

    def routes(self, assets: Assets) -> Routes:
        """The pages of every brand's links."""
        return [
            route for brand in self._brands.values() for route in self._page(brand, assets).routes()
        ]

    def _page(self, brand: Brand, assets: Assets) -> UndoPage:
        async def look(token: str) -> Undoable | None:
            change = self._change(brand.id, token)
            if change is None:
                return None
            return await self._database.read(brand.id, lambda read: _seen(read, change))

        async def undo(token: str) -> Undoable | None:
            change = self._change(brand.id, token)
            if change is None:
                return None

            def work(turn: Turn) -> Undoable | None:
                result = contacts.undo(turn, change, by="link")
                found = _seen(turn, change)
                return Undoable(found.kind, "", result) if found else None

            return await self._database.play(brand.id, work)

        return UndoPage(
            Looks(brand.name, brand.color, brand.locale),
            path=f"{PATH}/{brand.id}", look=look, undo=undo, say=self._say, assets=assets,
        )  # fmt: skip

    def _change(self, brand: str, token: str) -> int | None:
        """The change a token of ours names, or None (constant time)."""
        name, _dash, _seal = token.partition("-")
        if not (name.isascii() and name.isdigit() and len(name) <= 18):
            return None
        change = int(name)
        return change if hmac.compare_digest(token, self.token(brand, change)) else None


def _seen(read: Read, change: int) -> Undoable | None:
    found = contacts.pending_undo(read, change)
    if found is None:
        return None
    return Undoable(found["kind"], found["shown"], found["result"])
