"""Plays every bot of suite.json through its scenarios, in turns, and prints them beside each other.

    python -m bench.suite [--only REGEX] [--repeat 3] [--seconds N]
    python -m bench.suite --table bench/data/run.jsonl        (only prints)

Runs in bench/.venv, which `make bench` prepares; Linux alone, as CPU and memory are read from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.procstat import calibration_ms
from bench.table import read_runs, tables

HERE = Path(__file__).resolve().parent
HOUSE = HERE.parent
DATA = HERE / "data"
PROJECT = HOUSE / ".venv" / "bin" / "python"
PORTS = (8025, 8081, 8082, 8090)
SETTLE = "2"
"""Seconds from listening to the first update, for every bot: what is warmed up at the start is."""

Entry = Mapping[str, Any]


class Steady:
    """Holds a run back while the machine is slower than it was: a neighbour has the other half of its core."""

    SLOWER = 1.25
    """As many times the best calibration is still steady."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._best = calibration_ms()

    def wait(self) -> None:
        """Returns when the machine is itself again, or patience (seconds) has run out."""
        until = time.monotonic() + self._patience
        while (now := calibration_ms()) > self.SLOWER * self._best and time.monotonic() < until:
            time.sleep(1)
        self._best = min(self._best, now)


class Template:
    """Balcão's database with the benchmark's customers, and the server it is in, if any."""

    def __init__(self, url: str, server: int | None = None) -> None:
        self.url = url
        self.server = server


def billing_data() -> Path:
    """The billing database that every bot gets a copy of."""
    file = DATA / "billing.sqlite3"
    if not file.exists():
        unfinished = file.with_suffix(".unfinished")
        run_module("bench.make_data", str(unfinished))
        unfinished.rename(file)
    return file


def run_module(name: str, *arguments: str, python: str = sys.executable) -> None:
    subprocess.run([python, "-m", name, *arguments], check=True, cwd=HOUSE)


