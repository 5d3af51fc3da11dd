"""kill -9 in the middle of an import: nothing of it has happened, or all of it will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.importing.importer import Importer, Pace
from bot.importing.report import Report
from storage import import_runs
from storage.import_runs import ImportBusy, ImportLost
from storage.leases import is_dead
from storage.tables import customer
from tests.conftest import OpenStorage
from tests.fakes import Clock
from tests.importing.office import PEOPLE, Office
from tests.importing.people import many

HOUSE = Path(__file__).parents[2]
ROWS = 60


def die(office: Office, url: str, phase: str) -> None:
    """Import a file in a process that is killed in a phase."""
    file = office.write(many(ROWS))
    dead = subprocess.run(
        [sys.executable, "-m", "tests.importing.dying", url, str(file), phase],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        check=False,
        timeout=60,
    )
    assert dead.returncode == -signal.SIGKILL


def how_many(office: Office) -> int:
    ((count,),) = office.desk.rows(select(func.count()).select_from(customer))
    return int(count)


def next_one(office: Office) -> Importer:
    importer = office.importer()
    importer._is_dead = is_dead  # the killed process was a real one
    return importer


@pytest.mark.parametrize("phase", ["reading", "comparing", "handing over"])
async def test_killed_before_it_was_sealed_nothing_has_happened(
    office: Office, database_url: str, phase: str
) -> None:
    die(office, database_url, phase)

    left = await next_one(office).recover()

    assert left is not None
    assert left.state == "checking"
    assert (how_many(office), office.rows_waiting(), office.runs()) == (0, 0, ["dropped"])
    assert (await office.take(many(ROWS))).counts["added"] == ROWS


async def test_killed_while_it_merged_the_next_import_finishes_it(
    office: Office, database_url: str
) -> None:
    die(office, database_url, "merging")
    assert 0 < how_many(office) < ROWS

    left = await next_one(office).recover()

    assert left is not None
    assert left.state == "merging"
    assert (how_many(office), office.rows_waiting(), office.runs()) == (ROWS, 0, ["done"])
    assert (await office.take(many(ROWS))).counts["unchanged"] == ROWS


async def test_while_one_is_at_work_another_is_told_so(
    office: Office, open_storage: OpenStorage
) -> None:
    other = open_storage("second")
    brand = office.desk.brand.id
    await other.maintain(
        lambda begun: import_runs.begin(begun, brand, "customers", "a.csv", "second")
    )

    with pytest.raises(ImportBusy):
        await office.importer().recover()
    with pytest.raises(ImportBusy):
        await office.take(PEOPLE)


async def test_one_that_gave_no_sign_for_a_minute_is_taken_over_and_learns_it(
    office: Office, open_storage: OpenStorage, clock: Clock
) -> None:
    other = open_storage("second")
    brand = office.desk.brand.id
    run = await other.maintain(
        lambda begun: import_runs.begin(begun, brand, "customers", "a.csv", "second")
    )
    clock.forward(seconds=61)

    left = await office.importer().recover()

    assert left is not None
    assert left.id == run
    with pytest.raises(ImportLost):
        await other.maintain(lambda begun: import_runs.renew(begun, run, "second"))


async def test_a_step_that_takes_long_makes_the_next_one_smaller(office: Office) -> None:
    """No import holds the write lock over 200 ms: the work of a step aims at 30, and turns follow it."""
    now = 100.0
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        nonlocal now
        pauses.append(round(seconds, 3))
        now += seconds

    def lasting(seconds: float) -> Callable[[object], None]:
        def work(_begun: object) -> None:
            nonlocal now
            now += seconds

        return work

    pace = Pace(rows=500, most=1000, stopwatch=lambda: now, pause=pause)

    await pace.step(office.database, 500, lasting(0.3))
    assert (pace.rows, pauses) == (50, [])

    await pace.step(office.database, 50, lasting(0.001))
    assert (pace.rows, pauses) == (100, [pace.gap])

    now += 0.02  # what was thought out meanwhile counts as pause
    await pace.step(office.database, 100, lasting(0.1))
    assert (pace.rows, pauses) == (30, [pace.gap, 0.005])
    assert round(pace.longest, 3) == 0.3


async def test_an_import_that_fails_in_the_middle_leaves_nothing_waiting(office: Office) -> None:
    """A full disk, a lost terminal: what was not sealed is dropped at once."""

    class DiskFull(Exception):
        pass

    def fail(phase: str, _done: int, _of: int) -> None:
        if phase == "handing over":
            raise DiskFull

    importer = office.importer()
    importer._progress = fail
    report = Report(office.folder / "report.csv")
    with pytest.raises(DiskFull), report.open():
        await importer.take(office.write(many(5)), report)

    assert (how_many(office), office.rows_waiting(), office.runs()) == (0, 0, ["dropped"])
