"""A process killed at a commit point leaves all of a turn or nothing, and others find what it held."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.ports import LaneLimits
from storage.database import Database
from tests.fakes import Clock

from .telling import BRAND, count_up, counted, events, said, states

ROOT = Path(__file__).parents[2]


async def killed_at(point: str, url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.dying", url, point,
        cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"here\n"
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL


async def test_killed_before_the_commit_nothing_was_there(
    storage: Database, database_url: str
) -> None:
    await killed_at("before commit", database_url)

    assert await states(storage) == []
    assert await events(storage) == 0
    # The provider was told nothing, so the event comes again.
    assert await storage.play(BRAND, count_up(said("e1"))) == 1


@pytest.mark.parametrize(
    ("point", "left", "swept", "ends"),
    [
        (
            "after commit",
            ["sending", "queued", "queued"],
            {"queued": 1, "unknown": 0},
            ["queued", "queued", "queued"],
        ),
        (
            "before settle",
            ["sending", "sending", "sending"],
            {"queued": 2, "unknown": 1},
            ["queued", "queued", "unknown"],
        ),
    ],
    ids=["after commit", "before settle"],
)
async def test_killed_after_the_commit_nothing_is_lost(
    storage: Database, database_url: str, clock: Clock,
    point: str, left: list[str], swept: dict[str, int], ends: list[str],
) -> None:  # fmt: skip
    await killed_at(point, database_url)

    assert await storage.play(BRAND, count_up(said("e1"))) is None
    assert await storage.play(BRAND, counted()) == 1
    assert await states(storage) == left
    clock.forward(seconds=61)
    assert await storage.ledger.sweep() == swept
    assert await states(storage) == ends
    (reply,) = await storage.ledger.claim("web", LaneLimits(), 10)
    assert (reply.kind, reply.attempts) == ("reply", 2)
    assert len(await storage.ledger.claim("mail:other", LaneLimits(), 10)) == 1
