"""The chat page in Chromium when things break: restarts, no network, other tabs, other cookies."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, expect

from bot.channels.webchat import Bounds
from bot.core.message import Outbound
from tests.web.counter import Counter, serving
from tests.web.window import chatting, person, tab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BREAK_AFTER = """word => {
  const plain = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    plain.call(this, frame);
    if (!frame.includes(word)) return;
    WebSocket.prototype.send = plain;
    this.onmessage = null;
    this.close();
  };
}"""
"""The connection breaks after the server was sent the word, and before it can answer."""
LOST = r"WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED"


async def test_a_restart_of_the_server_loses_nothing_and_repeats_nothing(chromium: Browser) -> None:
    counter = Counter()
    async with person(chromium) as context, AsyncExitStack() as first:
        served = await first.enter_async_context(serving(counter))
        async with tab(context, f"{served.url}/chat", expected=LOST) as window:
            await window.greeted()
            await window.ask("antes", "Você disse: antes")
            await first.aclose()
            await expect(window.page.locator("#status")).to_have_text("Conectando…")
            await window.say("durante 1")
            await window.say("durante 2")
            await expect(window.page.locator("[data-state=pending]")).to_have_count(2)
            await expect(window.page.locator("#banner")).to_contain_text("Reconectando")
            counter.post(counter.heard[0].address, Outbound("Enquanto você esperava."))
            async with serving(counter, port=served.port):
                await expect(window.heard.last).to_contain_text("Você disse: durante 2")
                await expect(window.page.locator("[data-state=pending]")).to_have_count(0)
                await expect(window.page.locator("#banner")).to_be_hidden()
                bubbles = await window.bubbles()

    assert bubbles[2:] == [
        "antes",
        "Você disse: antes",
        "durante 1",
        "durante 2",
        "Enquanto você esperava.",
        "Você disse: durante 1",
        "Você disse: durante 2",
    ]
    assert [event.text for event in counter.heard] == ["/start", "antes", "durante 1", "durante 2"]


async def test_a_word_whose_acknowledgement_was_lost_is_done_once(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat", expected=LOST) as window,
    ):
        await window.greeted()
        await window.page.evaluate(BREAK_AFTER, "uma vez")
        async with window.page.expect_websocket():
            await window.say("uma vez")
        await expect(window.heard.last).to_contain_text("Você disse: uma vez")
        await expect(window.page.locator("[data-state=pending]")).to_have_count(0)
        assert (await window.bubbles()).count("Você disse: uma vez") == 1

    assert [event.text for event in counter.heard] == ["/start", "uma vez"]


async def test_without_a_network_one_is_told_and_writes_on(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat", expected=LOST) as window,
    ):
        await window.greeted()
        await context.set_offline(True)
        await expect(window.page.locator("#banner")).to_contain_text("Sem conexão")
        await window.say("no túnel")
        await expect(window.page.locator("[data-state=pending]")).to_have_count(1)
        await context.set_offline(False)
        await expect(window.heard.last).to_contain_text("Você disse: no túnel")
        await expect(window.page.locator("#banner")).to_be_hidden()


async def test_a_database_that_is_away_for_a_moment_is_asked_again(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.page.clock.install()
        counter.open = False
        await window.say("oi")
        await expect(window.page.locator("[data-state=pending]")).to_have_count(1)
        counter.open = True
        await window.page.clock.run_for(3_000)
        await expect(window.heard.last).to_contain_text("Você disse: oi")


async def test_a_word_that_cannot_be_sent_is_marked_and_sent_when_one_asks(
    chromium: Browser,
) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.page.clock.install()
        counter.open = False
        await window.say("oi")
        failed = window.page.locator("[data-state=failed]")
        while await failed.count() == 0:
            await window.page.clock.run_for(3_000)
        await expect(failed).to_contain_text("Não enviada. O atendimento não respondeu.")
        counter.open = True
        await window.option("Tentar de novo").click()
        await expect(window.heard.last).to_contain_text("Você disse: oi")
        await expect(failed).to_have_count(0)


async def test_a_reload_keeps_the_conversation_with_ones_own_words(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        await window.ask("oi", "Você disse: oi")
        await window.ask("sim ou não", "Enviar a fatura")
        await window.option("Sim").click()
        await expect(window.heard.last).to_contain_text("Você disse: Sim")
        before = await window.bubbles()
        await window.page.reload()
        await expect(window.page.locator("#status")).to_have_text("Online")
        assert await window.bubbles() == before
        await expect(window.page.locator(".option.chosen")).to_have_text("Sim (escolhido)")
        await window.ask("ainda aí?", "Você disse: ainda aí?")

    assert [event.text for event in counter.heard if event.text] == [
        "/start",
        "oi",
        "sim ou não",
        "ainda aí?",
    ]


async def test_a_word_that_waits_survives_a_reload(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        chatting(chromium, f"{served.url}/chat") as window,
    ):
        counter.open = False
        await window.say("espera")
        await expect(window.page.locator("[data-state=pending]")).to_have_count(1)
        counter.open = True
        await window.page.reload()
        await expect(window.heard.last).to_contain_text("Você disse: espera")
        await expect(window.page.locator("[data-state=pending]")).to_have_count(0)


async def test_a_second_tab_has_the_whole_conversation_and_both_go_on_together(
    chromium: Browser,
) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat") as one,
    ):
        await one.greeted()
        await one.ask("oi", "Você disse: oi")
        async with tab(context, f"{served.url}/chat") as other:
            await expect(other.page.locator("#status")).to_have_text("Online")
            assert await other.bubbles() == await one.bubbles()
            await other.ask("menu", "O que posso fazer")
            await expect(one.heard.last).to_contain_text("O que posso fazer")
            await one.page.bring_to_front()
            await one.option("Sim ou não").click()
            await expect(other.heard.last).to_contain_text("Enviar a fatura")
            assert await other.bubbles() == await one.bubbles()
            await expect(other.page.locator(".option.chosen")).to_contain_text("Sim ou não")
            await expect(other.page.locator("[data-state=pending]")).to_have_count(0)

    assert [event.text for event in counter.heard][:3] == ["/start", "oi", "menu"]


async def test_a_new_tab_without_siblings_is_shown_what_the_ledger_holds(chromium: Browser) -> None:
    async with serving(Counter()) as served, person(chromium) as context:
        async with tab(context, f"{served.url}/chat") as window:
            await window.greeted()
            await window.ask("oi", "Você disse: oi")
            await window.page.close()
        async with tab(context, f"{served.url}/chat") as window:
            await expect(window.heard).to_have_count(3)
            await expect(window.heard.last).to_contain_text("Você disse: oi")
            # Greeted before: it is not said again.
            await window.ask("de novo", "Você disse: de novo")
            await expect(window.heard).to_have_count(4)


async def test_the_tab_that_lost_its_place_can_take_it_back(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter, bounds=Bounds(sockets=1)) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat") as one,
    ):
        await one.greeted()
        async with tab(context, f"{served.url}/chat") as other:
            await expect(other.page.locator("#status")).to_have_text("Online")
            await expect(one.page.locator("#banner")).to_contain_text("muitas abas")
            await one.page.bring_to_front()
            await one.option("Continuar aqui").click()
            await expect(one.page.locator("#status")).to_have_text("Online")
            await expect(other.page.locator("#banner")).to_contain_text("muitas abas")
            await one.ask("oi", "Você disse: oi")


async def test_another_cookie_is_another_person_and_sees_nothing_of_the_first(
    chromium: Browser,
) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat", expected=LOST) as window,
    ):
        await window.greeted()
        await window.ask("segredo", "Você disse: segredo")
        await context.clear_cookies()
        await window.page.reload()
        await expect(window.heard).to_have_count(2)
        assert "segredo" not in " ".join(await window.bubbles())

    assert len({event.address for event in counter.heard}) == 2


async def test_a_cookie_lost_while_the_page_is_open_is_fetched_again(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat", expected=LOST) as window,
    ):
        await window.greeted()
        await context.clear_cookies()
        await context.set_offline(True)
        await context.set_offline(False)
        await expect(window.page.locator("#status")).to_have_text("Online")
        await window.ask("oi", "Você disse: oi")


async def test_who_leaves_leaves_nothing_behind(chromium: Browser) -> None:
    counter = Counter()
    async with (
        serving(counter) as served,
        person(chromium) as context,
        tab(context, f"{served.url}/chat") as one,
        tab(context, f"{served.url}/chat") as other,
    ):
        await one.greeted()
        await one.ask("segredo", "Você disse: segredo")
        await expect(other.heard.last).to_contain_text("Você disse: segredo")
        await one.page.bring_to_front()  # a hidden tab draws, and is pressed, slowly
        await one.option("Mais opções").click()
        await one.option("Sair e apagar deste aparelho").click()
        for window in (one, other):
            await expect(window.page.locator("#banner")).to_contain_text("Você saiu")
            await expect(window.heard).to_have_count(0)
            await expect(window.words).to_be_disabled()
            assert "segredo" not in await window.page.evaluate(
                "JSON.stringify({...sessionStorage})"
            )
        await one.option("Atualizar").click()
        await one.greeted()
        assert "segredo" not in " ".join(await one.bubbles())

    assert len({event.address for event in counter.heard}) == 2
