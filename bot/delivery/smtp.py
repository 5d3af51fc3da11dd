"""Mail servers: which account sends what, one connection kept for each, and what refusals mean."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import structlog

from bot.core.errors import DeliveryError
from bot.core.ports import LaneLimits
from bot.delivery.alarms import Alarms
from bot.delivery.backoff import Backoff
from bot.delivery.compose import Envelope
from bot.delivery.connection import AccountFault, Connection

log = structlog.get_logger("delivery")

Purpose = Literal["invoices", "codes", "other"]
Security = Literal["starttls", "tls", "none"]

PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
"""RFC 8314 for the first two, RFC 5321 for the last."""

UNREACHABLE = Backoff(
    pause=timedelta(seconds=2),
    step=timedelta(seconds=4),
    longest=timedelta(minutes=2),
    patience=timedelta.max,
)
"""An account whose server does not answer is tried again soon: codes wait for it."""
REFUSED = Backoff(
    pause=timedelta(seconds=30),
    step=timedelta(minutes=1),
    longest=timedelta(minutes=15),
    patience=timedelta.max,
)
"""An account that is refused (login, TLS, sender) is tried seldom: servers lock who insists."""


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """An account at a mail server, as the operator registered it.

    `security="none"` sends everything, the password too, in clear: for a relay on this machine.
    Raises ValueError if it has no name, host or sender.
    """

    name: str
    host: str
    sender: str
    """The From address; its domain stands in Message-IDs and in EHLO."""
    sender_name: str = ""
    """Shown with the address; empty: the brand's name."""
    port: int = 0
    """0: the usual one of `security`."""
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    purposes: frozenset[Purpose] = frozenset()
    """What this account sends: invoices, codes, other. What no account names goes by the default."""
    default: bool = False
    limits: LaneLimits = field(default_factory=lambda: LaneLimits(per_second=5.0, burst=20))
    """Of each purpose it sends: mails of a purpose are one lane."""
    timeout: float = 30.0
    """Seconds for connecting, and for each answer of the server."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's (a server of one's own)."""
    idle_close: float = 20.0
    """Seconds after which an unused connection is closed."""

    def __post_init__(self) -> None:
        if not (self.name and self.host and "@" in self.sender):
            raise ValueError("an SMTP account needs a name, a host and a sender address")

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


class Mailer:
    """The SMTP accounts, each with one connection and a pause of its own when it is in trouble.

    While an account is in trouble (server away, TLS or login refused) its mails are kept: nothing
    is tried until `ready_at`, and the operator is told by an alarm once.
    """

    def __init__(
        self,
        accounts: Sequence[SmtpAccount],
        *,
        alarms: Alarms,
        clock: Callable[[], datetime],
        rng: random.Random,
    ) -> None:
        """Raises ValueError: no account, a name twice, a purpose with two accounts, or with several
        accounts not exactly one default."""
        _check(accounts)
        self._accounts = {account.name: account for account in accounts}
        self._default = next((a for a in accounts if a.default), accounts[0])
        self._by_purpose = {p: account for account in accounts for p in account.purposes}
        self._connections = {a.name: Connection(a) for a in accounts}
        self._queues = {a.name: asyncio.Lock() for a in accounts}
        self._troubles: dict[str, _Trouble] = {}
        self._alarms = alarms
        self._clock = clock
        self._rng = rng

    @property
    def accounts(self) -> Mapping[str, SmtpAccount]:
        """By name."""
        return self._accounts

    def account_for(self, purpose: Purpose) -> SmtpAccount:
        """The account that sends a purpose (REQUIREMENTS 3.9), or the default one."""
        return self._by_purpose.get(purpose, self._default)

    def ready_at(self, account: SmtpAccount) -> datetime | None:
        """Until when an account in trouble is left alone; None: it may be used now."""
        trouble = self._troubles.get(account.name)
        return trouble.until if trouble and trouble.until > self._clock() else None

    async def send(self, account: SmtpAccount, envelope: Envelope) -> None:
        """Hand one mail to the server; returns when the server has accepted it.

        Raises:
            Permanent: bad_address (with flag) · too_large · refused.
            Temporary: timeout · disconnected · deferred · mailbox_full.
            AccountFault: unreachable · deferred · login_refused · tls_refused · sender_refused;
                the account rests, and an alarm stands.
        """
        await self._attempt(account, lambda connection: connection.send(envelope))

    async def probe(self, account: SmtpAccount) -> None:
        """Connect, secure, log in and close, as `balcao check` and the hourly look at the server do.

        Raises what `send` raises of an account in trouble.
        """
        await self._attempt(account, Connection.probe, though_resting=True)

    async def close(self) -> None:
        """Say goodbye to every server."""
        for connection in self._connections.values():
            await connection.close()

    async def _attempt(
        self,
        account: SmtpAccount,
        work: Callable[[Connection], Awaitable[None]],
        *,
        though_resting: bool = False,
    ) -> None:
        # One by one: when the first finds the server away, those behind it need not knock.
        async with self._queues[account.name]:
            trouble, now = self._troubles.get(account.name), self._clock()
            if trouble and trouble.until > now and not though_resting:
                raise AccountFault(trouble.code, after=trouble.until - now)
            try:
                await work(self._connections[account.name])
            except AccountFault as error:
                raise self._rest(account, error, now) from error
            except DeliveryError:
                self._recovered(account)  # it answered, so the account itself is well
                raise
            self._recovered(account)

    def _rest(self, account: SmtpAccount, error: AccountFault, now: datetime) -> AccountFault:
        before = self._troubles.get(account.name)
        times = before.times + 1 if before else 1
        delays = UNREACHABLE if error.code in ("unreachable", "deferred") else REFUSED
        delay = delays.delay(times, error.after, self._rng)
        self._troubles[account.name] = _Trouble(error.code, times, now + delay)
        where = f"{account.host}:{account.port or PORTS[account.security]}"
        self._alarms.begin(f"smtp:{account.name}", f"{error.code} at {where}: {error.detail}")
        return AccountFault(error.code, error.detail, after=delay)

    def _recovered(self, account: SmtpAccount) -> None:
        if self._troubles.pop(account.name, None):
            self._alarms.end(f"smtp:{account.name}")


@dataclass(frozen=True, slots=True)
class _Trouble:
    code: str
    times: int
    until: datetime


def _check(accounts: Sequence[SmtpAccount]) -> None:
    if not accounts:
        raise ValueError("a mailer needs an SMTP account")
    names = [account.name for account in accounts]
    if len(set(names)) < len(names):
        raise ValueError("two SMTP accounts have one name")
    purposes = [purpose for account in accounts for purpose in account.purposes]
    if len(set(purposes)) < len(purposes):
        raise ValueError("two SMTP accounts send one purpose")
    if len(accounts) > 1 and sum(account.default for account in accounts) != 1:
        raise ValueError("of several SMTP accounts one must be the default")
