"""How many writing transactions a database has committed, counted from outside the bot."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path


def counter(url: str) -> Callable[[], int]:
    """What to call before and after: the difference is the number of commits that wrote something.

    `url` is sqlite:///… or postgresql://…; the database may not be there yet.
    """
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///") + "-shm")
        return lambda: _sqlite(file)
    return lambda: _postgresql(url)


def _sqlite(index: Path) -> int:
    """The counter `iChange` in the header of the WAL index, one more with each commit.

    https://www.sqlite.org/walformat.html#the_wal_index_header; the file is shared memory, so what
    is read is what the writer sees.
    """
    try:
        with index.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        return 0
    return int(struct.unpack_from("=I", head, 8)[0]) if len(head) == 12 else 0


def _postgresql(url: str) -> int:
    """The next transaction id: only transactions that write take one."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
    return int(row[0]) if row else 0
