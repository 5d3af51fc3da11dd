"""`balcao …` from a process that has imported it already: each command is a fork, a process of its own.

Most of what a short command costs is its imports; those who test a start itself take `program.balcao`.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.whole.program import HOUSE, PATIENCE, environment


def balcao(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in this folder and with a newcomer's environment."""
    ready = _ready()
    assert ready.stdin is not None
    assert ready.stdout is not None
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        told = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": environment(**settings),
            "written": [str(out), str(err)],
        }
        ready.stdin.write(json.dumps(told) + "\n")
        ready.stdin.flush()
        if not select.select([ready.stdout], [], [], PATIENCE)[0]:
            os.killpg(ready.pid, signal.SIGKILL)
            _ready.cache_clear()
            raise TimeoutError(f"{arguments} does not end")
        code = int(ready.stdout.readline())
        return subprocess.CompletedProcess(
            arguments, code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        )


@cache
def _ready() -> subprocess.Popen[str]:
    """The process that forks, one for each worker of a test run; it ends when nobody holds its pipe."""
    ready = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.warm"],
        cwd=HOUSE,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    atexit.register(ready.communicate)
    return ready


def become_the_next() -> None:
    """Fork for each line that comes in; returns in the forks, ready to run the command."""
    for line in sys.stdin:
        told = json.loads(line)
        if pid := os.fork():
            _pid, status = os.waitpid(pid, 0)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()
            continue
        os.environ.clear()
        os.environ.update(told["environment"])
        os.chdir(told["cwd"])
        for number, path in enumerate([os.devnull, *told["written"]]):
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        sys.argv = ["balcao", *told["arguments"]]
        return
    sys.exit()


if __name__ == "__main__":
    import bot.run_check
    import bot.run_documents
    import bot.run_files  # noqa: F401  what the commands import when they are called
    from bot.__main__ import main

    become_the_next()
    main()
