"""A PostgreSQL server for the benchmark, durable as installed, with Balcão's database to be copied.

    python -m bench.postgres billing.sqlite3

Prints one line of JSON with `url` (of the template) and `pid` when it is ready, and ends when its
standard input does. Runs in the project's virtual environment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from bench import balcao_data
from tests import postgres

SETTINGS: Mapping[str, str] = {"listen_addresses": ""}
"""What is not named here is as PostgreSQL comes: fsync and synchronous_commit are on."""
TEMPLATE, RUN = "balcao_template", "balcao_run"


def database_at(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    place = urlsplit(server)
    return place._replace(path=f"/{name}").geturl()


def pid_of(server: str) -> int:
    """The server's first process; its connections are children of it."""
    (folder,) = parse_qs(urlsplit(server).query)["host"]
    return int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0])


def copied(template: str) -> str:
    """A new database like the template, in place of that of the run before; its URL."""
    with psycopg.connect(database_at(template, "postgres"), autocommit=True) as server:
        run, like = sql.Identifier(RUN), sql.Identifier(TEMPLATE)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(run))
        # What the copy dirtied is not left to be written during the measurement.
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(run, like)
        )
        server.execute("CHECKPOINT")
    return database_at(template, RUN)


def main() -> None:
    billing = Path(sys.argv[1])
    with postgres.running(SETTINGS) as url:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        template = database_at(url, TEMPLATE)
        balcao_data.prepare(billing, template, datetime.now(UTC))
        print(json.dumps({"url": template, "pid": pid_of(url)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
