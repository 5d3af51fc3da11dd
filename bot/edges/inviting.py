"""Secret links as URLs, and the pages that invite links lead to, for every brand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias, runtime_checkable

from bot.channels.webchat import WebChat
from bot.core.brand import Brand
from bot.core.message import LinkRef, Outbound, Text
from bot.core.ports import Channel, Posted
from bot.web.assets import Assets
from bot.web.join import JoinPage
from bot.web.link_pages import Entrance, Routes
from bot.web.pages import Looks
from storage import links

Draw: TypeAlias = Callable[[Posted], Outbound | None]


@runtime_checkable
class Opened(Protocol):
    """A channel that a browser can open from elsewhere."""

    def link(self) -> str | None:
        """Its URL; None while it is not known."""
        ...


class Inviting:
    """What a `LinkRef` becomes when its message leaves, and the page it opens."""

    def __init__(self, address: str, hashed: Callable[[str, str], str]) -> None:
        """`address` is how people reach our pages; `hashed` is `Keys.hash`."""
        self._address = address.rstrip("/")
        self._hashed = hashed

    def url(self, brand: str, link: LinkRef) -> str:
        """The URL of a link, derived anew each time: `<address>/<purpose>/<brand>/<token>`."""
        token = links.token(self._hashed, link.purpose, link.id)
        return f"{self._address}/{link.purpose}/{brand}/{token}"

    def filled(self, draw: Draw) -> Draw:
        """What draws a row for the page that comes back, with the link in it as it left."""

        def drawn(row: Posted) -> Outbound | None:
            message = draw(row)
            if message is None or message.link is None:
                return message
            return replace(message, text=self.url(row.brand, message.link))

        return drawn

    def entrances(
        self, brands: Mapping[str, Brand], channels: Iterable[Channel]
    ) -> Mapping[str, Sequence[Entrance]]:
        """By brand, its channels that a browser can open: the web chat first."""
        theirs: dict[str, list[Entrance]] = {id: [] for id in brands}
        for channel in channels:
            if isinstance(channel, WebChat):
                theirs[channel.brand].insert(0, Entrance("webchat", _path(channel)))
            elif isinstance(channel, Opened):
                theirs[channel.brand].append(Entrance("telegram", channel.link))
        return theirs

    def routes(
        self,
        brands: Mapping[str, Brand],
        channels: Iterable[Channel],
        assets: Assets,
        say: Callable[[Text, str], str],
    ) -> Routes:
        """The landing pages, with a way into each of the brand's channels that a browser can open."""
        theirs = self.entrances(brands, channels)
        return [
            route
            for id, brand in brands.items()
            for route in JoinPage(
                Looks(brand.name, brand.color, brand.locale),
                theirs[id],
                path=f"/{links.JOIN}/{id}",
                say=say,
                assets=assets,
            ).routes()
        ]


def _path(chat: WebChat) -> Callable[[], str]:
    return lambda: chat.path
