"""The webhook of a payment gateway: taken once, believed never; what it names is read again."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.errors import Unavailable
from bot.core.message import JSON

Routes: TypeAlias = list[Route]

log = structlog.get_logger("payments")

TOKEN_HEADER = "asaas-access-token"  # noqa: S105  # the name of the header
LARGEST = 256 * 1024
"""Bytes of an event; real ones have a few thousand."""
LONGEST = 100
"""Characters of a gateway's id."""


@dataclass(frozen=True, slots=True)
class Event:
    """As much of a gateway's event as is used: which one it is, and what is to be read again."""

    id: str
    name: str
    charge: str | None = None
    """A charge's id, of a payment event."""
    page: str | None = None
    """A card page's id, of a checkout event."""


class GatewayHook:
    """The route of one account, `POST /gateway/<account>`.

    | what came | answer |
    |---|---|
    | an event, for the first time or again | 200, after the commit |
    | an event nobody here knows | 200 |
    | no token, or a wrong one | 401 |
    | no event (malformed) | 400, and no trace |
    | more than `LARGEST` bytes | 413 |
    | the database is away | 503, so that it comes again |

    Asaas counts exactly 200, and pauses its queue after 15 failures (docs.asaas.com, webhooks).
    """

    def __init__(self, account: str, token: str, take: Callable[[Event], Awaitable[None]]) -> None:
        """`token` is what the gateway was told to send; `take` notes what is to be read again."""
        self._account = account
        self._token = token.encode()
        self._take = take
        self._warned = False

    def routes(self) -> Routes:
        return [Route(f"/gateway/{self._account}", self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        given = request.headers.get(TOKEN_HEADER, "")
        if not self._token or not hmac.compare_digest(given.encode(), self._token):
            self._warn()
            return Response(status_code=401)
        self._warned = False
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > LARGEST:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it; the event comes again
        event = read_event(bytes(body))
        if event is None:
            return Response(status_code=400)
        if event.charge is None and event.page is None:
            log.info("gateway event left alone", account=self._account, gateway_event=event.name)
            return Response(status_code=200)
        try:
            await self._take(event)
        except Unavailable:
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=200)

    def _warn(self) -> None:
        """A gateway with the wrong token stops calling after a while, and nobody hears of payments."""
        if not self._warned:
            self._warned = True
            log.warning("gateway events refused: wrong token", account=self._account)


def read_event(body: bytes) -> Event | None:
    """The event in a body; None if it is none. Of what it says only ids are taken."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    id, name = data.get("id"), data.get("event")
    if not _is_id(id, 200) or not _is_id(name, LONGEST):
        return None
    charge = page = None
    if name.startswith("PAYMENT_"):
        charge = _named(data.get("payment"))
    elif name in ("CHECKOUT_PAID", "CHECKOUT_EXPIRED", "CHECKOUT_CANCELED"):
        page = _named(data.get("checkout"))
    return Event(id, name, charge, page)


def _named(thing: JSON) -> str | None:
    id = thing.get("id") if isinstance(thing, dict) else None
    return id if _is_id(id, LONGEST) else None


def _is_id(value: JSON, most: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()
