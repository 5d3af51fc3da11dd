"""A counter's database without its machine: transactions to try the nouns of storage in."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing

from bot.core.brand import Brand
from bot.core.message import JSON, Address, Mail, Notice
from bot.core.ports import Level, Visitor, Write
from storage.tables import address, audit, audit_body, message, message_body

R = TypeVar("R")
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@dataclass
class Tx:
    """A `Write` over one connection."""

    connection: Connection
    brand: Brand
    now: datetime
    visitor: Visitor | None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.brand.zone).date()

    def all(self, statement: Any, /) -> Sequence[Any]:
        return self.connection.execute(statement).all()

    def one(self, statement: Any, /) -> Any | None:
        return self.connection.execute(statement).first()

    def scalar(self, statement: Any, /) -> Any | None:
        return self.connection.execute(statement).scalar()

    def run(self, statement: Any, /) -> Sequence[Any]:
        done = self.connection.execute(statement)
        return done.all() if done.returns_rows else ()

    def audit(self, what: str, subject: str, *, before: JSON = None, after: JSON = None) -> None:
        who = self.visitor
        ((id,),) = self.run(
            insert(audit)
            .values(
                brand=self.brand.id, at=self.now, what=what, subject=subject,
                person=who.person if who else None, customer=who.customer if who else None,
                address=who.address if who else None,
            )
            .returning(audit.c.id)
        )  # fmt: skip
        if before is not None or after is not None:
            self.run(insert(audit_body).values(audit=id, before=before, after=after))

    def post(
        self,
        body: Mail | Notice,
        *,
        dedup: str,
        address: int | None = None,
        subject: str = "",
        due: datetime | None = None,
        repeatable: bool = True,
    ) -> int | None:
        rows = self.run(
            insert_or_nothing(message)
            .values(
                kind="mail" if isinstance(body, Mail) else "notice", brand=self.brand.id,
                lane="mail", dedup=dedup, address=address, subject=subject, state="queued",
                repeatable=repeatable, due_at=due or self.now, created_at=self.now,
            )
            .on_conflict_do_nothing()
            .returning(message.c.id)
        )  # fmt: skip
        if not rows:
            return None
        self.run(insert(message_body).values(message=rows[0].id, body=body.dump()))
        return int(rows[0].id)

    def secret(self, purpose: str, id: int, length: int) -> str:
        number = int.from_bytes(self._mac(f"{purpose}:{id}"))
        return f"{number % 10**length:0{length}}"

    def keyed_hash(self, purpose: str, text: str) -> str:
        return self._mac(f"hash:{purpose}:{text}").hex()

    def _mac(self, text: str) -> bytes:
        return hmac.digest(b"a key of the tests alone", text.encode(), "sha256")


class Desk:
    """Turns, one after the other, with a clock that only moves when told."""

    def __init__(self, engine: Engine, brand: Brand, now: datetime = START) -> None:
        self.engine = engine
        self.brand = brand
        self.now = now
        self.visitor: Visitor | None = None

    def turn(self, action: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """One transaction: the action done and committed, the visitor then looked up again."""
        with self.begin() as tx:
            done = action(tx, *args, **kwargs)
        if self.visitor:
            self.visit(self.visitor.at.chat, phone=self.visitor.phone)
        return done

    @contextmanager
    def begin(self) -> Iterator[Write]:
        with self.engine.begin() as connection:
            yield Tx(connection, self.brand, self.now, self.visitor)

    def rows(self, statement: Any) -> Sequence[Any]:
        with self.engine.begin() as connection:
            return connection.execute(statement).all()

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def visit(self, chat: str = "ana", *, phone: str | None = None) -> Visitor:
        """Come in as whoever is at a chat, new or known."""
        at = Address("web", chat)
        with self.engine.begin() as connection:
            connection.execute(
                insert_or_nothing(address)
                .values(account=at.account, chat=chat, brand=self.brand.id, created_at=self.now)
                .on_conflict_do_nothing()
            )
            row = connection.execute(
                select(address).where(address.c.account == "web", address.c.chat == chat)
            ).one()
        verified = row.verified_until is not None and row.verified_until > self.now
        fresh = verified and row.fresh_until is not None and row.fresh_until > self.now
        level = Level.FRESH if fresh else Level.VERIFIED if verified else Level.STRANGER
        self.visitor = Visitor(
            row.id, at, level, row.person if verified else None,
            row.customer if verified else None, locale=row.locale, phone=phone,
        )  # fmt: skip
        return self.visitor

    def with_brand(self, **changes: Any) -> None:
        self.brand = replace(self.brand, **changes)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every statement executed meanwhile, as the database was given it."""
        seen = list[str]()

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(self.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.engine, "before_cursor_execute", note)
