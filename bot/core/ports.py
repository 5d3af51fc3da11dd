"""What the machine asks of the outside: Channel, Storage, Ledger, and the transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

from bot.core.brand import Brand
from bot.core.message import (
    JSON,
    Address,
    Call,
    Document,
    DocumentRef,
    Inbound,
    Limits,
    Mail,
    Notice,
    Outbound,
)
from bot.core.session import Session

R = TypeVar("R")


class Level(IntEnum):
    """How well the person at an address is known."""

    STRANGER = 0
    VERIFIED = 1
    """A person was proved: by a code, a link, or a phone the channel proves and the tax id."""
    FRESH = 2
    """A code was entered in the last ten minutes."""


class Visitor(NamedTuple):
    """Who is at an address, as far as was proved."""

    address: int
    at: Address
    level: Level = Level.STRANGER
    person: int | None = None
    customer: int | None = None
    """The customer at hand; None while nobody is proved."""
    name: str | None = None
    locale: str | None = None
    """The language chosen; None: the brand's."""
    phone: str | None = None
    """E.164, proved by the channel."""
    all_companies: bool = False
    """Lists show what belongs to every company the person speaks for, not to the one at hand alone."""


# ---------------------------------------------------------------------- transactions


class Read(Protocol):
    """A transaction to look with. Flows hold nothing more."""

    @property
    def brand(self) -> Brand: ...
    @property
    def now(self) -> datetime:
        """The turn's instant, UTC."""
        ...

    @property
    def today(self) -> date:
        """The date in the brand's time zone."""
        ...

    def all(self, statement: Any, /) -> Sequence[Any]:
        """Every row of a SELECT."""
        ...

    def one(self, statement: Any, /) -> Any | None:
        """The first row, or None."""
        ...

    def scalar(self, statement: Any, /) -> Any | None:
        """The first column of the first row, or None."""
        ...


class Write(Read, Protocol):
    """A transaction to change with; only `chat.do` hands one to an action."""

    @property
    def visitor(self) -> Visitor | None:
        """Who does it; None when the clock, the delivery or staff does."""
        ...

    @property
    def staff(self) -> str | None:
        """Who of the business does it, by name; None: a visitor, or nobody."""
        ...

    def run(self, statement: Any, /) -> Sequence[Any]:
        """Execute an INSERT, UPDATE or DELETE; the rows of its RETURNING, else ()."""
        ...

    def audit(self, what: str, subject: str, *, before: JSON = None, after: JSON = None) -> None:
        """Note who changed or read what: `what` a dotted verb ("invoice.mailed"), `subject` "noun:id"."""
        ...

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
        """A message row, to leave after the commit. None if `dedup` has been posted before.

        A `Notice` needs `address`; `subject` ("invoice:12") is what the ledger is queried by.
        """
        ...

    def secret(self, purpose: str, id: int, length: int) -> str:
        """Digits derived from the server's key, a purpose and a row id; never stored."""
        ...

    def keyed_hash(self, purpose: str, text: str) -> str:
        """What is stored instead of a secret or a typed tax id (HMAC-SHA256, hex)."""
        ...


@dataclass(frozen=True, slots=True)
class PressedNotice:
    """A notice as its pressed button finds it in the ledger."""

    id: int
    notice: Notice
    address: int
    used: bool


class Turn(Write, Protocol):
    """The transaction of one inbound event, as the engine uses it."""

    def act_as(self, staff: str) -> None:
        """From now on somebody of the business does it; every audit row of the transaction names them."""
        ...

    def record(self, event: Inbound) -> bool:
        """Note the event's id; False if it was played before (then nothing else is done)."""
        ...

    def open(self, event: Inbound) -> tuple[Visitor, Session]:
        """Who is at the address and where they stand, locked; the address is made if new."""
        ...

    def reopen(self) -> Visitor:
        """The visitor again, after an action may have changed who they are."""
        ...

    def save(self, session: Session) -> None:
        """Compare-and-set on the revision. Raises StaleSession if another turn was first."""
        ...

    def reply(self, messages: Sequence[Outbound]) -> Sequence[Posted]:
        """Reply rows, `sending` and leased to this process, in order."""
        ...

    def notice(self, token: str) -> PressedNotice | None:
        """The notice whose buttons carry this token, or None."""
        ...

    def recent_notices(self, since: datetime, most: int) -> Sequence[PressedNotice]:
        """The last notices with buttons to the address at hand, posted since then, the newest first."""
        ...

    def use_notice(self, id: int) -> bool:
        """Mark a once-only notice as pressed; False if someone was first."""
        ...

    def forget_reply_queue(self) -> None:
        """Replies still waiting on a back-off are replaced: the session has moved on."""
        ...


class Storage(Protocol):
    """One database: turns and deliveries run whole in its threads."""

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R:
        """Run `work` in one transaction, which others may share, and commit.

        What `work` raises is raised here, rolled back alone. Locks, deadlocks, lost connections and
        StaleSession are played again; at last they raise `Unavailable`.
        """
        ...

    async def read(self, brand: str, work: Callable[[Read], R]) -> R: ...

    @property
    def ledger(self) -> Ledger: ...


