"""The page of an undo link in Chromium: what would be undone, and a button that undoes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, expect

from bot.core.render import Catalogs, Renderer
from bot.web.app import create_app
from bot.web.assets import Assets
from bot.web.pages import Looks
from bot.web.undo import Undoable, UndoPage
from tests.web.counter import Server
from tests.web.window import AUDIT, person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOKEN = "1-0123456789abcdef0123456789abcdef01234567"
CHANGE = Undoable("email", "n***@e***.org", "open")
WORDS = Renderer(Catalogs(Path(__file__).parents[2] / "locales"), UTC)


@dataclass
class Changed:
    """One change, and how often it was undone."""

    what: Undoable | None
    undone: list[str] = field(default_factory=list)

    async def look(self, token: str) -> Undoable | None:
        return self.what if token == TOKEN else None

    async def undo(self, token: str) -> Undoable | None:
        if token != TOKEN or self.what is None:
            return None
        self.undone.append(token)
        return replace(self.what, shown="", result="undone")


@asynccontextmanager
async def linked(what: Undoable | None) -> AsyncIterator[tuple[str, Changed]]:
    """The pages of one brand, and their address."""
    of, assets = Changed(what), Assets()
    page = UndoPage(
        Looks("Fibra do Vale"), path="/undo/fibra", look=of.look, undo=of.undo,
        say=WORDS.plain, assets=assets,
    )  # fmt: skip
    app = create_app([*page.routes(), *assets.routes()])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server, door = Server(config), config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await server.serves.wait()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/undo/fibra/{TOKEN}", of
    finally:
        server.should_exit = True
        await running
        door.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_press_undoes_it_and_looking_does_not(chromium: Browser, scripts: bool) -> None:
    async with (
        linked(CHANGE) as (url, of),
        person(chromium, locale="en-US", java_script_enabled=scripts) as context,
    ):
        page = await context.new_page()
        await page.goto(url)
        await expect(page.get_by_role("heading")).to_have_text(
            "The e-mails of your registration were changed."
        )
        await expect(page.get_by_text("n***@e***.org")).to_be_visible()
        assert of.undone == []
        await page.get_by_role("button", name="Undo the change").click()
        await expect(page.get_by_role("heading")).to_have_text(
            "Undone: your contacts are as they were."
        )
        assert of.undone == [TOKEN]
        assert await page.get_by_role("button").count() == 0


@pytest.mark.parametrize("result", ["used", "expired"])
async def test_what_is_over_has_no_button(chromium: Browser, result: str) -> None:
    async with (
        linked(replace(CHANGE, result=result)) as (url, _of),
        person(chromium, locale="en-US") as context,
    ):
        page = await context.new_page()
        await page.goto(url)
        await expect(page.get_by_role("heading")).to_be_visible()
        assert await page.get_by_role("button").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("what", [CHANGE, None])
async def test_everybody_can_use_it(
    chromium: Browser, scheme: str, width: int, what: Undoable | None
) -> None:
    async with (
        linked(what) as (url, _of),
        person(chromium, width=width, locale="en-US", color_scheme=scheme) as context,
    ):
        page = await context.new_page()
        await page.goto(url)
        await expect(page.get_by_role("heading")).to_be_visible()
        assert await page.evaluate(AUDIT) == []
