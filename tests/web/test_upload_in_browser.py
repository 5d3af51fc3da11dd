"""A file from this device, in Chromium: the paper clip, its progress, what is refused, and the own bubble."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Route, expect

from tests.web.counter import PDF, Counter, Kept, serving
from tests.web.window import AUDIT, chatting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PASTED = """it => {
  const data = new DataTransfer();
  data.items.add(new File(["GIF89a"], "pasted.gif", { type: "image/gif" }));
  it.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""
RECEIPT = FilePayload(name="comprovante.pdf", mimeType="application/pdf", buffer=PDF)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_file_is_attached_refused_kindly_and_sent_at_the_second_try(
    chromium: Browser, scheme: str, tmp_path: Path
) -> None:
    too_large = tmp_path / "comprovante.pdf"  # a file: as a payload it is sent through as text
    too_large.write_bytes(b"%PDF-" + bytes(10 * 2**20))
    counter = Counter()
    async with (
        serving(counter, uploads=Kept(most=10 * 2**20)) as served,
        chatting(
            chromium, f"{served.url}/chat", width=390, height=844, color_scheme=scheme,
            expected="Failed to load resource|ERR_FAILED",
        ) as window,
    ):  # fmt: skip
        page = window.page
        clip = page.get_by_role("button", name="Anexar um arquivo (PDF ou foto)")
        await expect(clip).to_be_hidden()  # nobody asks for a file
        await window.ask("comprovante", "Envie o comprovante")
        await expect(clip).to_be_visible()
        strip, chosen = page.locator("#upload"), page.locator("#attach-file")

        program = FilePayload(name="jogo.exe", mimeType="application/x-msdownload", buffer=b"MZ")
        await chosen.set_input_files(program)
        await expect(strip).to_contain_text("Não consigo receber jogo.exe. Envie um PDF")
        await expect(page.get_by_role("button", name="Tentar de novo")).to_be_hidden()
        await chosen.set_input_files(too_large)
        await expect(strip).to_contain_text("o limite é de 10 MB")
        await chosen.set_input_files({**RECEIPT, "buffer": b"a liar, and long enough for it"})
        await expect(strip).to_contain_text("Não consigo receber comprovante.pdf.")
        await window.words.evaluate(PASTED)
        await expect(strip).to_contain_text("Não consigo receber pasted.gif.")
        await page.get_by_role("button", name="Cancelar").click()
        await expect(strip).to_be_hidden()

        async def cut(route: Route) -> None:
            await route.abort()

        await page.route("**/upload*", cut)
        await chosen.set_input_files(RECEIPT)
        await expect(strip).to_contain_text("A conexão caiu antes de comprovante.pdf chegar.")
        assert await page.evaluate(AUDIT) == []
        await page.unroute("**/upload*")
        await page.get_by_role("button", name="Tentar de novo").click()
        await expect(window.heard.last).to_contain_text("O que posso fazer")
        await expect(window.said.last).to_contain_text("comprovante.pdf")
        await expect(strip).to_be_hidden()
        await expect(clip).to_be_hidden()  # the question is answered
        assert await page.evaluate(AUDIT) == []

    assert [event.file.name for event in counter.heard if event.file] == ["comprovante.pdf"]
