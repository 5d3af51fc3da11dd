"""The demo page in Chromium: mails seen arriving beside the chat, opened, and unable to do anything."""

import pytest
from playwright.async_api import Browser, expect

from bot.core.message import Document
from tests.web.counter import PDF, Counter, serving
from tests.web.mails import Mails
from tests.web.window import AUDIT, chatting, person, tab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HTML = (
    "<!doctype html><html><head><style>b { color: rgb(1, 2, 3) }</style></head>"
    "<body><p id='words'>Seu código é <b>482913</b>.</p><a href='https://example.com/'>Ajuda</a>"
    "<img src='https://example.com/spy.png'><script>document.body.textContent = 'taken'</script>"
    "</body></html>"
)
# What the frame of a mail refuses is told on the console, and that is well.
REFUSED = r"Blocked script execution|violates the following Content Security Policy"


async def test_a_mail_is_seen_arriving_beside_the_chat_and_opened(chromium: Browser) -> None:
    mails = Mails()
    async with (
        serving(Counter(), mails) as served,
        chatting(chromium, served.url, width=1280, expected=REFUSED) as window,
    ):
        page = window.page
        await expect(page.get_by_role("heading", name="Quem você pode ser")).to_be_visible()
        mails.arrive("Seu código: 482913", text="Seu código é 482913.", html=HTML)
        row = page.get_by_role("button", name="Fibra do Vale").filter(has_text="Seu código: 482913")
        await expect(row).to_be_visible()
        await expect(page.locator("#unread-wide")).to_have_text("1")
        await row.click()
        await expect(page.get_by_role("heading", name="Seu código: 482913")).to_be_visible()
        await expect(page.locator(".mail-head")).to_contain_text("marina@example.com")
        frame = page.frame_locator("iframe[title='Conteúdo do e-mail']")
        await expect(frame.locator("#words")).to_have_text("Seu código é 482913.")
        await expect(frame.locator("b")).to_have_css("color", "rgb(1, 2, 3)")
        await expect(page.locator("#unread-wide")).to_be_hidden()
        # The chat is still there, and goes on.
        await window.ask("482913", "Você disse: 482913")


async def test_a_mail_can_run_and_fetch_nothing(chromium: Browser) -> None:
    mails = Mails()
    mails.arrive("Seu código", html=HTML)
    async with serving(Counter(), mails) as served, person(chromium, width=1280) as context:
        refused: list[tuple[str, str | None]] = []
        context.on("requestfailed", lambda request: refused.append((request.url, request.failure)))
        async with tab(context, served.url, expected=REFUSED) as window:
            await window.page.locator(".mail-row").click()
            frame = window.page.frame_locator("iframe")
            await expect(frame.locator("#words")).to_be_visible()
            await expect(frame.locator("body")).not_to_contain_text("taken")

    # Chromium tells of the picture and does not fetch it.
    assert refused == [("https://example.com/spy.png", "csp")]


async def test_a_mail_shows_its_text_and_headers_too(chromium: Browser) -> None:
    mails = Mails()
    mails.arrive("Seu código", text="Em texto: <b>482913</b>", html=HTML)
    async with (
        serving(Counter(), mails) as served,
        chatting(chromium, served.url, width=1280, expected=REFUSED) as window,
    ):
        await window.page.locator(".mail-row").click()
        await window.option("Texto").click()
        body = window.page.get_by_role("region", name="Conteúdo do e-mail")
        await expect(body).to_have_text("Em texto: <b>482913</b>")
        await expect(window.option("Texto")).to_be_focused()
        await window.option("Cabeçalhos").click()
        await expect(body).to_contain_text("Message-ID: <1@example.com>")
        await window.option("Todos os e-mails").click()
        await expect(window.page.locator("#mail")).to_be_hidden()
        await expect(window.page.locator(".mail-row")).to_be_focused()


