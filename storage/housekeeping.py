"""What is not kept: answers of resting sessions, old event ids, codes and pauses that ran out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, literal_column, or_, select, tuple_, update

from bot.core.session import ERASE_AFTER, REST_AFTER, Session
from storage.begun import Begun
from storage.database import Database
from storage.tables import (
    code,
    contact_change,
    contact_proof,
    inbound,
    received_file,
    received_file_body,
    session,
    throttle,
)

INBOUND_KEPT = timedelta(days=30)
"""Longer than any provider delivers an event again."""
CODES_KEPT = timedelta(days=1)
"""After they ran out."""
CHANGES_KEPT = timedelta(days=7)
"""Of contacts, after they could be undone: whoever opens the link late is told so. The audit stays."""
PAUSES_KEPT = timedelta(days=2)
"""After the last try and the last pause; longer than any allowance remembers."""
UPLOADS_KEPT = timedelta(days=1)
"""That no question has taken."""
CHUNK = 500
"""Rows a transaction, so that turns go on in between and no lock is held for long."""
UPLOADS = 5
"""The same of rows with up to 10 MiB each."""


async def erase_stale(database: Database, now: datetime) -> Mapping[str, int]:
    """Erase what need not be kept at `now`; how many rows of each table it was."""
    steps: dict[str, Callable[[Begun], int]] = {
        "session": lambda begun: _erase_answers(begun, now - REST_AFTER - ERASE_AFTER),
        "inbound": lambda begun: _forget_events(begun, now - INBOUND_KEPT),
        "code": lambda begun: _drop(begun, code.c.id, code.c.expires_at < now - CODES_KEPT),
        "contact_proof": lambda begun: _drop(
            begun, contact_proof.c.id, contact_proof.c.created_at < now - CODES_KEPT
        ),
        "contact_change": lambda begun: _drop(
            begun, contact_change.c.id, contact_change.c.until < now - CHANGES_KEPT
        ),
        "throttle": lambda begun: _drop(begun, throttle.c.key, _ran_out(now - PAUSES_KEPT)),
        "received_file": lambda begun: _drop_uploads(begun, now - UPLOADS_KEPT),
    }
    erased = dict.fromkeys(steps, 0)
    for name, step in steps.items():
        while rows := await database.maintain(step):
            erased[name] += rows
    return erased


def _erase_answers(begun: Begun, seen_before: datetime) -> int:
    """Where people stood is forgotten, that they were greeted is not; NULL marks what is done."""
    stale = begun.execute(
        select(session.c.address, session.c.revision, session.c.data)
        .where(session.c.seen_at < seen_before)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    for row in stale:
        empty = Session(row.address, greeted=row.data["greeted"])
        begun.execute(
            update(session)
            .where(session.c.address == row.address, session.c.revision == row.revision)
            .values(data=empty.dump(), seen_at=None, revision=row.revision + 1)
        )
    return len(stale)


def _forget_events(begun: Begun, before: datetime) -> int:
    key = tuple_(inbound.c.account, inbound.c.event)
    old = select(inbound.c.account, inbound.c.event).where(inbound.c.at < before).limit(CHUNK)
    return len(begun.execute(delete(inbound).where(key.in_(old)).returning(inbound.c.at)).all())


def _ran_out(before: datetime) -> Any:
    return (throttle.c.since < before) & or_(throttle.c.until.is_(None), throttle.c.until < before)


def _drop_uploads(begun: Begun, before: datetime) -> int:
    of = received_file.c
    old = begun.execute(
        select(of.id)
        .where(of.state == literal_column("'loose'"), of.created_at < before)
        .limit(UPLOADS)
        .with_for_update(skip_locked=True)
    )
    ids = [row.id for row in old]
    begun.execute(delete(received_file_body).where(received_file_body.c.file.in_(ids)))
    begun.execute(delete(received_file).where(of.id.in_(ids)))
    return len(ids)


def _drop(begun: Begun, key: Any, condition: Any) -> int:
    old = select(key).where(condition).limit(CHUNK)
    return len(begun.execute(delete(key.table).where(key.in_(old)).returning(key)).all())
