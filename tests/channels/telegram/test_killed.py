"""kill -9 under a real process with a bot: no acknowledged update without a reply, and one effect."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.channels.telegram.doors import PUBLIC, Mode, labels
from tests.channels.telegram.fake_api import TOKEN, Chat, FakeApi
from tests.whole.program import HOUSE, PATIENCE, environment

JOAO, PHONE = "000.000.102-35", "5511900000011"
BOT = '[{{"name": "telegram", "kind": "telegram", "token_env": "BOT", "api_url": "{}", "mode": "{}"}}]'


async def eventually(look: Callable[[], object]) -> None:
    """Wait for another process to have done something."""
    async with asyncio.timeout(PATIENCE):
        while not look():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path, api: FakeApi, mode: Mode) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`balcao demo` with a bot; killed at the end, whatever it is doing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    api.behind = lambda url: url.replace(PUBLIC, f"http://127.0.0.1:{port}")
    settings = {
        "BALCAO_CHANNELS": BOT.format(api.url, mode),
        "BALCAO_HTTP__PORT": str(port),
        "BALCAO_HTTP__PUBLIC_URL": PUBLIC,
        "BOT": TOKEN,
    }
    before = len(api.calls)
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", "--folder", str(folder)],
            cwd=folder.parent,
            env=environment(**settings) | {"PYTHONPATH": str(HOUSE)},
            stdout=log,
            stderr=log,
        )
    try:
        await eventually(
            lambda: process.poll() is not None or any(n == "getMe" for n, _ in api.calls[before:])
        )
        assert process.poll() is None, (folder.parent / f"{folder.name}.log").read_text()
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


def button(chat: Chat, begins: str) -> str:
    """The label of the newest button that begins so; an empty string while there is none."""
    found = (each for message in reversed(chat.heard) for each in labels(message) if begins in each)
    return next(found, "")


def told(chat: Chat, words: str) -> int:
    return sum(words in message.text for message in chat.heard)


async def walk_to_the_consent(api: FakeApi, joao: Chat) -> None:
    api.writes(joao, text="quero me identificar")
    await eventually(lambda: told(joao, "CPF"))
    api.writes(joao, text=JOAO)
    await eventually(lambda: button(joao, "Meu telefone"))
    api.presses(joao, "Meu telefone")
    await eventually(lambda: joao.keyboard)
    api.writes(joao, contact={"phone_number": PHONE, "first_name": "João", "user_id": joao.id})
    for label in ("Minhas faturas", " · ", "Enviar por e-mail"):
        await eventually(lambda label=label: button(joao, label))  # type: ignore[misc]
        api.presses(joao, button(joao, label))
    await eventually(lambda: button(joao, "Sim"))


def second_copies(folder: Path) -> list[EmailMessage]:
    parser = BytesParser(EmailMessage, policy=policy.default)
    mails = [parser.parsebytes(path.read_bytes()) for path in (folder / "mail").glob("*.eml")]
    return [mail for mail in mails if "atura" in str(mail["Subject"])]


@pytest.mark.parametrize(
    ("mode", "delay"),
    [("polling", 0.0), ("polling", 0.05), ("webhook", 0.05)],
)
async def test_nothing_is_lost_and_nothing_done_twice_by_a_kill(
    tmp_path: Path, mode: Mode, delay: float
) -> None:
    folder = tmp_path / "demo"
    async with FakeApi().serving() as api:
        joao = api.chat(7, name="João")
        others = [api.chat(100 + n) for n in range(8)]
        async with running(folder, api, mode) as process:
            await walk_to_the_consent(api, joao)
            api.presses(joao, "Sim")
            for each in others:
                api.writes(each, text="oi")
            await asyncio.sleep(delay)  # where the kill falls is what this test varies
            process.kill()

        async with running(folder, api, mode):
            await eventually(lambda: not api.pending)
            await eventually(lambda: all(told(each, "Como posso ajudar?") for each in others))
            await eventually(lambda: told(joao, "Enviada"))
            api.writes(joao, text="/menu")
            await eventually(lambda: button(joao, "Minhas faturas"))

        # What Telegram took just before the kill may be said again; more often never.
        assert all(told(each, "Como posso ajudar?") <= 2 for each in others)
        assert told(joao, "Enviada") <= 2
        assert len({mail["Message-ID"] for mail in second_copies(folder)}) == 1
        # A press that comes again was answered already, and Telegram forgets it then.
        assert [each for each in api.refused if "query is too old" not in each] == []