async def test_an_attachment_is_opened_or_downloaded(chromium: Browser) -> None:
    mails = Mails()
    mails.arrive("Fatura", text="Segue.", files=[Document("fatura.pdf", "application/pdf", PDF)])
    async with (
        serving(Counter(), mails) as served,
        chatting(chromium, served.url, width=1280) as window,
    ):
        await window.page.locator(".mail-row").click()
        link = window.page.get_by_role("link", name="Abrir: fatura.pdf")
        answer = await window.page.request.get(
            served.url + (await link.get_attribute("href") or "")
        )
        assert await answer.body() == PDF
        async with window.page.expect_download() as download:
            await window.page.get_by_role("link", name="Baixar: fatura.pdf").click()
        assert (await download.value).suggested_filename == "fatura.pdf"


async def test_mails_that_arrived_without_a_network_are_there_when_it_is_back(
    chromium: Browser,
) -> None:
    mails = Mails()
    mails.arrive("um")
    async with (
        serving(Counter(), mails) as served,
        person(chromium, width=1280) as context,
        tab(context, served.url, expected=r"WebSocket|ERR_") as window,
    ):
        rows = window.page.locator(".mail-subject")
        await expect(rows).to_have_text(["um"])
        await context.set_offline(True)
        mails.arrive("dois")
        await context.set_offline(False)
        await expect(rows).to_have_text(["dois", "um"])


async def test_who_one_can_be_is_copied_with_one_click(chromium: Browser) -> None:
    async with (
        serving(Counter(), Mails()) as served,
        chatting(
            chromium,
            served.url,
            width=1280,
            permissions=["clipboard-read", "clipboard-write"],
        ) as window,
    ):
        button = window.page.get_by_role("button", name="Copiar o documento de Marina Alves")
        await button.click()
        await expect(button).to_contain_text("Copiado")
        assert await window.page.evaluate("navigator.clipboard.readText()") == "529.982.247-25"


async def test_on_a_phone_one_room_is_shown_and_unread_mails_are_counted(chromium: Browser) -> None:
    mails = Mails()
    async with (
        serving(Counter(), mails) as served,
        chatting(chromium, served.url, width=390, height=844) as window,
    ):
        page = window.page
        await expect(page.locator("#mailbox")).to_be_hidden()
        mails.arrive("um", text="x")
        mails.arrive("dois", text="x")
        await expect(page.locator("#unread")).to_have_text("2")
        await expect(window.words).to_be_visible()  # nobody is torn away from the chat
        await page.get_by_role("button", name="E-mails").click()
        await expect(page.locator("#chat")).to_be_hidden()
        await page.locator(".mail-row").first.click()
        await expect(page.locator("#unread")).to_have_text("1")
        await page.get_by_role("button", name="Quem ser").click()
        await expect(page.locator(".persona").first).to_be_visible()
        await page.get_by_role("button", name="Conversa").click()
        await expect(window.words).to_be_visible()


async def test_an_empty_mailbox_says_what_will_be_there(chromium: Browser) -> None:
    async with (
        serving(Counter(), Mails()) as served,
        chatting(chromium, served.url, width=1280) as window,
    ):
        await window.option("E-mails").click()
        await expect(window.page.locator("#no-mail")).to_contain_text("Nenhum e-mail ainda")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_everybody_can_read_and_reach_the_demo(
    chromium: Browser, theme: str, width: int
) -> None:
    mails = Mails()
    files = [Document("um-nome-de-arquivo-bastante-comprido.pdf", "application/pdf", PDF)]
    mails.arrive("Um assunto bastante comprido que não cabe em uma linha", text="x", files=files)
    mails.arrive("", html="<p>x")
    async with (
        serving(Counter(), mails) as served,
        chatting(chromium, served.url, width=width, height=700, color_scheme=theme) as window,
    ):
        page = window.page
        assert await page.evaluate(AUDIT) == []
        rooms = ".room" if width < 860 else ".side-tab"
        for room in ("people", "mail"):
            await page.locator(f"{rooms}[data-room={room}]").click()
            assert await page.evaluate(AUDIT) == []
        await page.locator(".mail-row").last.click()
        await expect(page.locator(".mail-text")).to_be_visible()
        assert await page.evaluate(AUDIT) == []
        assert await page.evaluate("scrollY + document.body.scrollTop") == 0
        assert await page.evaluate("document.body.scrollHeight") <= 700
