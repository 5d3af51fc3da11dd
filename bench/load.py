"""Drive any chat bot through a scripted conversation, black-box, over HTTP.

The harness plays both sides of the chat platform: it posts customers' updates to the
bot's webhook and serves the API the bot answers through (see fake_bot_api.py).  A turn
is one customer action and the first reply that matches what the script expects.

    python -m bench.load --webhook-url http://127.0.0.1:8090/webhook --secret s3cret \\
        --script bench/scripts/second_copy.json --pid 1234 --concurrency 32 --duration 10

README.md explains the modes, the script format and the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import commits, fake_bot_api, load_options, procstat
from bench.bot_process import BotProcess
from bench.channels import CHANNELS, Delivery
from bench.httpwire import Client, serve
from bench.script import Step, load_script
from bench.smtp_sink import SmtpSink


class TurnFailed(Exception):
    """The turn did not get the reply it should; the message is the kind of failure."""


class Customer:
    """One customer's phone: what it shows, and what it waits for."""

    __slots__ = (
        "asked", "chat_id", "done", "email", "expect", "last_text", "replied_at", "screen",
        "unexpected", "waiter",
    )  # fmt: skip

    def __init__(self, chat_id: str, email: str) -> None:
        self.chat_id = chat_id
        self.email = email
        self.asked = self.done = 0  # last steps taken, and those that were answered
        self.screen: Delivery | None = None  # the last message that carried buttons
        self.expect: re.Pattern[str] | None = None
        self.waiter: asyncio.Future[None] | None = None
        self.replied_at = 0.0
        self.last_text = ""
        self.unexpected = 0

    def deliver(self, delivery: Delivery) -> None:
        self.last_text = delivery.text
        if delivery.buttons:
            self.screen = delivery
        if (
            self.waiter is not None
            and not self.waiter.done()
            and self.expect is not None
            and self.expect.search(delivery.text)
        ):
            self.replied_at = time.perf_counter()
            self.waiter.set_result(None)
        else:
            self.unexpected += 1


