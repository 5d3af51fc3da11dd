"""A counter's database without its threads: one transaction after the other, on the real thing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.core.brand import Brand
from bot.core.message import Address, Inbound
from bot.core.ports import Visitor
from storage.begun import Begun
from storage.engines import database_url
from storage.keys import Keys
from storage.prepared import Bound, Prepared
from storage.transactions import Transaction
from tests.fakes import START, Tokens
from tests.kept import kept_postgresql_engine, kept_sqlite_engine

R = TypeVar("R")
KEYS = Keys(b"a key for the tests of the nouns")


class Watched(Begun):
    """A transaction that writes down what is asked of the database."""

    __slots__ = ("seen",)

    def __init__(self, *begun: Any) -> None:
        super().__init__(*begun)
        self.seen: list[str] | None = None

    def execute(self, statement: Any) -> Any:
        self._note_asked(str(statement))
        return super().execute(statement)

    def run(self, prepared: Prepared, values: Any) -> list[tuple[Any, ...]]:
        self._note_asked(f"prepared {id(prepared)}")
        return super().run(prepared, values)

    def look(self, bound: Bound) -> list[Any]:
        self._note_asked(f"prepared {id(bound.statement)}")
        return super().look(bound)

    def run_many(self, prepared: Prepared, values: Any) -> None:
        self._note_asked(f"prepared {id(prepared)} × {len(values)}")
        super().run_many(prepared, values)

    def _note_asked(self, what: str) -> None:
        if self.seen is not None:
            self.seen.append(what)


class Desk:
    """Turns, one after the other, with a clock that only moves when told."""

    def __init__(self, url: str, brand: Brand, now: datetime = START) -> None:
        where = database_url(url)
        sqlite = where.get_backend_name() == "sqlite"
        engine = kept_sqlite_engine if sqlite else kept_postgresql_engine
        self._connection = engine(where).connect()
        self._numbers = itertools.count(1)
        self._tokens = Tokens()
        self._seen: list[str] | None = None
        self.brand = brand
        self.now = now
        self.visitor: Visitor | None = None

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        with self._connection.begin():
            begun = Watched(self._connection, self.now)
            tx = Transaction(begun, self.brand, keys=KEYS, owner="desk", token=self._tokens)
            if self.visitor is not None:
                tx.visitor = self.visitor
                self.visitor = tx.reopen()
            begun.seen = self._seen
            yield tx
            begun.seen = None
            if self.visitor is not None:
                self.visitor = tx.reopen()
            begun.check()

    def turn(self, action: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """One transaction: the action done and committed."""
        with self.begin() as tx:
            return action(tx, *args, **kwargs)

    def rows(self, statement: Any) -> Sequence[Any]:
        with self.begin() as tx:
            return tx.all(statement)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def minutes_until(self, answer: Mapping[str, Any]) -> int:
        """How long the pause is that an answer tells of."""
        return round((datetime.fromisoformat(answer["until"]) - self.now) / timedelta(minutes=1))

    def visit(self, chat: str = "ana", *, phone: str | None = None) -> Visitor:
        """Come in as whoever is at a chat, new or known, perhaps with a phone the channel proves."""
        event = Inbound(f"e{next(self._numbers)}", Address("web", chat), text="oi", phone=phone)
        with self.begin() as tx:
            tx.record(event)
            self.visitor, _session = tx.open(event)
        return self.visitor

    def with_brand(self, **changes: Any) -> None:
        self.brand = replace(self.brand, **changes)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What the transactions begun within ask of the database."""
        self._seen = []
        try:
            yield self._seen
        finally:
            self._seen = None
