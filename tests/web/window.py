"""A browser's window on the web chat, as a person uses it; errors on its console fail the test."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

# A page comes back after growing pauses, and the machine of a test run is often busy.
expect.set_options(timeout=20_000)

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8").strip().rstrip(";")
"""To be evaluated in a page: what it owes everybody and does not give."""


@dataclass
class Window:
    """A tab with the chat in it."""

    page: Page
    problems: list[str] = field(default_factory=list)

    @property
    def heard(self) -> Locator:
        """The bubbles of the counter."""
        return self.page.locator(".row.heard .bubble")

    @property
    def said(self) -> Locator:
        """One's own bubbles."""
        return self.page.locator(".row.said .bubble")

    @property
    def words(self) -> Locator:
        return self.page.get_by_role("textbox")

    def option(self, label: str) -> Locator:
        """The newest button with a label."""
        return self.page.get_by_role("button", name=label, exact=True).last

    async def greeted(self) -> None:
        await expect(self.heard.nth(1)).to_be_visible()

    async def say(self, text: str) -> None:
        await self.words.fill(text)
        await self.words.press("Enter")

    async def ask(self, text: str, answer: str) -> None:
        """Say something and wait for the answer to be the last bubble."""
        await self.say(text)
        await expect(self.heard.last).to_contain_text(answer)

    async def bubbles(self) -> Sequence[str]:
        """All that is on the page, in order, without what only a screen reader is told."""
        texts = await self.page.locator(".row .bubble").evaluate_all(
            "all => all.map(b => (b.querySelector('.text, .value-text, .file-name')"
            " ?? b).textContent)"
        )
        return list(texts)


def _watch(page: Page, problems: list[str], expected: str | None) -> None:
    def heard(message: ConsoleMessage) -> None:
        known = expected is not None and re.search(expected, message.text)
        if message.type in ("error", "warning") and not known:
            problems.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(str(error)))


@asynccontextmanager
async def person(
    browser: Browser, *, width: int = 1000, height: int = 800, **options: Any
) -> AsyncIterator[BrowserContext]:
    """A browser of one's own: cookies, storage, a screen."""
    settings = {"locale": "pt-BR", "viewport": {"width": width, "height": height}, **options}
    context = await browser.new_context(**settings)
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def tab(
    context: BrowserContext, url: str, *, expected: str | None = None
) -> AsyncIterator[Window]:
    """A tab at an address. What it tells on its console fails the test, but for `expected`."""
    page = await context.new_page()
    window = Window(page)
    _watch(page, window.problems, expected)
    await page.goto(url)
    yield window
    assert window.problems == []


@asynccontextmanager
async def chatting(
    browser: Browser, url: str, *, expected: str | None = None, **options: Any
) -> AsyncIterator[Window]:
    """One person with one tab, greeted."""
    async with (
        person(browser, **options) as context,
        tab(context, url, expected=expected) as window,
    ):
        await window.greeted()
        yield window
