"""One process of the delivery on the real ledger: dispatcher, mail account, and a chat that only listens."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import (
    JSON,
    Address,
    Document,
    DocumentRef,
    Inbound,
    Limits,
    Mail,
    Notice,
    Outbound,
    Text,
)
from bot.core.ports import Posted, Turn
from bot.delivery.alarms import Alarms
from bot.delivery.dispatcher import Dispatcher, Pace
from bot.delivery.mails import Contents, MailDelivery
from bot.delivery.smtp import Mailer, SmtpAccount
from bot.delivery.templates import Templates
from storage.database import Database
from storage.tables import message
from tests.delivery.fakes import FakeChannel
from tests.fakes import Clock

ANA = Address("web", "ana")
SECOND_COPY = Mail(
    template="second-copy",
    to="ana@example.org",
    locale="pt_BR",
    purpose="invoices",
    sent=Notice(Text("It was sent.")),
    failed=Notice(Text("It could not be sent.")),
)


class Words:
    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> Sequence[Outbound]:
        return [Outbound(notice.text.source)]


VALUES: Mapping[str, JSON] = {
    "invoice_number": "2026-7", "due_on": date(2026, 11, 30), "state": "open",
    "amount": Decimal("99.90"), "total": Decimal("99.90"), "today": date(2026, 11, 20),
}  # fmt: skip


async def contents(posted: Posted) -> Contents:
    return Contents(VALUES)


async def render(brand: str, ref: DocumentRef, locale: str) -> Document:
    raise Permanent("gone")


class House:
    """One process: a dispatcher on its storage."""

    def __init__(
        self,
        storage: Database,
        brand: Brand,
        clock: Clock,
        port: int,
        *,
        unsubscribe: Callable[[Posted], str | None] | None = None,
        **how: Any,
    ) -> None:
        """`how` is of the mail account at `port`."""
        self.storage, self.brand, self.clock = storage, brand, clock
        self.chat, rng, self.alarms = FakeChannel(), random.Random(5), Alarms()
        usual = {"name": "main", "host": "127.0.0.1", "sender": "a@example.com"}
        account = SmtpAccount(**{**usual, "security": "none", "port": port, **how})
        brands = {brand.id: brand}
        self.mailer = Mailer([account], alarms=self.alarms, clock=clock, rng=rng)
        mails = MailDelivery(
            self.mailer,
            Templates(alarms=self.alarms),
            brands,
            contents,
            token=lambda id: f"seal{id}",
            clock=clock,
            unsubscribe=unsubscribe,
        )
        self.dispatcher = Dispatcher(
            storage.ledger, {"web": self.chat}, mails,
            brands=brands, words={brand.id: Words()}, render=render,
            notice_token=storage.keys.notice_token, clock=clock, rng=rng,
            pace=Pace(poll=3600.0, sweep=3600.0),
        )  # fmt: skip

    async def turn(self, event: str, *replies: str, mail: Mail | None = None) -> None:
        """Play a turn, hand its replies over, and wait for all that follows from it."""
        work = partial(played, event, replies, mail)
        self.dispatcher.deliver(await self.storage.play(self.brand.id, work))
        await self.dispatcher.idle()

    async def later(self, **time: float) -> None:
        self.clock.forward(**time)
        for lane in ("web", "mail:invoices"):
            self.dispatcher.wake(lane)
        await self.dispatcher.idle()

    async def states(self) -> list[tuple[str, str, str | None]]:
        """(kind, state, error) of every row."""
        statement = select(message.c.kind, message.c.state, message.c.error).order_by(message.c.id)
        rows = await self.storage.read(self.brand.id, lambda read: read.all(statement))
        return [(row.kind, row.state, row.error) for row in rows]


def played(event: str, replies: Sequence[str], mail: Mail | None, tx: Turn) -> Sequence[Posted]:
    """A turn that answers, and may mail something; an event that was played before does nothing."""
    inbound = Inbound(event, ANA, text="oi")
    if not tx.record(inbound):
        return ()
    visitor, session = tx.open(inbound)
    tx.forget_reply_queue()
    if mail:
        tx.post(replace(mail, tell=visitor.address), dedup=f"m:{event}", address=visitor.address)
    tx.save(session)
    return tx.reply([Outbound(each) for each in replies])
