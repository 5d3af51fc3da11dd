"""The chat page in Chromium: writing, pressing, copying, documents, and what is never markup."""

import pytest
from playwright.async_api import Browser, expect

from bot.core.message import Address, Button, Document, Look, Outbound
from tests.web.counter import PDF, PIX, PIXEL, Counter, serving
from tests.web.window import chatting, person, tab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_counter_greets_and_answers_what_is_written(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await expect(window.page.locator("#status")).to_have_text("Online")
        await window.ask("bom dia", "Você disse: bom dia")
        assert (await window.bubbles())[-2:] == ["bom dia", "Você disse: bom dia"]
        await expect(window.words).to_have_value("")
        await expect(window.page.locator(".row.said .state")).to_have_text("Enviada")


async def test_someone_writing_is_shown_until_the_answer_is_there(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        with counter.held():
            await window.say("oi")
            await expect(window.page.locator("#typing")).to_be_visible()
            await expect(window.page.locator(".row.said .state")).to_have_text("Aguardando envio")
        await expect(window.heard.last).to_contain_text("Você disse: oi")
        await expect(window.page.locator("#typing")).to_be_hidden()


async def test_shift_enter_begins_a_line_and_the_button_sends(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await expect(window.option("Enviar")).to_be_disabled()
        await window.words.press_sequentially("um")
        await window.words.press("Shift+Enter")
        await window.words.press_sequentially("dois")
        await window.option("Enviar").click()
        await expect(window.heard.last).to_contain_text("um\ndois")

    assert counter.heard[-1].text == "um\ndois"


async def test_a_pressed_option_is_marked_and_the_others_are_gone(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.option("Sim ou não").click()
        await expect(window.heard.last).to_contain_text("Enviar a fatura")
        menu = window.page.locator(".row.heard").nth(1)
        await expect(menu.locator(".option.chosen")).to_contain_text("Sim ou não")
        assert await menu.get_by_role("button").count() == 1
        assert await menu.locator("button.option:enabled").count() == 0
        await expect(window.said.last).to_contain_text("Sim ou não")
        # Bold is bold, and where it is said to be.
        await expect(window.heard.last.locator("strong")).to_have_text("2026-11")

    assert counter.heard[-1].press == "n1:5"


async def test_a_question_that_was_passed_by_can_no_longer_be_answered(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask("sim ou não", "Enviar a fatura")
        rows = window.page.locator(".row.heard")
        await expect(rows.nth(1).locator("button.option:enabled")).to_have_count(0)
        await expect(rows.nth(2).locator("button.option:enabled")).to_have_count(4)


async def test_back_and_menu_stand_apart_and_are_no_choice(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask("sim ou não", "Enviar a fatura")
        nav = window.page.locator(".row.heard").last.locator(".options.nav button")
        await expect(nav).to_have_text(["Voltar", "Menu"])
        await nav.last.click()
        await expect(window.heard.last).to_contain_text("O que posso fazer")
        await expect(window.page.locator(".option.chosen")).to_have_count(0)


async def test_a_notice_keeps_its_buttons_whatever_is_asked_after_it(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        notice = Outbound(
            "Sua fatura vence amanhã.",
            look=Look.BUTTONS,
            buttons=(Button("Pagar agora", "mabc:1"),),
        )
        row = counter.post(counter.heard[0].address, notice)
        await counter.deliver(counter.heard[0].address, [row])
        await window.ask("sim ou não", "Enviar a fatura")
        await window.option("Pagar agora").click()
        await expect(window.said.last).to_contain_text("Pagar agora")
        await expect(window.option("Pagar agora")).to_be_enabled()

    assert counter.heard[-1].press == "mabc:1"


async def test_a_value_is_copied_whole_and_the_button_says_so(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(
            chromium,
            f"{served.url}/chat",
            permissions=["clipboard-read", "clipboard-write"],
        ) as window,
    ):
        await window.ask("pix", PIX)
        await window.option("Copiar").click()
        await expect(window.page.get_by_role("button", name="Copiado")).to_be_visible()
        await expect(window.page.locator("#announcer")).to_have_text(
            "Copiado para a área de transferência."
        )
        assert await window.page.evaluate("navigator.clipboard.readText()") == PIX


async def test_without_the_clipboard_a_value_is_copied_the_old_way(chromium: Browser) -> None:
    async with serving(Counter()) as served, person(chromium) as context:
        await context.add_init_script("delete Navigator.prototype.clipboard")
        async with tab(context, f"{served.url}/chat") as window:
            await window.ask("pix", PIX)
            await window.option("Copiar").click()
            await expect(window.page.get_by_role("button", name="Copiado")).to_be_visible()
            await window.words.focus()
            await window.page.keyboard.press("Control+V")
            await expect(window.words).to_have_value(PIX)


async def test_where_nothing_can_copy_the_value_is_selected(chromium: Browser) -> None:
    async with serving(Counter()) as served, person(chromium) as context:
        await context.add_init_script(
            "delete Navigator.prototype.clipboard; document.execCommand = () => false"
        )
        async with tab(context, f"{served.url}/chat") as window:
            await window.ask("pix", PIX)
            await window.option("Copiar").click()
            await expect(window.page.locator("#announcer")).to_contain_text("Selecionado")
            assert await window.page.evaluate("String(getSelection())") == PIX


async def test_a_picture_is_shown_with_words_for_who_cannot_see_it(chromium: Browser) -> None:
    counter = Counter(documents={"pix-qr": Document("p.png", "image/png", PIXEL)})
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask("qr", "Aponte a câmera")
        picture = window.page.get_by_role("img", name="QR Code do PIX")
        await expect(picture).to_be_visible()
        await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_a_picture_that_is_gone_says_so(chromium: Browser) -> None:
    class Paid(Counter):
        async def document(self, address: Address, id: int) -> Document | None:
            return None

    counter = Paid(documents={"pix-qr": Document("p.png", "image/png", PIXEL)})
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat", expected="404") as window,
    ):
        await window.ask("qr", "Aponte a câmera")
        await expect(window.heard.last).to_contain_text("Não está mais disponível.")


async def test_a_document_is_opened_or_downloaded(chromium: Browser) -> None:
    document = Document("fatura-2026-11.pdf", "application/pdf", PDF)
    counter = Counter(documents={"invoice-pdf": document})
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask("pdf", "fatura-2026-11.pdf")
        link = window.page.get_by_role("link", name="Abrir")
        answer = await window.page.request.get(
            served.url + (await link.get_attribute("href") or "")
        )
        assert await answer.body() == PDF
        async with window.page.expect_download() as download:
            await window.page.get_by_role("link", name="Baixar").click()
        assert (await download.value).suggested_filename == "fatura-2026-11.pdf"


async def test_words_are_never_markup_and_links_lead_to_pages_alone(chromium: Browser) -> None:
    counter = Counter()
    wicked = "<img src=x onerror=alert(1)> javascript:alert(1) https://example.com/a?b=1."
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask(wicked, wicked)
        assert await window.page.locator(".log img").count() == 0
        link = window.heard.last.get_by_role("link")
        await expect(link).to_have_text("https://example.com/a?b=1")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")
        buttons = (
            Button("Site", "https://example.com/", "link"),
            Button("Truque", "javascript:alert(1)", "link"),
        )
        row = counter.post(
            counter.heard[0].address, Outbound("Veja", look=Look.BUTTONS, buttons=buttons)
        )
        await counter.deliver(counter.heard[0].address, [row])
        await expect(window.page.get_by_role("link", name="Site")).to_be_visible()
        assert await window.page.get_by_role("link", name="Truque").count() == 0


async def test_a_text_too_long_is_kept_and_the_person_told_kindly(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.say("x" * 4001)
        await expect(window.page.locator("#too-long")).to_contain_text("cabem 4.000 letras")
        await expect(window.words).to_have_value("x" * 4001)
        await expect(window.option("Enviar")).to_be_disabled()
        await window.words.fill("😀" * 4000)
        await expect(window.page.locator("#too-long")).to_be_empty()
        await window.words.press("Enter")
        await expect(window.said).to_have_count(1)

    assert len([event for event in counter.heard if event.text != "/start"]) == 1


async def test_a_word_that_must_not_stay_leaves_the_page_and_its_memory(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.say("silêncio")
        await expect(window.page.locator(".row.said .state")).to_have_text("Enviada")
        event = counter.heard[-1]
        await served.chat.delete(event.address, event.ref or "")
        await expect(window.said).to_have_count(0)
        kept = await window.page.evaluate("JSON.stringify({...sessionStorage})")
        assert "Olá! Sou o balcão" in kept
        assert "silêncio" not in kept


async def test_the_answer_of_a_press_that_is_no_message_is_shown_for_a_while(
    chromium: Browser,
) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await served.chat.acknowledge(counter.heard[0], "Esse botão já foi usado.")
        await expect(window.page.locator(".note")).to_have_text("Esse botão já foi usado.")


async def test_who_reads_further_up_is_not_torn_away(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat", height=500) as window,
    ):
        await window.ask("\n".join("linha" for _ in range(60)), "Você disse")
        scroll = window.page.locator("#scroll")
        await scroll.evaluate("it => it.scrollTo({top: 0, behavior: 'instant'})")
        jump = window.page.locator("#jump")
        await expect(jump).to_be_visible()
        address = counter.heard[0].address
        row = counter.post(address, Outbound("Chegou algo novo."))
        await counter.deliver(address, [row])
        await expect(jump).to_have_accessible_name("1 nova(s). Ir para a última mensagem")
        assert await scroll.evaluate("it => it.scrollTop") == 0
        await jump.click()
        await expect(window.heard.last).to_be_in_viewport()
        await expect(jump).to_be_hidden()


async def test_a_deep_link_is_followed_once(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat?start=fatura-7") as window,
    ):
        await expect(window.heard.last).to_contain_text("Você veio por fatura-7.")
        await window.page.reload()
        await expect(window.page.locator("#status")).to_have_text("Online")
        await expect(window.heard).to_have_count(1)
        assert "start" not in window.page.url

    assert [event.start for event in counter.heard] == ["fatura-7"]
