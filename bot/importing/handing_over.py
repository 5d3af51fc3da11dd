"""What customers changed at the counter, as a file for their billing system."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from bot.core.brand import Brand
from bot.core.ports import Write
from bot.importing.report import harmless
from storage.changes import Change, changes_after, mark_exported
from storage.database import Database

HEADER = ("external_id", "tax_id", "field", "before", "after", "at", "proved_by")
_PAGE = 500


async def export_changes(
    database: Database,
    brand: Brand,
    path: Path,
    *,
    since: datetime | None = None,
    mark: bool = False,
) -> int:
    """Write the changes not handed over yet (or all `since` an instant) to a .csv or .json; how many.

    The file appears whole or not at all. `mark`: afterwards they count as handed over. Raises OSError.
    """
    ids: list[int] = []
    unfinished = path.with_name(path.name + ".unfinished")

    async def page(after: int) -> list[Change]:
        return await database.read(
            brand.id, lambda read: changes_after(read, after, _PAGE, since=since)
        )

    write = _write_json if path.suffix.lower() == ".json" else _write_csv
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            ids = await write(file, page)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    if mark:
        for start in range(0, len(ids), _PAGE):
            some = ids[start : start + _PAGE]
            await database.play(brand.id, partial(_mark, some))
    return len(ids)


def _mark(ids: list[int], write: Write) -> int:
    return mark_exported(write, ids)


Page = Callable[[int], Awaitable[list[Change]]]


async def _write_csv(file: IO[str], page: Page) -> list[int]:
    ids: list[int] = []
    writer = csv.writer(file, delimiter=";")
    writer.writerow(HEADER)
    while some := await page(ids[-1] if ids else 0):
        ids += [each.id for each in some]
        for each in some:
            writer.writerow([harmless(cell) for cell in _cells(each)])
    return ids


async def _write_json(file: IO[str], page: Page) -> list[int]:
    ids: list[int] = []
    file.write("[")
    while some := await page(ids[-1] if ids else 0):
        for each in some:
            file.write(",\n" if ids else "\n")
            file.write(json.dumps(dict(zip(HEADER, _cells(each), strict=True)), ensure_ascii=False))
            ids.append(each.id)
    file.write("\n]\n")
    return ids


def _cells(change: Change) -> tuple[str | None, ...]:
    at = change.at.isoformat(timespec="seconds")
    return (
        change.external_id, change.tax_id, change.field, change.before, change.after, at,
        change.proved_by,
    )  # fmt: skip
