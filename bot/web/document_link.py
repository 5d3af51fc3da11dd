"""The page behind a document's link: what it is, and a button that gives the file or leads to the chat.

Looking at the page opens nothing and is in no log: mail scanners and previews of chat apps look at
every address. The file comes by POST, from whoever pressed the button.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.message import Document, Text, _
from bot.web.assets import Assets
from bot.web.link_pages import Entrance, LinkPages, Routes, Say
from bot.web.pages import Looks


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link opens, as its page shows it."""

    title: str
    file_name: str
    size: int
    """Bytes."""
    login_required: bool


Look: TypeAlias = Callable[[str], Awaitable[Linked | None]]
"""What a token opens; None: nothing, or nothing any more."""
Fetch: TypeAlias = Callable[[str, str], Awaitable[Document | None]]
"""(token, the host it is asked from) → the file, put on record; None if it may not be had."""


class DocumentPage:
    """`<path>/<token>`: the page of each document link of one brand."""

    def __init__(
        self,
        looks: Looks,
        *,
        path: str,
        look: Look,
        fetch: Fetch,
        say: Say,
        assets: Assets,
        entrances: Sequence[Entrance],
    ) -> None:
        """`path` is where the pages are, `entrances` the ways into the brand's chats."""
        self._pages = LinkPages(looks, path=path, say=say, assets=assets)
        self._look = look
        self._fetch = fetch
        self._entrances = entrances

    def routes(self) -> Routes:
        path = f"{self._pages.path}/{{token}}"
        return [
            self._pages.stylesheet(),
            Route(path, self._page, methods=["GET"]),
            Route(path, self._file, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        token = request.path_params["token"]
        return self._shown(request, token, await self._look(token))

    async def _file(self, request: Request) -> Response:
        token = request.path_params["token"]
        file = await self._fetch(token, asked_from(request))
        if file is None:
            # It ran out, or a login is required since the page was shown.
            found = await self._look(token)
            return self._shown(request, token, found, refused=True)
        name = quote(file.name, safe="")
        return Response(
            file.content,
            media_type=file.media_type,
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    def _shown(
        self, request: Request, token: str, found: Linked | None, *, refused: bool = False
    ) -> Response:
        locale = self._pages.locale(request)
        return self._pages.answer(
            request,
            "document.html",
            _WORDS,
            status=404 if found is None else 403 if refused else 200,
            found=found,
            kind=found.file_name.rpartition(".")[2].upper() if found else "",
            size=size(found.size, locale) if found else "",
            ways=self._pages.ways(self._entrances, f"doc_{token}", locale),
        )


_WORDS: dict[str, Text] = {
    "for_you": _("A document for you"),
    "download": _("Download"),
    "recorded": _("The date, the time and the network it is opened from are recorded."),
    "login": _("To open this document, please say who you are. That is done in our chat."),
    "no_chat": _("Please write to us in the chat to have this document."),
    "gone": _("That link does not work any more."),
    "gone_why": _("It ran out, or the document was taken out. Please ask for a new one."),
}


def size(count: int, locale: str) -> str:
    """Bytes as people say them: 312 KB, 1,4 MB."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB"
    said = f"{count / 1_000_000:.1f}"
    return f"{said if locale == 'en' else said.replace('.', ',')} MB"


def asked_from(request: Request) -> str:
    """The host a request came from. A proxy's word counts if it stands on this machine, and its last
    word alone: what comes before is whatever the visitor wrote.
    """
    host = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    if forwarded and _is_here(host):
        return forwarded[-1].rpartition(",")[2].strip()
    return host


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


__all__ = ["DocumentPage", "Linked", "Routes", "asked_from", "size"]
