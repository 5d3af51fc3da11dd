"""The physical limits of this machine that bound any bot: disk, loopback, parsing, mail.

python -m bench.limits [--json FILE]          (packages the machine lacks are skipped)
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson

from bench.channels import Button, Delivery, Telegram
from bench.httpwire import Client
from bench.smtp_sink import SmtpSink

SECONDS = 1.0
results: dict[str, float] = {}


def note(name: str, value: float, unit: str) -> None:
    results[f"{name} [{unit}]"] = round(value, 4)
    print(f"{name:<58} {value:>12,.3f} {unit}", flush=True)


def per_second(action: Callable[[], object], seconds: float = SECONDS) -> float:
    action()
    count, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        action()
        count += 1
    return count / elapsed


def cpu_us(action: Callable[[], object], seconds: float = SECONDS / 2) -> float:
    action()
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        for _ in range(10):
            action()
        count += 10
    return 1e6 * (time.process_time() - cpu) / count


def disk(folder: Path) -> None:
    with (folder / "fsync").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())

        note("append 4 KiB + fdatasync", per_second(write), "/s")
    for journal, sync in (("WAL", "FULL"), ("WAL", "NORMAL"), ("DELETE", "FULL")):
        db = sqlite3.connect(folder / f"{journal}-{sync}.sqlite3", isolation_level=None)
        db.execute(f"PRAGMA journal_mode={journal}")
        db.execute(f"PRAGMA synchronous={sync}")
        db.execute("CREATE TABLE state (key INTEGER PRIMARY KEY, value TEXT)")
        upsert = "INSERT OR REPLACE INTO state VALUES (?, ?)"
        number = 0

        def commit(rows: int = 1) -> None:
            nonlocal number
            db.execute("BEGIN IMMEDIATE")
            for _ in range(rows):
                number += 1
                db.execute(upsert, (number % 10_000, '{"state":"choosing","invoice":17}'))
            db.execute("COMMIT")

        note(f"SQLite commits of one row, {journal} {sync}", per_second(commit), "/s")
        if sync == "FULL" and journal == "WAL":
            rate = per_second(lambda: commit(32))
            note("SQLite rows at 32 rows a commit, WAL FULL", 32 * rate, "/s")
        if sync == "NORMAL":
            read = "SELECT value FROM state WHERE key = ?"
            cost = cpu_us(lambda: db.execute(read, (17,)).fetchone())
            note("SQLite read of one row, sqlite3 module", cost, "us CPU")
        db.close()


async def sqlalchemy_cost(folder: Path) -> None:
    try:
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import create_async_engine
    except ImportError:
        return
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'WAL-NORMAL.sqlite3'}")
    query = text("SELECT value FROM state WHERE key = :key")

    async def read() -> None:
        async with engine.connect() as connection:
            (await connection.execute(query, {"key": 17})).first()

    await read()
    cpu = time.process_time()
    for _ in range(300):
        await read()
    cost = 1e6 * (time.process_time() - cpu) / 300
    note("the same read by SQLAlchemy Core + aiosqlite", cost, "us CPU")
    await engine.dispose()


def parsing() -> None:
    channel = Telegram("s")
    markup = {
        "inline_keyboard": [
            [{"text": f"2026-0{i} · 120.00 EUR", "callback_data": f"i:{i}"}] for i in range(1, 8)
        ]
    }
    shown = Delivery("1000000", "5", "Please choose an invoice:", [], raw={"reply_markup": markup})
    body = channel.press("1000000", shown, Button("2026-01", "i:1", "callback"))
    note("update with a 7-button keyboard", len(body), "bytes")
    note("parse it, json", cpu_us(lambda: json.loads(body)), "us CPU")
    note("parse it, orjson", cpu_us(lambda: orjson.loads(body)), "us CPU")
    try:
        from aiogram.types import Update

        document = json.loads(body)
        note(
            "aiogram Update.model_validate",
            cpu_us(lambda: Update.model_validate(document)),
            "us CPU",
        )
    except ImportError:
        pass
    try:
        from telegram import Update as PtbUpdate

        cost = cpu_us(lambda: PtbUpdate.de_json(json.loads(body), None))
        note("python-telegram-bot json + Update.de_json", cost, "us CPU")
    except ImportError:
        pass
    signature = cpu_us(lambda: hmac.new(b"secret", body, hashlib.sha256).hexdigest())
    note("HMAC-SHA256 of it", signature, "us CPU")


def mail_building() -> EmailMessage:
    pdf = b"%PDF-1.4\n" + bytes(range(256)) * 80

    def build() -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "x"
        message.set_content("Dear customer, here is your copy.\n")
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename="x.pdf")
        return message

    note(
        "build and serialise a mail with a 20 kB PDF", cpu_us(lambda: build().as_bytes()), "us CPU"
    )
    return build()


async def mail_sending(message: EmailMessage) -> None:
    try:
        import aiosmtplib
    except ImportError:
        return
    server = await SmtpSink().serve("127.0.0.1", 8025)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 8025, "start_tls": False}
    began, count = time.perf_counter(), 100
    for _ in range(count):
        await aiosmtplib.send(message, **options)
    note("mails/s, aiosmtplib, a connection each", count / (time.perf_counter() - began), "/s")
    async with aiosmtplib.SMTP(**options) as client:
        began = time.perf_counter()
        for _ in range(count):
            await client.send_message(message)
        note("mails/s, aiosmtplib, one connection", count / (time.perf_counter() - began), "/s")
    server.close()


async def loopback() -> None:
    """The harness's ceilings: its client and the fake API, each in its own process."""
    command = [sys.executable, "-m", "bench.fake_bot_api", "--api-port", "8082"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        from bench import procstat

        client = Client("127.0.0.1", 8082)
        json_type = b"Content-Type: application/json\r\n"
        form_type = b"Content-Type: application/x-www-form-urlencoded\r\n"
        message = orjson.dumps({"chat_id": 1000000, "text": "Reminder: your invoice is due."})
        form = b"chat_id=1000000&text=Reminder%3A+your+invoice+is+due."
        for _ in range(100):
            try:
                await client.post(b"/bot1:x/getMe", json_type, b"{}")
                break
            except OSError:
                await asyncio.sleep(0.05)
        for name, path, headers, body in (
            ("getMe", b"/bot1:x/getMe", json_type, b"{}"),
            ("sendMessage as JSON", b"/bot1:x/sendMessage", json_type, message),
            ("sendMessage as form", b"/bot1:x/sendMessage", form_type, form),
        ):
            count = 0
            stop = time.perf_counter() + 2 * SECONDS

            async def worker() -> None:
                nonlocal count
                while time.perf_counter() < stop:
                    await client.post(path, headers, body)
                    count += 1

            server_cpu, own = procstat.usage(process.pid).cpu, time.process_time()
            await asyncio.gather(*(worker() for _ in range(32)))
            server_cpu = procstat.usage(process.pid).cpu - server_cpu
            own = time.process_time() - own
            note(f"fake API, {name}: requests/s reached", count / (2 * SECONDS), "/s")
            note(f"fake API, {name}: its CPU", 1e6 * server_cpu / count, "us CPU")
            note(f"harness client, {name}: its CPU", 1e6 * own / count, "us CPU")
        client.close()
    finally:
        process.terminate()
        process.wait()


async def client_cost() -> None:
    """What one API call costs a bot in the HTTP clients the frameworks use."""
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.fake_bot_api", "--api-port", "8082"],
        stdout=subprocess.DEVNULL,
    )
    url = "http://127.0.0.1:8082/bot1:x/sendMessage"
    data = {"chat_id": "1000000", "text": "Reminder: your invoice is due."}
    await asyncio.sleep(1.0)

    async def cost(name: str, call: Callable[[], Awaitable[object]]) -> None:
        await call()
        cpu = time.process_time()
        for _ in range(300):
            await call()
        note(f"one API call by {name}", 1e6 * (time.process_time() - cpu) / 300, "us CPU")

    try:
        try:
            import aiohttp

            async with aiohttp.ClientSession() as session:

                async def by_aiohttp() -> None:
                    async with session.post(url, json=data) as response:
                        await response.json()

                await cost("aiohttp", by_aiohttp)
        except ImportError:
            pass
        try:
            import httpx

            async with httpx.AsyncClient() as client:

                async def by_httpx() -> None:
                    (await client.post(url, json=data)).json()

                await cost("httpx", by_httpx)
        except ImportError:
            pass
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    import uvloop

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--folder", help="where to test the disk (default: a temporary folder)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        disk(Path(folder))
        asyncio.run(sqlalchemy_cost(Path(folder)))
    parsing()
    message = mail_building()
    asyncio.run(mail_sending(message))
    uvloop.run(loopback())
    asyncio.run(client_cost())
    if args.json:
        with Path(args.json).open("a", encoding="utf-8") as out:
            out.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
