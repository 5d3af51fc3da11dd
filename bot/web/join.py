"""The page an invite link opens: whose counter it is, and the doors through which one goes on.

Opening the page uses nothing up and looks nothing up: previews and scanners of links spend no
invitation, and whether a link works is told to nobody who does not go in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.message import Text, _
from bot.core.render import offered_locale
from bot.web.assets import Assets
from bot.web.colors import brand_css, shades
from bot.web.headers import page_policy
from bot.web.pages import LANGUAGES, TEMPLATES, Looks

Routes: TypeAlias = Sequence[BaseRoute]

_TOKEN = re.compile(r"[0-9A-Za-z-]{1,50}", re.ASCII)
_KEPT = {"Cache-Control": "public, max-age=86400"}
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

KINDS: Mapping[str, Text] = {
    "webchat": _("Go on in the chat of this site"),
    "telegram": _("Go on in Telegram"),
}


@dataclass(frozen=True, slots=True)
class Entrance:
    """A door one can go in by: one of `KINDS`, and its URL without the query; None while it has none."""

    kind: str
    url: Callable[[], str | None]


class JoinPage:
    """`<path>/<token>`: the landing page of one brand's invite links."""

    def __init__(
        self,
        looks: Looks,
        entrances: Sequence[Entrance],
        *,
        path: str,
        say: Callable[[Text, str], str],
        assets: Assets,
    ) -> None:
        """`say` gives words in a locale."""
        self._looks = looks
        self._entrances = entrances
        self._path = path
        self._say = say
        self._assets = assets
        self._light, self._dark = shades(looks.color)

    def routes(self) -> Routes:
        return [
            Route(f"{self._path}/brand.css", self._css),
            Route(f"{self._path}/{{token}}", self._page),
        ]

    async def _page(self, request: Request) -> Response:
        token = request.path_params["token"]
        if not _TOKEN.fullmatch(token):
            return PlainTextResponse("404\n", status_code=404)
        locale = preferred(request.headers.get("accept-language", "")) or self._looks.locale
        ways = [
            (self._say(KINDS[each.kind], locale), f"{url}?start=join_{token}")
            for each in self._entrances
            if (url := each.url()) is not None
        ]
        html = _templates.get_template("join.html").render(
            looks=self._looks,
            language=LANGUAGES.get(locale, "pt-BR"),
            asset=self._assets.url,
            path=self._path,
            light=self._light,
            initial=next((c for c in self._looks.name if c.isalnum()), "•").upper(),
            ways=ways,
            words={name: self._say(text, locale) for name, text in _WORDS.items()},
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": page_policy()})

    async def _css(self, _request: Request) -> Response:
        return Response(brand_css(self._light, self._dark), media_type="text/css", headers=_KEPT)


_WORDS: Mapping[str, Text] = {
    "invited": _("You were invited"),
    "how": _(
        "Choose where to go on, and say your name. You come in once an administrator knows it is you."
    ),
    "closed": _("There is no way in at the moment. Please try again later."),
}


def preferred(accepted: str) -> str | None:
    """The first offered language of an Accept-Language header (RFC 9110 §12.5.4), which browsers write in order."""
    for part in accepted.split(","):
        found = offered_locale(part.partition(";")[0].strip())
        if found is not None:
            return found
    return None
