"""A ledger in memory, and a channel that says what it was given and fails when it is told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.errors import Unavailable
from bot.core.message import Address, Document, Inbound, Limits, Mail, Notice, Outbound
from bot.core.ports import Close, LaneLimits, Posted, Receive, Settled, State
from tests.fakes import Clock

LEASE = timedelta(seconds=60)


@dataclass
class Row:
    """A ledger row."""

    posted: Posted
    state: State
    due_at: datetime
    repeatable: bool = True
    lease_until: datetime | None = None
    ref: str | None = None
    error: str | None = None
    flagged: bool = False


@dataclass
class FakeLedger:
    """The `Ledger` of one database. Several dispatchers may share it, as processes do."""

    clock: Clock
    rows: dict[int, Row] = field(default_factory=dict)
    settled: list[Sequence[Settled]] = field(default_factory=list)
    unavailable: int = 0
    """How many calls will find the database away."""
    tokens: int | None = None
    """How many rows its limits still let through."""
    wakes: list[Callable[[str], None]] = field(default_factory=list)

    # ------------------------------------------------------------- what turns do

    def reply(self, at: Address, *messages: Outbound | str) -> list[Posted]:
        """A turn's replies, leased to the process that played it; what waited is replaced."""
        for row in self.rows.values():
            if row.posted.at == at and row.posted.kind == "reply" and row.state is State.QUEUED:
                row.state = State.REPLACED
        replies = []
        for message in messages:
            body = Outbound(message) if isinstance(message, str) else message
            posted = self._posted("reply", at.account, at, body, attempts=1)
            self.rows[posted.id] = Row(
                posted, State.SENDING, self.clock(), lease_until=self.clock() + LEASE
            )
            replies.append(posted)
        return replies

    def post(
        self,
        body: Notice | Mail,
        at: Address | None = None,
        *,
        repeatable: bool = True,
        locale: str | None = None,
    ) -> int:
        if isinstance(body, Mail):
            posted = self._posted("mail", f"mail:{body.purpose}", at, body, locale=locale)
        else:
            assert at
            posted = self._posted("notice", at.account, at, body, locale=locale)
        self.rows[posted.id] = Row(posted, State.QUEUED, self.clock(), repeatable)
        self._wake(posted.lane)
        return posted.id

    def _posted(
        self, kind: str, lane: str, at: Address | None, body: Outbound | Notice | Mail,
        *, attempts: int = 0, locale: str | None = None,
    ) -> Posted:  # fmt: skip
        id = len(self.rows) + 1
        return Posted(
            id, kind, lane, "fibra", None, at, body, locale, attempts, self.clock(), f"d{id}"
        )

    # ------------------------------------------------------------- Ledger

    async def claim(self, lane: str, limits: LaneLimits, most: int) -> Sequence[Posted]:
        self._reach()
        claimed: list[Posted] = []
        busy = {
            row.posted.at
            for row in self.rows.values()
            if row.state is State.SENDING and row.posted.kind != "mail"
        }
        for row in sorted(self.rows.values(), key=lambda row: row.posted.id):
            if row.state is not State.QUEUED or row.posted.lane != lane or len(claimed) == most:
                continue
            if self.tokens is not None and self.tokens <= len(claimed):
                break
            if row.posted.kind != "mail":
                if row.posted.at in busy:
                    continue
                busy.add(row.posted.at)  # also one that waits is ahead of those behind it
            if row.due_at > self.clock():
                continue
            row.state, row.lease_until = State.SENDING, self.clock() + LEASE
            row.posted = replace(row.posted, attempts=row.posted.attempts + 1)
            claimed.append(row.posted)
        if self.tokens is not None:
            self.tokens -= len(claimed)
        return claimed

    async def settle(self, outcomes: Sequence[Settled]) -> None:
        self._reach()
        self.settled.append(outcomes)
        for outcome in outcomes:
            row = self.rows[outcome.id]
            row.state, row.error, row.lease_until = outcome.state, outcome.error, None
            row.ref = outcome.ref or row.ref
            row.flagged = row.flagged or outcome.flag
            if outcome.state is State.QUEUED:
                row.due_at = outcome.again_at or self.clock()
            if outcome.tell:
                assert outcome.tell_address
                self.post(outcome.tell, Address("web", f"chat-{outcome.tell_address}"))
            if self._due_behind(row):
                self._wake(row.posted.lane)

    def _due_behind(self, settled: Row) -> bool:
        """Whether something of the same address waits for nothing any more."""
        return any(
            row.state is State.QUEUED and row.due_at <= self.clock()
            for row in self.rows.values()
            if row.posted.lane == settled.posted.lane
            and row.posted.at == settled.posted.at
            and (row is settled or row.posted.kind != "mail")
        )

    async def sweep(self) -> Mapping[str, int]:
        self._reach()
        found = {"queued": 0, "unknown": 0}
        for row in self.rows.values():
            if row.state is State.SENDING and row.lease_until and row.lease_until < self.clock():
                row.state = State.QUEUED if row.repeatable else State.UNKNOWN
                row.due_at, row.lease_until = self.clock(), None
                found[row.state.value] += 1
                self._wake(row.posted.lane)
        return found

    async def receipt(self, account: str, ref: str, state: State, error: str | None = None) -> None:
        raise NotImplementedError

    async def history(self, address: Address, after: int, most: int) -> Sequence[Posted]:
        raise NotImplementedError

    def on_posted(self, wake: Callable[[str], None]) -> None:
        self.wakes.append(wake)

    def _wake(self, lane: str) -> None:
        for wake in self.wakes:
            wake(lane)

    def _reach(self) -> None:
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable

    # ------------------------------------------------------------- to look at

    def states(self, ids: Sequence[int] | None = None) -> list[State]:
        return [row.state for id, row in self.rows.items() if ids is None or id in ids]


@dataclass
class FakeChannel:
    """A `Channel` with a script: `faults[chat]` are raised one a call, `gates[chat]` are waited for."""

    account: str = "web"
    brand: str = "fibra"
    limits: Limits = field(default_factory=lambda: Limits(files_out=1000, typing=True))
    lane_limits: LaneLimits = field(default_factory=LaneLimits)
    acknowledges: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    """(chat, words) in the order they arrived."""
    messages: list[Outbound] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    faults: defaultdict[str, list[Exception | None]] = field(
        default_factory=lambda: defaultdict(list)
    )
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a call waits at a gate."""

    async def start(self, receive: Receive) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        if gate := self.gates.get(address.chat):
            self.waiting.set()
            await gate.wait()
        faults = self.faults[address.chat]
        if faults and (fault := faults.pop(0)):
            raise fault
        self.sent.append((address.chat, message.text))
        self.messages.append(message)
        self.happened.append("sent")
        if document:
            self.documents.append(document)
        return f"ref-{len(self.sent)}"

    async def typing(self, address: Address) -> None:
        self.happened.append("typing")

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """Every question stays, to be looked at."""
        return False

    async def close(self, address: Address, close: Close) -> None:
        raise NotImplementedError

    async def delete(self, address: Address, ref: str) -> None:
        raise NotImplementedError

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        raise NotImplementedError

    def said_to(self, chat: str) -> list[str]:
        return [words for to, words in self.sent if to == chat]
