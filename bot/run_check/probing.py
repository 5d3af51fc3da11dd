"""Asking prerequisites: all at once, told in order, and none that fails silences another."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

SECONDS = 20.0
"""After this long a prerequisite counts as broken."""


class Broken(Exception):
    """A prerequisite that does not hold: what is wrong, and what mends it."""


class Note(str):
    """It holds, and yet the operator should know something of it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """One prerequisite: `look` returns what it found (ok, or a Note), or raises Broken.

    Several lines are several faults.
    """

    name: str
    look: Callable[[], Awaitable[str]]


async def run(
    asked: Sequence[Probe], say: Callable[[str, str, str], None], seconds: float = SECONDS
) -> int:
    """Ask every prerequisite at once, tell in order; 0 if none is broken, else 1."""
    found = await asyncio.gather(*(_ask(probe, seconds) for probe in asked))
    for probe, (verdict, words) in zip(asked, found, strict=True):
        for line in words.splitlines() or [""]:
            say(verdict, probe.name, line)
    return int(any(verdict == "broken" for verdict, _words in found))


async def _ask(probe: Probe, seconds: float) -> tuple[str, str]:
    try:
        words = await asyncio.wait_for(probe.look(), seconds)
    except Broken as broken:
        return "broken", str(broken)
    except TimeoutError:
        return "broken", f"no answer within {seconds:.0f} seconds"
    # A part that raises what it does not declare is broken too, and the others are still to be told.
    except Exception as error:  # noqa: BLE001
        return "broken", f"{type(error).__name__}; the log of `balcao run` tells more"
    return "note" if isinstance(words, Note) else "ok", words


def first_line(words: object) -> str:
    return str(words).strip().partition("\n")[0]


def on_this_machine(host: str) -> bool:
    """Whether a host is loopback: nobody else reaches it, and nobody else listens."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
