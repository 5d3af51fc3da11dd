"""What `balcao check` would print for some settings, without a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from bot.run_check import probes, run
from bot.settings import Settings


class Said(NamedTuple):
    """The exit code, and (verdict, words) of the lines of the probes asked for."""

    code: int
    lines: list[tuple[str, str]]

    @property
    def verdicts(self) -> list[str]:
        return [verdict for verdict, _words in self.lines]

    @property
    def words(self) -> str:
        return "\n".join(words for _verdict, words in self.lines)


async def look(folder: Path, begins: str, **settings: Any) -> Said:
    """Ask the prerequisites whose name begins so; the others of these settings are left alone."""
    whole = Settings(
        brands=({"id": "vento", "name": "Vento"},),  # type: ignore[arg-type]
        database={"url": f"sqlite:///{folder}/balcao.sqlite3"},  # type: ignore[arg-type]
        server_key_file=folder / "server.key",
        **settings,
    )
    found = list[tuple[str, str]]()
    asked = [probe for probe in probes(whole) if probe.name.startswith(begins)]
    assert asked
    code = await run(asked, lambda verdict, _name, words: found.append((verdict, words)))
    return Said(code, found)
