"""The ASGI app: the routes it is handed, health, and headers over all that a browser may see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.headers import SecurityHeaders

Health: TypeAlias = Callable[[], Awaitable[Mapping[str, bool]]]
"""Each part's name and whether it can work."""


def create_app(routes: Sequence[BaseRoute], *, health: Health | None = None) -> Starlette:
    """The app over `routes`: channels' and pages'. `/healthz` says whether every part can work."""
    return _App(
        routes=[*routes, Route("/healthz", _health_endpoint(health))],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _plain_error},
    )


class _App(Starlette):
    """Starlette, whose layers are for people and pages: a route that is an ASGI app of its own, as a
    channel's webhook, is called past them where it stands at the very path."""

    def __init__(self, routes: Sequence[BaseRoute], **more: Any) -> None:
        super().__init__(routes=routes, **more)
        self._at_once: dict[tuple[str, str], ASGIApp] = {
            (method, each.path): each.app
            for each in routes
            if isinstance(each, Route) and each.app is each.endpoint and "{" not in each.path
            for method in each.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            app = self._at_once.get((scope["method"], scope["path"]))
            if app is not None:
                await app(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def _health_endpoint(health: Health | None) -> Callable[[Request], Awaitable[Response]]:
    async def healthz(_request: Request) -> Response:
        parts = dict(await health()) if health else {}
        well = all(parts.values())
        return JSONResponse({"ok": well, "parts": parts}, status_code=200 if well else 503)

    return healthz


async def _plain_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return PlainTextResponse(f"{status}\n", status_code=status, headers=headers)
