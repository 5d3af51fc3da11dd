"""What one call of the Bot API costs by aiohttp and by Balcão's own wire, in turns, 16 at once:

    .venv/bin/python -m bench.calls

Medians of five rounds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import uvloop
from yarl import URL

from bot.channels.telegram.wire import Wire

PORT = 8082
URL_OF_BOT = URL(f"http://127.0.0.1:{PORT}/bot1:x/")
BODY = json.dumps({"chat_id": "1000000", "text": "Reminder: your invoice is due."}).encode()
ROUNDS, AT_ONCE, TIMES = 5, 16, 100

Call = Callable[[], Awaitable[object]]


async def cost(call: Call) -> float:
    """Microseconds of this process's CPU for a call."""
    before = time.process_time()
    for _ in range(TIMES):
        await asyncio.gather(*(call() for _ in range(AT_ONCE)))
    return 1e6 * (time.process_time() - before) / (TIMES * AT_ONCE)


async def compare() -> None:
    wire, url = Wire(URL_OF_BOT), URL_OF_BOT / "sendMessage"
    kind = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def by_aiohttp() -> bytes:
            async with session.post(url, data=BODY, headers=kind) as answer:
                return await answer.read()

        async def by_wire() -> bytes:
            return (await wire.post("sendMessage", BODY, 30.0))[1]

        calls: dict[str, Call] = {"aiohttp": by_aiohttp, "our wire": by_wire}
        for call in calls.values():
            await cost(call)  # which opens the connections
        costs: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                costs[name].append(await cost(call))
    await wire.close()
    for name, each in costs.items():
        print(f"one call by {name:10} {statistics.median(each):6.1f} µs of CPU")


def main() -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.fake_bot_api", "--api-port", str(PORT)],
        stdout=subprocess.DEVNULL,
    )
    try:
        time.sleep(1.0)
        uvloop.run(compare())
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
