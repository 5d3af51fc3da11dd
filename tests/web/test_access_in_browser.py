"""The chat page in Chromium for everybody: keyboard alone, screen readers, small screens, themes, languages."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.core.message import Button, Document, Look, Outbound
from tests.web.counter import PDF, PIXEL, Counter, serving
from tests.web.window import AUDIT, Window, chatting, person, tab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def everything(window: Window, counter: Counter) -> None:
    """A conversation with one of each kind of message."""
    counter.documents = {
        "pix-qr": Document("pix.png", "image/png", PIXEL),
        "invoice-pdf": Document("fatura.pdf", "application/pdf", PDF),
    }
    await window.ask("minhas faturas", "Qual fatura")
    await window.option("2026-11 · R$ 129,90 vence hoje").click()
    await expect(window.heard.last).to_contain_text("Você disse: 2026-11")
    await window.ask("pix", "br.gov.bcb.pix")
    await window.ask("qr", "Aponte")
    await window.ask("pdf", "fatura")
    await window.ask("umapalavrasemfim" * 20, "umapalavrasemfim")
    address = counter.heard[0].address
    labels = ["Curta", "Uma opção de rótulo bastante comprido que não cabe em uma linha só", "Não"]
    buttons = tuple(Button(label, f"z:{n}") for n, label in enumerate(labels, 1))
    site = Button("Ver no site", "https://example.com/fatura", "link")
    copied = Button("Copiar o código", "123", "copy")
    question = Outbound("E agora?", look=Look.BUTTONS, buttons=(*buttons, site, copied), nonce="z")
    await counter.deliver(address, [counter.post(address, question)])
    await expect(window.heard.last).to_contain_text("E agora?")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_everybody_can_read_and_reach_everything(
    chromium: Browser, theme: str, width: int
) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(
            chromium, f"{served.url}/chat", width=width, height=720, color_scheme=theme
        ) as window,
    ):
        await everything(window, counter)
        await window.option("Mais opções").click()
        assert await window.page.evaluate(AUDIT) == []


async def test_all_of_it_works_by_keyboard_alone(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        keyboard = window.page.keyboard
        await keyboard.type("sim ou não")  # the words have the focus from the start
        await keyboard.press("Enter")
        await expect(window.heard.last).to_contain_text("Enviar a fatura")
        for _back in ("Menu", "Voltar", "Não", "Sim"):
            await keyboard.press("Shift+Tab")
        await expect(window.option("Sim")).to_be_focused()
        outline = await window.option("Sim").evaluate("it => getComputedStyle(it).outlineStyle")
        assert outline == "solid"
        await keyboard.press("Enter")
        await expect(window.heard.last).to_contain_text("Você disse: Sim")
        # The next Tab goes on from one's own word, not from the top of the page.
        await expect(window.page.locator(".row.said").last).to_be_focused()
        await keyboard.press("Tab")
        await expect(window.words).to_be_focused()

    assert counter.heard[-1].press == "n2:1"


async def test_the_options_of_an_answer_follow_ones_own_word(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.option("Sim ou não").focus()
        await window.page.keyboard.press("Enter")
        await expect(window.heard.last).to_contain_text("Enviar a fatura")
        await window.page.keyboard.press("Tab")
        await expect(window.option("Sim")).to_be_focused()


async def test_the_menu_opens_and_closes_by_keyboard(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        more = window.option("Mais opções")
        await more.focus()
        await window.page.keyboard.press("Enter")
        await expect(more).to_have_attribute("aria-expanded", "true")
        await expect(window.option("Português")).to_be_focused()
        await window.page.keyboard.press("Escape")
        await expect(more).to_have_attribute("aria-expanded", "false")
        await expect(more).to_be_focused()


async def test_a_screen_reader_is_told_what_is_new_and_who_said_it(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        log = window.page.get_by_role("log")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(log).to_have_accessible_name("Mensagens")
        await window.ask("oi", "Você disse")
        assert await window.said.last.text_content() == "Você:oi"
        assert await window.heard.last.text_content() == "Fibra do Vale:Você disse: oi"
        await window.page.reload()
        # What was there before is no news: it is drawn before the log begins to speak.
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(window.words).to_have_accessible_name("Sua mensagem")


async def test_the_theme_is_the_systems_until_one_chooses(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat", color_scheme="dark") as window,
    ):
        root = window.page.locator("html")
        await expect(root).to_have_attribute("data-theme", "dark")
        await window.page.emulate_media(color_scheme="light")
        await expect(root).to_have_attribute("data-theme", "light")
        await window.option("Mudar entre claro e escuro").click()
        await expect(root).to_have_attribute("data-theme", "dark")
        await window.page.reload()
        await expect(root).to_have_attribute("data-theme", "dark")


async def test_nothing_moves_for_who_asked_for_calm(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat", reduced_motion="reduce") as window,
    ):
        with counter.held():
            await window.say("oi")
            dot = window.page.locator("#typing i").first
            await expect(dot).to_be_visible()
            assert await dot.evaluate("it => getComputedStyle(it).animationName") == "none"


@pytest.mark.parametrize(
    ("browser", "address", "words"),
    [
        ("pt-BR", "", "Escreva uma mensagem"),
        ("en-GB", "", "Write a message"),
        ("es-MX", "", "Escribe un mensaje"),
        ("fr-FR", "", "Escreva uma mensagem"),
        ("pt-BR", "?lang=en", "Write a message"),
    ],
)
async def test_the_page_speaks_the_language_asked_for_or_the_browsers_or_the_brands(
    chromium: Browser, browser: str, address: str, words: str
) -> None:
    counter = Counter()
    counter.locale = {"Escr": "pt_BR", "Writ": "en"}.get(words[:4], "pt_BR")
    counter.locale = "es" if words.startswith("Escribe") else counter.locale
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat{address}", locale=browser) as window,
    ):
        await expect(window.words).to_have_attribute("placeholder", words)

    assert counter.heard[0].locale == counter.locale


async def test_the_page_follows_the_language_of_the_conversation(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.option("Mais opções").click()
        await window.option("English").click()
        await expect(window.heard.last).to_contain_text("English it is.")
        await expect(window.said.last).to_contain_text("English")
        await expect(window.page.locator("html")).to_have_attribute("lang", "en")
        await expect(window.page.locator(".day span")).to_have_text("Today")
        address = counter.heard[0].address
        row = counter.post(address, Outbound("En español.", locale="es"))
        await counter.deliver(address, [row])
        await expect(window.words).to_have_attribute("placeholder", "Escribe un mensaje")
        await expect(window.heard.last).to_have_attribute("lang", "es")

    assert counter.heard[-1].text == "/language en"
    assert counter.heard[-1].locale == "en"


async def test_each_language_has_every_word_and_every_word_is_used(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat") as window,
    ):
        base = await window.page.locator("script[type=module]").first.get_attribute("src") or ""
        words = await window.page.evaluate(
            "async url => (await import(url)).WORDS", base.replace("chat.js", "i18n.js")
        )

    folder = Path(__file__).parents[2] / "bot" / "web"
    sources = "".join(
        file.read_text(encoding="utf-8")
        for file in [*folder.rglob("*.js"), *folder.rglob("*.html")]
        if file.name != "i18n.js"
    )
    assert set(words) == {"pt_BR", "en", "es"}
    assert words["pt_BR"].keys() == words["en"].keys() == words["es"].keys()
    assert [word for word in words["en"] if f'"{word}"' not in sources] == []
    for language in words.values():
        assert all(text.strip() for text in language.values())


@pytest.mark.parametrize("height", [844, 420])
async def test_on_a_phone_the_composer_stays_above_the_keyboard(
    chromium: Browser, height: int
) -> None:
    async with (
        serving(Counter()) as served,
        chatting(
            chromium, f"{served.url}/chat", width=390, height=844, has_touch=True, is_mobile=True
        ) as window,
    ):
        # What Chromium does when its keyboard opens: the page is resized.
        await window.page.set_viewport_size({"width": 390, "height": height})
        await expect(window.words).to_be_in_viewport(ratio=1)
        await expect(window.option("Enviar")).to_be_in_viewport(ratio=1)
        await expect(window.option("Falar com uma pessoa")).to_be_in_viewport()
        size = await window.words.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
        assert size >= 16  # below it, iOS zooms into the field


async def test_the_audit_finds_what_a_page_owes(chromium: Browser) -> None:
    async with (
        serving(Counter()) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.page.evaluate(
            "() => { document.getElementById('theme').removeAttribute('aria-label');"
            " document.getElementById('status').style.color = '#999';"
            " document.querySelector('.option').style.height = '20px';"
            " document.querySelector('.option').style.minHeight = '0';"
            " document.querySelector('.bubble').style.minWidth = '2000px' }"
        )
        found = " ".join(await window.page.evaluate(AUDIT))

    for problem in ("no name", "contrast", "too small", "out of the screen"):
        assert problem in found
