"""The webhook: Telegram calls us, and is answered 200 only after the commit."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.core.errors import Unavailable
from bot.core.json_codec import decoded, encoded
from bot.core.message import JSON

log = structlog.get_logger("telegram")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of the header
LARGEST = 1024 * 1024
"""Bytes of an update; real ones have a few thousand."""


class Webhook:
    """The route of one bot."""

    def __init__(self, secret: str, take: Callable[[JSON], Awaitable[JSON]]) -> None:
        """`secret` is what setWebhook was told; `take` plays an update and raises Unavailable.

        What `take` returns is a call of the Bot API that goes back with the answer, or None.
        """
        self._secret = secret.encode()
        self._take = take
        self._in_hand = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = False

    def start(self) -> None:
        self._open = True

    async def stop(self) -> None:
        """Take no more; those in hand end."""
        self._open = False
        await self._idle.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /telegram/<account>, as an ASGI app of its own: each layer less is felt at this door."""
        response = await self._answer(Headers(scope=scope), receive)
        await response(scope, receive, send)

    async def _answer(self, headers: Headers, receive: Receive) -> Response:
        """401 without the secret, 503 when it must be delivered again."""
        given = headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret):
            return Response(status_code=401)
        if not self._open:
            return _again()
        self._in_hand += 1
        self._idle.clear()
        try:
            return await self._taken(receive)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()

    async def _taken(self, receive: Receive) -> Response:
        body, more = bytearray(), True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return Response(status_code=400)  # nobody hears it; the update comes again
            body += event.get("body", b"")
            if len(body) > LARGEST:
                return Response(status_code=413)
            more = event.get("more_body", False)
        try:
            update = decoded(body)
            int(update["update_id"])
        except (ValueError, KeyError, TypeError):
            return Response(status_code=400)
        try:
            call = await self._take(update)
        except Unavailable:
            return _again()
        except Exception:  # a mistake of ours: it would fail each time, and hold up all behind it
            log.exception("telegram.update_failed", update=update["update_id"])
            call = None
        if call is None:
            return Response(status_code=200)
        return Response(encoded(call), media_type="application/json")


def _again() -> Response:
    return Response(status_code=503, headers={"Retry-After": "1"})
