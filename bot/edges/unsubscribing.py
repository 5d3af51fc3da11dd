"""The link in every optional mail that ends its kind, and the page behind it, for every brand."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.brand import Brand
from bot.core.message import Mail
from bot.core.ports import Posted, Turn
from bot.core.render import Renderer
from bot.domain.privacy import OPTIONAL, Kind
from bot.web.assets import Assets
from bot.web.pages import Looks
from bot.web.unsubscribe import Ending, Routes, UnsubscribePage
from handlers._privacy import NAMES
from storage import preferences
from storage.database import Database

PATH = "/unsubscribe"
"""`/unsubscribe/<brand>/<token>`."""
_LENGTH = 40
"""Hexadecimal digits of a token's seal: 160 bits."""


@dataclass(frozen=True, slots=True)
class _Whose:
    customer: int
    kind: Kind


class Unsubscribing:
    """What the delivery and the web ask of optional mails. No row holds a token: it is derived."""

    def __init__(
        self,
        database: Database,
        brands: Mapping[str, Brand],
        renderers: Mapping[str, Renderer],
        *,
        address: str,
    ) -> None:
        """`renderers` by brand; `address` is how people reach our pages."""
        self._database = database
        self._brands = brands
        self._renderers = renderers
        self._address = address.rstrip("/")

    def url(self, posted: Posted) -> str | None:
        """Where one POST ends the kind of a mail (RFC 8058); None for what is required or was asked for.

        Also without https, which that standard demands: mail programs would not show such a header.
        """
        if not isinstance(posted.body, Mail) or not self._address.startswith("https://"):
            return None
        about = posted.body.values.get(preferences.VALUE)
        if about is None:
            return None
        whose = _Whose(about["customer"], Kind(about["kind"]))
        return f"{self._address}{PATH}/{posted.brand}/{self.token(posted.brand, whose.customer, whose.kind)}"

    def token(self, brand: str, customer: int, kind: Kind) -> str:
        """What names a customer and a kind in a link, with a seal nobody can make without our key."""
        seal = self._database.keys.hash("unsubscribe", f"{brand}:{customer}:{kind.value}")
        return f"{customer}-{kind.value}-{seal[:_LENGTH]}"

    def routes(self, assets: Assets) -> Routes:
        """The pages of every brand's links."""
        return [
            route for brand in self._brands.values() for route in self._page(brand, assets).routes()
        ]

    def _page(self, brand: Brand, assets: Assets) -> UnsubscribePage:
        async def look(token: str) -> Ending | None:
            whose = self._whose(brand.id, token)
            if whose is None:
                return None
            comes = await self._database.read(
                brand.id,
                lambda read: preferences.wanted(read, whose.customer, whose.kind),
            )
            return Ending(NAMES[whose.kind], over=not comes)

        async def end(token: str) -> Ending | None:
            whose = self._whose(brand.id, token)
            if whose is None:
                return None

            def work(turn: Turn) -> bool:
                return preferences.unsubscribe(turn, whose.customer, whose.kind)

            await self._database.play(brand.id, work)
            return Ending(NAMES[whose.kind], over=True)

        return UnsubscribePage(
            Looks(brand.name, brand.color, brand.locale),
            path=f"{PATH}/{brand.id}", look=look, end=end, say=self._renderers[brand.id].plain, assets=assets,
        )  # fmt: skip

    def _whose(self, brand: str, token: str) -> _Whose | None:
        """Whose mails of which kind a token of ours names, or None (constant time)."""
        name, _dash, rest = token.partition("-")
        word, _dash, _seal = rest.partition("-")
        if not (name.isascii() and name.isdigit() and len(name) <= 18):
            return None
        if word not in OPTIONAL:
            return None
        whose = _Whose(int(name), Kind(word))
        sealed = self.token(brand, whose.customer, whose.kind)
        return whose if hmac.compare_digest(token, sealed) else None
