"""`balcao import` and `balcao export`: the billing system's files, as an operator sees them."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from bot import logs
from bot.app import brand_of, prepare_database, server_key
from bot.core.brand import Brand
from bot.importing.columns import What, file_of
from bot.importing.files import Unreadable, opened
from bot.importing.handing_over import export_changes
from bot.importing.importer import Importer, Outcome, Pace
from bot.importing.report import SHOWN, Report
from bot.settings import Problem, Settings
from storage.database import Database, open_database
from storage.import_runs import ImportBusy, ImportLost
from storage.leases import is_dead, owner_name
from storage.turns import Patience

PATIENCE = Patience(plays=60)
"""An import waits for the counter rather than the counter for it."""


def import_files(
    settings: Settings,
    files: Sequence[tuple[Path, What | None]],
    *,
    brand: str = "",
    report: Path | None = None,
) -> int:
    """Import files in this order, customers first; the exit code: 1 if one of them was refused.

    `report` is the folder of the reports, else each lies beside its file. Raises Problem.
    """
    if not files:
        raise Problem("import: names no file; it may name customers.csv and invoices.csv")
    logs.set_up("error", settings.log.format)
    whose = _brand(settings, brand)
    prepare_database(settings)
    console = Console(soft_wrap=True, highlight=False)
    return asyncio.run(_import(settings, whose, files, report, console))


async def _import(
    settings: Settings,
    brand: Brand,
    files: Sequence[tuple[Path, What | None]],
    reports: Path | None,
    console: Console,
) -> int:
    database = _open(settings, brand)
    failed = False
    # A full collection walks over all that was imported, 100 ms of it perhaps under the write lock.
    gc.freeze()
    try:
        with _shown(console) as progress:
            pace = _pace(settings.database.url)
            importer = Importer(database, brand, is_dead=is_dead, progress=progress, pace=pace)
            left = await importer.recover()
            if left is not None:
                did = (
                    "finished" if left.state == "merging" else "dropped; nothing of it had happened"
                )
                console.print(f"The import of {left.source} that was cut off: {did}.", markup=False)
            for path, what in _customers_first(files):
                failed |= not await _one(importer, path, what, reports, console)
    except (ImportBusy, ImportLost) as error:
        raise Problem(f"import: {error}") from error
    finally:
        await database.close()
    return int(failed)


async def _one(
    importer: Importer, path: Path, what: What | None, reports: Path | None, console: Console
) -> bool:
    """Whether a file was taken."""
    began = time.monotonic()
    report = Report((reports or path.parent) / f"{path.name}.report.csv")
    with _open_report(report):
        try:
            outcome = await importer.take(path, report, what)
        except Unreadable as error:
            console.print(f"{path.name}: {error}. Nothing was changed.", markup=False)
            return False
    for line in _told(path, outcome, report, time.monotonic() - began):
        console.print(line, markup=False)
    return not outcome.refused


def _open_report(report: Report) -> Report:
    try:
        return report.open()
    except OSError as error:
        raise Problem(
            f"--report: {str(report.path)!r} cannot be written ({error.strerror});"
            " it may hold a folder that can"
        ) from error


def _told(path: Path, outcome: Outcome, report: Report, seconds: float) -> Iterator[str]:
    yield f"{path.name}: {outcome.what}, {outcome.rows} rows, {outcome.described}, {seconds:.1f} s"
    if outcome.ignored:
        yield f"  columns that were not read: {', '.join(outcome.ignored)}"
    for remark in report.first:
        where = f"line {remark.line}" + (f", {remark.column}" if remark.column else "")
        held = f" holds {remark.held!r}:" if remark.held else ":"
        yield f"  {remark.result}: {where}{held} {remark.why}"
    rest = report.refused + report.kept + report.left_out - len(report.first)
    if rest > 0:
        yield f"  … and {rest} more (the first {SHOWN} are shown)"
    if outcome.refused:
        yield f"  Nothing was changed: {outcome.refused} to mend. The whole report: {report.path}"
    else:
        counts = ", ".join(f"{count} {name}" for name, count in outcome.counts.items())
        yield f"  {counts}. The report: {report.path}"
        if outcome.longest:
            yield f"  Longest step: {outcome.longest * 1000:.0f} ms"


def export(
    settings: Settings,
    path: Path,
    *,
    brand: str = "",
    since: date | None = None,
    mark: bool = False,
) -> int:
    """`balcao export --changes`: the exit code. Raises Problem."""
    logs.set_up("error", settings.log.format)
    whose = _brand(settings, brand)
    prepare_database(settings)
    instant = datetime(since.year, since.month, since.day, tzinfo=whose.zone) if since else None
    if path.suffix.lower() not in (".csv", ".json"):
        raise Problem(f"export: names {path.name!r}; it may name a .csv or a .json")

    async def write() -> int:
        database = _open(settings, whose)
        try:
            return await export_changes(database, whose, path, since=instant, mark=mark)
        finally:
            await database.close()

    try:
        count = asyncio.run(write())
    except OSError as error:
        raise Problem(f"export: {str(path)!r} cannot be written ({error.strerror})") from error
    handed = (
        ", which count as handed over now" if mark else " (--mark would count them as handed over)"
    )
    Console(soft_wrap=True, highlight=False).print(f"{path}: {count} changes{handed}", markup=False)
    return 0


def _open(settings: Settings, brand: Brand) -> Database:
    return open_database(
        settings.database.url,
        server_key=server_key(settings),
        clock=lambda: datetime.now(UTC),
        brands={brand.id: brand},
        owner=owner_name(),
        patience=PATIENCE,
        threads=1,
        readers=1,
    )


def _pace(url: str) -> Pace:
    """PostgreSQL locks rows and not everybody: there steps may be larger, and nobody needs a gap."""
    return Pace() if url.startswith("sqlite") else Pace(aim=0.1, gap=0.0, least=500)


def _brand(settings: Settings, id: str) -> Brand:
    brands = {each.id: each for each in settings.brands}
    if not id and len(brands) > 1:
        raise Problem(f"--brand: is missing; may hold {' or '.join(map(repr, brands))}")
    if id and id not in brands:
        raise Problem(f"--brand: holds {id!r}; may hold {' or '.join(map(repr, brands))}")
    return brand_of(brands[id] if id else settings.brands[0], mail=bool(settings.mail.accounts))


def _customers_first(
    files: Sequence[tuple[Path, What | None]],
) -> list[tuple[Path, What | None]]:
    """Invoices name customers, so those come first, in whatever order they were given."""

    def rank(file: tuple[Path, What | None]) -> int:
        path, what = file
        try:
            if what is None:
                with opened(path) as source:
                    what = file_of(source.header)
        except Unreadable:
            return 0  # it is told of in its turn
        return int(what == "invoices")

    return sorted(files, key=rank)


@contextmanager
def _shown(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal; elsewhere a line for each phase that has ended."""
    if not console.is_terminal:

        def line(phase: str, done: int, of: int) -> None:
            if done >= of > 0:
                print(f"  {phase}: done", file=sys.stderr, flush=True)  # noqa: T201

        yield line
        return
    columns = (TextColumn("{task.description:>12}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task: TaskID | None = None
        phase_now = ""

        def move(phase: str, done: int, of: int) -> None:
            nonlocal task, phase_now
            if phase != phase_now:
                if task is not None:
                    bar.remove_task(task)
                task, phase_now = bar.add_task(phase, total=of), phase
            if task is not None:
                bar.update(task, completed=done, total=of)

        yield move
