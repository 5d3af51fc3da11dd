"""The wire of the JSON calls: what is sent, what is taken for an answer, and which connections are kept."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from unittest.mock import Mock

import pytest
from yarl import URL

from bot.channels.telegram import wire as telegram_wire
from bot.channels.telegram.wire import Wire, _Connection
from tests.channels.telegram.post_server import BODY, OK, Act, PostServer, cuts, hangs, says
from tests.delivery.mail_server import CA

PATIENCE = 10.0
"""Seconds a call is given that should be answered."""
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b'4\r\n{"ok\r\n',
    b'7;x=y\r\n":true}\r\n',
    b"0\r\nTrailer: 1\r\n\r\n",
)

Open = Callable[..., Wire]


@pytest.fixture(params=["tcp", "tls"])
def secure(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "tls")


@pytest.fixture
async def server(secure: bool) -> AsyncIterator[PostServer]:
    async with PostServer().serving("server.pem" if secure else "") as server:
        yield server


@pytest.fixture
async def open_wire(secure: bool) -> AsyncIterator[Open]:
    """Opens wires, by default to `localhost`; they are closed in the end."""
    async with AsyncExitStack() as stack:

        def opened(server: PostServer, before: str = "", trust: str | None = str(CA)) -> Wire:
            scheme = "https" if secure else "http"
            tls = ssl.create_default_context(cafile=trust) if trust else None
            url = URL(f"{scheme}://{before}localhost:{server.port}/bot1:x/")
            wire = Wire(url, tls if secure else None)
            stack.push_async_callback(wire.close)
            return wire

        yield opened


@pytest.fixture
def wire(server: PostServer, open_wire: Open) -> Wire:
    return open_wire(server)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connections are looked at all the time."""
    monkeypatch.setattr(telegram_wire, "LOOK_SECONDS", 0.001)


async def call(wire: Wire, seconds: float = PATIENCE) -> tuple[int, bytes]:
    return await wire.post("getMe", b"{}", seconds)


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


# ------------------------------------------------------------------ there and back


async def test_a_request_says_what_it_must_and_no_more(wire: Wire, server: PostServer) -> None:
    assert await wire.post("sendMessage", '{"text":"olá %d"}'.encode(), PATIENCE) == (200, BODY)
    (request,) = server.requests
    assert request.decode() == (
        "POST /bot1:x/sendMessage HTTP/1.1\r\n"
        f"Host: localhost:{server.port}\r\n"
        "User-Agent: Balcao\r\n"
        "Accept-Encoding: identity\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: 18\r\n"
        "\r\n"
        '{"text":"olá %d"}'
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.com/bot1:x/", "api.example.com"),
        ("https://api.example.com:443/", "api.example.com"),
        ("http://api.example.com:443/", "api.example.com:443"),
        ("http://[::1]:8081/", "[::1]:8081"),
    ],
)
def test_the_host_is_named_as_the_standard_wants_it(url: str, host: str) -> None:
    assert f"\r\nHost: {host}\r\n".encode() in Wire(URL(url))._head("getMe")


async def test_credentials_in_the_address_of_a_server_of_ones_own_are_told(
    server: PostServer, open_wire: Open
) -> None:
    await call(open_wire(server, before="ana:segredo@"))
    assert b"\r\nAuthorization: Basic YW5hOnNlZ3JlZG8=\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (says(OK), (200, BODY)),
        (says(*CHUNKED), (200, BODY)),
        (says(*(bytes([each]) for each in OK)), (200, BODY)),
        (says(*(bytes([each]) for each in b"".join(CHUNKED))), (200, BODY)),
        (says(b"HTTP/1.1 200 OK\r\n\r\n", BODY, close=True), (200, BODY)),
        (says(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, close=True), (200, BODY)),
        (says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\n", OK), (200, BODY)),
        (says(b"HTTP/1.1 429 Much\r\nContent-Length: 2\r\n\r\n{}"), (429, b"{}")),
        (says(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), (302, b"")),
        (says(b"HTTP/1.1 204 Nothing\r\n\r\n"), (204, b"")),
    ],
)
async def test_an_answer_is_read_however_it_comes(
    wire: Wire, server: PostServer, act: Act, answer: tuple[int, bytes]
) -> None:
    server.does(act)
    assert await call(wire) == answer
    assert await call(wire) == (200, BODY)


