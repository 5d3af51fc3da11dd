"""How many writing transactions a database has committed, counted from outside the bot."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def counter(url: str) -> Callable[[], int]:
    """What to call before and after: the difference is the number of commits that wrote something.

    `url` is sqlite:///… or postgresql://…; the database may not be there yet.
    """
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///") + "-shm")
        return lambda: _sqlite(file)
    return _Log(url)


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


class _Log:
    """A PostgreSQL server's write-ahead log, counted from the first call on by its own `pg_waldump`.

    The ids that transactions take would not do: a savepoint that writes takes one too.
    https://www.postgresql.org/docs/current/pgwaldump.html
    """

    COMMITS = re.compile(r"^Transaction/COMMIT\s+(\d+)", re.MULTILINE)

    def __init__(self, url: str) -> None:
        self._url = url
        (folder,) = parse_qs(urlsplit(url).query)["host"]
        self._data = Path(folder) / "data"
        self._begin = ""

    def __call__(self) -> int:
        now = self._position()
        if not self._begin:
            self._begin = now
            return 0
        said = subprocess.run(
            [
                self._programs() / "pg_waldump", "--rmgr=Transaction", "--stats=record",
                f"--path={self._data / 'pg_wal'}", f"--start={self._begin}", f"--end={now}",
            ],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        found = self.COMMITS.search(said)
        return int(found[1]) if found else 0

    def _position(self) -> str:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        return str(row[0]) if row else ""

    def _programs(self) -> Path:
        pid = (self._data / "postmaster.pid").read_text().split()[0]
        return Path(f"/proc/{pid}/exe").resolve().parent