# ---------------------------------------------------------------------- ledger


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The process died while sending, and this kind may not be repeated: staff decides."""
    REPLACED = "replaced"
    """A reply that waited while its session moved on."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A ledger row as the delivery handles it."""

    id: int
    kind: str
    """reply · notice · mail · call"""
    lane: str
    brand: str
    address: int | None
    at: Address | None
    body: Outbound | Notice | Mail | Call
    locale: str | None
    """The reader's language, for a notice."""
    attempts: int = 0
    created_at: datetime | None = None
    dedup: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one attempt."""

    id: int
    state: State
    ref: str | None = None
    """The provider's id of the message."""
    error: str | None = None
    """A stable word, never a body or an address."""
    again_at: datetime | None = None
    """With QUEUED: when to try again."""
    flag: bool = False
    """The contact itself is bad."""
    tell: Notice | None = None
    tell_address: int | None = None
    """A notice that goes out with this outcome, in the same transaction."""


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What one sending account may do; kept in the database, so that all workers keep one limit."""

    per_second: float = 30.0
    burst: int = 30


class Ledger(Protocol):
    """Messages that leave, and what became of them."""

    async def claim(self, lane: str, limits: LaneLimits, most: int) -> Sequence[Posted]:
        """Take due rows of a lane within its limit, in order, as `sending` with our lease."""
        ...

    def settle(self, outcomes: Sequence[Settled]) -> Awaitable[None]:
        """Write what became of messages; several are one transaction (grouped within 50 ms).

        Over when it is durable; raises Unavailable. Who stops waiting does not stop it.
        """
        ...

    async def sweep(self) -> Mapping[str, int]:
        """Rows whose lease ended with their process: repeatable ones are queued again, others `unknown`.

        Returns how many became what; lanes with rows due are then claimed as usual.
        """
        ...

    async def receipt(self, account: str, ref: str, state: State, error: str | None = None) -> None:
        """A delivery receipt of a provider: states only move forward."""
        ...

    async def history(self, address: Address, after: int, most: int) -> Sequence[Posted]:
        """What the channel was handed for an address with id above `after` (the web chat resumes with it).

        The newest `most` of them, oldest first. Replies and notices in the states sending, sent,
        delivered, read or unknown; no mails, and nothing that waits for its time or was replaced.
        """
        ...

    def on_posted(self, wake: Callable[[str], None]) -> None:
        """Call `wake(lane)` after a commit that left rows queued in a lane (from any thread)."""
        ...


# ---------------------------------------------------------------------- channels

Receive = Callable[[Inbound], Awaitable[None]]
"""Returns after the commit; raises Unavailable when the event must be delivered again."""


class Close(NamedTuple):
    """An answered question: its message loses its buttons and shows what was chosen."""

    nonce: str
    chosen: str
    ref: str | None
    """The provider's id of the message, where it is known."""
    message: int | None = None
    """The ledger row of the question."""
    stays: bool = True
    """It is still to be read: its place may not be taken by what is said next."""
    goes_on: bool = False
    """It is asked again (another page of it): its place may be taken, but it is not closed."""


class Channel(Protocol):
    """A kind of door: one driver, one account.

    `send` returns the provider's id of the message, or raises Permanent or Temporary. It sends one
    message whole or not at all, never cuts words (Limits were kept), and never interprets them as markup.
    """

    @property
    def account(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def lane_limits(self) -> LaneLimits: ...
    @property
    def acknowledges(self) -> bool:
        """Whether a press waits for `acknowledge`; else it is answered with its event, or by nothing."""
        ...

    async def start(self, receive: Receive) -> None:
        """Begin to hand in events."""
        ...

    async def stop(self) -> None:
        """Take no more events; those in hand end."""
        ...

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        """Send one message. `id` is the ledger row's, for channels that can name it (idempotence, resume)."""
        ...

    async def typing(self, address: Address) -> None: ...
    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """Whether `send` of this row will put the message in the place of the question.

        Then the question needs no `close`. Asked at most once a row, before it is sent.
        """
        ...

    async def close(self, address: Address, close: Close) -> None:
        """Close an answered question; a channel without edits does nothing."""
        ...

    async def delete(self, address: Address, ref: str) -> None:
        """Delete a message of the customer, where the channel can."""
        ...

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        """Answer a press at the channel (Telegram's callback answer), with or without words."""
        ...


@runtime_checkable
class Fetches(Protocol):
    """A channel that keeps the files people send, and hands them over by their reference."""

    async def fetch(self, ref: str, most: int) -> bytes:
        """The bytes of a file (`FileIn.ref`), at most `most`. Raises Permanent or Temporary."""
        ...


Render = Callable[[str, DocumentRef, str], Awaitable[Document]]
"""(brand, document, locale) → the document as it stands now; raises Permanent if it is gone."""

__all__ = [
    "Channel", "Close", "Fetches", "LaneLimits", "Ledger", "Level", "Posted", "PressedNotice", "Read",
    "Receive", "Render", "Settled", "State", "Storage", "Turn", "Visitor", "Write",
]  # fmt: skip
