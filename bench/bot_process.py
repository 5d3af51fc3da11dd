"""The measured bot as a process: started, waited for, killed, started again."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path


class BotProcess:
    """A bot in a process group of its own, or one that runs already."""

    def __init__(
        self, start: str | None, pid: int | None, log: str | None, address: tuple[str, int]
    ) -> None:
        """`start` is the command, `pid` that of a running one; it listens at `address`."""
        self.pid = pid
        self._start = start
        self._log = log
        self._address = address
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._start is None:
            return
        with Path(self._log or os.devnull).open("ab") as log:
            self._process = subprocess.Popen(
                shlex.split(self._start), stdout=log, stderr=log, start_new_session=True
            )
        self.pid = self._process.pid

    async def wait_until_it_listens(self, seconds: float) -> None:
        """Raises SystemExit if it ends, or does not listen in time."""
        deadline = time.monotonic() + seconds
        while True:
            if self._process is not None and self._process.poll() is not None:
                raise SystemExit(f"the bot exited with {self._process.returncode}")
            try:
                socket.create_connection(self._address, 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit("the bot does not listen on its webhook address") from None
                await asyncio.sleep(0.02)

    def end(self, how: signal.Signals) -> None:
        """Signal a bot that was started here and wait for its end."""
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