async def test_a_large_answer_is_whole(wire: Wire, server: PostServer) -> None:
    large = b"x" * 3_000_000
    server.does(says(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + large))
    assert await call(wire) == (200, large)


async def test_calls_beside_each_other_get_their_own_answers(
    wire: Wire, server: PostServer
) -> None:
    numbers = [b"%03d" % n for n in range(20)]
    server.does(*(says(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", n) for n in numbers))
    answers = await asyncio.gather(*(call(wire) for _each in numbers))
    assert sorted(body for _status, body in answers) == numbers


# ------------------------------------------------------------------ which are kept


async def test_a_connection_is_kept_for_the_next_call(wire: Wire, server: PostServer) -> None:
    for _round in range(5):
        await call(wire)
    assert server.connections == 1


async def test_no_more_connections_than_calls_at_once_are_open(
    server: PostServer, open_wire: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_wire, "AT_ONCE", 3)
    wire = open_wire(server)
    server.does(*[hangs] * 3)
    calls = [asyncio.create_task(call(wire)) for _ in range(10)]
    await until(lambda: len(server.requests) == 3)
    server.let_go.set()
    await asyncio.gather(*calls)
    assert len(server.requests) == 10
    assert server.most_open == 3


async def test_a_connection_the_server_will_close_is_not_used_again(
    wire: Wire, server: PostServer
) -> None:
    server.does(says(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
    assert await call(wire) == (200, b"")
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


async def test_a_connection_the_server_closed_meanwhile_is_not_used_again(
    wire: Wire, server: PostServer
) -> None:
    server.does(says(OK, close=True))
    await call(wire)
    await until(lambda: not wire._open)
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


async def test_a_connection_nobody_uses_is_given_back(
    wire: Wire, server: PostServer, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_wire, "IDLE_SECONDS", 0.0)
    await call(wire)
    await until(server.left.is_set)
    await until(lambda: wire._looking is None)
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


@pytest.mark.parametrize("stray", [OK, b"HTTP", b"\0"])
async def test_what_nobody_asked_for_is_not_taken_for_an_answer(
    wire: Wire, server: PostServer, stray: bytes
) -> None:
    server.does(says(OK + stray))
    assert await call(wire) == (200, BODY)
    await until(server.left.is_set)
    server.does(says(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine"))
    assert await call(wire) == (200, b"mine")
    for writer in server.open:
        writer.write(stray)
    server.left.clear()
    await until(server.left.is_set)
    server.does(says(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nthen"))
    assert await call(wire) == (200, b"then")


# ------------------------------------------------------------------ no answer


async def test_a_kept_connection_that_breaks_has_perhaps_brought_the_call_and_it_is_not_repeated(
    wire: Wire, server: PostServer
) -> None:
    await call(wire)
    server.does(cuts)
    with pytest.raises(ConnectionError):
        await call(wire)
    assert len(server.requests) == 2
    assert await call(wire) == (200, BODY)


@pytest.mark.parametrize(
    "act",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY, close=True),
        says(*CHUNKED[:2], close=True),
        says(b"HTTP/1.1 200 OK\r\nContent-Le", close=True),
        says(b"220 mail.example.com ESMTP\r\n"),
        says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        says(close=True),
    ],
)
async def test_half_an_answer_is_none(wire: Wire, server: PostServer, act: Act) -> None:
    server.does(act)
    with pytest.raises(ConnectionError):
        await call(wire)
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


@pytest.mark.parametrize(
    "begins",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", CHUNKED[0]],
)
async def test_an_answer_without_end_is_not_read_to_its_end(
    wire: Wire, server: PostServer, monkeypatch: pytest.MonkeyPatch, begins: bytes
) -> None:
    monkeypatch.setattr(telegram_wire, "LARGEST", 5000)
    server.does(says(begins, b"1388\r\n" + b"x" * 8000))
    with pytest.raises(ConnectionError):
        await call(wire)
    assert await call(wire) == (200, BODY)


async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_never_taken_for_another(
    wire: Wire, server: PostServer, hasty: None
) -> None:
    await call(wire)
    server.usually = hangs
    with pytest.raises(TimeoutError):
        await call(wire, seconds=0.01)
    server.usually = says(OK)
    server.let_go.set()
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


async def test_a_look_leaves_a_connection_alone_whose_call_is_about_to_use_it() -> None:
    now, transport = asyncio.get_running_loop().time(), Mock()
    connection = _Connection(set(), [], until=now + 10)
    connection.connection_made(transport)

    connection.look(now)
    transport.abort.assert_not_called()
    connection.look(now + 11)
    transport.abort.assert_called_once()


async def test_who_waits_for_another_call_to_end_does_not_wait_longer_than_that(
    server: PostServer, open_wire: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_wire, "AT_ONCE", 1)
    wire = open_wire(server)
    server.does(hangs)
    first = asyncio.create_task(call(wire))
    await server.heard.wait()
    with pytest.raises(TimeoutError):
        await call(wire, seconds=0.01)
    server.let_go.set()
    assert (await first)[1] == b"late"
    assert await call(wire) == (200, BODY)


async def test_a_server_that_does_not_shake_hands_is_waited_for_so_long() -> None:
    async with PostServer().serving() as deaf:  # to TLS
        wire = Wire(URL(f"https://localhost:{deaf.port}/"))
        with pytest.raises(TimeoutError):
            await call(wire, seconds=0.05)
        await wire.close()


async def test_the_connection_of_a_call_that_was_given_up_is_not_used_again(
    wire: Wire, server: PostServer
) -> None:
    await call(wire)
    server.does(hangs)
    server.heard.clear()
    given_up = asyncio.create_task(call(wire))
    await server.heard.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    server.let_go.set()
    assert await call(wire) == (200, BODY)
    assert server.connections == 2


async def test_who_gives_up_too_late_does_not_break_the_next_call() -> None:
    connection = _Connection(set(), idle := [], until=0.0)
    transport = Mock(is_closing=lambda: False)
    connection.connection_made(transport)
    first = connection.ask(b"", 0.0)
    connection.data_received(OK)
    assert first.result() == (200, BODY)
    assert idle == [connection]
    second = connection.ask(b"", 0.0)
    connection.leave(first)
    connection.data_received(OK)
    assert second.result() == (200, BODY)
    transport.abort.assert_not_called()


async def test_a_close_ends_the_calls_under_way(wire: Wire, server: PostServer) -> None:
    server.does(hangs)
    waiting = asyncio.create_task(call(wire))
    await server.heard.wait()
    await wire.close()
    with pytest.raises(ConnectionError):
        await waiting
    assert not wire._open


async def test_nobody_there_is_no_connection_and_names_nothing(open_wire: Open) -> None:
    nobody = PostServer()
    nobody.port = 1
    with pytest.raises(ConnectionError) as raised:
        await call(open_wire(nobody))
    assert raised.value.__cause__ is None
    assert "bot1" not in str(raised.value)


@pytest.mark.parametrize(
    ("certificate", "trust"), [("elsewhere.pem", str(CA)), ("server.pem", None)]
)
async def test_nothing_is_sent_to_a_server_that_is_not_who_it_should_be(
    certificate: str, trust: str | None
) -> None:
    async with PostServer().serving(certificate) as server:
        tls = ssl.create_default_context(cafile=trust) if trust else None
        wire = Wire(URL(f"https://localhost:{server.port}/bot1:x/"), tls)
        with pytest.raises(ConnectionError):
            await call(wire)
        await wire.close()
    assert server.requests == []
