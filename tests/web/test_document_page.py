"""The page of a document's link in Chromium: what it is, the file by a press, or the way to the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, expect

from bot.core.message import Document
from bot.core.render import Catalogs, Renderer
from bot.web.assets import Assets
from bot.web.document_link import DocumentPage, Linked, size
from bot.web.link_pages import Entrance
from bot.web.pages import Looks
from tests.web.counter import PDF, Counter, Server, build
from tests.web.window import AUDIT, Window, person, tab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOKEN = "0123456789abcdef0123456789abcdef01234567"
FREE = Linked("Balancete de outubro", "balancete-10.pdf", 1_440_000, login_required=False)
LOCKED = Linked("Folha <b>de</b> outubro", "folha.pdf", 312_000, login_required=True)
WORDS = Renderer(Catalogs(Path(__file__).parents[2] / "locales"), UTC)


@dataclass
class Shelf:
    """What one link opens, and who asked for it."""

    linked: Linked | None
    came: list[str] = field(default_factory=list)

    async def look(self, token: str) -> Linked | None:
        return self.linked if token == TOKEN else None

    async def fetch(self, token: str, host: str) -> Document | None:
        if self.linked is None or self.linked.login_required:
            return None
        self.came.append(host)
        return Document(self.linked.file_name, "application/pdf", PDF)


@asynccontextmanager
async def shelf(
    linked: Linked | None, *, chats: Sequence[str] = ("/chat",)
) -> AsyncIterator[tuple[str, Shelf]]:
    """The page beside a web chat, and its address."""
    of, counter = Shelf(linked), Counter()
    channel, app = build(counter)
    page = DocumentPage(
        Looks("Fibra do Vale"),
        path="/document/fibra",
        look=of.look,
        fetch=of.fetch,
        say=WORDS.plain,
        assets=Assets(),  # the same files are under the same path, whoever asks
        entrances=[
            Entrance("webchat" if each.startswith("/") else "telegram", partial(str, each))
            for each in chats
        ],
    )
    app.router.routes[:0] = page.routes()
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = Server(config)
    await channel.start(counter.receive)
    door = config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await server.serves.wait()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/document/fibra", of
    finally:
        await channel.stop()
        server.should_exit = True
        await running
        door.close()


@asynccontextmanager
async def visiting(
    browser: Browser,
    linked: Linked | None,
    *,
    path: str = TOKEN,
    chats: Sequence[str] = ("/chat",),
    expected: str | None = None,
    **options: object,
) -> AsyncIterator[tuple[Window, Shelf]]:
    """Somebody who reads English at the page of a link."""
    async with (
        shelf(linked, chats=chats) as (url, of),
        person(browser, **{"locale": "en-US", **options}) as context,
        tab(context, f"{url}/{path}", expected=expected) as window,
    ):
        yield window, of


async def test_a_press_downloads_the_file_and_looking_does_not(chromium: Browser) -> None:
    async with visiting(chromium, FREE) as (window, of):
        page = window.page
        await expect(page.get_by_role("heading")).to_have_text("Balancete de outubro")
        await expect(page.get_by_text("PDF · 1.4 MB")).to_be_visible()
        await expect(page.get_by_text("are recorded")).to_be_visible()
        assert of.came == []
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download").click()
        got = await download.value
        assert got.suggested_filename == "balancete-10.pdf"
        assert Path(await got.path()).read_bytes() == PDF
        assert of.came == ["127.0.0.1"]


async def test_it_works_without_scripts(chromium: Browser) -> None:
    async with (
        shelf(FREE) as (url, of),
        person(chromium, locale="en-US", java_script_enabled=False) as context,
    ):
        page = await context.new_page()
        await page.goto(f"{url}/{TOKEN}")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download").click()
        assert (await download.value).suggested_filename == "balancete-10.pdf"
        assert of.came == ["127.0.0.1"]


async def test_where_a_login_is_required_it_leads_to_the_chat_with_the_link(
    chromium: Browser,
) -> None:
    async with visiting(chromium, LOCKED) as (window, of):
        await expect(window.page.get_by_role("heading")).to_have_text("Folha <b>de</b> outubro")
        assert await window.page.get_by_role("button").count() == 0
        await window.page.get_by_role("link", name="Go on in the chat of this site").click()
        await expect(window.heard.first).to_contain_text(f"Você veio por doc_{TOKEN}.")
        assert TOKEN not in window.page.url
        assert of.came == []


async def test_without_a_web_chat_it_says_where_to_go(chromium: Browser) -> None:
    async with visiting(chromium, LOCKED, chats=()) as (window, _of):
        await expect(window.page.get_by_text("Please write to us in the chat")).to_be_visible()
        assert await window.page.get_by_role("link").count() == 0


async def test_a_bot_is_a_way_in_too(chromium: Browser) -> None:
    bot = "https://t.me/example_bot"
    async with visiting(chromium, LOCKED, chats=["/chat", bot]) as (window, _of):
        way = window.page.get_by_role("link", name="Go on in Telegram")
        await expect(way).to_have_attribute("href", f"{bot}?start=doc_{TOKEN}")


@pytest.mark.parametrize("path", [TOKEN, "nothing", "0" * 40])
async def test_a_link_that_opens_nothing_says_so_and_no_more(chromium: Browser, path: str) -> None:
    async with visiting(chromium, None, path=path, expected="404") as (window, _of):
        await expect(window.page.get_by_role("heading")).to_have_text(
            "That link does not work any more."
        )


async def test_a_login_required_since_the_page_was_shown_is_told(chromium: Browser) -> None:
    async with visiting(chromium, FREE, expected="403") as (window, of):
        of.linked = LOCKED
        await window.page.get_by_role("button", name="Download").click()
        await expect(
            window.page.get_by_role("link", name="Go on in the chat of this site")
        ).to_be_visible()
        assert of.came == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("linked", [FREE, LOCKED, None], ids=["free", "locked", "none"])
async def test_everybody_can_read_and_reach_everything(
    chromium: Browser, theme: str, width: int, linked: Linked | None
) -> None:
    async with (
        shelf(linked) as (url, _of),
        person(chromium, width=width, color_scheme=theme) as context,
        tab(context, f"{url}/{TOKEN}", expected="404") as window,
    ):
        assert await window.page.evaluate(AUDIT) == []
        scrolls = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await window.page.evaluate(scrolls)


@pytest.mark.parametrize(
    ("count", "locale", "said"),
    [(1, "en", "1 KB"), (312_400, "es", "312 KB"), (1_440_000, "pt_BR", "1,4 MB"),
     (9_960_000, "en", "10.0 MB")],
)  # fmt: skip
async def test_sizes_are_said_as_people_do(count: int, locale: str, said: str) -> None:
    assert size(count, locale) == said
