"""The page behind a mail's unsubscribe link: a button that ends that kind of mail, and nothing else.

Looking changes nothing, since mail scanners look at every address; a POST ends it at once, as mail
programs send it (RFC 8058), without cookies, logins or further questions.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.message import Text, _
from bot.web.assets import Assets
from bot.web.link_pages import LinkPages, Routes, Say
from bot.web.pages import Looks


@dataclass(frozen=True, slots=True)
class Ending:
    """What a link ends."""

    named: Text
    """The kind of mail, as people call it."""
    over: bool
    """None of it is sent any more."""


Ask: TypeAlias = Callable[[str], Awaitable[Ending | None]]
"""What a token ends, or end it; None: nothing of ours."""

_TOKEN = re.compile(r"[0-9a-z-]{1,80}", re.ASCII)


class UnsubscribePage:
    """`<path>/<token>`: the page of each unsubscribe link of one brand."""

    def __init__(
        self, looks: Looks, *, path: str, look: Ask, end: Ask, say: Say, assets: Assets
    ) -> None:
        self._pages = LinkPages(looks, path=path, say=say, assets=assets)
        self._look = look
        self._end = end

    def routes(self) -> Routes:
        path = f"{self._pages.path}/{{token}}"
        return [
            self._pages.stylesheet(),
            Route(path, self._page, methods=["GET"]),
            Route(path, self._press, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._answered(request, self._look)

    async def _press(self, request: Request) -> Response:
        return await self._answered(request, self._end)

    async def _answered(self, request: Request, ask: Ask) -> Response:
        token = request.path_params["token"]
        found = await ask(token) if _TOKEN.fullmatch(token) else None
        return self._pages.answer(
            request,
            "action.html",
            _words(found),
            status=404 if found is None else 200,
            shown="",
            open=found is not None and not found.over,
        )


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
        "act": _("Send me no more of these"),
    }


__all__ = ["Ending", "Routes", "Say", "UnsubscribePage"]
