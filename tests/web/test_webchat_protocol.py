"""The web chat over a real WebSocket: nothing said is lost, nothing is done twice, two tabs are one address."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from bot.core.message import Address, Mail, Outbound
from bot.core.ports import Close, Posted, State
from tests.web.client import new_cookie, page, texts
from tests.web.counter import ACCOUNT, Counter, serving


async def test_what_is_said_is_acknowledged_and_answered() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie) as tab:
            assert await tab.hello(locale="es") == [
                {"type": "ready", "who": served.chat.door.chat_of({"balcao": cookie})[:12]}  # type: ignore[index]
            ]
            await tab.say("oi", "a-1")
            answer = await tab.hear()

    assert answer["text"] == "Você disse: oi"
    assert answer["id"] == 1
    (event,) = counter.heard
    assert event.address.account == ACCOUNT
    assert (event.text, event.ref, event.locale) == ("oi", "a-1", "es")


async def test_a_repeated_word_is_acknowledged_again_and_done_once() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.say("oi", "a-1")
        await tab.hear()
        await tab.say("oi", "a-1")
        assert texts(await tab.rest()) == []

    assert len(counter.heard) == 1


async def test_two_people_may_choose_the_same_id() -> None:
    counter = Counter()
    async with serving(counter) as served:
        for _person in range(2):
            async with page(served, await new_cookie(served)) as tab:
                await tab.hello()
                await tab.say("oi", "a-1")
                assert (await tab.hear())["text"] == "Você disse: oi"

    assert len({event.id for event in counter.heard}) == 2


async def test_what_was_said_to_nobody_is_brought_to_who_comes_back() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie) as tab:
            await tab.hello()
            await tab.say("oi", "a-1")
            seen = (await tab.hear())["id"]
        address = counter.heard[0].address
        for text in ("um", "dois"):
            row = counter.post(address, Outbound(text))
            assert await served.chat.send(address, Outbound(text), None, id=row.id) == str(row.id)
        async with page(served, cookie) as tab:
            missed = await tab.hello(seen)

    assert texts(missed) == ["um", "dois"]


async def test_a_message_sent_later_than_its_row_was_made_is_not_skipped() -> None:
    counter = Counter()
    address = Address(ACCOUNT, "")
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        rows = [counter.post(address, Outbound(text)) for text in ("um", "tarde", "três")]
        async with page(served, cookie) as tab:
            # The page has the third, and never had the second: it waited for its hour.
            assert texts(await tab.hello(rows[0].id, rows[2].id)) == ["tarde"]


async def test_a_new_tab_is_shown_the_last_messages_oldest_first() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        for n in range(60):
            counter.post(address, Outbound(f"mensagem {n}"))
        async with page(served, cookie) as tab:
            assert texts(await tab.hello()) == [f"mensagem {n}" for n in range(10, 60)]


async def test_what_is_said_while_the_page_resumes_follows_what_it_missed_and_comes_once() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        counter.post(address, Outbound("um"))
        asked, may_answer = asyncio.Event(), asyncio.Event()
        history = counter.history

        async def slow(at: Address, after: int, most: int) -> list[Posted]:
            rows = list(await history(at, after, most))
            asked.set()
            await may_answer.wait()
            return rows

        served.chat._history = slow
        async with page(served, cookie) as tab:
            await tab.send(type="hello", v=1, seen=[])
            await asked.wait()
            # One is in the answer already and is sent again; two came after it was read.
            await served.chat.send(address, Outbound("um"), None, id=1)
            second = counter.post(address, Outbound("dois"))
            await served.chat.send(address, Outbound("dois"), None, id=second.id)
            await served.chat.send(address, Outbound("dois"), None, id=second.id)
            may_answer.set()
            assert texts(await tab.until("ready")) == ["um", "dois"]
            assert texts(await tab.rest()) == []


async def test_mails_and_what_cannot_be_drawn_are_no_messages() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        mail = Mail("code", "m@example.com", "pt_BR")
        counter.rows.append(Posted(1, "mail", "smtp", "fibra", 1, address, mail, None))
        counter.post(address, Outbound("um"))
        async with page(served, cookie) as tab:
            assert texts(await tab.hello()) == ["um"]


async def test_an_unreachable_database_is_told_and_the_word_comes_again() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        counter.open = False
        await tab.send(type="say", id="a-1", text="oi")
        assert await tab.next() == {"type": "error", "code": "unavailable", "id": "a-1"}
        counter.open = True
        await tab.say("oi", "a-1")
        assert (await tab.hear())["text"] == "Você disse: oi"


async def test_a_page_that_cannot_be_told_what_it_missed_comes_again() -> None:
    counter = Counter(open=False)
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.send(type="hello", v=1, seen=[])
        assert await tab.closed() == 1013


async def test_two_tabs_see_the_same() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie) as one, page(served, cookie) as other:
            await one.hello()
            await other.hello()
            await one.say("menu", "a-1")
            question = await one.hear()
            heard = await other.until("message")
            assert heard[0] == {"type": "echo", "id": "a-1", "text": "menu"}
            assert heard[-1] == question
            label, data = question["buttons"][4][:2]
            await other.send(type="press", id="b-1", data=data, label=label)
            closed = (await one.until("close"))[-1]
            answer = await one.hear()
            assert closed == {"type": "close", "nonce": question["nonce"], "chosen": label}
            assert answer["text"].startswith("Enviar a fatura")
            # The one who spoke hears no echo of it.
            assert "echo" not in [frame["type"] for frame in await other.rest()]

    assert counter.heard[-1].press == data


async def test_another_cookie_is_another_address() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as mine:
        await mine.hello()
        await mine.say("segredo", "a-1")
        await mine.hear()
        async with page(served, await new_cookie(served)) as theirs:
            assert texts(await theirs.hello()) == []
            await mine.say("outro", "a-2")
            await mine.hear()
            assert await theirs.rest() == []


async def test_what_reached_the_page_is_reported_once_and_only_for_what_was_sent_to_it() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.say("oi", "a-1")
        id = (await tab.hear())["id"]
        await tab.send(type="seen", ids=[id, id, id + 1])
        await tab.send(type="seen", ids=[id])
        await tab.say("fim", "a-2")  # played after them

    assert counter.receipts == [(ACCOUNT, str(id), State.DELIVERED)]


async def test_signs_reach_every_tab() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.say("4111 1111 1111 1111", "a-1")
        await tab.hear()
        (event,) = counter.heard
        await served.chat.typing(event.address)
        await served.chat.close(event.address, Close("n9", "Sim", None))
        await served.chat.delete(event.address, event.ref or "")
        await served.chat.acknowledge(event, "Esse botão já foi usado.")
        await served.chat.acknowledge(event, None)
        assert await tab.rest() == [
            {"type": "typing"},
            {"type": "close", "nonce": "n9", "chosen": "Sim"},
            {"type": "delete", "id": "a-1"},
            {"type": "note", "id": "a-1", "text": "Esse botão já foi usado."},
        ]


async def test_who_comes_in_is_greeted_once_and_a_deep_link_is_followed() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        for _tab in range(2):
            await tab.send(type="open", id="open")
            await tab.until("ack")
        await tab.send(type="open", id="b-1", start="fatura-7")
        await tab.until("ack")
        await tab.rest()

    assert [(event.text, event.start) for event in counter.heard] == [
        ("/start", None),
        ("/start fatura-7", "fatura-7"),
    ]


async def test_a_command_is_shown_to_the_other_tabs_as_the_button_that_sent_it() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie) as one, page(served, cookie) as other:
            await one.hello()
            await other.hello()
            await one.send(type="say", id="a-1", text="/language en", label="English")
            assert await other.next() == {"type": "echo", "id": "a-1", "text": "English"}

    assert counter.heard[0].text == "/language en"


async def test_the_language_of_the_page_may_change_on_the_way() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello(locale="pt_BR")
        await tab.send(type="hello", v=1, seen=[], locale="en")
        await tab.say("hi", "a-1")

    assert counter.heard[0].locale == "en"


async def test_a_turn_in_hand_ends_when_the_channel_stops() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        with counter.held():
            await tab.send(type="say", id="a-1", text="oi")
            await tab.rest()
            stopping = asyncio.create_task(served.chat.stop())
        await stopping
        assert "ack" in [frame["type"] for frame in await tab.until("ack")]
        assert await tab.closed() == 1012

    assert [event.text for event in counter.heard] == ["oi"]


async def test_a_turn_in_hand_ends_when_its_page_goes_away() -> None:
    counter = Counter()
    async with serving(counter) as served:
        cookie = await new_cookie(served)
        with counter.held():
            async with page(served, cookie) as tab:
                await tab.hello()
                await tab.send(type="say", id="a-1", text="oi")
                await tab.rest()
        async with page(served, cookie) as tab:
            await tab.hello()
            await tab.say("oi", "a-1")

    assert len(counter.heard) == 1


async def test_a_channel_that_has_not_begun_or_has_ended_asks_to_come_again() -> None:
    async with serving(Counter()) as served:
        cookie = await new_cookie(served)
        await served.chat.stop()
        async with page(served, cookie) as tab:
            assert await tab.closed() == 1013


async def test_a_page_of_another_version_is_told_to_load_again() -> None:
    async with serving(Counter()) as served, page(served, await new_cookie(served)) as tab:
        await tab.send(type="hello", v=0, seen=[])
        assert await tab.closed() == 4400


async def test_a_browser_without_its_cookie_is_told_to_load_the_page() -> None:
    async with serving(Counter()) as served:
        for cookie in (None, "short", "x" * 44):
            async with page(served, cookie) as tab:
                assert await tab.closed() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", None])
async def test_a_page_of_somebody_else_may_not_connect(origin: str | None) -> None:
    async with serving(Counter()) as served:
        cookie = await new_cookie(served)
        with pytest.raises(InvalidStatus) as refused:
            async with page(served, cookie, origin=origin):
                pass

    assert refused.value.response.status_code == 403


async def test_a_configured_origin_may_connect() -> None:
    async with serving(Counter(), origins=["https://www.example.com"]) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie, origin="https://www.example.com") as tab:
            assert (await tab.hello())[-1]["type"] == "ready"
