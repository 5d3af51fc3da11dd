"""The page behind an undo link: what would be undone, and a button that undoes it.

Looking at the page changes nothing: mail scanners and previews look at every address. It shows no
more than the mail did: the new contact, masked.
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
class Undoable:
    """What a link undoes."""

    kind: str
    """email · phone"""
    shown: str
    """The new contact, masked; empty where one was deleted."""
    result: str
    """open · used · expired · undone"""


Routes: TypeAlias = Sequence[BaseRoute]
Look: TypeAlias = Callable[[str], Awaitable[Undoable | None]]
"""What a token undoes; None: nothing."""
Undo: TypeAlias = Callable[[str], Awaitable[Undoable | None]]
"""Undo it; what became of it."""
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


class UndoPage:
    """`<path>/<token>`: the page of each undo link of one brand."""

    def __init__(
        self, looks: Looks, *, path: str, look: Look, undo: Undo, say: Say, assets: Assets
    ) -> None:
        self._looks = looks
        self._path = path
        self._look = look
        self._undo = undo
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
        return await self._answered(request, self._undo)

    async def _answered(self, request: Request, ask: Look | Undo) -> Response:
        token = request.path_params["token"]
        found = await ask(token) if _TOKEN.fullmatch(token) else None
        locale = offered_locale(request.headers.get("accept-language", "").partition(",")[0])
        locale = locale or self._looks.locale
        words = {name: self._say(text, locale) for name, text in _words(found).items()}
        html = _templates.get_template("undo.html").render(
            looks=self._looks,
            language=LANGUAGES.get(locale, "pt-BR"),
            asset=self._assets.url,
            path=self._path,
            light=self._light,
            initial=next((c for c in self._looks.name if c.isalnum()), "•").upper(),
            found=found,
            open=found is not None and found.result == "open",
            words=words,
        )
        status = 404 if found is None else 200
        return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": _POLICY})

    async def _css(self, _request: Request) -> Response:
        return Response(brand_css(self._light, self._dark), media_type="text/css", headers=_KEPT)


def _words(found: Undoable | None) -> Mapping[str, Text]:
    """What the page says: a title, and a sentence under it."""
    if found is None:
        return {
            "title": _("That link does not work any more."),
            "why": _(
                "If your registration was changed and it was not you, please talk to our team."
            ),
        }
    match found.result:
        case "open":
            changed = (
                _("The e-mails of your registration were changed.")
                if found.kind == "email"
                else _("The phones of your registration were changed.")
            )
            return {
                "title": changed,
                "why": _("If it was not you, undo it here: all is as before, at once."),
                "undo": _("Undo the change"),
            }
        case "undone":
            return {
                "title": _("Undone: your contacts are as they were."),
                "why": _("Whoever changed them has to prove again who they are."),
            }
        case "used":
            return {
                "title": _("That was undone already."),
                "why": _("Your contacts are as they were before that change."),
            }
        case _:
            return {
                "title": _("The 48 hours are over, so this link cannot undo it any more."),
                "why": _("If it was not you, please talk to our team."),
            }


__all__ = ["Routes", "Say", "UndoPage", "Undoable"]
