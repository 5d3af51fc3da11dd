"""`balcao …` as a process of its own, and what one sees of it from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
HOUSE = Path(__file__).parents[2]
PATIENCE = 40.0
"""Seconds until something that should happen counts as not happening."""


def environment(**settings: str) -> dict[str, str]:
    """The environment of a newcomer: no settings of this machine."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BALCAO_")}
    return bare | {"PYTHONUNBUFFERED": "1"} | settings


def balcao(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env=environment(**settings) | {"PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@dataclass
class Running:
    """A running program, from its first line that names where it is."""

    process: subprocess.Popen[str]
    folder: Path
    said: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def wait_until_up(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                self.url = found[0]
                return
        raise AssertionError("it ended before it was up:\n" + "".join(self.said))

    def kill(self) -> None:
        """kill -9: nothing is finished, nothing is said."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> str:
        """Ctrl-C; everything it still said."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        return rest

    def mails(self) -> list[EmailMessage]:
        """The caught mails, oldest first."""
        found = []
        for path in sorted((self.folder / "mail").glob("*.eml")):
            with path.open("rb") as file:
                found.append(BytesParser(EmailMessage, policy=policy.default).parse(file))
        return found

    def newest_code(self, after: int) -> str:
        """The digits of the first code that was mailed after so many mails."""
        mail = eventually(lambda: self.mails()[after:])[0]
        body = mail.get_body(("plain",))
        assert body is not None
        found = re.search(r"\b(\d{6})\b", str(body.get_content()))
        assert found is not None
        return found[1]


def eventually(look: Callable[[], T]) -> T:
    """What `look` finds as soon as it finds something; fails when it never does."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


@contextmanager
def demo(folder: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """`balcao demo` on a free port with its data in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--folder", str(folder), *arguments],
        cwd=folder.parent,
        env=environment(**{"BALCAO_HTTP__PORT": "0", **settings}) | {"PYTHONPATH": str(HOUSE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Running(process, folder)
    try:
        running.wait_until_up()
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
