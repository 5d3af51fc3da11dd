"""The pictures of the documentation, taken from the running demo: `make pictures`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.web.conftest import ARGUMENTS, chromium_path
from tests.web.window import Window, person
from tests.whole.program import Running, demo
from tests.whole.test_newcomer import oldest_open_invoice, proved

WISHES = (
    ("/menu", "", "menu"),
    ("meu cadastro", "Este é o seu cadastro", "registration"),
    ("forma de pagamento", "Você paga por", "payment"),
)
"""What is written, what is answered, and what the picture is called."""


async def take(running: Running, folder: Path) -> None:
    """The demo page with a second copy that arrived, and the chat on a phone, in the dark and by day."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        async with person(browser, width=1280, height=860) as context:
            window = Window(await context.new_page())
            await window.page.goto(running.url)
            await proved(window, running)
            await oldest_open_invoice(window)
            await window.option("Enviar por e-mail").click()
            await window.option("Sim").click()
            await expect(window.page.get_by_text("Enviada: a fatura")).to_be_visible()
            await window.page.get_by_role("button", name="Todos os e-mails").click()
            await window.page.locator("#mails button", has_text="Segunda via").click()
            mail = window.page.frame_locator("iframe.mail-html").get_by_text("Total a pagar")
            await expect(mail).to_be_visible()
            await window.page.screenshot(path=folder / "demo.png")
        async with person(browser, width=390, height=844, color_scheme="dark") as context:
            window = Window(await context.new_page())
            await window.page.goto(f"{running.url}/chat")
            await proved_on_a_phone(window, running)
            await oldest_open_invoice(window)
            await window.option("Pagar com PIX").click()
            await expect(window.page.locator(".row.heard img").last).to_be_visible()
            await window.page.wait_for_load_state("networkidle")
            await window.page.screenshot(path=folder / "phone.png")
        async with person(browser, width=390, height=844) as context:
            window = Window(await context.new_page())
            await window.page.goto(f"{running.url}/chat")
            await proved_on_a_phone(window, running)
            for wish, answer, name in WISHES:
                await window.ask("/menu", "Como posso ajudar?")
                if wish != "/menu":
                    await window.ask(wish, answer)
                await window.page.wait_for_load_state("networkidle")
                await window.page.screenshot(path=folder / f"{name}.png")
        await browser.close()


async def proved_on_a_phone(window: Window, running: Running) -> None:
    mails = len(running.mails())
    await window.ask("minhas faturas", "CPF ou CNPJ")
    await window.ask("000.000.102-35", "código está a caminho")
    code = await asyncio.to_thread(running.newest_code, mails)
    await window.ask(code, "suas faturas")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home, demo(Path(home) / "demo") as started:
        asyncio.run(take(started, Path(sys.argv[1])))
