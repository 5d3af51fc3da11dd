"""CPU time and memory of a process tree, from /proc (Linux alone)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    cpu: float  # seconds, user + system, reaped children included
    peak_rss: int  # bytes, the sum of each process's own peak


def tree(pid: int) -> list[int]:
    pids, todo = [], [pid]
    while todo:
        current = todo.pop()
        pids.append(current)
        try:
            for task in Path(f"/proc/{current}/task").iterdir():
                todo.extend(int(child) for child in (task / "children").read_text().split())
        except OSError:
            continue
    return pids


def usage(pid: int) -> Usage:
    cpu, rss = 0.0, 0
    for member in tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        cpu += sum(int(fields[i]) for i in (11, 12, 13, 14)) / _TICK
        if "VmHWM:" in status:
            rss += int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return Usage(cpu, rss)


def machine_cpu() -> float:
    """Seconds of CPU the whole machine has spent on anything but idling."""
    fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / _TICK


def calibration_ms() -> float:
    """CPU milliseconds of a fixed piece of Python: compare runs only where it agrees."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        words: dict[str, int] = {}
        for number in range(20_000):
            word = f"k{number % 997}"
            words[word] = words.get(word, 0) + number
        best = min(best, time.process_time() - began)
    return round(1000 * best, 2)
