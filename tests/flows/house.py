"""The whole house, wired as it runs, with doors and a post office that the tests look into."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from bot.app import App, build
from bot.core.brand import Brand
from bot.core.errors import DeliveryError, Permanent
from bot.core.message import Address, Document, Inbound, Limits, Outbound
from bot.core.ports import Close, LaneLimits, Read, Receive, Turn
from bot.delivery.compose import Envelope
from bot.delivery.smtp import Mailer, SmtpAccount
from bot.settings import BrandSettings, Settings
from storage.database import open_database
from tests.fakes import Clock, Tokens

R = TypeVar("R")

SERVER_KEY = "a key for tests alone, of 40 characters."
BUTTONS = Limits(
    buttons=30,
    details=True,
    page=8,
    copy=4096,
    files_out=10**7,
    edits=True,
    receipts=True,
    typing=True,
)
LISTS = Limits(buttons=3, button_label=20, list_rows=10, page=6, files_out=10**7)
NUMBERS = Limits(page=8, files_out=10**7)
CONTACT = Limits(buttons=30, page=8, files_out=10**7, edits=True, deletes=True, contact=True)
DOORS = {"web": BUTTONS, "lists": LISTS, "text": NUMBERS, "phone": CONTACT}
"""The three looks, and one that proves phones."""
FILES = {"tg-file-1": b"%PDF-1.4 a receipt"}


@dataclass
class Door:
    """A channel that keeps what it was handed."""

    account: str
    brand: str
    limits: Limits
    lane_limits: LaneLimits = field(default_factory=lambda: LaneLimits(1000.0, 1000))
    acknowledges: bool = False
    came: list[tuple[Address, Outbound, Document | None]] = field(default_factory=list)
    closed: list[Close] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    files: dict[str, bytes | DeliveryError] = field(default_factory=lambda: dict(FILES))
    """What people sent and the channel keeps, by reference."""

    async def start(self, receive: Receive) -> None: ...

    async def stop(self) -> None: ...

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        self.came.append((address, message, document))
        return f"out-{id}"

    async def typing(self, address: Address) -> None: ...

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """Every question stays, to be looked at."""
        return False

    async def close(self, address: Address, close: Close) -> None:
        self.closed.append(close)

    async def delete(self, address: Address, ref: str) -> None:
        self.deleted.append(ref)

    async def acknowledge(self, event: Inbound, words: str | None) -> None: ...

    async def fetch(self, ref: str, most: int) -> bytes:
        found = self.files.get(ref, Permanent("gone"))
        if isinstance(found, DeliveryError):
            raise found
        return found


class PostOffice(Mailer):
    """A mail server that is told when to open, and what to refuse."""

    def __init__(self, accounts: Sequence[SmtpAccount], **how: Any) -> None:
        super().__init__(accounts, **how)
        self.mails = list[EmailMessage]()
        self.envelopes = list[tuple[SmtpAccount, Envelope]]()
        self.refusal: DeliveryError | None = None
        self.opened = False

    def ready_at(self, account: SmtpAccount) -> datetime | None:
        return None if self.opened else self._clock() + timedelta(minutes=1)

    async def send(self, account: SmtpAccount, envelope: Envelope) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.envelopes.append((account, envelope))
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))


class House:
    """One process of the counter; every call runs until nothing is left to be done."""

    def __init__(
        self,
        url: str,
        brand: Brand,
        clock: Clock,
        *,
        doors: Mapping[str, Limits] = DOORS,
        templates: Path | None = None,
    ) -> None:
        self.brand = brand
        self.clock = clock
        self.doors = {name: Door(name, brand.id, limits) for name, limits in doors.items()}
        self._runner = asyncio.Runner()
        self._early: dict[str, int] | None = None
        self._taken: dict[Address, int] = {}
        self._side_by_side = url.startswith("postgresql")
        """Whether a turn and an outcome may be written at once."""
        settings = Settings(
            brands=(BrandSettings(id=brand.id, name=brand.name),),
            channels=(),
            database={"url": url},
            mail={"templates_dir": templates},
            server_key=SERVER_KEY,
        )
        accounts = [
            SmtpAccount("bills", "mail.example.com", "faturas@example.com", purposes=frozenset({"invoices"})),
            SmtpAccount("rest", "mail.example.com", "ola@example.com", default=True),
        ] if brand.has("mail") else []  # fmt: skip
        # On PostgreSQL each thread has a connection, which costs more than all that is asked of it.
        few = partial(open_database, threads=2, readers=1)
        with patch("bot.app.Mailer", self._post_office), patch("bot.app.open_database", few):
            self.app: App = build(
                settings,
                clock=clock,
                rng=random.Random(1),
                new_token=Tokens(),
                channels=list(self.doors.values()),
                brands={brand.id: brand},
                accounts=accounts,
            )
        self._runner.run(self.app.dispatcher.start())

    def _post_office(self, *args: Any, **how: Any) -> PostOffice:
        self.post = PostOffice(*args, **how)
        return self.post

    def close(self) -> None:
        self._runner.run(self.app.stop())
        self._runner.close()

    # -------------------------------------------------------------- what happens

    def hears(self, event: Inbound) -> list[tuple[Outbound, Document | None]]:
        """One event; what came out at its address until all was quiet again."""
        return self._until_quiet(self.app.counter.receive(event), event.address)

    def mail_goes(self, at: Address) -> list[tuple[Outbound, Document | None]]:
        """The mail server opens for a moment; what came out at an address."""
        return self._until_quiet(self._mail_goes(), at)

    def idles(self) -> None:
        """Until nothing is left to be done."""
        self._early = None
        self._runner.run(self.app.dispatcher.idle())

    def _until_quiet(self, what: Any, at: Address) -> list[tuple[Outbound, Document | None]]:
        door = self.doors[at.account]
        before = max(self._arrivals()[door.account], self._taken.get(at, 0))
        self._early = None

        async def happens() -> None:
            came = self._counts()
            await what
            while True:
                await self.app.dispatcher.idle()
                await self.app.counter.stop()
                busy = [name for name, count in self._counts().items() if count > came[name]]
                if not (busy and self._side_by_side):
                    return
                # Posted while another thread settled a message of that address, one may have been
                # left to the lane's next look, a moment later.
                came = self._counts()
                for name in busy:
                    self.app.dispatcher.wake(name)

        self._runner.run(happens())
        return [(message, file) for to, message, file in door.came[before:] if to == at]

    def _arrivals(self) -> dict[str, int]:
        """How many messages each door had been handed when the lanes last ran to their end.

        A lane may be quick enough to send what something beside the conversation posted before that
        returns: it is heard as if the lane had run with what is said next, as it usually does.
        """
        return self._early or self._counts()

    def _counts(self) -> dict[str, int]:
        return {name: len(door.came) for name, door in self.doors.items()}

    def came_to(self, at: Address) -> list[Outbound]:
        """All that ever came to an address; none of it will be heard with what is said next."""
        door = self.doors[at.account]
        self._taken[at] = len(door.came)
        return [message for to, message, _file in door.came if to == at]

    async def _mail_goes(self) -> None:
        self.post.opened = True
        for lane in ("mail:invoices", "mail:codes", "mail:other"):
            self.app.dispatcher.wake(lane)
        await self.app.dispatcher.idle()
        self.post.opened = False

    # -------------------------------------------------------------- what there is

    def writes(self, work: Callable[[Turn], R]) -> R:
        """Something done beside the conversation: an import, a payment."""
        self._early = self._arrivals()
        return self._runner.run(self.app.database.play(self.brand.id, work))

    def reads(self, work: Callable[[Read], R]) -> R:
        return self._runner.run(self.app.database.read(self.brand.id, work))

    def rows(self, statement: Any) -> list[Any]:
        return list(self.reads(lambda read: read.all(statement)))


@contextmanager
def open_house(url: str, brand: Brand, clock: Clock, **more: Any) -> Any:
    house = House(url, brand, clock, **more)
    try:
        yield house
    finally:
        house.close()
