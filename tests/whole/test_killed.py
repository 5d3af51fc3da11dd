"""kill -9 at any instant of a second copy: no mail lost, none twice, the customer told once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.client import Page, page
from tests.whole.program import Running, demo, eventually

JOAO = "000.000.102-35"
DELAYS = (0.0, 0.004, 0.01, 0.03, 0.1, 0.3)
"""Seconds from the press to the kill: before, around and after each commit of the way."""


async def cookie_of(running: Running) -> str:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{running.url}/chat")
    (value,) = answer.cookies.values()
    return value


class Customer:
    """Someone at the web chat who sends again what was not acknowledged, as the page does."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self.heard: dict[int, dict[str, Any]] = {}
        self.sent = 0

    def take(self, frames: list[dict[str, Any]]) -> None:
        self.heard |= {frame["id"]: frame for frame in frames if frame["type"] == "message"}

    async def hello(self, at: Page) -> None:
        self.take(await at.hello(*sorted(self.heard)))

    async def says(self, at: Page, text: str) -> None:
        self.sent += 1
        self.take(await at.say(text, f"s{self.sent}"))
        self.take([await at.hear()])

    async def hears(self, at: Page, words: str) -> None:
        while not any(words in frame["text"] for frame in self.heard.values()):
            self.take([await at.hear()])

    def button(self, label: str) -> str:
        for id in sorted(self.heard, reverse=True):
            for button in self.heard[id].get("buttons", []):
                if label in button[0]:
                    return str(button[1])
        raise AssertionError(f"no button {label!r}")

    def told(self, words: str) -> int:
        return sum(words in frame["text"] for frame in self.heard.values())


async def identify(running: Running, customer: Customer) -> None:
    mails = len(running.mails())
    async with page(running, customer.cookie) as at:  # type: ignore[arg-type]
        await customer.hello(at)
        await customer.says(at, "minhas faturas")
        await customer.says(at, JOAO)
        code = await asyncio.to_thread(running.newest_code, mails)
        await customer.says(at, code)


@pytest.mark.parametrize("delay", DELAYS)
async def test_a_second_copy_survives_a_kill(tmp_path: Path, delay: float) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as running:
        customer = Customer(await cookie_of(running))
        await identify(running, customer)
        async with page(running, customer.cookie) as at:  # type: ignore[arg-type]
            await customer.hello(at)
            await customer.says(at, "1")
            await customer.says(at, "enviar por e-mail")
            yes = customer.button("Sim")
            await at.send(type="press", id="yes", data=yes, label="Sim")
            await asyncio.sleep(delay)  # where the kill falls is what this test varies
            running.kill()

    with demo(folder) as running:
        async with page(running, customer.cookie) as at:  # type: ignore[arg-type]
            await customer.hello(at)
            await at.send(type="press", id="yes", data=yes, label="Sim")
            customer.take(await at.until("ack"))
            await customer.hears(at, "Enviada")
            customer.take(await at.rest())
        copies = eventually(lambda: [m for m in running.mails() if "atura" in str(m["Subject"])])

    assert len({mail["Message-ID"] for mail in copies}) == 1
    assert customer.told("a caminho de") == 1
    assert customer.told("Enviada") == 1
