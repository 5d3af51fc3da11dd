"""The web socket's one mend: a tab that closes in the moment the server stops."""

import asyncio

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame

from bot.web.sockets import WebSocket
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
