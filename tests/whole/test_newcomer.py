"""The first minutes of a newcomer, in a real browser on the running demo."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from playwright.async_api import Browser, Page, expect

from bot.domain import pix
from tests.documents.eyes import picture as seen
from tests.web.window import Window, person, tab
from tests.whole.program import Running, demo, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JOAO = "000.000.102-35"


async def proved(window: Window, running: Running) -> None:
    """João shows who he is with the code that arrives in the mailbox beside the chat."""
    mails = len(running.mails())
    await window.ask("minhas faturas", "CPF ou CNPJ")
    await window.ask(JOAO, "código está a caminho")
    page = window.page
    await page.locator("#mails button").first.click()
    code = page.frame_locator("iframe.mail-html").get_by_text(running.newest_code(mails))
    await expect(code).to_be_visible()
    await window.ask(await code.inner_text(), "suas faturas")


async def oldest_open_invoice(window: Window) -> None:
    """The first in the list; João is always late with it."""
    await window.page.locator(".row.heard").last.locator("button.option:enabled").first.click()
    await expect(window.heard.last).to_contain_text("Multa")


async def test_the_second_copy_arrives_in_the_mailbox_and_the_chat_says_so(
    chromium: Browser, tmp_path: Path
) -> None:
    with demo(tmp_path / "demo") as running:
        async with person(chromium, width=1280) as context, tab(context, running.url) as window:
            await proved(window, running)
            await oldest_open_invoice(window)
            await window.option("Enviar por e-mail").click()
            await expect(window.heard.last).to_contain_text("j***@e***.net")
            await window.option("Sim").click()
            await expect(window.page.get_by_text("Enviada: a fatura")).to_be_visible()

            page = window.page
            await page.get_by_role("button", name="Todos os e-mails").click()
            await page.locator("#mails button", has_text="Segunda via").click()
            await expect(
                page.frame_locator("iframe.mail-html").get_by_text("Total a pagar")
            ).to_be_visible()
            await _opens_a_pdf(page, running.url)

        async with person(chromium, width=1280) as stranger, tab(stranger, running.url) as window:
            await window.ask("oi", "Como posso ajudar")
            await expect(window.page.get_by_text("Enviada: a fatura")).to_have_count(0)


async def _opens_a_pdf(page: Page, url: str) -> None:
    link = await page.get_by_role("link", name="Abrir").get_attribute("href")
    answer = await page.request.get(f"{url}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    assert (await answer.body()).startswith(b"%PDF")


async def test_the_pix_code_is_copied_whole_and_its_picture_scans_to_the_same(
    chromium: Browser, tmp_path: Path
) -> None:
    with demo(tmp_path / "demo") as running:
        allowed = ["clipboard-read", "clipboard-write"]
        async with (
            person(chromium, width=1280, permissions=allowed) as context,
            tab(context, running.url) as window,
        ):
            await proved(window, running)
            await oldest_open_invoice(window)
            await window.option("Pagar com PIX").click()
            picture = window.page.locator(".row.heard img").last
            await expect(picture).to_be_visible()
            await window.page.get_by_role("button", name="Copiar").last.click()
            copied = await window.page.evaluate("navigator.clipboard.readText()")

            source = await picture.get_attribute("src")
            answer = await window.page.request.get(f"{running.url}{source}")
            assert seen(await answer.body()).texts(zxingcpp.BarcodeFormat.QRCode) == [copied]
            assert pix.decode(copied).name == "Ventarola Fibra"

        # The same picture is nobody else's.
        async with person(chromium) as other:
            refused = await other.request.get(f"{running.url}{source}")
            assert refused.status == 404


async def test_the_conversation_goes_on_after_a_restart_in_the_middle(
    chromium: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as first:
        port = str(first.port)
        async with person(chromium, width=1280) as context:
            page = await context.new_page()
            window = Window(page)
            await page.goto(first.url)
            await proved(window, first)
            await oldest_open_invoice(window)
            first.kill()
            await window.say("boleto")
            with demo(folder, BALCAO_HTTP__PORT=port):
                line = window.heard.filter(has_text="99990.")
                await expect(line).to_have_count(1, timeout=30_000)
                await window.ask("menu", "Como posso ajudar")
                await expect(line).to_have_count(1)


async def test_a_reset_begins_anew(tmp_path: Path, chromium: Browser) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as running:
        async with person(chromium, width=1280) as context, tab(context, running.url) as window:
            await proved(window, running)
        running.interrupt()
        assert eventually(running.mails)
    with demo(folder, "--reset") as running:
        assert running.mails() == []
        running.interrupt()
