"""The chat page: one HTML document, its brand's colours and icon, and the app manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.assets import Assets
from bot.web.colors import shades
from bot.web.headers import page_policy

Admit: TypeAlias = Callable[[HTTPConnection, Response], None]
"""Gives a visitor the channel's cookie (`WebChat.admit`)."""

LANGUAGES: Mapping[str, str] = {"pt_BR": "pt-BR", "en": "en", "es": "es"}
"""Our locales, and how HTML calls them."""

TEMPLATES = Path(__file__).parent / "templates"

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_KEPT = {"Cache-Control": "public, max-age=86400"}


@dataclass(frozen=True, slots=True)
class Looks:
    """How a brand looks on its pages."""

    name: str
    color: str = "#0b6e4f"
    """`#rrggbb`; words stay readable whatever it is."""
    locale: str = "pt_BR"
    """Where neither the address nor the browser names an offered language."""


class ChatPage:
    """The page of one web chat."""

    def __init__(
        self,
        looks: Looks,
        *,
        admit: Admit,
        assets: Assets,
        path: str = "/chat",
        framed_by: Sequence[str] = (),
    ) -> None:
        """`path` is the channel's; `framed_by` are origins that may embed the page.

        The cookie is SameSite=Lax, so the embedding page must be of the same site
        (www.example.com around chat.example.com).
        """
        self.looks = looks
        self.path = path
        self.assets = assets
        self._admit = admit
        self._policy = page_policy(framed_by)
        self._light, self._dark = shades(looks.color)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route(self.path, self._page),
            Route(f"{self.path}/brand.css", self._css),
            Route(f"{self.path}/icon.svg", self._icon),
            Route(f"{self.path}/manifest.webmanifest", self._manifest),
        ]

    def render(self, request: Request, template: str, **values: Any) -> Response:
        """A page with the chat in it, its policy and the visitor's cookie."""
        html = _templates.get_template(template).render(
            looks=self.looks,
            language=LANGUAGES.get(self.looks.locale, "pt-BR"),
            asset=self.assets.url,
            path=self.path,
            light=self._light,
            dark=self._dark,
            initial=_initial(self.looks.name),
            **values,
        )
        response = HTMLResponse(html, headers={"Content-Security-Policy": self._policy})
        self._admit(request, response)
        return response

    async def _page(self, request: Request) -> Response:
        return self.render(request, "chat.html")

    async def _css(self, _request: Request) -> Response:
        css = "".join(
            f"{selector} {{ --fill: {s.fill}; --on-fill: {s.on_fill}; --ink: {s.ink}; }}\n"
            for selector, s in ((":root", self._light), ("[data-theme='dark']", self._dark))
        )
        return Response(css, media_type="text/css", headers=_KEPT)

    async def _icon(self, _request: Request) -> Response:
        svg = _templates.get_template("icon.svg").render(
            fill=self._light.fill, on_fill=self._light.on_fill, initial=_initial(self.looks.name)
        )
        return Response(svg, media_type="image/svg+xml", headers=_KEPT)

    async def _manifest(self, _request: Request) -> Response:
        icon = {"src": f"{self.path}/icon.svg", "sizes": "any", "type": "image/svg+xml"}
        manifest = {
            "name": self.looks.name,
            "short_name": self.looks.name[:12],
            "start_url": self.path,
            "scope": self.path,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": self._light.fill,
            "icons": [icon],
        }
        return JSONResponse(manifest, media_type="application/manifest+json", headers=_KEPT)


def _initial(name: str) -> str:
    return next((letter for letter in name if letter.isalnum()), "•").upper()
