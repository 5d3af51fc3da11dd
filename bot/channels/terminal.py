"""The terminal: the counter for whoever sits at the keyboard, or for a script that pipes lines in."""

from __future__ import annotations

import asyncio
import codecs
import itertools
import os
import re
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text as Styled

from bot.core.errors import Permanent, Unavailable
from bot.core.message import Address, Document, Inbound, Limits, Outbound
from bot.core.ports import Close, LaneLimits, Receive

CHAT = "here"
"""There is one person at a terminal, and they are the same one tomorrow."""
_PROMPT = "› "
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal might obey, should a customer's name hold it."""


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the process."""
        raise BrokenPipeError


class Terminal:
    """The driver of a terminal (a `Channel`): lines in, words out, documents into a folder.

    There are no buttons, so options are numbers. Where standard input is no terminal, lines are
    read and words printed plainly, without prompt or style.
    """

    limits = Limits(text=20_000, page=9, files_out=20 * 1024 * 1024, caption=20_000)
    lane_limits = LaneLimits(per_second=1000, burst=1000)
    acknowledges = False

    def __init__(
        self,
        account: str,
        brand: str,
        *,
        folder: Path,
        stdin: int = 0,
        stdout: TextIO | None = None,
        locale: str | None = None,
        again: float = 1.0,
        new_run: Callable[[], str] = lambda: uuid.uuid4().hex[:12],
    ) -> None:
        """`folder` takes documents, and is made when the first one comes; `stdin` is a descriptor.

        `locale` is what the terminal believes the person reads; `again` the seconds until a line is
        handed in again that the database could not take. `new_run` names this run, so that no line
        has the id of an earlier run's.
        """
        self.account = account
        self.brand = brand
        self._folder = folder
        self._stdin = stdin
        self._console = _Screen(file=stdout or sys.stdout, highlight=False, soft_wrap=True)
        self._asks = os.isatty(stdin) and self._console.is_terminal
        self._locale = locale
        self._again = again
        self._run = new_run()
        self._count = 0
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._ended = asyncio.Event()
        self._stopping = False
        self._talk: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ in

    async def start(self, receive: Receive) -> None:
        """Greet who is there, then hand in their lines, each after the one before is played."""
        loop = asyncio.get_running_loop()
        # A thread of its own: whoever waits for a key cannot be interrupted, and must not hold up
        # the end of the process. It reads the descriptor, for Python's own stdin locks itself.
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        self._talk = loop.create_task(self._hand_in(receive))

    async def stop(self) -> None:
        """Take no more lines; the one in hand is played to its end."""
        self._stopping = True
        self._lines.put_nowait(None)
        if self._talk:
            await self._talk

    async def ended(self) -> None:
        """Wait until the person has left (Ctrl-D), or the script is read."""
        await self._ended.wait()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        try:
            while chunk := os.read(self._stdin, 65_536):
                *lines, rest = (rest + decoder.decode(chunk)).split("\n")
                for line in lines:
                    loop.call_soon_threadsafe(self._lines.put_nowait, line)
            if rest := rest + decoder.decode(b"", final=True):
                loop.call_soon_threadsafe(self._lines.put_nowait, rest)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)
        except RuntimeError:
            pass  # the loop is closed: nobody listens any more
        except OSError:  # the terminal itself is gone
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    async def _hand_in(self, receive: Receive) -> None:
        line: str | None = "/start"
        while line is not None and not self._stopping:
            if text := line.strip():
                await self._play(text, receive)
            elif self._asks:
                self._prompt()
            line = await self._lines.get()
        if self._asks:
            self._console.print()
        self._ended.set()

    async def _play(self, text: str, receive: Receive) -> None:
        self._count += 1
        event = Inbound(
            id=f"{self._run}:{self._count}",
            address=Address(self.account, CHAT),
            text=text,
            locale=self._locale,
        )
        while not self._stopping:
            try:
                return await receive(event)
            except Unavailable:
                await asyncio.sleep(self._again)
        return None

    # ------------------------------------------------------------------ out

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        """Print a message and an empty line; so a value to copy stands alone, and is never wrapped."""
        if document and len(document.content) > self.limits.files_out:
            raise Permanent("too_large")
        words = Styled(_CONTROLS.sub("\ufffd", message.text))
        for start, length in message.bold:
            words.stylize("bold", start, start + length)
        if document:
            words.append("\n→ " if message.text else "→ ").append(str(self._save(document)))
        try:
            if self._asks:
                self._console.file.write("\r\x1b[K")  # the prompt gives way
            self._console.print(words, end="\n\n")
            if self._asks:
                self._prompt()
            self._console.file.flush()
        except OSError:
            self._ended.set()  # what we were piped into has ended: there is nobody to talk to
            raise Permanent("gone") from None
        return str(id)

    def _prompt(self) -> None:
        self._console.print(_PROMPT, end="", style="bold cyan")

    def _save(self, document: Document) -> Path:
        """Where a document was put; an earlier one of that name stays."""
        plain = "".join(c for c in document.name if c.isprintable()).replace("\\", "/")
        name = Path(Path(plain).name or "document")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / name
            for n in itertools.count(2):
                if not path.exists():
                    break
                path = self._folder / f"{name.stem} ({n}){name.suffix}"
            path.write_bytes(document.content)
        except OSError as error:
            raise Permanent("refused", "the folder for documents cannot be written") from error
        return path

    async def typing(self, address: Address) -> None:
        """Nobody looks at a terminal waiting."""

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """What was printed stays."""
        return False

    async def close(self, address: Address, close: Close) -> None:
        """What was printed stays."""

    async def delete(self, address: Address, ref: str) -> None:
        """What was typed stays."""

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        """There are no presses."""
