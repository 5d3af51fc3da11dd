"""How the fake gateway refuses, and what can go wrong on the way to it and back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NoReturn

from aiohttp import web

from bot.payments.wire import encoded


class Refused(Exception):
    """A refusal, as it goes out."""

    def __init__(self, response: web.Response) -> None:
        self.response = response


def refuse(status: int, *codes: str) -> NoReturn:
    """Refuse a request with these codes, in the real one's shape."""
    errors = [{"code": code, "description": f"about {code}"} for code in codes]
    raise Refused(web.json_response({"errors": errors}, status=status))


def reply(row: Any) -> web.Response:
    """An answer; amounts are JSON numbers, what begins with _ is the fake's own."""
    return web.Response(text=encoded(_shown(row)), content_type="application/json")


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)  # Asaas writes 20, and 48.02
    return value


@dataclass
class Trouble:
    """What goes wrong with one request: `cut` before it is heard, `lost` after it was carried out,
    `hang` for as long as anybody waits, or a status."""

    kind: Literal["cut", "lost", "hang", "status", "garbage"]
    method: str = ""
    path: str = ""
    status: int = 500
    retry_after: int | None = None

    def meets(self, method: str, path: str) -> bool:
        return self.method in ("", method) and path.startswith(self.path)

    async def before(self, request: web.Request) -> web.Response | None:
        match self.kind:
            case "cut":
                _cut(request)
            case "hang":
                await _until_gone(request)
            case "garbage":
                return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
            case "status":
                headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
                return web.json_response({"errors": []}, status=self.status, headers=headers)
        return None

    async def after(self, request: web.Request) -> None:
        if self.kind == "lost":
            _cut(request)


def _cut(request: web.Request) -> None:
    transport = request.transport
    assert transport is not None
    transport.abort()
    raise asyncio.CancelledError


async def _until_gone(request: web.Request) -> None:
    """Never answer: the server cancels this when the connection is gone."""
    await asyncio.Event().wait()
