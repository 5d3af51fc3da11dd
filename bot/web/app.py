"""The ASGI app: the routes it is handed, the static files, health, and headers over all of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.headers import SecurityHeaders

Health: TypeAlias = Callable[[], Awaitable[Mapping[str, bool]]]
"""Each part's name and whether it can work."""


def create_app(routes: Sequence[BaseRoute], *, health: Health | None = None) -> Starlette:
    """The app over `routes`: channels' and pages'. `/healthz` says whether every part can work."""
    return Starlette(
        routes=[*routes, Route("/healthz", _health_endpoint(health))],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _plain_error},
    )


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
