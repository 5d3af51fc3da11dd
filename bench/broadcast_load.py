"""Measure a program that sends one message to each of many chats, black-box.

    python -m bench.broadcast_load --start "python my_broadcast.py" --expect 100000
    python -m bench.broadcast_load --start "..." --expect 2000 --enforce-limits --max-seconds 60
    python -m bench.broadcast_load --start "..." --expect 20000 --kill-at 0.5

The program must send to the fake API (default http://127.0.0.1:8081) and exit when done.
With --kill-at it is killed with SIGKILL when that share has arrived and started again.
Duplicates and losses are counted per chat at the receiving end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import fake_bot_api, procstat
from bench.httpwire import serve


async def measure(args: argparse.Namespace) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    reached_kill = asyncio.Event()
    kill_at = int(args.expect * args.kill_at) if args.kill_at else None

    def on_delivery(_delivery: object) -> None:
        if api.events["delivered"] == kill_at:
            kill(signal.SIGKILL)  # at once: the answer to this very message is lost
            reached_kill.set()

    def kill(how: signal.Signals) -> None:
        if process.poll() is None:
            os.killpg(process.pid, how)

    def start() -> subprocess.Popen[bytes]:
        with Path(args.bot_log or os.devnull).open("ab") as log:
            return subprocess.Popen(
                shlex.split(args.start), stdout=log, stderr=log, start_new_session=True
            )

    api = fake_bot_api.from_arguments(args, on_delivery=on_delivery, keep_deliveries=True)
    server = await serve(api.handle, args.api_host, args.api_port)
    began = time.perf_counter()
    machine, own = procstat.machine_cpu(), time.process_time()
    process = start()
    usage, first = procstat.Usage(0.0, 0), None
    while True:
        await asyncio.sleep(0.1)
        if process.poll() is not None:
            if kill_at and reached_kill.is_set():
                kill_at = None
                process = start()
                continue
            break
        current = procstat.usage(process.pid)
        if api.events["delivered"]:
            first = first or current
        usage = current if current.peak_rss else usage
        if args.max_seconds and time.perf_counter() - began > args.max_seconds:
            kill(signal.SIGTERM)
            await loop.run_in_executor(None, process.wait)
            break
    server.close()
    elapsed = time.perf_counter() - began
    delivered = api.events["delivered"]
    sending = (api.last_delivery_at - api.first_delivery_at) or 1.0
    duplicates = sum(count - 1 for count in api.deliveries.values())
    cpu = usage.cpu - (first.cpu if first else 0.0)
    others = procstat.machine_cpu() - machine - (time.process_time() - own) - usage.cpu
    return {
        "label": args.label,
        "delivered": delivered,
        "sending_seconds": round(sending, 2),
        "messages_per_s": round((delivered - 1) / sending, 1),
        "bot_cpu_ms_per_message": None
        if args.kill_at
        else round(1000 * cpu / max(1, delivered), 3),
        "bot_peak_rss_mib": round(usage.peak_rss / 2**20, 1),
        "events": dict(api.events),
        "duplicates": duplicates,
        "lost": args.expect - len(api.deliveries),
        "other_processes_cpu_share": round(others / elapsed, 2),
    }


def main() -> None:
    import uvloop

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="command that runs the broadcast")
    parser.add_argument("--expect", type=int, required=True, help="chats to be reached")
    parser.add_argument("--kill-at", type=float, metavar="SHARE")
    parser.add_argument("--max-seconds", type=float)
    parser.add_argument("--label", default="")
    parser.add_argument("--json", help="append the report to this file")
    parser.add_argument("--bot-log")
    fake_bot_api.add_arguments(parser)
    args = parser.parse_args(sys.argv[1:])
    report = uvloop.run(measure(args))
    if args.json:
        with Path(args.json).open("a", encoding="utf-8") as out:
            out.write(json.dumps(report) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
