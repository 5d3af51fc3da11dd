"""What the pages behind links share: the brand's look, the reader's language, one template each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

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

Routes: TypeAlias = Sequence[BaseRoute]
Say: TypeAlias = Callable[[Text, str], str]
"""Words in a locale."""

KINDS: Mapping[str, Text] = {
    "webchat": _("Go on in the chat of this site"),
    "telegram": _("Go on in Telegram"),
}
_WITH_A_BUTTON = page_policy().replace("form-action 'none'", "form-action 'self'")
_KEPT = {"Cache-Control": "public, max-age=86400"}
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """A door one can go in by: one of `KINDS`, and its URL without the query; None while it has none."""

    kind: str
    url: Callable[[], str | None]


class LinkPages:
    """The pages of one kind of link of one brand, all below `path`."""

    def __init__(self, looks: Looks, *, path: str, say: Say, assets: Assets) -> None:
        self._looks = looks
        self.path = path
        self._say = say
        self._assets = assets
        self._light, self._dark = shades(looks.color)

    def stylesheet(self) -> BaseRoute:
        """The brand's colours, which the templates ask for."""
        return Route(f"{self.path}/brand.css", self._css)

    def locale(self, request: Request) -> str:
        """The reader's language, of those the browser names; else the brand's."""
        return preferred(request.headers.get("accept-language", "")) or self._looks.locale

    def ways(self, entrances: Sequence[Entrance], start: str, locale: str) -> list[tuple[str, str]]:
        """(label, URL) of each door that goes on with a `start` payload."""
        return [
            (self._say(KINDS[each.kind], locale), f"{url}?start={start}")
            for each in entrances
            if (url := each.url()) is not None
        ]

    def answer(
        self,
        request: Request,
        template: str,
        words: Mapping[str, Text],
        *,
        status: int = 200,
        button: bool = True,
        **values: Any,
    ) -> Response:
        """A template with its words and values; `button`: whether it may post to where it came from."""
        locale = self.locale(request)
        html = _templates.get_template(template).render(
            looks=self._looks,
            language=LANGUAGES.get(locale, "pt-BR"),
            asset=self._assets.url,
            path=self.path,
            light=self._light,
            initial=next((c for c in self._looks.name if c.isalnum()), "•").upper(),
            words={name: self._say(text, locale) for name, text in words.items()},
            **values,
        )
        policy = _WITH_A_BUTTON if button else page_policy()
        return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": policy})

    async def _css(self, _request: Request) -> Response:
        return Response(brand_css(self._light, self._dark), media_type="text/css", headers=_KEPT)


def preferred(accepted: str) -> str | None:
    """The first offered language of an Accept-Language header (RFC 9110 §12.5.4), which browsers write in order."""
    for part in accepted.split(","):
        found = offered_locale(part.partition(";")[0].strip())
        if found is not None:
            return found
    return None
