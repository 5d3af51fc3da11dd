"""Who is at an address and where they stand: found, made, locked and saved."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.brand import Brand
from bot.core.errors import StaleSession
from bot.core.message import JSON, Address, Inbound
from bot.core.ports import Level, Visitor
from bot.core.render import offered_locale
from bot.core.session import Session
from storage.begun import Begun
from storage.posting import replies_queued
from storage.prepared import Prepared
from storage.tables import address, inbound, session


def _lock() -> Any:
    # One turn at a time for an address: those that race for it wait here instead of failing later.
    return func.pg_advisory_xact_lock(func.hashtextextended(bindparam("at"), text("0")))


def _record(dialect: str) -> Any:
    # The lock comes with the row, so that the statement after it sees what the last turn left.
    seen = (
        insert(inbound)
        .values(account=bindparam("account"), event=bindparam("event"), at=bindparam("now"))
        .on_conflict_do_nothing()
    )
    return seen.returning(_lock() if dialect == "postgresql" else literal(1))


def _found() -> Select[Any]:
    a, s = address.c, session.c
    waits = select(literal(1)).where(replies_queued(a.id)).exists()
    return select(
        a.id, a.account, a.chat, a.brand, a.person, a.customer, a.all_companies, a.verified_until, a.fresh_until,
        a.phone, a.name, a.locale, a.bad, s.revision, s.data, s.seen_at, waits,
    ).join_from(address, session, s.address == a.id, isouter=True)  # fmt: skip


_NEW_ADDRESS = ("account", "chat", "brand", "phone", "name", "locale", "created_at")
_RECORD = Prepared(_record)
_LOCK = Prepared(lambda _dialect: select(_lock()))
_AT = Prepared(
    lambda _dialect: _found().where(
        address.c.account == bindparam("account"), address.c.chat == bindparam("chat")
    )
)
_BY_ID = Prepared(lambda _dialect: _found().where(address.c.id == bindparam("id")))
_BORN = Prepared(
    lambda _dialect: (
        insert(address)
        .values({name: bindparam(name) for name in _NEW_ADDRESS})
        .on_conflict_do_nothing()
    )
)
_TOLD = ("phone", "name", "locale", "bad")
_TELL = Prepared(
    lambda _dialect: (
        update(address)
        .where(address.c.id == bindparam("at"))
        .values({name: bindparam(name) for name in _TOLD})
    )
)
_SAVE_NEW = Prepared(
    lambda _dialect: (
        insert(session)
        .values(
            address=bindparam("at"), revision=1, data=bindparam("data"), seen_at=bindparam("now")
        )
        .on_conflict_do_nothing()
        .returning(session.c.revision)
    )
)
_SAVE = Prepared(
    lambda _dialect: (
        update(session)
        .where(session.c.address == bindparam("at"), session.c.revision == bindparam("was"))
        .values(revision=bindparam("will_be"), data=bindparam("data"), seen_at=bindparam("now"))
        .returning(session.c.revision)
    )
)


class Found(NamedTuple):
    """An address with its session, as one row brings them."""

    id: int
    account: str
    chat: str
    brand: str
    person: int | None
    customer: int | None
    all_companies: bool
    verified_until: datetime | None
    fresh_until: datetime | None
    phone: str | None
    name: str | None
    locale: str | None
    bad: str | None
    revision: int | None
    data: JSON
    seen_at: datetime | None
    waits: bool
    """A reply of an earlier turn is still queued."""

    def visitor(self, now: datetime) -> Visitor:
        """Who that is at this instant: person and customer only while the proof lasts."""
        level = Level.STRANGER
        if self.person is not None and self.verified_until and self.verified_until > now:
            fresh = self.fresh_until is not None and self.fresh_until > now
            level = Level.FRESH if fresh else Level.VERIFIED
        proved = level is not Level.STRANGER
        return Visitor(
            address=self.id,
            at=Address(self.account, self.chat),
            level=level,
            person=self.person if proved else None,
            customer=self.customer if proved else None,
            name=self.name,
            locale=self.locale,
            phone=self.phone,
            all_companies=proved and bool(self.all_companies),
        )

    def session(self) -> Session:
        """Where they stand; a new session if there is none yet."""
        if self.revision is None:
            return Session(self.id)
        return Session.load(self.id, self.revision, self.seen_at, self.data)


def record(begun: Begun, event: Inbound) -> bool:
    """Note the event's id; False if it was noted before. On PostgreSQL it also locks the address."""
    where = event.address
    values = {"account": where.account, "event": event_id(event), "now": begun.now}
    return bool(begun.run(_RECORD, values | {"at": str(where)}))


def open_address(begun: Begun, brand: Brand, event: Inbound, *, locked: bool) -> Found:
    """The address of an event, made if new, with what the event tells about who is there."""
    where = event.address
    if begun.dialect == "postgresql" and not locked:
        begun.run(_LOCK, {"at": str(where)})
    key = {"account": where.account, "chat": where.chat}
    rows = begun.run(_AT, key)
    if not rows:
        new = key | {"brand": brand.id, "created_at": begun.now}
        begun.run(_BORN, {"phone": None, "name": None, "locale": None} | new | _told(event))
        rows = begun.run(_AT, key)
    found = Found(*rows[0])
    news = _news(found, brand, event)
    if not news:
        return found
    told = found._replace(**news)
    if "brand" in news:
        begun.execute(update(address).where(address.c.id == found.id).values(news))
    else:
        begun.run(_TELL, {"at": found.id} | {name: getattr(told, name) for name in _TOLD})
    return told


def find_address(begun: Begun, id: int) -> Found:
    """An address by its id. Raises LookupError."""
    rows = begun.run(_BY_ID, {"id": id})
    if not rows:
        raise LookupError("no such address")
    return Found(*rows[0])


def save(begun: Begun, state: Session) -> None:
    """Write a session if nobody else did since it was read; its revision moves on.

    Raises StaleSession.
    """
    values = {"at": state.address, "data": state.dump(), "now": begun.now}
    if state.revision == 0:
        saved = begun.run(_SAVE_NEW, values)
    else:
        changed = {"was": state.revision, "will_be": state.revision + 1}
        saved = begun.run(_SAVE, values | changed)
    if not saved:
        raise StaleSession
    state.revision += 1
    state.seen_at = begun.now


def event_id(event: Inbound) -> str:
    """The provider's id as it is stored: one that is too long, or no plain text, by its SHA-256."""
    if len(event.id) <= 150 and event.id.isprintable():
        return event.id
    return hashlib.sha256(event.id.encode(errors="surrogatepass")).hexdigest()


def _told(event: Inbound) -> dict[str, str]:
    """What an event says about who is there, in words that both databases take."""
    told = {
        "phone": event.phone,
        "name": event.name and event.name.encode(errors="replace").decode().replace("\0", ""),
        "locale": offered_locale(event.locale),
    }
    return {name: value for name, value in told.items() if value}


def _news(found: Found, brand: Brand, event: Inbound) -> dict[str, Any]:
    """What an event changes about a known address."""
    told = _told(event)
    if found.locale is not None:  # a language chosen stays, whatever the channel believes
        told.pop("locale", None)
    news: dict[str, Any] = {k: v for k, v in told.items() if getattr(found, k) != v}
    if found.bad is not None:  # whoever writes can be reached again
        news["bad"] = None
    if found.brand != brand.id:  # the account speaks for another brand now, which knows nobody yet
        news |= {"brand": brand.id, "person": None, "customer": None}
        news |= {"verified_until": None, "fresh_until": None, "all_companies": False}
    return news
