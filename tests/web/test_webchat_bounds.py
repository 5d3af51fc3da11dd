"""How much one page may ask: big frames, floods, many tabs, a page that does not read."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest

from bot.channels.webchat import FRAME_BYTES, Bounds, WebChat
from bot.channels.webchat.sockets import Bucket
from bot.core.message import Address, Outbound
from tests.web.client import new_cookie, page, texts
from tests.web.counter import ACCOUNT, Counter, serving


async def test_a_text_too_long_is_refused_by_name_and_the_next_is_taken() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.send(type="say", id="a-1", text="x" * 4001)
        assert await tab.next() == {
            "type": "error",
            "code": "too_long",
            "id": "a-1",
            "limit": 4000,
        }
        await tab.say("x" * 4000, "a-2")

    assert [len(event.text or "") for event in counter.heard] == [4000]


@pytest.mark.parametrize("letter", ["x", "ç"])
async def test_a_frame_too_big_ends_the_connection(letter: str) -> None:
    size = FRAME_BYTES // len(letter.encode())
    async with serving(Counter()) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.socket.send(letter * size + "x")
        assert await tab.closed() == 1009


async def test_a_frame_that_is_no_text_ends_the_connection() -> None:
    async with serving(Counter()) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.socket.send(b"{}")
        assert await tab.closed() == 1003


async def test_a_broken_frame_is_told_and_the_connection_lives() -> None:
    async with serving(Counter()) as served, page(served, await new_cookie(served)) as tab:
        await tab.hello()
        await tab.socket.send("{")
        assert await tab.next() == {"type": "error", "code": "malformed"}
        assert await tab.rest() == []


async def test_who_speaks_too_fast_is_told_so_and_nothing_of_it_is_lost_in_silence() -> None:
    counter = Counter()
    bounds = Bounds(per_second=0, burst=3)
    async with (
        serving(counter, bounds=bounds) as served,
        page(served, await new_cookie(served)) as tab,
    ):
        await tab.hello()
        await tab.say("um", "a-1")
        await tab.say("dois", "a-2")
        await tab.send(type="say", id="a-3", text="três")
        frames = await tab.until("error")
        assert frames[-1] == {"type": "error", "code": "too_fast", "id": "a-3"}

    assert [event.text for event in counter.heard] == ["um", "dois"]


async def test_a_flood_ends_the_connection() -> None:
    bounds = Bounds(per_second=0, burst=1, strikes=5)
    async with (
        serving(Counter(), bounds=bounds) as served,
        page(served, await new_cookie(served)) as tab,
    ):
        await tab.hello()
        for _ping in range(7):
            await tab.send(type="ping")
        assert await tab.closed() == 1008


async def test_a_page_that_waits_for_no_answer_is_told_to_wait() -> None:
    counter = Counter()
    bounds = Bounds(inbox=2)
    async with (
        serving(counter, bounds=bounds) as served,
        page(served, await new_cookie(served)) as tab,
    ):
        await tab.hello()
        with counter.held():
            await tab.send(type="say", id="in-hand", text="0")
            await tab.rest()
            for id in ("waits-1", "waits-2", "too-much"):
                await tab.send(type="say", id=id, text=id)
            assert await tab.next() == {"type": "error", "code": "too_fast", "id": "too-much"}
        for _word in range(3):
            await tab.until("ack")

    assert [event.ref for event in counter.heard] == ["in-hand", "waits-1", "waits-2"]


async def test_a_page_that_says_nothing_is_not_waited_for() -> None:
    bounds = Bounds(hello_seconds=0.05)
    async with (
        serving(Counter(), bounds=bounds) as served,
        page(served, await new_cookie(served)) as tab,
    ):
        assert await tab.closed() == 1008


async def test_nothing_is_played_before_the_hello() -> None:
    counter = Counter()
    async with serving(counter) as served, page(served, await new_cookie(served)) as tab:
        await tab.send(type="say", id="a-1", text="oi")
        assert (await tab.next())["code"] == "too_fast"

    assert counter.heard == []


async def test_one_tab_too_many_closes_the_oldest() -> None:
    counter = Counter()
    async with serving(counter, bounds=Bounds(sockets=2)) as served:
        cookie = await new_cookie(served)
        async with (
            page(served, cookie) as first,
            page(served, cookie) as second,
            page(served, cookie) as third,
        ):
            for tab in (first, second, third):
                await tab.hello()
            assert await first.closed() == 4409
            await third.say("oi", "a-1")
            assert (await second.hear())["text"] == "Você disse: oi"


class Stuck:
    """A browser, at ASGI's end, that connects, says hello and then reads nothing more."""

    def __init__(self, cookie: str) -> None:
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "path": "/chat/ws",
            "query_string": b"",
            "scheme": "ws",
            "headers": [
                (b"host", b"chat.example.com"),
                (b"origin", b"http://chat.example.com"),
                (b"cookie", f"balcao={cookie}".encode()),
            ],
        }
        self.ready = asyncio.Event()
        self._incoming = self._script()

    def _script(self) -> Iterator[dict[str, Any]]:
        yield {"type": "websocket.connect"}
        hello = {"type": "hello", "v": 1, "seen": []}
        yield {"type": "websocket.receive", "text": json.dumps(hello)}

    async def receive(self) -> MutableMapping[str, Any]:
        message = next(self._incoming, None)
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self.ready.set()
            await asyncio.Event().wait()


