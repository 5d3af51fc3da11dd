"""The page an invite link opens: whose counter it is, and the doors through which one goes on.

Opening the page uses nothing up and looks nothing up: previews and scanners of links spend no
invitation, and whether a link works is told to nobody who does not go in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.core.message import Text, _
from bot.web.assets import Assets
from bot.web.link_pages import Entrance, LinkPages, Routes, Say
from bot.web.pages import Looks

_TOKEN = re.compile(r"[0-9A-Za-z-]{1,50}", re.ASCII)


class JoinPage:
    """`<path>/<token>`: the landing page of one brand's invite links."""

    def __init__(
        self,
        looks: Looks,
        entrances: Sequence[Entrance],
        *,
        path: str,
        say: Say,
        assets: Assets,
    ) -> None:
        self._pages = LinkPages(looks, path=path, say=say, assets=assets)
        self._entrances = entrances

    def routes(self) -> Routes:
        return [self._pages.stylesheet(), Route(f"{self._pages.path}/{{token}}", self._page)]

    async def _page(self, request: Request) -> Response:
        token = request.path_params["token"]
        if not _TOKEN.fullmatch(token):
            return PlainTextResponse("404\n", status_code=404)
        ways = self._pages.ways(self._entrances, f"join_{token}", self._pages.locale(request))
        return self._pages.answer(request, "join.html", _WORDS, button=False, ways=ways)


_WORDS: Mapping[str, Text] = {
    "invited": _("You were invited"),
    "how": _(
        "Choose where to go on, and say your name. You come in once an administrator knows it is you."
    ),
    "closed": _("There is no way in at the moment. Please try again later."),
}
