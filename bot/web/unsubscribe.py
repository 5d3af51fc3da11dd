"""The page behind a mail's unsubscribe link: a button that ends that kind of mail, and nothing else.

Looking changes nothing, since mail scanners look at every address; a POST ends it at once, as mail
programs send it (RFC 8058), without cookies, logins or further questions.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.message import Text, _
from bot.core.render import offered_locale
from bot.web.assets import Assets
from bot.web.colors import brand_css, shades
from bot.web.headers import page_policy
from bot.web.pages import LANGUAGES, TEMPLATES, Looks


@dataclass(frozen=True, slots=True)
class Ending:
    """What a link ends."""

    named: Text
    """The kind of mail, as people call it."""
    over: bool
    """None of it is sent any more."""


Routes: TypeAlias = Sequence[BaseRoute]
Ask: TypeAlias = Callable[[str], Awaitable[Ending | None]]
"""What a token ends, or end it; None: nothing of ours."""
Say: TypeAlias = Callable[[Text, str], str]
"""Words in a locale."""

_TOKEN = re.compile(r"[0-9a-z-]{1,80}", re.ASCII)
_POLICY = page_policy().replace("form-action 'none'", "form-action 'self'")
_KEPT = {"Cache-Control": "public, max-age=86400"}
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class UnsubscribePage:
    """`<path>/<token>`: the page of each unsubscribe link of one brand."""

    def __init__(
        self, looks: Looks, *, path: str, look: Ask, end: Ask, say: Say, assets: Assets
    ) -> None:
        self._looks = looks
        self._path = path
        self._look = look
        self._end = end
        self._say = say
        self._assets = assets
        self._light, self._dark = shades(looks.color)

    def routes(self) -> Routes:
        return [
            Route(f"{self._path}/brand.css", self._css),
            Route(f"{self._path}/{{token}}", self._page, methods=["GET"]),
            Route(f"{self._path}/{{token}}", self._press, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._answered(request, self._look)

    async def _press(self, request: Request) -> Response:
        return await self._answered(request, self._end)

    async def _answered(self, request: Request, ask: Ask) -> Response:
        token = request.path_params["token"]
        found = await ask(token) if _TOKEN.fullmatch(token) else None
        locale = offered_locale(request.headers.get("accept-language", "").partition(",")[0])
        locale = locale or self._looks.locale
        words = {name: self._say(text, locale) for name, text in _words(found).items()}
        html = _templates.get_template("unsubscribe.html").render(
            looks=self._looks,
            language=LANGUAGES.get(locale, "pt-BR"),
            asset=self._assets.url,
            path=self._path,
            light=self._light,
            initial=next((c for c in self._looks.name if c.isalnum()), "•").upper(),
            open=found is not None and not found.over,
            words=words,
        )
        status = 404 if found is None else 200
        return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": _POLICY})

    async def _css(self, _request: Request) -> Response:
        return Response(brand_css(self._light, self._dark), media_type="text/css", headers=_KEPT)


def _words(found: Ending | None) -> Mapping[str, Text]:
    """What the page says: a title, and a sentence under it."""
    if found is None:
        return {
            "title": _("That link does not work any more."),
            "why": _("Which messages you get can be chosen in the chat: “My data and privacy”."),
        }
    if found.over:
        return {
            "title": _("You get no more such e-mails: {kind}.", kind=found.named),
            "why": _(
                "What concerns your contract (invoices, payments, security) still comes."
                " You can change your mind in the chat: “My data and privacy”."
            ),
        }
    return {
        "title": _("Get no more such e-mails: {kind}?", kind=found.named),
        "why": _("What concerns your contract (invoices, payments, security) still comes."),
        "end": _("Send me no more of these"),
    }


__all__ = ["Ending", "Routes", "Say", "UnsubscribePage"]
