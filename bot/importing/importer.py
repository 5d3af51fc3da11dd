"""One file into the database: checked whole, then merged in small steps that live turns do not feel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.core.brand import Brand
from bot.core.message import JSON
from bot.importing.checking import Columns, beside, check_mains, remark, stage
from bot.importing.columns import What, file_of
from bot.importing.files import Unreadable, opened
from bot.importing.report import Report
from storage import import_customers, import_invoices, import_runs
from storage.begun import Begun
from storage.database import Database
from storage.import_runs import Run
from storage.staging import Record, Staging

R = TypeVar("R")
Progress = Callable[[str, int, int], None]
"""(phase, done, of): "reading" in bytes, "comparing", "handing over" and "merging" in rows."""

MERGES = {"customers": import_customers.merge, "invoices": import_invoices.merge}
_PAGE = 500
_SIGN_SECONDS = 15.0


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    what: What
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """added, changed, unchanged: rows; kept: fields."""
    refused: int = 0
    """Remarks for which nothing of the file was taken."""
    ignored: tuple[str, ...] = ()
    """Columns that nobody knows."""
    described: str = ""


@dataclass(slots=True)
class Pace:
    """How many rows a transaction takes, and how long live turns have the database afterwards."""

    aim: float = 0.06
    """Seconds that the work of one transaction should take; the commit comes on top."""
    gap: float = 0.025
    """Seconds between two: who waits for SQLite's lock looks every 25 ms (sqlite3BusyHandler)."""
    rows: int = 100
    least: int = 25
    most: int = 1000
    longest: float = 0.0
    """Seconds: the longest transaction there was, its commit included."""
    stopwatch: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def step(self, database: Database, work: Callable[[Begun, int], R]) -> R:
        """One transaction of `work(begun, rows)`, and the pause after it."""
        began = worked = 0.0
        rows = self.rows

        def timed(begun: Begun) -> R:
            nonlocal began, worked
            began = self.stopwatch()
            result = work(begun, rows)
            worked = self.stopwatch() - began
            return result

        result = await database.maintain(timed)
        self.longest = max(self.longest, self.stopwatch() - began)
        # Twice as many at most, since the first rows of a kind may be the quickest.
        fitting = int(rows * self.aim / max(worked, 1e-6))
        self.rows = max(self.least, min(self.most, rows * 2, fitting))
        await self.pause(self.gap)
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

    async def _compare(
        self, what: What, staging: Staging, report: Report, outcome: Outcome
    ) -> None:
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        after = 0
        while rows := staging.page(after, _PAGE):
            after = rows[-1].position
            compared = await self._database.read(self._brand.id, partial(beside, what, rows))
            for row, each in zip(rows, compared, strict=True):
                remark(each, row.line, report)
                counts[each.outcome] += 1
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
        while rows := staging.needed(done, self.pace.rows):
            await self.pace.step(self._database, partial(_put, run, owner, rows))
            done += len(rows)
            self._progress("handing over", done, of)
        counts: JSON = dict(outcome.counts)
        await self._database.maintain(lambda begun: import_runs.seal(begun, run, owner, counts))

    async def _merge(self, run: int, what: str, of: int) -> None:
        owner, brand, done = self._database.owner, self._brand, 0
        merge = MERGES[what]

        def some(begun: Begun, rows: int) -> int:
            return import_runs.merge_some(
                begun, run, owner, lambda tx, records: merge(tx, brand, records), rows
            )

        self.pace.rows = 50  # a merge costs more than what came before
        while merged := await self.pace.step(self._database, some):
            done += merged
            self._progress("merging", done, max(of, done))
        await self._end(run, "done")

    async def _drop(self, run: int) -> None:
        owner = self._database.owner

        def some(begun: Begun, rows: int) -> int:
            return import_runs.drop_some(begun, run, owner, rows)

        while await self.pace.step(self._database, some):
            pass
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


def _put(
    run: int, owner: str, rows: Sequence[tuple[int, Record]], begun: Begun, _most: int
) -> None:
    import_runs.put(begun, run, owner, rows)
