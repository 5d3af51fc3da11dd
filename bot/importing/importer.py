"""One file into the database: checked whole, then merged in small steps that live turns do not feel."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.core.brand import Brand
from bot.core.message import JSON
from bot.core.ports import Read
from bot.importing.checking import Columns, beside, check_mains, leave_out_mains, remark, stage
from bot.importing.columns import What, file_of
from bot.importing.files import Unreadable, opened
from bot.importing.report import Report
from storage import erased_keys, import_customers, import_invoices, import_runs
from storage.begun import Begun
from storage.database import Database
from storage.erased_keys import NONE
from storage.import_runs import Run
from storage.staging import Needed, Staging

R = TypeVar("R")
Progress = Callable[[str, int, int], None]
"""(phase, done, of): "reading" in bytes, "comparing", "handing over" and "merging" in rows."""

KINDS: dict[str, Any] = {"customers": import_customers, "invoices": import_invoices}
"""Of each kind of file: `compare`, `plan` and `merge`."""
_PAGE = 500
_MEASURED = 500
"""Rows after which the tables are measured for the first time, then after four times as many each."""
_SIGN_SECONDS = 15.0


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    what: What
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """added, changed, unchanged, left out (if any): rows; kept: fields."""
    refused: int = 0
    """Remarks for which nothing of the file was taken."""
    ignored: tuple[str, ...] = ()
    """Columns that nobody knows."""
    described: str = ""
    longest: float = 0.0
    """Seconds: the longest transaction so far."""


@dataclass(slots=True)
class Pace:
    """How many rows a transaction takes, and how long live turns have the database between two."""

    aim: float = 0.03
    """Seconds that the work of one transaction should take; the commit comes on top.

    Who waits for SQLite's lock looks after 1, 3, 8, 18, 33, 53 ms, then every 25 (sqliteDefaultBusyCallback).
    """
    gap: float = 0.025
    """Seconds between two: so that whoever waits comes by while the lock is free."""
    rows: int = 100
    least: int = 25
    most: int = 2000
    longest: float = 0.0
    """Seconds: the longest transaction there was, its commit included."""
    stopwatch: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _ended: float = -math.inf

    async def step(self, database: Database, rows: int, work: Callable[[Begun], R]) -> R:
        """One transaction of `work(begun)` on this many rows, after the pause that is still due."""
        began = worked = 0.0

        def timed(begun: Begun) -> R:
            nonlocal began, worked
            began = self.stopwatch()
            result = work(begun)
            worked = self.stopwatch() - began
            return result

        due = self._ended + self.gap - self.stopwatch()
        if due > 0:
            await self.pause(due)
        result = await database.maintain(timed)
        self._ended = self.stopwatch()
        self.longest = max(self.longest, self._ended - began)
        # Twice as many at most, since the first rows of a kind may be the quickest.
        fitting = int(rows * self.aim / max(worked, 1e-6))
        self.rows = max(self.least, min(self.most, rows * 2, fitting))
        return result


class Importer:
    """Imports of one brand, one at a time."""

    def __init__(
        self,
        database: Database,
        brand: Brand,
        *,
        is_dead: Callable[[str], bool],
        progress: Progress = lambda _phase, _done, _of: None,
        pace: Pace | None = None,
    ) -> None:
        """`is_dead` tells of a lease's owner whether its process is known to be gone."""
        self._database = database
        self._brand = brand
        self._is_dead = is_dead
        self._progress = progress
        self.pace = pace or Pace()
        self._run = 0
        self._erased = NONE
        self._signed = 0.0

    async def recover(self) -> Run | None:
        """Finish, or drop, what an import that died has left; that one, or None.

        Raises ImportBusy if it is still at work.
        """
        brand, owner = self._brand.id, self._database.owner
        left = await self._database.maintain(
            lambda begun: import_runs.take_over(begun, brand, owner, self._is_dead)
        )
        if left is None:
            return None
        if left.state == "merging":
            await self._look_who_was_erased()
            await self._merge(left.id, left.what, 0)
        else:
            await self._drop(left.id)
        return left

    async def take(self, path: Path, report: Report, what: What | None = None) -> Outcome:
        """Import a file; `what` says which it is, else its columns do.

        Raises Unreadable for one that is none, ImportBusy, ImportLost.
        """
        with opened(path) as source, Staging() as staging:
            what = what or file_of(source.header)
            if what is None:
                raise Unreadable(
                    "has neither the columns of customers (tax_id, name, due_day)"
                    " nor those of invoices (number, due_on, amount)"
                )
            columns = Columns(what, source.header)
            outcome = Outcome(what, ignored=tuple(columns.unknown), described=source.described)
            run = self._run = await self._begin(what, path.name)
            try:
                await self._look_who_was_erased()
                for done in stage(source, columns, staging, report):
                    self._progress("reading", done, source.bytes)
                    await self._give_sign()
                self._progress("reading", source.bytes, source.bytes)
                outcome.rows = len(staging)
                if report.refused == 0:
                    await self._compare(what, staging, report, outcome)
                outcome.refused = report.refused
                if report.refused == 0:
                    await self._hand_over(run, staging, outcome)
                    await self._merge(run, what, staging.count_needed())
                    outcome.longest = self.pace.longest
                    return outcome
            except (Exception, asyncio.CancelledError):
                await self._drop_if_ours(run)
                raise
        await self._drop(run)
        return outcome

    # -------------------------------------------------------------- the steps

    async def _begin(self, what: What, source: str) -> int:
        brand, owner = self._brand.id, self._database.owner
        return await self._database.maintain(
            lambda begun: import_runs.begin(begun, brand, what, source, owner)
        )

    async def _look_who_was_erased(self) -> None:
        """Once a run: while it is open, nobody is erased (`import_runs.keep_out`)."""
        hashed = self._database.keys.hash
        self._erased = await self._database.read(
            self._brand.id, lambda read: erased_keys.known(read, hashed)
        )

    async def _compare(
        self, what: What, staging: Staging, report: Report, outcome: Outcome
    ) -> None:
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        after = 0
        while rows := staging.page(after, _PAGE):
            after = rows[-1].position
            if what == "customers":
                for each_remark in leave_out_mains(staging, rows, self._erased):
                    report.add(each_remark)
            compared = await self._database.read(
                self._brand.id, partial(beside, what, rows, self._erased)
            )
            for row, each in zip(rows, compared, strict=True):
                remark(each, row.line, report)
                counts[each.outcome] = counts.get(each.outcome, 0) + 1
            staging.need(
                [
                    (int(bool(row.record.get("main"))), row.position)
                    for row, each in zip(rows, compared, strict=True)
                    if each.needed
                ]
            )
            if what == "customers":
                look = partial(check_mains, staging, rows)
                for each_remark in await self._database.read(self._brand.id, look):
                    report.add(each_remark)
            self._progress("comparing", after, len(staging))
            await self._give_sign()
        outcome.counts = counts | {"kept": report.kept}

    async def _hand_over(self, run: int, staging: Staging, outcome: Outcome) -> None:
        owner, done, of = self._database.owner, 0, staging.count_needed()
        last: Needed | None = None
        while some := staging.needed(last, self.pace.rows):
            last = some[-1]
            rows = [(done + n, each.record) for n, each in enumerate(some, 1)]
            await self.pace.step(
                self._database, len(rows), partial(_put, run=run, owner=owner, rows=rows)
            )
            done += len(rows)
            self._progress("handing over", done, of)
        counts: JSON = dict(outcome.counts)
        await self._database.maintain(lambda begun: import_runs.seal(begun, run, owner, counts))

    async def _merge(self, run: int, what: str, of: int) -> None:
        brand, kind, done, after = self._brand, KINDS[what], 0, 0
        measured = _MEASURED
        self.pace.rows = 50  # a merge costs more than what came before

        def read_on(read: Read) -> tuple[list[int], Any]:
            rows = import_runs.waiting(read, run, after, self.pace.rows)
            records = [record for _, record in rows]
            return [position for position, _ in rows], kind.plan(read, records, self._erased)

        def write(begun: Begun) -> None:
            import_runs.forget(begun, run, self._database.owner, after, positions[-1])
            kind.merge(begun, brand, plans)

        def measure(begun: Begun) -> None:
            import_runs.renew(begun, run, self._database.owner)
            import_runs.measure(begun, kind.TABLES)

        while True:
            # Thought out on a snapshot, so that the lock is held for the writing alone.
            positions, plans = await self._database.read(brand.id, read_on)
            if not positions:
                break
            await self.pace.step(self._database, len(positions), write)
            after = positions[-1]
            done += len(positions)
            self._progress("merging", done, max(of, done))
            if done >= measured:
                measured *= 4
                await self._database.maintain(measure)
        await self._end(run, "done")

    async def _drop(self, run: int) -> None:
        after = 0

        def some(read: Read) -> list[int]:
            rows = import_runs.waiting(read, run, after, self.pace.rows)
            return [position for position, _record in rows]

        def forget(begun: Begun) -> None:
            import_runs.forget(begun, run, self._database.owner, after, positions[-1])

        while positions := await self._database.read(self._brand.id, some):
            await self.pace.step(self._database, len(positions), forget)
            after = positions[-1]
        await self._end(run, "dropped")

    async def _drop_if_ours(self, run: int) -> None:
        """After a fault: what is not sealed is dropped; the rest is for the next import to finish."""
        brand = self._brand.id
        left = await self._database.maintain(lambda begun: import_runs.open_run(begun, brand))
        if left is not None and left.id == run and left.state == "checking":
            await self._drop(run)

    async def _end(self, run: int, state: str) -> None:
        brand, owner = self._brand.id, self._database.owner
        await self._database.maintain(
            lambda begun: import_runs.end(begun, brand, run, owner, state)
        )

    async def _give_sign(self) -> None:
        """Renew the lease now and then, and let what else runs here run."""
        now = self.pace.stopwatch()
        if now - self._signed > _SIGN_SECONDS:
            self._signed = now
            run, owner = self._run, self._database.owner
            await self._database.maintain(lambda begun: import_runs.renew(begun, run, owner))
        else:
            await asyncio.sleep(0)


def _put(begun: Begun, run: int, owner: str, rows: Sequence[tuple[int, str]]) -> None:
    import_runs.put(begun, run, owner, rows)
