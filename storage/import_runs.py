"""The journal of imports: one at a time for a brand, and whoever comes next finishes what was begun.

A run is `checking` until its last checked row lies in `import_row`; the one statement that makes it
`merging` decides: before it nothing has happened, after it everything will, whatever dies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, Text, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing

from bot.core.errors import BalcaoError
from bot.core.message import JSON
from bot.core.ports import Read, Write
from storage.begun import Begun
from storage.prepared import Prepared
from storage.staging import Record
from storage.tables import audit, audit_body, import_row, import_run

LEASE = timedelta(seconds=60)
"""An import that gave no sign for so long is counted as dead, even on another machine."""


class ImportBusy(BalcaoError):
    """Another import of this brand is at work; wait until it has ended."""


class ImportLost(BalcaoError):
    """This import gave no sign for a minute, and another one took over."""


@dataclass(frozen=True, slots=True)
class Run:
    """An import that has not ended."""

    id: int
    what: str
    """customers · invoices"""
    source: str
    state: str
    """checking: nothing has happened yet · merging: it will be finished"""


def begin(begun: Begun, brand: str, what: str, source: str, owner: str) -> int:
    """Begin a run; its id. Raises ImportBusy if another has not ended."""
    row = begun.execute(
        insert_or_nothing(import_run)
        .values(
            brand=brand, what=what, source=source, state="checking", owner=owner,
            lease_until=begun.now + LEASE, started_at=begun.now,
        )
        .on_conflict_do_nothing()
        .returning(import_run.c.id)
    ).first()  # fmt: skip
    if row is None:
        raise ImportBusy
    return int(row.id)


def keep_out(write: Write) -> None:
    """No import of this brand is at work, and none begins before this turn is committed.

    Raises ImportBusy if one is, or one that died has still to be finished.
    """
    rows = write.run(
        insert_or_nothing(import_run)
        .values(
            brand=write.brand.id, what="erasure", source="", state="checking", owner="",
            lease_until=write.now, started_at=write.now,
        )
        .on_conflict_do_nothing()
        .returning(import_run.c.id)
    )  # fmt: skip
    if not rows:
        raise ImportBusy
    write.run(delete(import_run).where(import_run.c.id == rows[0].id))


def take_over(begun: Begun, brand: str, owner: str, is_dead: Callable[[str], bool]) -> Run | None:
    """The run that a dead process left, now ours; None if there is none. Raises ImportBusy."""
    row = begun.execute(
        select(import_run)
        .where(import_run.c.brand == brand, import_run.c.ended_at.is_(None))
        .with_for_update()
    ).first()
    if row is None:
        return None
    if row.owner != owner and row.lease_until > begun.now and not is_dead(row.owner):
        raise ImportBusy
    begun.execute(
        update(import_run)
        .where(import_run.c.id == row.id)
        .values(owner=owner, lease_until=begun.now + LEASE)
    )
    return Run(row.id, row.what, row.source, row.state)


def renew(begun: Begun, run: int, owner: str, **more: Any) -> None:
    """Give a sign of life, and change what `more` says. Raises ImportLost."""
    kept = begun.execute(
        update(import_run)
        .where(
            import_run.c.id == run,
            import_run.c.owner == owner,
            import_run.c.ended_at.is_(None),
        )
        .values(lease_until=begun.now + LEASE, **more)
        .returning(import_run.c.id)
    ).first()
    if kept is None:
        raise ImportLost


def put(begun: Begun, run: int, owner: str, rows: Sequence[tuple[int, str]]) -> None:
    """Lay checked rows into the database, each (position, record as JSON). Raises ImportLost."""
    renew(begun, run, owner)
    begun.run_many(_PUT, [{"of": run, "at": position, "text": record} for position, record in rows])


def seal(begun: Begun, run: int, owner: str, counts: JSON) -> None:
    """The instant from which on the import will happen. Raises ImportLost."""
    renew(begun, run, owner, state="merging", counts=counts)


def waiting(read: Read, run: int, after: int, most: int) -> list[tuple[int, Record]]:
    """The next rows to merge behind a position, each (position, record).

    Whoever reads on says where it was: PostgreSQL walks over what was deleted each time, else.
    """
    rows = read.all(
        select(import_row.c.position, import_row.c.record)
        .where(import_row.c.run == run, import_row.c.position > after)
        .order_by(import_row.c.position)
        .limit(most)
    )
    return [(row.position, row.record) for row in rows]


def forget(begun: Begun, run: int, owner: str, after: int, until: int) -> None:
    """Rows behind a position, until another one, are merged, or nobody will. Raises ImportLost."""
    renew(begun, run, owner)
    begun.execute(
        delete(import_row).where(
            import_row.c.run == run, import_row.c.position > after, import_row.c.position <= until
        )
    )


def end(begun: Begun, brand: str, run: int, owner: str, state: str) -> None:
    """The run is `done` or was `dropped`. Raises ImportLost."""
    renew(begun, run, owner)
    ended = begun.execute(
        update(import_run)
        .where(import_run.c.id == run)
        .values(state=state, ended_at=begun.now)
        .returning(import_run.c.what, import_run.c.counts)
    ).one()
    if state == "done":
        note(begun, brand, "import.done", [(f"import:{run}", None, {ended.what: ended.counts})])


def note(begun: Begun, brand: str, what: str, changes: Sequence[tuple[str, JSON, JSON]]) -> None:
    """Audit rows of what an import did, each (subject, before, after)."""
    if not changes:
        return
    made = begun.connection.execute(
        insert(audit).returning(audit.c.id, sort_by_parameter_order=True),
        [
            {"brand": brand, "at": begun.now, "what": what, "subject": subject, "through": "import"}
            for subject, _before, _after in changes
        ],
    )
    begun.connection.execute(
        insert(audit_body),
        [
            {"audit": id, "before": before, "after": after}
            for (id,), (_subject, before, after) in zip(made, changes, strict=True)
        ],
    )


def measure(begun: Begun, tables: Sequence[Table]) -> None:
    """Let PostgreSQL count tables that have grown, so that it goes by their indexes from now on.

    Plans that it made while they were empty, those of its foreign keys too, read them from end to end,
    and it keeps them as long as the connection; ANALYZE ends them.
    """
    if begun.dialect == "postgresql":
        begun.execute(text(f"ANALYZE {', '.join(table.name for table in tables)}"))


def open_run(begun: Begun, brand: str) -> Run | None:
    """The run that has not ended, of whomever it is."""
    row = begun.execute(
        select(*(import_run.c[name] for name in Run.__slots__)).where(
            import_run.c.brand == brand, import_run.c.ended_at.is_(None)
        )
    ).first()
    return None if row is None else Run(**row._mapping)


_PUT = Prepared(
    lambda _dialect: insert(import_row).values(
        run=bindparam("of"), position=bindparam("at"), record=bindparam("text", type_=Text())
    )
)
