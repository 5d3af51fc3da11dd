"""Small stories that the tests of storage tell: something is said, a counter counts it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, create_engine, func, make_url, select
from sqlalchemy.pool import NullPool

from bot.core.message import Address, Inbound, Mail, Notice, Outbound, _
from bot.core.ports import LaneLimits, Posted, Read, Turn
from bot.core.session import Run
from storage.database import Database
from storage.tables import inbound, message

HERE = Address("web", "somebody")
BRAND = "curral"


def said(id: str, text: str = "oi", *, at: Address = HERE, **more: Any) -> Inbound:
    return Inbound(id=id, address=at, text=text, **more)


def count_up(event: Inbound) -> Callable[[Turn], int | None]:
    """A turn that counts in the session, and answers; None for a repeat."""

    def work(tx: Turn) -> int | None:
        if not tx.record(event):
            return None
        _visitor, session = tx.open(event)
        run = session.run or Run("r", "counting", answers={"n": 0})
        run.answers["n"] += 1
        session.stack = [run]
        tx.reply([Outbound(f"{run.answers['n']}")])
        tx.save(session)
        return int(run.answers["n"])

    return work


def answer(event: Inbound, *texts: str) -> Callable[[Turn], list[Posted]]:
    """A turn that answers these texts."""

    def work(tx: Turn) -> list[Posted]:
        tx.record(event)
        tx.open(event)
        return list(tx.reply([Outbound(text) for text in texts]))

    return work


def counted(at: Address = HERE) -> Callable[[Turn], int]:
    """What the session of an address has counted to."""

    def work(tx: Turn) -> int:
        _visitor, session = tx.open(said("look", at=at))
        return int(session.run.answers["n"]) if session.run else 0

    return work


def notice(words: str = "The bill is due.") -> Notice:
    return Notice(_(words))


def mail(to: str = "ana@example.com", **more: Any) -> Mail:
    return Mail(template="second-copy", to=to, locale="pt_BR", **more)


async def post_notices(
    storage: Database, count: int, *, at: Address = HERE, key: str = "n"
) -> list[int]:
    """Queue notices for an address; their ids."""

    def work(tx: Turn) -> list[int]:
        visitor, _session = tx.open(said("open", at=at))
        ids = [
            tx.post(notice(f"Notice {n}"), dedup=f"{key}:{at}:{n}", address=visitor.address)
            for n in range(count)
        ]
        return [id for id in ids if id is not None]

    return await storage.play(BRAND, work)


async def reply(storage: Database, text: str = "hello", event: str = "e1") -> Posted:
    """Say something; the reply is on its way."""
    ((posted),) = await storage.play(BRAND, answer(said(event), text))
    return posted


async def send_mail(storage: Database, **more: Any) -> Posted:
    """Post a mail and claim it; it is on its way."""

    def work(tx: Turn) -> None:
        visitor, _session = tx.open(said("open"))
        settings: dict[str, Any] = {"dedup": "m", "address": visitor.address} | more
        tx.post(mail(), **settings)

    await storage.play(BRAND, work)
    (posted,) = await storage.ledger.claim("mail:other", LaneLimits(), 10)
    return posted


async def states(storage: Database) -> list[str]:
    """The states of all messages, oldest first."""
    rows = await storage.read(
        BRAND, lambda read: read.all(select(message.c.state).order_by(message.c.id))
    )
    return [row.state for row in rows]


async def only_message(storage: Database) -> Any:
    """The one row of the ledger."""
    (row,) = await storage.read(BRAND, lambda read: read.all(select(message)))
    return row


async def events(storage: Database) -> int:
    """How many events were recorded."""

    def work(read: Read) -> int:
        return int(read.scalar(select(func.count()).select_from(inbound)) or 0)

    return await storage.read(BRAND, work)


def directly(url: str) -> Connection:
    """A connection past the storage under test, as another program would have it."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return create_engine(where, poolclass=NullPool).connect()
    return create_engine(where.set(drivername="postgresql+psycopg"), poolclass=NullPool).connect()


class Gate:
    """Work that holds its storage thread until it is let go, so that others queue up behind it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def __call__(self, tx: Turn) -> None:
        self.entered.set()
        if not self._open.wait(30):
            raise TimeoutError

    def let_go(self) -> None:
        self._open.set()
