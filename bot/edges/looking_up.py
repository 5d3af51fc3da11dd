"""Addresses by CEP, from the service the operator names: asked beside the payment gateways, in a lane of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.core.errors import Permanent, Temporary
from bot.core.message import JSON, Call, Inbound
from bot.core.ports import LaneLimits, Posted
from bot.delivery.calls import CallDelivery, Performs
from bot.domain.postal_code import address_in, parse_postal_code
from bot.settings import BrandSettings
from storage import lookups, pending
from storage.database import Database

if TYPE_CHECKING:
    import aiohttp

SECONDS = 4.0
"""A person waits; a service that takes longer is no help."""
LARGEST = 64 * 1024
"""Bytes of an answer; an address has a few hundred."""
LIMITS = LaneLimits(5, 10)


class Receives(Protocol):
    """The counter (`bot.core.counter.Counter`)."""

    async def receive(self, event: Inbound) -> None: ...


class LookingUp:
    """Performs the calls for addresses, and leaves all others to the desk of the gateways."""

    def __init__(
        self,
        settings: Sequence[BrandSettings],
        database: Database,
        desk: Performs,
        lanes: Mapping[str, LaneLimits],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`lanes` are those of the desk's gateways."""
        self._urls = {
            each.id: each.registration.postal_code_url
            for each in settings
            if each.registration.postal_code_url
        }
        self._database = database
        self._desk = desk
        self._counter: Receives | None = None
        self._served: frozenset[str] = frozenset()
        self._session: aiohttp.ClientSession | None = None
        self.calls = CallDelivery(
            self, {**lanes, f"gateway:{lookups.ACCOUNT}": LIMITS}, clock=clock
        )

    def answer_through(self, counter: Receives, accounts: Sequence[str]) -> None:
        """From now on outcomes are handed to this counter, for addresses of these accounts."""
        self._counter = counter
        self._served = frozenset(accounts)

    async def perform(self, posted: Posted) -> None:
        """Look an address up and bring it to whoever waits. Raises Permanent, Temporary, Unavailable."""
        call = posted.body
        if not isinstance(call, Call) or call.gateway != lookups.ACCOUNT:
            return await self._desk.perform(posted)
        bare = parse_postal_code(call.values["postal_code"])
        url = self._urls.get(posted.brand)
        if url is None:
            raise Permanent("not_configured")
        answer = await self._fetch(url.replace("{postal_code}", bare))
        await self._answer(posted, call, address_in(answer, bare))
        return None

    async def give_up(self, posted: Posted, code: str) -> None:
        """Whoever waits goes on by hand."""
        call = posted.body
        if not isinstance(call, Call) or call.gateway != lookups.ACCOUNT:
            return await self._desk.give_up(posted, code)
        await self._answer(posted, call, None)
        return None

    async def close(self) -> None:
        await self._desk.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _fetch(self, url: str) -> JSON:
        """The answer's JSON; None where it says that there is no such CEP."""
        import aiohttp  # only who looks addresses up waits for it

        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=SECONDS), headers={"User-Agent": "Balcao"}
            )
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                status, content = answer.status, await answer.content.read(LARGEST)
        except TimeoutError:
            raise Temporary("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Temporary("connection", type(error).__name__) from None
        if status in (400, 404):
            return None
        if status != 200:
            raise Temporary("server", str(status))
        try:
            return json.loads(content)
        except ValueError:
            raise Permanent("refused", "no JSON") from None

    async def _answer(self, posted: Posted, call: Call, found: Mapping[str, str] | None) -> None:
        ticket, id = call.values["ticket"], f"postal-code:{posted.id}"
        result = {"found": dict(found) if found else None}
        event = await self._database.read(
            posted.brand, lambda read: pending.answer(read, ticket, id, result, None)
        )
        # At an address of another process nobody is told: whoever waits there goes on by hand.
        if event is not None and self._counter and event.address.account in self._served:
            await self._counter.receive(event)
