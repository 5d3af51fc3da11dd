"""The doors between the rooms (.importlinter): the house keeps them, and each of them can be seen broken."""

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = [
    "edges",
    "core",
    "domain",
    "channels",
    "documents",
    "delivery",
    "payments",
    "web",
    "demo",
    "importing",
]

# contract → imports that break it, in a house of empty rooms
BREACHES = {
    "floors": [
        "bot.core.engine -> bot.domain.pix",
        "bot.domain.pix -> bot.core.engine",
        "bot.domain.money -> storage.types",
        "storage.ledger -> handlers.invoices",
        "storage.tables -> bot.delivery.backoff",
        "handlers.menu -> bot.web.pages",
        "bot.web.pages -> bot.payments.asaas",
        "bot.payments.desk -> bot.delivery.backoff",
        "bot.web.api -> bot.channels.webchat",
        "bot.delivery.sweep -> bot.settings",
        "bot.scheduler -> bot.demo.brand",
        "bot.channels.terminal -> bot.documents.invoice",
        "handlers.invoices -> bot.app",
        "bot.delivery.mail -> bot.__main__",
        "bot.documents.codes -> bot.papers",
        "bot.web.pages -> bot.logs",
        "bot.importing.importer -> bot.settings",
        "bot.app -> bot.run_files",
        "bot.papers -> bot.edges.filing",
        "bot.edges.filing -> bot.app",
        "bot.run_documents -> bot.run_files",
    ],
    "rooms": ["bot.attic"],
    "channels": [
        "bot.channels.whatsapp -> storage.tables",
        "bot.channels.terminal -> bot.domain.pix",
    ],
    "database-apart": [
        "bot.documents.invoice -> storage.tables",
        "bot.settings -> storage.ledger",
    ],
    "settings-apart": ["bot.papers -> bot.settings"],
    "flows": [
        "handlers.menu -> handlers.second_copy",
        "handlers._words -> handlers.invoices",
    ],
    "staff-flows": ["handlers.staff.find -> handlers.staff.block"],
    "edges": ["bot.edges.filing -> bot.edges.reports"],
    "drivers": ["bot.channels.telegram_ptb -> bot.channels.telegram_aiogram"],
    "no-io": ["bot.domain.money -> socket", "handlers.menu -> asyncio"],
    "telegram": [
        "bot.web.hooks -> aiogram",
        "bot.payments.asaas -> aiogram",
        "bot.core.message -> telegram",
    ],
    "http": ["bot.delivery.push -> aiohttp", "handlers.menu -> aiohttp"],
    "database": ["bot.app -> sqlalchemy", "handlers.menu -> psycopg", "bot.__main__ -> alembic"],
    "documents": ["handlers.second_copy -> typst", "bot.domain.pix -> zxingcpp"],
    "mail": ["bot.app -> aiosmtplib"],
    "mail-catcher": ["bot.delivery.mail -> aiosmtpd"],
    "web": [
        "bot.channels.terminal -> websockets",
        "bot.delivery.mail -> starlette",
        "bot.__main__ -> uvicorn",
    ],
    "settings": ["bot.app -> pydantic_settings"],
}

PERMITTED = [
    "bot.__main__ -> bot.run",
    "bot.run -> bot.app",
    "bot.run_files -> bot.importing.importer",
    "bot.run_check -> bot.app",
    "bot.importing.importer -> storage.ledger",
    "bot.run -> uvicorn",
    "bot.app -> bot.settings",
    "bot.app -> bot.papers",
    "bot.app -> bot.edges.filing",
    "bot.edges.filing -> bot.papers",
    "bot.edges.filing -> bot.web.pages",
    "bot.edges.filing -> storage.ledger",
    "bot.run_documents -> bot.app",
    "bot.papers -> bot.documents.invoice",
    "bot.papers -> storage.ledger",
    "bot.app -> starlette",
    "bot.channels.telegram_aiogram -> aiogram",
    "bot.channels.telegram_aiogram -> bot.channels._limits",
    "bot.channels.telegram -> aiohttp",
    "bot.channels.telegram -> starlette",
    "bot.payments.asaas -> aiohttp",
    "bot.payments.desk -> storage.ledger",
    "bot.channels.webchat -> starlette",
    "bot.delivery.mail -> aiosmtplib",
    "bot.demo.brand -> storage.ledger",
    "bot.demo.catcher -> aiosmtpd",
    "bot.documents.invoice -> typst",
    "bot.settings -> pydantic_settings",
    "bot.web.pages -> starlette",
    "handlers.second_copy -> handlers._words",
    "handlers.second_copy -> storage.ledger",
    "storage.tables -> sqlalchemy",
]


def run_linter(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the house in `folder`: a process of its own, since import-linter reconfigures logging."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def names() -> dict[str, str]:
    """Each contract's id and its name."""
    config = ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    sections = (s for s in config.sections() if s.startswith("importlinter:contract:"))
    return {s.rpartition(":")[2]: config[s]["name"] for s in sections}


def build_house(folder: Path, imports: list[str]) -> None:
    """Lay a house of empty rooms into `folder` in which "importer -> imported" holds for each of `imports`."""
    shutil.copy(ROOT / ".importlinter", folder)
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/doors.py", folder / "scripts")
    for package in ("bot", "handlers", "handlers/staff", "storage", *(f"bot/{r}" for r in ROOMS)):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for line in imports:
        importer, _, imported = line.partition(" -> ")
        for module in (importer, imported):
            if module.startswith(("bot.", "handlers.", "storage.")):
                (folder / module.replace(".", "/")).with_suffix(".py").touch()
        if imported:
            with (folder / importer.replace(".", "/")).with_suffix(".py").open("a") as file:
                file.write(f"import {imported}\n")


def test_every_import_of_the_house_goes_through_a_door() -> None:
    result = run_linter(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_each_door_is_seen_broken_when_an_import_breaks_it(tmp_path: Path) -> None:
    build_house(tmp_path, [line for lines in BREACHES.values() for line in lines])

    result = run_linter(tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    report = result.stdout.partition("Broken contracts")[2]
    told = dict(re.findall(r"^(.+)\n-+\n((?:(?!.+\n-+\n).*\n)*)", report, re.MULTILINE))
    for contract, name in names().items():
        assert name in told, f"nothing broke {contract}:\n{result.stdout}"
        for breach in BREACHES[contract]:
            assert re.search(rf"{re.escape(breach)}\b", told[name]), (
                f"{contract} let pass {breach}:\n{told[name]}"
            )


def test_no_door_is_shut_to_those_it_is_for(tmp_path: Path) -> None:
    build_house(tmp_path, PERMITTED)

    result = run_linter(tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
