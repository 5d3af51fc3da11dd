"""What flows and actions hold of a transaction: Reading to look, Transaction to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.brand import Brand
from bot.core.message import JSON, Call, Inbound, Mail, Notice, Outbound
from bot.core.ports import Posted, PressedNotice, Visitor
from bot.core.session import Session
from storage import posting, sessions
from storage.begun import Begun
from storage.keys import Keys
from storage.prepared import Bound, Prepared
from storage.tables import audit, audit_body, message, message_body

_AUDITED = ("what", "subject", "person", "customer", "address", "through", "staff")
_AUDIT = Prepared(
    lambda _dialect: (
        insert(audit)
        .values({name: bindparam(name) for name in _AUDITED})
        .values(brand=bindparam("of"), at=bindparam("now"))
        .returning(audit.c.id)
    )
)
_AUDIT_BODY = Prepared(
    lambda _dialect: insert(audit_body).values(
        audit=bindparam("id"), before=bindparam("was"), after=bindparam("is")
    )
)
_NOTICE = (
    select(message.c.id, message.c.address, message.c.used_at, message_body.c.body)
    .join_from(message, message_body)
    .where(message.c.kind == "notice")
)


def _pressed(row: Any) -> PressedNotice:
    return PressedNotice(row.id, Notice.load(row.body), row.address, row.used_at is not None)


class Reading:
    """A transaction to look with (`Read`)."""

    __slots__ = ("_begun", "_today", "brand")

    def __init__(self, begun: Begun, brand: Brand) -> None:
        self._begun = begun
        self._today: date | None = None
        self.brand = brand

    @property
    def now(self) -> datetime:
        return self._begun.now

    @property
    def today(self) -> date:
        if self._today is None:
            self._today = self._begun.now.astimezone(self.brand.zone).date()
        return self._today

    def all(self, statement: Any, /) -> Sequence[Any]:
        """Every row. Raises TypeError for a statement that would change something."""
        if type(statement) is Bound:
            return self._begun.look(statement)
        if getattr(statement, "is_dml", False):
            raise TypeError("a change needs Write.run, inside chat.do")
        return self._begun.execute(statement).all()

    def one(self, statement: Any, /) -> Any | None:
        rows = self.all(statement)
        return rows[0] if rows else None

    def scalar(self, statement: Any, /) -> Any | None:
        row = self.one(statement)
        return None if row is None else row[0]


class Transaction(Reading):
    """A transaction to change with (`Write`), and the whole of one inbound event's (`Turn`)."""

    __slots__ = (
        "_event", "_keys", "_locked", "_owner", "_replies", "_token", "_waits", "staff", "visitor",
    )  # fmt: skip

    def __init__(
        self, begun: Begun, brand: Brand, *, keys: Keys, owner: str, token: Callable[[], str]
    ) -> None:
        super().__init__(begun, brand)
        self.visitor: Visitor | None = None
        self.staff: str | None = None
        self._keys = keys
        self._owner = owner
        self._token = token
        self._event: str | None = None
        self._replies = 0
        self._locked: str | None = None
        self._waits = True

    # -------------------------------------------------------------- Write

    def run(self, statement: Any, /) -> Sequence[Any]:
        result = self._begun.execute(statement)
        return result.all() if result.returns_rows else ()

    def audit(self, what: str, subject: str, *, before: JSON = None, after: JSON = None) -> None:
        who = self.visitor
        ((id,),) = self._begun.run(
            _AUDIT,
            {
                "of": self.brand.id, "now": self.now, "what": what, "subject": subject,
                "person": who and who.person, "customer": who and who.customer,
                "address": who and who.address, "through": who and who.at.account,
                "staff": self.staff,
            },
        )  # fmt: skip
        if before is not None or after is not None:
            self._begun.run(_AUDIT_BODY, {"id": id, "was": before, "is": after})

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
        return posting.post(
            self._begun,
            self.brand.id,
            body,
            dedup=dedup,
            address_id=address,
            subject=subject,
            due=due,
            repeatable=repeatable,
        )

    def secret(self, purpose: str, id: int, length: int) -> str:
        return self._keys.digits(purpose, id, length)

    def keyed_hash(self, purpose: str, text: str) -> str:
        return self._keys.hash(purpose, text)

    # -------------------------------------------------------------- Turn

    def act_as(self, staff: str) -> None:
        self.staff = staff

    def record(self, event: Inbound) -> bool:
        recorded = sessions.record(self._begun, event)
        if recorded:
            self._event = f"{event.address.account}/{sessions.event_id(event)}"
            self._locked = str(event.address)
        return recorded

    def open(self, event: Inbound) -> tuple[Visitor, Session]:
        found = sessions.open_address(
            self._begun, self.brand, event, locked=self._locked == str(event.address)
        )
        self.visitor, self._waits = found.visitor(self.now), found.waits
        return self.visitor, found.session()

    def reopen(self) -> Visitor:
        found = sessions.find_address(self._begun, self._here().address)
        self.visitor = found.visitor(self.now)
        return self.visitor

    def save(self, session: Session) -> None:
        sessions.save(self._begun, session)

    def reply(self, messages: Sequence[Outbound]) -> Sequence[Posted]:
        turn = self._event or self._token()
        first = self._replies
        self._replies += len(messages)
        return posting.reply(
            self._begun,
            self.brand.id,
            self._here(),
            messages,
            dedups=[f"reply:{turn}:{first + n}" for n in range(len(messages))],
            owner=self._owner,
        )

    def notice(self, token: str) -> PressedNotice | None:
        id = self._keys.notice_id(token)
        if id is None:
            return None
        row = self.one(_NOTICE.where(message.c.id == id, message.c.brand == self.brand.id))
        return None if row is None else _pressed(row)

    def recent_notices(self, since: datetime, most: int) -> Sequence[PressedNotice]:
        rows = self.all(
            _NOTICE.where(
                message.c.address == self._here().address,
                message.c.brand == self.brand.id,
                message.c.created_at >= since,
            )
            .order_by(message.c.id.desc())
            .limit(most)
        )
        return [found for row in rows if (found := _pressed(row)).notice.buttons]

    def use_notice(self, id: int) -> bool:
        used = self.run(
            update(message)
            .where(message.c.id == id, message.c.used_at.is_(None))
            .values(used_at=self.now)
            .returning(message.c.id)
        )
        return bool(used)

    def forget_reply_queue(self) -> None:
        if self._waits:
            posting.forget_queued_replies(self._begun, self._here().address)

    def _here(self) -> Visitor:
        if self.visitor is None:
            raise LookupError("open the address first")
        return self.visitor