@contextmanager
def templates(kinds: set[str], billing: Path) -> Iterator[dict[str, Template]]:
    """The prepared databases of these kinds (sqlite, postgresql), as long as the suite runs."""
    found = dict[str, Template]()
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in kinds:
            url = f"sqlite:///{folder}/template.sqlite3"
            print("preparing Balcão's database (SQLite) …", flush=True)
            run_module("bench.balcao_data", str(billing), url, python=str(PROJECT))
            found["sqlite"] = Template(url)
        if "postgresql" not in kinds:
            yield found
            return
        print("preparing Balcão's database (PostgreSQL) …", flush=True)
        server = subprocess.Popen(
            [PROJECT, "-m", "bench.postgres", str(billing)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOUSE,
        )  # fmt: skip
        try:
            said = server.stdout.readline() if server.stdout else b""
            if said:
                ready = json.loads(said)
                found["postgresql"] = Template(ready["url"], ready["pid"])
            yield found
        finally:
            server.communicate()


def check_ports() -> None:
    """Raises SystemExit where the harness cannot listen: another benchmark may run."""
    for port in PORTS:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError as error:
                raise SystemExit(f"bench: port {port} is needed ({error.strerror})") from error


def why_not(bot: Entry, prepared: Mapping[str, Template]) -> str:
    """Why a bot cannot be played on this machine; empty if it can."""
    if "helper" in bot and shutil.which(bot["helper"][0]) is None:
        return f"{bot['helper'][0]} is not installed"
    if bot.get("ours") and not PROJECT.exists():
        return "there is no .venv: run make install"
    if bot.get("database", "sqlite") not in prepared and bot.get("ours"):
        return f"no {bot['database']} could be started"
    return ""


def command_of(bot: Entry, scenario: Entry, out: Path, seconds: float | None) -> list[str]:
    """How the load generator is called for one run."""
    start = HERE / bot["start"]
    module = f"{PROJECT} -m bench.{start.stem}"
    script = bot["script"] + ("_unsent" if scenario.get("unsent") else "")
    length = scenario["seconds"] if scenario.get("fixed") or seconds is None else seconds
    mails = bot.get("mails") and not scenario.get("unsent")
    return [
        sys.executable, "-m", "bench.load",
        *("--label", f"{bot['name']} | {scenario['name']}"),
        *("--webhook-url", f"http://127.0.0.1:8090{bot.get('webhook', '/webhook')}"),
        *("--secret", "s3cret"),
        *("--start", module if bot.get("ours") else f"{sys.executable} {start}"),
        *("--channel", bot.get("channel", "telegram")),
        *("--script", str(HERE / "scripts" / f"{script}.json")),
        *("--json", str(out), "--bot-log", str(out.with_suffix(".log"))),
        *("--settle", SETTLE, "--ready-timeout", "60", "--duration", str(length)),
        *(("--smtp-port", "8025") if mails else ()),
        *scenario["args"],
        *bot.get("args", {}).get(scenario["name"], ()),
    ]  # fmt: skip


def run_one(
    bot: Entry, scenario: Entry, billing: Path, template: Template | None, out: Path, seconds: float | None
) -> None:  # fmt: skip
    """One run in a folder of its own; a failure is told and the suite goes on."""
    command = command_of(bot, scenario, out, seconds)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(billing, Path(folder) / "billing.sqlite3")
        env = os.environ | bot.get("env", {}) | {"BENCH_DATA_DIR": folder}
        database = ""
        if template is not None:
            env["BENCH_TEMPLATE"] = database = template.url
            if template.server is not None:
                database = database.replace("balcao_template", "balcao_run")
                command += ["--helper-pid", str(template.server)]
        if "commits" in bot:
            where = bot["commits"].replace("{data}", folder).replace("{database}", database)
            command += ["--commits", where]
        with helper_of(bot, folder) as pid:
            if pid is not None:
                command += ["--helper-pid", str(pid)]
            done = subprocess.run(
                command, env=env, cwd=HOUSE, capture_output=True, text=True, check=False
            )
    if done.returncode:
        print(f"FAILED: {bot['name']} | {scenario['name']}\n{done.stderr[-800:]}", flush=True)


@contextmanager
def helper_of(bot: Entry, folder: str) -> Iterator[int | None]:
    """The server a bot needs besides, for the time of a run."""
    if "helper" not in bot:
        yield None
        return
    words = [word.replace("{data}", folder) for word in bot["helper"]]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def play(asked: argparse.Namespace, suite: Entry, out: Path) -> None:
    """Every wanted run. Repeats go round the bots, so that a slow spell of the machine hits all alike."""
    billing = billing_data()
    wanted = [
        (bot, scenario)
        for bot in suite["peers"]
        for scenario in suite["scenarios"]
        if scenario["name"] in bot["scenarios"]
        and re.search(asked.only, f"{bot['name']} | {scenario['name']}")
    ]
    kinds = {bot["database"] for bot, _scenario in wanted if bot.get("ours")}
    with templates(kinds, billing) as prepared:
        skipped = {bot["name"]: why_not(bot, prepared) for bot, _scenario in wanted}
        for name, reason in skipped.items():
            if reason:
                print(f"skipped: {name}: {reason}", flush=True)
        steady = Steady(asked.patience)
        for number in range(asked.repeat):
            for bot, scenario in wanted:
                if not skipped[bot["name"]]:
                    print(
                        f"{number + 1}/{asked.repeat} {bot['name']} | {scenario['name']}",
                        flush=True,
                    )
                    steady.wait()
                    template = prepared[bot["database"]] if bot.get("ours") else None
                    run_one(bot, scenario, billing, template, out, asked.seconds)


def main() -> None:
    asked = argparse.ArgumentParser(description="Balcão and others, played side by side.")
    asked.add_argument("--suite", type=Path, default=HERE / "suite.json")
    asked.add_argument("--only", default="", help="regex on 'bot | scenario'")
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--seconds", type=float, help="of each run, instead of the suite's own")
    asked.add_argument(
        "--patience",
        type=float,
        default=60,
        help="seconds to wait before a run for a steady machine",
    )
    asked.add_argument("--out", type=Path, default=DATA / "run.jsonl", help="written anew")
    asked.add_argument("--without-limits", action="store_true", help="of the machine")
    asked.add_argument("--table", type=Path, help="only print what is in such a file")
    given = asked.parse_args()
    if not sys.platform.startswith("linux"):
        raise SystemExit("bench: Linux alone, as CPU and memory are read from /proc")
    suite = json.loads(given.suite.read_text(encoding="utf-8"))
    if given.table:
        print(tables(read_runs(given.table), suite))
        return
    check_ports()
    given.out.parent.mkdir(exist_ok=True)
    limits = given.out.with_name("limits.txt")
    if not given.without_limits:
        print("measuring what this machine allows at most …", flush=True)
        measured = subprocess.run(
            [sys.executable, "-m", "bench.limits"], cwd=HOUSE, check=True, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        limits.write_text(measured.stdout, encoding="utf-8")
    given.out.write_text("", encoding="utf-8")
    given.out.with_suffix(".log").unlink(missing_ok=True)
    play(given, suite, given.out)
    print(tables(read_runs(given.out), suite))
    if not given.without_limits:
        print("\n## What this machine allows at most\n")
        print(limits.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