async def test_a_page_that_does_not_read_is_dropped_and_nobody_waits_for_it() -> None:
    counter = Counter()
    async with serving(counter, bounds=Bounds(outbox=10)) as served:
        cookie = await new_cookie(served)
        stuck = Stuck(cookie)
        (route,) = [each for each in served.chat.routes() if each.path.endswith("/ws")]  # type: ignore[attr-defined]
        connection = asyncio.create_task(route.handle(stuck.scope, stuck.receive, stuck.send))
        await stuck.ready.wait()
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        async with page(served, cookie) as tab:
            await tab.hello()
            heard = []
            for n in range(30):
                row = counter.post(address, Outbound(f"mensagem {n}"))
                await served.chat.send(address, Outbound(f"mensagem {n}"), None, id=row.id)
                heard.append((await tab.hear())["text"])
            await asyncio.wait_for(connection, 10)

    assert heard == [f"mensagem {n}" for n in range(30)]


async def test_a_page_that_comes_back_from_being_dropped_has_everything() -> None:
    counter = Counter()
    async with serving(counter, bounds=Bounds(outbox=10, resumed=100)) as served:
        cookie = await new_cookie(served)
        address = Address(ACCOUNT, served.chat.door.chat_of({"balcao": cookie}) or "")
        first = counter.post(address, Outbound("um"))
        for n in range(5):
            counter.post(address, Outbound(f"mensagem {n}"))
        async with page(served, cookie) as tab:
            assert texts(await tab.hello(first.id)) == [f"mensagem {n}" for n in range(5)]


def test_a_bucket_refills_with_time_and_never_above_its_size() -> None:
    now = 0.0
    bucket = Bucket(2, 3, lambda: now)

    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 1000
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


async def test_what_a_turn_raises_that_nobody_expected_is_not_swallowed() -> None:
    async def broken(_event: object) -> None:
        raise RuntimeError("a mistake")

    chat = WebChat(ACCOUNT, "fibra", history=Counter().history, document=Counter().document)
    await chat.start(broken)
    frames = iter(
        [
            {"type": "websocket.connect"},
            *(
                {"type": "websocket.receive", "text": json.dumps(frame)}
                for frame in (
                    {"type": "hello", "v": 1, "seen": []},
                    {"type": "say", "id": "a-1", "text": "oi"},
                )
            ),
        ]
    )
    sent: list[MutableMapping[str, Any]] = []
    closed = asyncio.Event()

    async def receive() -> dict[str, Any]:
        message = next(frames, None)
        if message is None:
            await closed.wait()
            return {"type": "websocket.disconnect", "code": 1006}
        return message

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "websocket.close":
            closed.set()

    with pytest.raises(RuntimeError, match="a mistake"):
        await chat.routes()[0].handle(Stuck("x" * 43).scope, receive, send)

    assert sent[-1]["code"] == 1011
