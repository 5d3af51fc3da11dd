"""Somebody is invited to a company, in two real browsers on the running demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.demo.cast import company_tax_id
from tests.web.window import AUDIT, Window, person, tab
from tests.whole.program import Running, demo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MATRIZ = company_tax_id("99999101")


async def proved(window: Window, running: Running) -> None:
    """The company shows who it is, with the code that was mailed to it."""
    mails = len(running.mails())
    await window.ask("identify", "CPF or CNPJ")
    await window.ask(MATRIZ, "a code is on its way")
    await window.ask(running.newest_code(mails), "Três Sinos Matriz")


async def test_from_the_invitation_to_the_invoices(chromium: Browser, tmp_path: Path) -> None:
    english: dict[str, Any] = {"locale": "en-GB"}
    with demo(tmp_path / "demo") as running:
        async with (
            person(chromium, **english) as of_administrator,
            person(chromium, width=390, height=800, **english) as of_bookkeeper,
            tab(of_administrator, f"{running.url}/chat") as rosa,
        ):
            await expect(rosa.heard.first).to_be_visible()
            await proved(rosa, running)
            await rosa.ask("invite somebody", "Make a link that invites one person")
            await rosa.option("Yes").click()
            await expect(rosa.heard.last).to_contain_text("I will tell you here")
            (url,) = [each for each in await rosa.bubbles() if "/join/" in each]
            assert url.startswith(f"{running.url}/join/")

            async with tab(of_bookkeeper, url) as lia:
                await expect(lia.page.get_by_role("heading")).to_have_text("You were invited")
                assert await lia.page.evaluate(AUDIT) == []
                await lia.page.screenshot(path=tmp_path / "join.png")
                await lia.page.get_by_role("link").click()
                await expect(lia.heard.last).to_contain_text("What is your name?")
                await lia.ask("Lia Prado", "I asked the administrator")
                await lia.ask("my invoices", "An administrator has still to let you in")

                await expect(rosa.heard.last).to_contain_text("Lia Prado opened your invite link")
                await rosa.option("Let in").click()
                await rosa.option("Yes").click()
                await expect(rosa.heard.last).to_contain_text("Saved: Lia Prado is in.")

                await expect(lia.page.get_by_text("let you in. Write menu")).to_be_visible()
                await lia.ask("my invoices", "Here are your invoices")
                await lia.page.screenshot(path=tmp_path / "lia.png")

            await rosa.page.reload()
            await expect(rosa.page.get_by_text(url)).to_be_visible()
            await rosa.page.screenshot(path=tmp_path / "rosa.png")
