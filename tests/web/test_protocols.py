"""The mends of uvicorn's protocols: answers in one piece, and a tab that closes while the server stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame

from bot.web.protocols import HttpConnection, WebSocket
from tests.web.counter import Server


class StoppedAtFarewell(WebSocket):
    """The server stops after a tab's farewell was answered and before its connection is gone."""

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        for each in [self, *(self.connections - {self})]:
            each.shutdown()


async def test_a_tab_that_closes_while_the_server_stops_keeps_nobody_from_being_told() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws=StoppedAtFarewell)
    server, door = Server(config), config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    await server.serves.wait()
    url = f"ws://127.0.0.1:{door.getsockname()[1]}"
    async with connect(f"{url}/leaves") as leaving, connect(f"{url}/stays") as staying:
        await leaving.close()
        with pytest.raises(ConnectionClosed) as told:
            async with asyncio.timeout(20):
                await staying.recv()
    assert told.value.rcvd is not None
    assert told.value.rcvd.code == 1012  # the server restarts: come again
    server.should_exit = True
    await running
    door.close()


class Wire(asyncio.Transport):
    """What a connection wrote, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = list[bytes]()
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        if data:
            self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def answered(
    app: ASGIApp, request: bytes, until: Callable[[Wire], bool], *, times: int = 1
) -> Wire:
    """What leaves on a connection when a request came in, again and again."""
    config = uvicorn.Config(app, lifespan="off", log_level="error", http=HttpConnection)
    wire, state = Wire(), ServerState()
    connection = HttpConnection(config, state, {})
    connection.connection_made(wire)
    async with asyncio.timeout(20):
        for time in range(times):
            connection.data_received(request)
            while len(wire.written) <= time or not until(wire):
                await asyncio.sleep(0)
    connection.connection_lost(None)
    return wire


def ended(words: bytes) -> Callable[[Wire], bool]:
    return lambda wire: b"".join(wire.written).endswith(words)


ASK = b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
ASK_AND_GO = b"GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("body", [b"hello", b"x" * 300_000])
async def test_an_answer_leaves_with_its_head_in_one_piece(body: bytes) -> None:
    wire = await answered(Response(body), ASK, ended(body))

    (only,) = wire.written
    assert only.startswith(b"HTTP/1.1 200 OK\r\n")
    assert only.endswith(b"\r\n\r\n" + body)


async def test_each_answer_of_a_connection_is_one_piece() -> None:
    wire = await answered(Response(b"hello"), ASK, ended(b"hello"), times=3)

    assert len(wire.written) == 3
    assert len(set(wire.written)) == 1


async def test_a_body_that_is_long_in_coming_does_not_hold_up_its_head() -> None:
    go_on = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        await go_on.wait()
        yield b"late"

    def head_came(wire: Wire) -> bool:
        if wire.written and not go_on.is_set():
            assert wire.written[0].endswith(b"\r\n\r\n")
            go_on.set()
        return ended(b"0\r\n\r\n")(wire)

    wire = await answered(StreamingResponse(parts()), ASK, head_came)
    assert b"late" in wire.written[1]


@pytest.mark.parametrize("response", [Response(b"bye"), Response(status_code=204)])
async def test_an_answer_before_farewell_is_whole(response: Response) -> None:
    wire = await answered(response, ASK_AND_GO, lambda wire: wire.closed)

    (only,) = wire.written
    assert only.endswith(b"\r\n\r\n" + bytes(response.body))
