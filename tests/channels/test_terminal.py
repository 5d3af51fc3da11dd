"""The terminal keeps the contract of channels, and is good to people and to scripts."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import pty
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.channels.terminal import Terminal
from bot.core.errors import Permanent
from bot.core.message import Address, Document, Outbound
from tests.channels.contract import PDF, PIX, ChannelContract, Door, Ears, Files, Refusal, Seen


class TerminalDoor:
    """A script at the terminal: its lines go in by a pipe, what is printed is read back."""

    def __init__(self, folder: Path) -> None:
        self._reads, self.writes = os.pipe()
        self.printed = io.StringIO()
        self._starts: list[int] = []
        self.channel = Terminal(
            "terminal", "fibra", folder=folder, stdin=self._reads, stdout=self.printed, again=0.0
        )

    async def someone(self) -> Address:
        return Address("terminal", "here")

    async def types(self, at: Address, words: str) -> None:
        os.write(self.writes, f"{words}\n".encode())

    async def presses(self, at: Address, label: str) -> None:
        raise NotImplementedError

    async def repeats(self) -> None:
        raise NotImplementedError

    async def refuses(self, how: Refusal) -> None:
        raise NotImplementedError

    def posted(self, at: Address, id: int, message: Outbound, document: Document | None) -> None:
        self._starts.append(self.printed.tell())

    async def seen(self, at: Address) -> Sequence[Seen]:
        printed = self.printed.getvalue()
        bounds = itertools.pairwise([*self._starts, len(printed)])
        messages = [printed[start:end] for start, end in bounds if end > start]
        return [self._seen(message.removesuffix("\n\n")) for message in messages]

    def _seen(self, printed: str) -> Seen:
        words, arrow, path = printed.rpartition("→ ")
        if not arrow:
            return Seen(printed)
        file = Path(path)
        return Seen(words.rstrip("\n"), document=Document(file.name, "", file.read_bytes()))

    def close(self) -> None:
        os.close(self.writes)


class TestTerminal(ChannelContract, Files):
    """The contract."""

    @pytest.fixture
    async def door(self, tmp_path: Path) -> AsyncIterator[Door]:
        door = TerminalDoor(tmp_path)
        yield door
        await door.channel.stop()
        door.close()


# ------------------------------------------------------------------ scripts


async def script(folder: Path, lines: str | bytes, ears: Ears) -> TerminalDoor:
    """A script piped in, read to its end."""
    door = TerminalDoor(folder)
    await door.channel.start(ears.receive)
    os.write(door.writes, lines.encode() if isinstance(lines, str) else lines)
    door.close()
    async with asyncio.timeout(10):
        await door.channel.ended()
    await door.channel.stop()
    return door


async def test_a_script_is_greeted_read_line_by_line_and_ends(tmp_path: Path) -> None:
    ears = Ears()
    await script(tmp_path, "menu\r\n\n  1  \nlast line without an end", ears)
    assert [event.text for event in ears.events] == [
        "/start", "menu", "1", "last line without an end",
    ]  # fmt: skip


async def test_bytes_that_are_no_utf8_are_no_crash(tmp_path: Path) -> None:
    ears = Ears()
    await script(tmp_path, b"ol\xe1\n\xc3", ears)
    assert [event.text for event in ears.events] == ["/start", "ol\ufffd", "\ufffd"]


async def test_the_lines_of_another_run_have_other_ids(tmp_path: Path) -> None:
    first, second = Ears(), Ears()
    await script(tmp_path, "oi\n", first)
    await script(tmp_path, "oi\n", second)
    ids = {event.id for event in (*first.events, *second.events)}
    assert len(ids) == 4


async def test_a_script_sees_plain_words_without_prompt_or_style(tmp_path: Path) -> None:
    door = await script(tmp_path, "oi\n", Ears())
    at = await door.someone()
    await door.channel.send(at, Outbound("Olá, Zé", bold=((5, 2),)), None, id=1)
    await door.channel.send(at, Outbound(PIX, copyable=True), None, id=2)
    assert door.printed.getvalue() == f"Olá, Zé\n\n{PIX}\n\n"


async def test_words_cannot_command_the_terminal(tmp_path: Path) -> None:
    door = TerminalDoor(tmp_path)
    at = await door.someone()
    await door.channel.send(at, Outbound("a\x1b[2Jb\x07\x9bc\rd"), None, id=1)
    assert door.printed.getvalue() == "a\ufffd[2Jb\ufffd\ufffdc\ufffdd\n\n"
    door.close()


# ------------------------------------------------------------------ documents


async def test_a_document_of_the_same_name_does_not_replace_the_first(tmp_path: Path) -> None:
    door = TerminalDoor(tmp_path / "made" / "when needed")
    at = await door.someone()
    for content in (b"one", b"two"):
        await door.channel.send(at, Outbound(""), Document("f.pdf", "", content), id=1)
    folder = tmp_path / "made" / "when needed"
    assert (folder / "f.pdf").read_bytes() == b"one"
    assert (folder / "f (2).pdf").read_bytes() == b"two"
    assert f"→ {folder / 'f (2).pdf'}" in door.printed.getvalue()
    door.close()


@pytest.mark.parametrize("name", ["../../evil", "..\\evil", "/etc/evil", "a/b/evil", "\0evil\n"])
async def test_a_documents_name_cannot_lead_out_of_its_folder(tmp_path: Path, name: str) -> None:
    door = TerminalDoor(tmp_path / "papers")
    await door.channel.send(await door.someone(), Outbound(""), Document(name, "", b"x"), id=1)
    assert [file.name for file in (tmp_path / "papers").iterdir()] == ["evil"]
    assert [file.name for file in tmp_path.iterdir()] == ["papers"]
    door.close()


async def test_a_folder_that_cannot_be_written_refuses_the_document(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    door = TerminalDoor(tmp_path / "file")
    with pytest.raises(Permanent) as raised:
        await door.channel.send(await door.someone(), Outbound(""), PDF, id=1)
    assert raised.value.code == "refused"
    door.close()


async def test_who_was_piped_into_something_that_ended_leaves(tmp_path: Path) -> None:
    class Ended(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    channel = Terminal("terminal", "fibra", folder=tmp_path, stdout=Ended())
    with pytest.raises(Permanent) as raised:
        await channel.send(Address("terminal", "here"), Outbound("x"), None, id=1)
    assert raised.value.code == "gone"
    await channel.ended()


# ------------------------------------------------------------------ people


async def test_a_person_has_a_prompt_and_leaves_with_ctrl_d(tmp_path: Path) -> None:
    person, terminal = pty.openpty()
    ears = Ears()
    with os.fdopen(os.dup(terminal), "w") as screen:
        channel = Terminal("terminal", "fibra", folder=tmp_path, stdin=terminal, stdout=screen)
        await channel.start(ears.receive)
        await channel.send(
            Address("terminal", "here"), Outbound("Olá!", bold=((0, 3),)), None, id=1
        )
        os.write(person, b"oi\n")
        assert (await ears.next()).text == "oi"
        os.write(person, b"\x04")
        async with asyncio.timeout(10):
            await channel.ended()
        await channel.stop()
        shown = os.read(person, 10_000).decode()
    os.close(terminal)
    os.close(person)
    assert "\x1b[1mOlá\x1b[0m!" in shown
    assert re.search(r"›.* ", shown)
    assert not shown.rstrip("\r\n").endswith("Olá!")


async def test_it_can_be_stopped_while_the_person_says_nothing(tmp_path: Path) -> None:
    door = TerminalDoor(tmp_path)
    await door.channel.start(Ears().receive)
    async with asyncio.timeout(10):
        await door.channel.stop()
    door.close()