class Load:
    """One measurement: customers, the fake API, the mail sink and the bot."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.steps = load_script(Path(args.script))
        self.channel = CHANNELS[args.channel](args.secret)
        url = urlsplit(args.webhook_url)
        self.path = (url.path or "/").encode()
        address = (url.hostname or "127.0.0.1", url.port or 80)
        self.client = Client(*address)
        self.bot = BotProcess(args.start, args.pid, args.bot_log, address)
        self.api = fake_bot_api.from_arguments(args, on_delivery=self._delivered)
        self.sink = SmtpSink()
        first = args.first_chat_id
        self.customers = {
            str(first + i): Customer(str(first + i), f"customer{i + 1}@example.com")
            for i in range(args.customers)
        }
        self.free = deque(self.customers.values())
        self.random = random.Random(args.seed)
        self.commits = commits.counter(args.commits) if args.commits else None
        self.killed_at: float | None = None
        self.calibration_ms = procstat.calibration_ms()
        self._begin_measuring(until=float("inf"))

    def _begin_measuring(self, until: float) -> None:
        self.latencies: list[float] = []
        self.errors = Counter[str]()
        self.samples: list[str] = []
        self.counts = Counter[str]()
        self.turns_ended = self.turns_in_all = 0
        self.until = until

    def _delivered(self, delivery: Delivery) -> None:
        customer = self.customers.get(delivery.chat_id)
        if customer is not None:
            customer.deliver(delivery)

    # -- one customer ---------------------------------------------------------------

    async def conversation(self, customer: Customer, start: float | None = None) -> None:
        """Play the script once.  With `start`, step k is due at start + k * think time
        and its latency is counted from then, however late it could really be sent."""
        customer.screen = None
        for number, step in enumerate(self.steps):
            due = None
            if start is not None:
                due = start + number * self.args.think
                await asyncio.sleep(due - time.perf_counter())
            elif number and self.args.think:
                await asyncio.sleep(self.args.think)
            for attempt in range(1 + self.args.retries):
                customer.asked += number == len(self.steps) - 1
                try:
                    latency = await self.turn(customer, step, due)
                except TurnFailed as failure:
                    self._failed(customer, step, str(failure))
                    due = None
                    continue
                if attempt:
                    self.counts["recovered_by_trying_again"] += 1
                ended = time.perf_counter()
                self.turns_in_all += 1
                self.turns_ended += ended <= self.until
                if ended - latency <= self.until:
                    self.latencies.append(latency)
                break
            else:
                self.counts["conversations_abandoned"] += 1
                return
        customer.done += 1
        self.counts["conversations_completed"] += 1

    async def turn(self, customer: Customer, step: Step, due: float | None) -> float:
        channel = self.channel
        if step.press is None:
            text = (step.text or "").replace("{chat_id}", customer.chat_id)
            body = channel.text(customer.chat_id, text)
        else:
            shown = customer.screen
            found = [b for b in shown.buttons if step.press.search(b.label)] if shown else []
            if shown is None or not found:
                raise TurnFailed("no such button")
            if step.pick == "random":
                button = self.random.choice(found)
            else:
                button = found[0 if step.pick == "first" else -1]
            body = channel.press(customer.chat_id, shown, button)
        customer.expect = step.expect
        customer.waiter = asyncio.get_running_loop().create_future()
        customer.last_text = ""
        accepted = False
        began = time.perf_counter() if due is None else due
        try:
            async with asyncio.timeout(self.args.timeout):
                await self._post(body)
                accepted = True
                await customer.waiter
        except TimeoutError:
            if not accepted:
                raise TurnFailed("update not accepted") from None
            kind = "wrong reply" if customer.last_text else "accepted but no reply"
            raise TurnFailed(kind) from None
        finally:
            customer.waiter = None
        return customer.replied_at - began

    async def _post(self, body: bytes) -> None:
        """Post until the bot takes the update, as the platforms do."""
        pause = 0.05
        while True:
            # A bot that has told a secret of its own is shown that one, as the platforms do.
            headers = self.channel.headers(body, self.api.webhook.get("secret_token"))
            try:
                status, answer_headers, answer = await self.client.post(self.path, headers, body)
            except OSError:
                status = 0
            if 200 <= status < 300:
                if self.killed_at is not None:
                    restart = time.perf_counter() - self.killed_at
                    self.counts["restart_ms"] = round(1000 * restart)
                    self.killed_at = None
                break
            self.counts[f"redelivered_after_{status or 'connection_error'}"] += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        call = self.channel.webhook_reply(answer_headers, answer) if answer else None
        if call is not None:
            self.counts["replies_in_webhook_response"] += 1
            self.api.telegram(*call)

    def _failed(self, customer: Customer, step: Step, kind: str) -> None:
        self.errors[kind] += 1
        if len(self.samples) < 5:
            wanted = step.press.pattern if step.press else step.text
            self.samples.append(f"{kind}: after {wanted!r} got {customer.last_text[:120]!r}")

    # -- many customers -------------------------------------------------------------

    async def closed_loop(self, stop: float) -> None:
        async def worker() -> None:
            while time.perf_counter() < stop:
                customer = self.free.popleft()
                try:
                    await self.conversation(customer)
                finally:
                    self.free.append(customer)

        await asyncio.gather(*(worker() for _ in range(self.args.concurrency)))

    async def open_loop(self, stop: float) -> None:
        async def one(customer: Customer, start: float) -> None:
            try:
                await self.conversation(customer, start)
            finally:
                self.free.append(customer)

        running: set[asyncio.Task[None]] = set()
        due = time.perf_counter()
        while due < stop:
            await asyncio.sleep(due - time.perf_counter())
            if self.free:
                task = asyncio.create_task(one(self.free.popleft(), due))
                running.add(task)
                task.add_done_callback(running.discard)
            else:
                self.errors["no free customer"] += 1
            gap = 1 / self.args.rate
            due += self.random.expovariate(1 / gap) if self.args.poisson else gap
        while running:
            await asyncio.wait(running)

    async def run(self) -> dict[str, Any]:
        """Measure; returns the report."""
        args = self.args
        servers = [await serve(self.api.handle, args.api_host, args.api_port)]
        if args.smtp_port:
            servers.append(await self.sink.serve(args.api_host, args.smtp_port))
        try:
            self.bot.start()
            await self.bot.wait_until_it_listens(args.ready_timeout)
            await asyncio.sleep(args.settle)
            drive = self.open_loop if args.rate else self.closed_loop
            if args.warmup:
                await drive(time.perf_counter() + args.warmup)
                await self._mails_out()
            return await self._measure(drive)
        finally:
            self.bot.end(signal.SIGTERM)
            for server in servers:
                server.close()

    async def _mails_out(self) -> float:
        """Wait for the mails that were asked for; returns the seconds it took, at most the grace."""
        began = time.perf_counter()
        if self.args.smtp_port:
            while (
                self.sink.total < self.counts["conversations_completed"]
                and time.perf_counter() - began < self.args.mail_grace
            ):
                await asyncio.sleep(0.02)
        return time.perf_counter() - began

    async def _measure(self, drive: Callable[[float], Awaitable[None]]) -> dict[str, Any]:
        args = self.args
        self._begin_measuring(until=float("inf"))
        self.api.reset()
        self.sink.received.clear()
        self.sink.ids.clear()
        for customer in self.customers.values():
            customer.unexpected = customer.asked = customer.done = 0
        committed = self.commits() if self.commits else 0
        before = self._usage()
        began = time.perf_counter()
        self.until = began + args.duration
        measured: list[dict[str, Any]] = []
        asyncio.get_running_loop().call_later(args.duration, lambda: measured.append(self._usage()))
        crash = asyncio.create_task(self._crash()) if args.crash_after else None
        await drive(began + args.duration)
        if crash:
            await crash
        if not measured:
            measured.append(self._usage())
        late = await self._mails_out()
        if crash:
            await asyncio.sleep(1.0)  # whatever a restarted bot would send twice
        report = self._report(before, measured[0])
        if args.smtp_port:
            report |= self._mails(late)
        if self.bot.pid and not crash:
            report |= self._to_the_last_mail(before, self._usage())
        if self.commits and not crash:
            made = self.commits() - committed
            report["commits_per_turn"] = round(made / max(1, self.turns_in_all), 3)
        return report

    def _mails(self, late: float) -> dict[str, Any]:
        """By recipient: a customer who was told that it comes has it, and none has more than he asked for."""
        received, customers = self.sink.received, self.customers.values()
        return {
            "mails": self.sink.total,
            "mails_late_s": round(late, 2),
            "mails_lost": sum(max(0, c.done - received[c.email]) for c in customers),
            "mails_sent_twice": sum(max(0, received[c.email] - c.asked) for c in customers),
            "mails_with_a_message_id_seen_before": sum(n - 1 for n in self.sink.ids.values()),
        }

    def _to_the_last_mail(self, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        """CPU of all turns with all that they left to be done."""
        turns = max(1, self.turns_in_all)
        cpu = after["bot"].cpu - before["bot"].cpu
        return {
            "cpu_ms_per_turn": round(1000 * cpu / turns, 3),
            "helper_cpu_ms_per_turn": round(
                1000 * (after["helpers"] - before["helpers"]) / turns, 3
            ),
        }

    def _usage(self) -> dict[str, Any]:
        bot = procstat.usage(self.bot.pid) if self.bot.pid else None
        helpers = sum(procstat.usage(pid).cpu for pid in self.args.helper_pid)
        return {
            "at": time.perf_counter(),
            "bot": bot,
            "helpers": helpers,
            "own": time.process_time(),
            "machine": procstat.machine_cpu(),
            "api_calls": sum(self.api.calls.values()),
        }

    def _report(self, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        args = self.args
        seconds = after["at"] - before["at"]
        turns = self.turns_ended
        ordered = sorted(self.latencies)
        own = after["own"] - before["own"]
        helpers = after["helpers"] - before["helpers"]
        report: dict[str, Any] = {
            "label": args.label,
            "mode": "open" if args.rate else "closed",
            "concurrency": None if args.rate else args.concurrency,
            "conversations_per_s_offered": args.rate or None,
            "seconds": round(seconds, 2),
            "turns": turns,
            "turns_per_s": round(turns / seconds, 1),
            "p50_ms": _percentile(ordered, 50),
            "p95_ms": _percentile(ordered, 95),
            "p99_ms": _percentile(ordered, 99),
            "max_ms": _percentile(ordered, 100),
            "errors": dict(self.errors),
            "error_samples": self.samples,
            "counts": dict(self.counts),
            "unexpected_messages": sum(c.unexpected for c in self.customers.values()),
            "api_calls_per_turn": round(after["api_calls"] / max(1, turns), 2),
            "api_events": dict(self.api.events),
            "harness_cpu_s": round(own, 2),
            "calibration_ms": self.calibration_ms,
        }
        if self.bot.pid and not args.crash_after:
            cpu = after["bot"].cpu - before["bot"].cpu
            others = after["machine"] - before["machine"] - own - cpu - helpers
            report |= {
                "bot_cpu_s": round(cpu, 2),
                "bot_cpu_ms_per_turn": round(1000 * cpu / max(1, turns), 3),
                "bot_peak_rss_mib": round(after["bot"].peak_rss / 2**20, 1),
                "other_processes_cpu_share": round(others / seconds, 2),
            }
        return report

    async def _crash(self) -> None:
        await asyncio.sleep(self.args.crash_after)
        self.bot.end(signal.SIGKILL)
        self.killed_at = time.perf_counter()
        self.bot.start()
        await self.bot.wait_until_it_listens(self.args.ready_timeout)


def _percentile(ordered: list[float], percent: float) -> float | None:
    """Nearest-rank percentile in milliseconds."""
    if not ordered:
        return None
    rank = max(1, -(-len(ordered) * percent // 100))
    return round(1000 * ordered[int(rank) - 1], 2)


def main() -> None:
    import uvloop

    args = load_options.parse()
    report = uvloop.run(Load(args).run())
    if args.json:
        with Path(args.json).open("a", encoding="utf-8") as out:
            out.write(json.dumps(report) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
