"""Payments wired: the gateways of the settings, the desk, the webhooks, and the clock's part."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.core.brand import Brand, Payments
from bot.core.errors import Unavailable
from bot.core.message import Inbound, Notice, Text
from bot.core.ports import LaneLimits, Turn
from bot.delivery.alarms import Alarms
from bot.delivery.calls import CallDelivery
from bot.payments.desk import Desk
from bot.payments.offline import Offline
from bot.payments.port import Alarm, Gateway
from bot.settings import BrandSettings
from bot.web.gateway_hook import Event, GatewayHook, Routes
from storage import charges, collecting, pending, reminding
from storage.database import Database

if TYPE_CHECKING:
    from bot.payments.asaas import Asaas

log = structlog.get_logger("payments")

OFFLINE = "offline"
"""The account of every brand that has no gateway."""
ENDED = {"CHECKOUT_EXPIRED": "expired", "CHECKOUT_CANCELED": "cancelled"}
"""Why a card page was left without a card, by its event (docs.asaas.com, eventos para checkout)."""
DECLINED = ("PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "PAYMENT_REPROVED_BY_RISK_ANALYSIS")
"""A card was refused: known by the event alone, for the charge goes on waiting (eventos para cobranças)."""
AT_ONCE = 100
"""Calls of one kind that the clock posts in one turn."""


class Receives(Protocol):
    """The counter (`bot.core.counter.Counter`)."""

    async def receive(self, event: Inbound) -> None: ...


def payments_of(settings: BrandSettings) -> Payments:
    """A brand's gateway as the machine knows it."""
    gateway = settings.gateway
    return Payments(
        gateway=OFFLINE if gateway.kind == "offline" else settings.id,
        kind=gateway.kind,
        forms=gateway.offered,
        cards=gateway.card_kinds,
        confirms=gateway.kind != "offline",
    )


def gateways_of(
    settings: Sequence[BrandSettings], brands: Mapping[str, Brand], alarms: Alarms
) -> dict[str, Gateway]:
    """The accounts by name. A brand's is called as the brand; `offline` is always there."""

    def alarm(key: str, words: str | None) -> None:
        if words is None:
            alarms.end(key)
        else:
            alarms.begin(key, words)

    found: dict[str, Gateway] = {OFFLINE: Offline(OFFLINE, brands.get)}
    for brand in settings:
        if brand.gateway.kind == "asaas":
            found[brand.id] = asaas(brand, alarm)
    return found


def asaas(brand: BrandSettings, alarm: Alarm) -> Asaas:
    """A brand's account at Asaas."""
    # Only who has one waits for the library it speaks with.
    from bot.payments.asaas import PRODUCTION, SANDBOX, Asaas

    gateway = brand.gateway
    return Asaas(
        brand.id,
        os.environ.get(gateway.token_env, ""),
        url={"production": PRODUCTION, "sandbox": SANDBOX}.get(gateway.url, gateway.url),
        per_second=gateway.per_second,
        alarm=alarm,
    )


class Paying:
    """All that payments need of a process."""

    def __init__(
        self,
        settings: Sequence[BrandSettings],
        brands: Mapping[str, Brand],
        database: Database,
        alarms: Alarms,
        *,
        clock: Callable[[], datetime],
        address: str,
        gateways: Mapping[str, Gateway] | None = None,
    ) -> None:
        """`address` is how people reach our pages; `gateways` replace those of the settings."""
        self._settings = settings
        self._brands = brands
        self._database = database
        self._counter: Receives | None = None
        self._served: frozenset[str] = frozenset()
        self.gateways = gateways_of(settings, brands, alarms) if gateways is None else gateways
        self.desk = Desk(
            self.gateways,
            database,
            self._answer,
            back_to=address if address.startswith("https:") else "",
        )
        lanes: dict[str, LaneLimits] = {
            f"gateway:{name}": each.lane_limits for name, each in self.gateways.items()
        }
        self.calls = CallDelivery(self.desk, lanes, clock=clock)

    def answer_through(self, counter: Receives, accounts: Sequence[str]) -> None:
        """From now on outcomes are handed to this counter, for addresses of these accounts."""
        self._counter = counter
        self._served = frozenset(accounts)

    async def _answer(self, brand: str, event: Inbound, words: Text | None) -> None:
        """Bring an outcome to the conversation that waits; where another process has it, tell it."""
        if self._counter is not None and event.address.account in self._served:
            await self._counter.receive(event)
        elif words is not None:
            told = words
            await self._database.play(brand, lambda tx: pending.tell_at(tx, event, Notice(told)))

    def routes(self) -> Routes:
        """The webhooks: `/gateway/<brand>`."""
        routes: Routes = []
        for brand in self._settings:
            if brand.gateway.kind != "offline":
                token = os.environ.get(brand.gateway.webhook_token_env, "")
                routes += GatewayHook(brand.id, token, self.taker(brand.id)).routes()
        return routes

    def taker(self, brand: str) -> Callable[[Event], Awaitable[None]]:
        async def take(event: Event) -> None:
            """Note what is to be read again: the id of an event is taken once."""

            def note(tx: Turn) -> None:
                account = self._brands[brand].payments.gateway
                dedup = f"event:{event.id}"
                if event.charge is not None:
                    declined = event.name in DECLINED
                    charges.look(tx, event.charge, dedup=dedup, gateway=account, declined=declined)
                else:
                    values = {"ref": event.page, "why": ENDED.get(event.name)}
                    pending.post(tx, "page", values, dedup=dedup, gateway=account)

            await self._database.play(brand, note)

        return take

    async def tend(self) -> None:
        """The clock's part: charges that are missing or left over, cards on their due date, promises."""
        for id, brand in self._brands.items():
            try:
                if brand.trust.promise_days:
                    await self._remind(id)
                while brand.payments.confirms and await self._tend(id):
                    pass
            except Unavailable:
                log.warning("payments wait for the database")

    async def _remind(self, brand: str) -> None:
        """Whoever promised to pay today hears of it once."""
        found = await self._database.read(brand, lambda read: reminding.due(read, AT_ONCE))
        if found:
            await self._database.play(brand, lambda tx: reminding.remind(tx, found))

    async def _tend(self, brand: str) -> int:
        """Look beside the turns, then post; how many calls were posted."""
        todo = await self._database.read(brand, lambda read: collecting.due(read, AT_ONCE))
        if not todo:
            return 0
        return await self._database.play(brand, lambda tx: collecting.post(tx, todo))
