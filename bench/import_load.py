"""100,000 rows imported while customers talk: seconds, memory, and how long live turns take meanwhile.

    python -m bench.import_load [--rows 100000] [--url postgresql://…] [--folder DIR]

The import is a process of its own (`balcao import`); the turns are played by this one, as `balcao run`
plays them, on the same database.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot import logs
from bot.app import App, build
from bot.channels.terminal import Terminal
from bot.core.message import Address, Inbound
from bot.domain import boleto, tax_id
from bot.settings import load
from storage.migrate import migrate

HOUSE = Path(__file__).parents[1]
EACH_SECOND = 20
"""Turns that are begun each second: a busy counter's."""
QUIET_SECONDS = 10


class Quiet(Terminal):
    """A channel whose messages go nowhere."""

    async def start(self, receive: object) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(self, *_message: object, **_more: object) -> None:
        return None

    async def typing(self, address: Address) -> None:
        pass

    async def close(self, *_closed: object) -> None:
        pass


def write_files(folder: Path, rows: int) -> tuple[Path, Path]:
    """As many customers as invoices, together `rows`, as an ERP writes them."""
    rng = random.Random(1)
    customers, invoices = folder / "customers.csv", folder / "invoices.csv"
    with customers.open("w", encoding="latin-1", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ("codigo", "cpf_cnpj", "nome", "situacao", "dia_vencimento", "plano", "email", "telefone",
             "cep", "endereco", "numero", "bairro", "cidade", "uf", "cliente_desde")
        )  # fmt: skip
        people = dict[str, None]()
        while len(people) < rows // 2:
            people[tax_id.generate_cpf(rng)] = None
        for n, bare in enumerate(people):
            mask = tax_id.format_tax_id(bare)
            writer.writerow(
                (n, mask, f"João Ninguém {n}", "Ativo", n % 28 + 1, "Fibra 500",
                 f"c{n}@example.com", f"(11) 90{n // 10000:03}-{n % 10000:04}", "12940-000", "Rua A", n,
                 "Centro", "Atibaia", "SP", "03/02/2024")
            )  # fmt: skip
    with invoices.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ("id", "numero", "codigo_cliente", "vencimento", "valor", "situacao", "linha_digitavel")
        )
        due, amount = date(2026, 12, 10), Decimal("1234.56")
        for n in range(rows - rows // 2):
            line = boleto.line_from_barcode(boleto.make_barcode("999", due, amount, f"{n:025}"))
            writer.writerow((f"T{n}", f"F-{n:07}", n, "10/12/2026", "1.234,56", "Aberto", line))
    return customers, invoices


async def talk(app: App, waits: list[float], until: asyncio.Event) -> None:
    """Turns at a steady rate, whatever the answers take; each one's milliseconds."""
    turns = set[asyncio.Task[None]]()
    count = 0

    async def one(n: int) -> None:
        began = time.perf_counter()
        word = ("oi", "menu", "ajuda", "2")[n % 4]
        await app.counter.receive(Inbound(f"e{n}", Address("quiet", f"c{n % 200}"), text=word))
        waits.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    base = int(time.time() * 1000)
    while not until.is_set():
        task = asyncio.create_task(one(base + count))
        turns.add(task)
        task.add_done_callback(turns.discard)
        count += 1
        await asyncio.sleep(max(0.0, began + count / EACH_SECOND - time.perf_counter()))
    await asyncio.gather(*turns)


def told(waits: list[float]) -> str:
    ordered = sorted(waits)
    p = [ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.95, 0.99)]
    return f"{len(waits)} turns, p50 {p[0]:.0f} ms, p95 {p[1]:.0f} ms, p99 {p[2]:.0f} ms, worst {ordered[-1]:.0f} ms"


async def timed(*files: Path, config: Path, app: App) -> None:
    """One import as a process, with turns beside it."""
    waits: list[float] = []
    over = asyncio.Event()
    talking = asyncio.create_task(talk(app, waits, over))
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "import", *map(str, files), "--config", str(config),
        env={**os.environ, "PYTHONPATH": str(HOUSE)}, stdout=subprocess.PIPE, cwd=config.parent,
    )  # fmt: skip
    said = (await process.communicate())[0].decode()
    seconds = time.perf_counter() - began
    over.set()
    await talking
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(said.rstrip())
    print(
        f"  {seconds:.1f} s, {cpu:.1f} s of CPU, peak {after.ru_maxrss / 1024:.0f} MiB, exit {process.returncode}"
    )
    print(f"  meanwhile: {told(waits)}", flush=True)


async def measure(folder: Path, rows: int, url: str) -> None:
    config = folder / "config.toml"
    config.write_text(
        f'[[brands]]\nid = "bench"\nname = "Bench"\n[database]\nurl = "{url}"\n[log]\nlevel = "error"\n'
        '[[channels]]\nname = "web"\n'
    )
    files = write_files(folder, rows)
    settings = load(config)
    logs.set_up("error", "console")
    migrate(settings.database.url)
    quiet = Quiet("quiet", "bench", folder=folder)
    app = build(settings.model_copy(update={"channels": ()}), channels=[quiet])
    await app.start()
    try:
        waits: list[float] = []
        over = asyncio.Event()
        talking = asyncio.create_task(talk(app, waits, over))
        await asyncio.sleep(QUIET_SECONDS)
        over.set()
        await talking
        print(f"without an import: {told(waits)}", flush=True)
        for name in ("first run", "second run, which changes nothing"):
            print(f"{name}, {rows} rows:", flush=True)
            await timed(*files, config=config, app=app)
    finally:
        await app.stop()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--url", default="", help="else SQLite in the folder")
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        url = given.url or f"sqlite:///{folder}/balcao.sqlite3"
        os.chdir(folder)
        asyncio.run(measure(folder, given.rows, url))


if __name__ == "__main__":
    main()
