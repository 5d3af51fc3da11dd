"""`balcao check`: every prerequisite, ok or broken with its mend, one line each."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from bot.run_check.bots import bot_probes
from bot.run_check.gateways import gateway_probes
from bot.run_check.mail import mail_probes
from bot.run_check.probing import Broken, Note, Probe, run
from bot.run_check.this_machine import database, server_key, templates
from bot.run_check.world import public_url
from bot.settings import Problem, Settings, load

__all__ = ["Broken", "Note", "Probe", "check", "probes", "run"]


def check(config: Path | None) -> int:
    """Print a line for each prerequisite; 0 if none is broken, else 1."""
    try:
        settings = load(config)
    except Problem as problem:
        for line in str(problem).splitlines():
            _say("broken", "settings", line)
        return 1
    # Alarms and warnings of the parts are told by the lines here.
    structlog.configure(processors=[_silent])
    _say("ok", "settings", str(config or Path("config.toml")))
    return asyncio.run(run(probes(settings), _say))


def probes(settings: Settings) -> list[Probe]:
    """What has to hold for these settings, in the order in which it is to be mended."""
    return [
        Probe("database", lambda: asyncio.to_thread(database, settings.database.url)),
        Probe("server key", lambda: asyncio.to_thread(server_key, settings)),
        Probe("public url", lambda: asyncio.to_thread(public_url, settings.http)),
        *mail_probes(settings.mail.accounts),
        Probe("templates", lambda: asyncio.to_thread(templates, settings)),
        *bot_probes(settings),
        *gateway_probes(settings),
    ]


def _silent(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


def _say(verdict: str, name: str, words: str) -> None:
    print(f"{verdict:<6}  {name}: {words}" if words else f"{verdict:<6}  {name}", flush=True)  # noqa: T201
