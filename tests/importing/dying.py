"""An import as a process of its own that kills itself: `python -m tests.importing.dying URL FILE PHASE`.

It dies (SIGKILL) when the phase has told of its first step, which was committed just before.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.core.brand import Brand
from bot.importing.importer import Importer, Pace
from bot.importing.report import Report
from storage.leases import is_dead, owner_name
from tests.conftest import storage_at
from tests.fakes import Clock


async def main(url: str, file: Path, phase: str) -> None:
    def progress(at: str, _done: int, _of: int) -> None:
        if at == phase:
            os.kill(os.getpid(), signal.SIGKILL)

    brand = Brand(id="curral", name="Curral Fibra")
    database = storage_at(url, Clock(), brand, owner=owner_name())
    pace = Pace(rows=2, least=2, most=10)
    importer = Importer(database, brand, is_dead=is_dead, progress=progress, pace=pace)
    with Report(file.with_name("dying.csv")).open() as report:
        await importer.take(file, report)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
