"""The wire to Asaas: one kept session, JSON whose money is never a float, and what refusals mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, NoReturn

import aiohttp

from bot.core.errors import Permanent, Temporary
from bot.core.message import JSON
from bot.domain.errors import Invalid
from bot.domain.money import from_cents, to_cents
from bot.payments.port import Alarm

CALL_SECONDS = 20.0
"""Less than a ledger row may be in hand, so that a call that takes longer ends as what it is."""
UNAUTHORIZED_AFTER = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=12)
"""Asaas counts its quota over so long; a stranger number than that is not believed."""
_AGENT = "Balcao"


class Wire:
    """Calls to one account. The key is in no log and in no error, neither are their bodies."""

    def __init__(self, account: str, key: str, url: str, alarm: Alarm) -> None:
        self._account = account
        self._key = key
        self._base = url.rstrip("/")
        self._alarm = alarm
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> JSON:
        """The answer; None for 404."""
        return await self.call("GET", path, query=query)

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, JSON] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        refused: str = "refused",
    ) -> JSON:
        """The answer's JSON, its fractions as Decimal; None for 404.

        `refused` is the code of the Permanent that a 400 becomes. Raises Permanent or Temporary.
        """
        headers = {"access_token": self._key, "User-Agent": _AGENT}
        data = None
        if body is not None:  # a GET with a body is refused with 403
            data = encoded(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            async with self._open().request(
                method,
                self._base + path,
                params=query,
                data=data,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=CALL_SECONDS),
                allow_redirects=False,
            ) as answer:
                status, content, told = answer.status, await answer.read(), answer.headers
        except TimeoutError:
            raise Temporary("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            # Not chained: some of aiohttp's errors quote headers, and the key is in them.
            raise Temporary("connection", type(error).__name__) from None
        if status == 404:
            return None
        parsed = _parsed(content)
        if status == 200 and isinstance(parsed, dict):
            self._alarm(f"gateway:{self._account}", None)
            return parsed
        self._refuse(status, parsed, told, refused)

    async def close(self) -> None:
        """Give the connections back."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=20, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def _refuse(self, status: int, parsed: JSON, told: Mapping[str, str], refused: str) -> NoReturn:
        match status:
            case 400:
                raise Permanent(refused, _codes(parsed))
            case 401 | 403:
                self._alarm(
                    f"gateway:{self._account}",
                    "the payment gateway refuses the key (or this machine's address);"
                    " set the right one in the account's token_env and start again",
                )
                raise Temporary("unauthorized", after=UNAUTHORIZED_AFTER)
            case 429:
                raise Temporary("limited", after=_wait(told))
            case _:
                raise Temporary("server", f"status {status}")


def encoded(value: JSON) -> str:
    """JSON with each Decimal written digit for digit. Raises TypeError for a float."""
    match value:
        case Decimal():
            return format(value, "f")
        case float():
            raise TypeError("money is never a float")
        case dict():
            return "{" + ",".join(f"{json.dumps(k)}:{encoded(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(encoded, value)) + "]"
        case _:
            return json.dumps(value)


def money(value: Any) -> Decimal | None:
    """An amount of an answer, with two places; None if there is none.

    Raises Permanent("unreadable") for what is no number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Permanent("unreadable", "an amount is no number")
    try:
        return from_cents(to_cents(Decimal(value)))
    except Invalid as error:
        raise Permanent("unreadable", f"an amount is none ({error.code})") from error


def _parsed(content: bytes) -> JSON:
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError:
        return None


def _codes(parsed: JSON) -> str:
    """The codes of a refusal. Its descriptions may quote what was sent, so they are left out."""
    try:
        return " ".join(str(each["code"])[:60] for each in parsed["errors"])[:200]
    except (TypeError, KeyError):
        return ""


def _wait(told: Mapping[str, str]) -> timedelta:
    for name in ("Retry-After", "RateLimit-Reset"):
        value = told.get(name, "")
        if value.isascii() and value.isdigit():
            return min(timedelta(seconds=max(1, int(value[:9]))), LONGEST_WAIT)
    return timedelta(seconds=30)
