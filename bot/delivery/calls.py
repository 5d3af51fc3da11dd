"""From a call's ledger row to the payment gateway: tried again as mails are, and told when given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.core.errors import DeliveryError, Temporary, Unavailable
from bot.core.ports import LaneLimits, Posted, Settled, State
from bot.delivery.verdicts import Verdicts

log = structlog.get_logger("delivery")

AGAIN = timedelta(seconds=30)
"""After which a row is taken up again that could not even be given up."""


class Performs(Protocol):
    """Whoever speaks with the gateways and books what they say (`bot.payments.desk.Desk`)."""

    async def perform(self, posted: Posted) -> None:
        """Raises Permanent, Temporary, or Unavailable where the database cannot book it."""
        ...

    async def give_up(self, posted: Posted, code: str) -> None:
        """It will not be tried again: whoever waits for it is told. May be called twice."""
        ...

    async def close(self) -> None: ...


class CallDelivery:
    """The gateway lanes: one an account, each with its limit.

    A call is `sent` once what came of it is in the database; before that its row stays leased, so
    a crash at any point has it performed again.
    """

    def __init__(
        self, desk: Performs, lanes: Mapping[str, LaneLimits], *, clock: Callable[[], datetime]
    ) -> None:
        """`lanes` by their names, `gateway:<account>`; `clock` gives aware instants."""
        self._desk = desk
        self._clock = clock
        self.lanes = lanes

    async def attempt(self, posted: Posted, verdicts: Verdicts, hold: float) -> Settled:
        """Perform one call within `hold` seconds; what became of it, never an exception."""
        try:
            async with asyncio.timeout(hold):
                await self._desk.perform(posted)
        except TimeoutError:
            settled = verdicts.failed(posted, Temporary("timeout"))
        except Unavailable:
            settled = verdicts.failed(posted, Temporary("database"))
        except DeliveryError as error:
            settled = verdicts.failed(posted, error)
        # A gateway's answer and our own rules may raise anything; the lane must go on.
        except Exception as error:  # noqa: BLE001
            settled = verdicts.broken(posted, error)
        else:
            return verdicts.sent(posted, None)
        if settled.state is not State.FAILED:
            return settled
        return await self._given_up(posted, settled, hold)

    async def close(self) -> None:
        await self._desk.close()

    async def _given_up(self, posted: Posted, settled: Settled, hold: float) -> Settled:
        try:
            async with asyncio.timeout(hold):
                await self._desk.give_up(posted, settled.error or "failed")
        # Whoever waits must be told; until then the row is not done.
        except Exception:
            log.exception("call was not given up", id=posted.id, lane=posted.lane)
            again_at = self._clock() + AGAIN
            return Settled(posted.id, State.QUEUED, error=settled.error, again_at=again_at)
        return settled
