"""The webhook: Telegram calls us, and is answered 200 only after the commit."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.types import Receive, Scope, Send

from bot.core.errors import Unavailable
from bot.core.json_codec import decoded, encoded
from bot.core.message import JSON

log = structlog.get_logger("telegram")

SECRET_HEADER = b"x-telegram-bot-api-secret-token"  # ASGI hands names on in lower case
LARGEST = 1024 * 1024
"""Bytes of an update; real ones have a few thousand."""

Answer = tuple[int, Sequence[tuple[bytes, bytes]], bytes]
"""Status, headers, body: as ASGI sends them."""
_EMPTY = (b"content-length", b"0")
_TAKEN: Answer = (200, [_EMPTY], b"")
_NO_UPDATE: Answer = (400, [_EMPTY], b"")
_NOT_YOU: Answer = (401, [_EMPTY], b"")
_TOO_LARGE: Answer = (413, [_EMPTY], b"")
_AGAIN: Answer = (503, [_EMPTY, (b"retry-after", b"1")], b"")


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
        status, headers, body = await self._answer(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """401 without the secret, 503 when it must be delivered again."""
        if not hmac.compare_digest(_secret(scope), self._secret):
            return _NOT_YOU
        if not self._open:
            return _AGAIN
        self._in_hand += 1
        self._idle.clear()
        try:
            return await self._taken(receive)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()

    async def _taken(self, receive: Receive) -> Answer:
        body, more = bytearray(), True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return _NO_UPDATE  # nobody hears it; the update comes again
            body += event.get("body", b"")
            if len(body) > LARGEST:
                return _TOO_LARGE
            more = event.get("more_body", False)
        try:
            update = decoded(body)
            int(update["update_id"])
        except (ValueError, KeyError, TypeError):
            return _NO_UPDATE
        try:
            call = await self._take(update)
        except Unavailable:
            return _AGAIN
        except Exception:  # a mistake of ours: it would fail each time, and hold up all behind it
            log.exception("telegram.update_failed", update=update["update_id"])
            call = None
        return _TAKEN if call is None else _with(call)


def _secret(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == SECRET_HEADER:
            return bytes(value)
    return b""


def _with(call: JSON) -> Answer:
    """The update is taken, and here is something to do."""
    body = encoded(call)
    length = b"%d" % len(body)
    return 200, [(b"content-length", length), (b"content-type", b"application/json")], body
