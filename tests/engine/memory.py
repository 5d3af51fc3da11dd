"""A database of JSON text in memory, behind the ports: each turn loads, plays and dumps anew.

What a flow may look at is `world(chat.read)`, a small dict; an action changes it by `world(write)`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from bot.core.brand import Brand
from bot.core.errors import StaleSession
from bot.core.message import JSON, Address, Call, Inbound, Mail, Notice, Outbound
from bot.core.ports import Ledger, Level, Posted, PressedNotice, Read, Turn, Visitor, Write
from bot.core.session import Session

R = TypeVar("R")


@dataclass
class Who:
    """An address, and what was proved there."""

    id: int
    level: int = 0
    person: int | None = None
    customer: int | None = None
    locale: str | None = None
    phone: str | None = None


@dataclass
class Saved:
    """A session as a row holds it."""

    revision: int
    seen_at: str | None
    data: str


@dataclass
class Row:
    """A message of the ledger."""

    id: int
    kind: str
    address: int
    body: str
    used: bool = False


def _pressed(row: Row) -> PressedNotice:
    return PressedNotice(row.id, Notice.load(json.loads(row.body)), row.address, row.used)


@dataclass
class Tables:
    """All that is kept."""

    events: set[str] = field(default_factory=set)
    people: dict[str, Who] = field(default_factory=dict)
    sessions: dict[int, Saved] = field(default_factory=dict)
    messages: list[Row] = field(default_factory=list)
    dedups: set[str] = field(default_factory=set)
    world: dict[str, Any] = field(default_factory=dict)
    forgotten_queues: int = 0

    def copied(self) -> Tables:
        return Tables(
            set(self.events),
            {at: replace(who) for at, who in self.people.items()},
            {id: replace(saved) for id, saved in self.sessions.items()},
            [replace(row) for row in self.messages],
            set(self.dedups),
            copy.deepcopy(self.world),
            self.forgotten_queues,
        )

    def dumped(self) -> str:
        """Everything as text, to search it for what must not be there."""
        return json.dumps({**asdict(self), "events": sorted(self.events), "dedups": []})


Statement = Callable[[Tables], Any]
"""What stands for SQL here."""


class MemoryTurn:
    """One transaction; implements `bot.core.ports.Turn`."""

    def __init__(self, tables: Tables, brand: Brand, now: datetime) -> None:
        self.tables = tables
        self._brand = brand
        self._now = now
        self._at = ""

    # -------------------------------------------------------------- Read

    @property
    def brand(self) -> Brand:
        return self._brand

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def today(self) -> date:
        return self._now.astimezone(self._brand.zone).date()

    def all(self, statement: Statement, /) -> Sequence[Any]:
        return list(statement(self.tables))

    def one(self, statement: Statement, /) -> Any | None:
        return next(iter(statement(self.tables)), None)

    def scalar(self, statement: Statement, /) -> Any | None:
        return statement(self.tables)

    # -------------------------------------------------------------- Write

    @property
    def visitor(self) -> Visitor | None:
        return self.reopen() if self._at else None

    @property
    def staff(self) -> str | None:
        return None

    def act_as(self, staff: str) -> None:
        raise NotImplementedError

    def run(self, statement: Statement, /) -> Sequence[Any]:
        return list(statement(self.tables) or ())

    def audit(self, what: str, subject: str, *, before: JSON = None, after: JSON = None) -> None:
        raise NotImplementedError

    def post(
        self,
        body: Mail | Notice | Call,
        *,
        dedup: str,
        address: int | None = None,
        subject: str = "",
        due: datetime | None = None,
        repeatable: bool = True,
    ) -> int | None:
        if dedup in self.tables.dedups:
            return None
        self.tables.dedups.add(dedup)
        assert isinstance(body, Notice)
        assert address is not None
        return self._insert("notice", address, body.dump()).id

    def secret(self, purpose: str, id: int, length: int) -> str:
        return str(id).rjust(length, "7")

    def keyed_hash(self, purpose: str, text: str) -> str:
        raise NotImplementedError

    # -------------------------------------------------------------- Turn

    def record(self, event: Inbound) -> bool:
        key = f"{event.address}/{event.id}"
        new = key not in self.tables.events
        self.tables.events.add(key)
        return new

    def open(self, event: Inbound) -> tuple[Visitor, Session]:
        self._at = str(event.address)
        people = self.tables.people
        who = people.setdefault(self._at, Who(len(people) + 1))
        saved = self.tables.sessions.get(who.id)
        if saved is None:
            return self.reopen(), Session(who.id)
        seen = datetime.fromisoformat(saved.seen_at) if saved.seen_at else None
        return self.reopen(), Session.load(who.id, saved.revision, seen, json.loads(saved.data))

    def reopen(self) -> Visitor:
        who = self.tables.people[self._at]
        account, chat = self._at.split("/", 1)
        proved = who.level > 0
        return Visitor(
            who.id, Address(account, chat), Level(who.level), who.person if proved else None,
            who.customer if proved else None, None, who.locale, who.phone,
        )  # fmt: skip

    def save(self, session: Session) -> None:
        saved = self.tables.sessions.get(session.address)
        if session.revision != (saved.revision if saved else 0):
            raise StaleSession
        seen = session.seen_at.isoformat() if session.seen_at else None
        data = json.dumps(session.dump(), allow_nan=False)
        self.tables.sessions[session.address] = Saved(session.revision + 1, seen, data)

    def reply(self, messages: Sequence[Outbound]) -> Sequence[Posted]:
        here = self.reopen()
        rows = [self._insert("reply", here.address, message.dump()) for message in messages]
        return [
            Posted(
                row.id, "reply", here.at.account, self._brand.id, here.address, here.at,
                Outbound.load(json.loads(row.body)), None,
            )
            for row in rows
        ]  # fmt: skip

    def notice(self, token: str) -> PressedNotice | None:
        found = [row for row in self.tables.messages if f"n{row.id}" == token]
        if not found or found[0].kind != "notice":
            return None
        return _pressed(found[0])

    def recent_notices(self, since: datetime, most: int) -> Sequence[PressedNotice]:
        here = self.reopen().address
        mine = [row for row in self.tables.messages if (row.kind, row.address) == ("notice", here)]
        return [_pressed(row) for row in reversed(mine)][:most]

    def use_notice(self, id: int) -> bool:
        row = self.tables.messages[id - 1]
        first, row.used = not row.used, True
        return first

    def forget_reply_queue(self) -> None:
        self.tables.forgotten_queues += 1

    def _insert(self, kind: str, address: int, body: JSON) -> Row:
        row = Row(len(self.tables.messages) + 1, kind, address, json.dumps(body))
        self.tables.messages.append(row)
        return row


class MemoryStorage:
    """Implements `bot.core.ports.Storage`, and plays without a loop for tests that have none."""

    def __init__(self, brand: Brand, clock: Callable[[], datetime]) -> None:
        self.brand = brand
        self.clock = clock
        self.tables = Tables()

    @contextmanager
    def transaction(self) -> Iterator[MemoryTurn]:
        """Commits at the end; what is raised leaves everything as it was."""
        tables = self.tables.copied()
        yield MemoryTurn(tables, self.brand, self.clock())
        self.tables = tables

    def play_now(self, work: Callable[[Turn], R]) -> R:
        with self.transaction() as turn:
            return work(turn)

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R:
        return self.play_now(work)

    async def read(self, brand: str, work: Callable[[Read], R]) -> R:
        return work(MemoryTurn(self.tables.copied(), self.brand, self.clock()))

    @property
    def ledger(self) -> Ledger:
        raise NotImplementedError("nothing is delivered here")


# ---------------------------------------------------------------- what flows of the tests use


def world(tx: Read) -> dict[str, Any]:
    """The data that a flow looks at, and that an action changes."""
    found = tx.scalar(lambda tables: tables.world)
    assert isinstance(found, dict)
    return found


def proved(write: Write, level: int = 1, customer: int = 7, person: int = 3) -> str:
    """Action: who is at the address is proved."""
    _change_address(write, level=level, customer=customer, person=person)
    return "ok"


def speaks(write: Write, locale: str) -> str:
    """Action: the language of the address."""
    _change_address(write, locale=locale)
    return locale


def effect(write: Write, what: str) -> str:
    """Action: something that must happen once."""
    world(write).setdefault("effects", []).append(what)
    return what


def _change_address(write: Write, **values: Any) -> None:
    visitor = write.visitor
    assert visitor is not None

    def change(tables: Tables) -> None:
        who = tables.people[str(visitor.at)]
        for name, value in values.items():
            setattr(who, name, value)

    write.run(change)
