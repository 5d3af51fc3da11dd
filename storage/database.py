"""One database: its connections, its storage threads, and the Storage that turns are played on."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.core.brand import Brand
from bot.core.ports import Read, Turn
from storage.begun import Begun
from storage.engines import database_url, postgresql_engine, sqlite_engine
from storage.keys import Keys
from storage.ledger import MessageLedger
from storage.transactions import Reading, Transaction
from storage.turns import Patience, Turns

R = TypeVar("R")

GROUP = 32
"""Turns that may share a commit on SQLite."""
GROUP_OF_THREAD = 8
"""The same on PostgreSQL, whose threads hold locks meanwhile."""


class Database:
    """Storage on SQLite or PostgreSQL; `open_database` makes one."""

    def __init__(
        self,
        url: URL,
        *,
        server_key: bytes,
        clock: Callable[[], datetime],
        brands: Mapping[str, Brand],
        owner: str,
        token: Callable[[], str],
        jitter: Callable[[], float],
        patience: Patience,
        threads: int,
        readers: int,
    ) -> None:
        self.keys = Keys(server_key)
        self.owner = owner
        self._brands = brands
        self._token = token
        self._wakes = list[Callable[[str], None]]()
        sqlite = url.get_backend_name() == "sqlite"
        engine = sqlite_engine if sqlite else postgresql_engine

        def played_by(engine: Engine, **how: Any) -> Turns:
            return Turns(engine.connect, clock=clock, patience=patience, jitter=jitter, **how)

        self._turns = played_by(
            engine(url, lock_seconds=patience.lock),
            threads=1 if sqlite else threads,
            together=GROUP if sqlite else GROUP_OF_THREAD,
            committed=self._wake,
            name="turns",
        )
        self._reads = played_by(
            engine(url, lock_seconds=patience.lock, read_only=True),
            threads=readers,
            name="reads",
        )
        self._ledger = MessageLedger(self._turns, self._reads, owner=owner, wakes=self._wakes)

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R:
        """Run `work` in one transaction and commit; see `Storage.play`.

        `work` may be run several times before one run stays, so it must be a pure function of the
        transaction. If the awaiter is cancelled, it is wholly done or not at all.
        Raises KeyError for a brand that is not configured.
        """
        house, keys, owner, token = self._brands[brand], self.keys, self.owner, self._token
        return await self._turns.submit(
            lambda begun: work(Transaction(begun, house, keys=keys, owner=owner, token=token))
        )

    async def read(self, brand: str, work: Callable[[Read], R]) -> R:
        """Run `work` on one snapshot, beside the turns and never behind them; it cannot write."""
        house = self._brands[brand]
        return await self._reads.submit(lambda begun: work(Reading(begun, house)))

    async def maintain(self, work: Callable[[Begun], R]) -> R:
        """Run `work` of the machine itself (no brand, no visitor) in one transaction."""
        return await self._turns.submit(work)

    @property
    def ledger(self) -> MessageLedger:
        return self._ledger

    async def close(self) -> None:
        """Play what waits, then close; afterwards everything raises Unavailable."""
        await self._turns.close()
        await self._reads.close()

    def _wake(self, lanes: set[str]) -> None:
        for wake in tuple(self._wakes):
            for lane in sorted(lanes):
                wake(lane)


def open_database(
    url: str,
    *,
    server_key: bytes,
    clock: Callable[[], datetime],
    brands: Mapping[str, Brand],
    owner: str,
    token: Callable[[], str] = lambda: secrets.token_hex(8),
    jitter: Callable[[], float] = random.random,
    patience: Patience | None = None,
    threads: int = 4,
    readers: int = 2,
) -> Database:
    """The database at `sqlite:///path` or `postgresql://…`, already migrated (`storage.migrate`).

    `owner` names this process in the leases of messages: unique to each start, at most 40
    characters. `clock` gives aware instants. `token` makes unique words, `jitter` numbers from 0 to
    1. `threads` play turns (on SQLite it is one), `readers` read, each on a connection of its own.
    Nothing is connected before the first turn.
    """
    where = database_url(url)
    if len(owner) > 40:
        raise ValueError("the owner's name has more than 40 characters")
    return Database(
        where,
        server_key=server_key,
        clock=clock,
        brands=brands,
        owner=owner,
        token=token,
        jitter=jitter,
        patience=patience or Patience(),
        threads=threads,
        readers=readers,
    )
