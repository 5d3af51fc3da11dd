"""The page behind an undo link: what would be undone, and a button that undoes it.

Looking at the page changes nothing: mail scanners and previews look at every address. It shows no
more than the mail did: the new contact, masked.
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
class Undoable:
    """What a link undoes."""

    kind: str
    """email · phone"""
    shown: str
    """The new contact, masked; empty where one was deleted."""
    result: str
    """open · used · expired · undone"""


Look: TypeAlias = Callable[[str], Awaitable[Undoable | None]]
"""What a token undoes; None: nothing."""
Undo: TypeAlias = Callable[[str], Awaitable[Undoable | None]]
"""Undo it; what became of it."""

_TOKEN = re.compile(r"[0-9a-z-]{1,80}", re.ASCII)


class UndoPage:
    """`<path>/<token>`: the page of each undo link of one brand."""

    def __init__(
        self, looks: Looks, *, path: str, look: Look, undo: Undo, say: Say, assets: Assets
    ) -> None:
        self._pages = LinkPages(looks, path=path, say=say, assets=assets)
        self._look = look
        self._undo = undo

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
        return await self._answered(request, self._undo)

    async def _answered(self, request: Request, ask: Look | Undo) -> Response:
        token = request.path_params["token"]
        found = await ask(token) if _TOKEN.fullmatch(token) else None
        return self._pages.answer(
            request,
            "action.html",
            _words(found),
            status=404 if found is None else 200,
            shown=found.shown if found else "",
            open=found is not None and found.result == "open",
        )


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
                "act": _("Undo the change"),
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
