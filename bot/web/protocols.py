"""HTTP and web sockets as uvicorn speaks them, each with one mend."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State


class HttpConnection(HttpToolsProtocol):
    """A connection whose answers leave in one piece (give it to `uvicorn.Config` as `http`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_InOnePiece(transport, self.loop))


class WebSocket(WebSocketsSansIOProtocol):
    """A connection that may be told to end at any moment (give it to `uvicorn.Config` as `ws`)."""

    def shutdown(self) -> None:
        """End it: the page is told that the server restarts.

        Who has said farewell already was answered and needs no second one: uvicorn 0.54 would raise
        `InvalidState`, and leave whoever comes after in its list unserved.
        """
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.stop_keepalive()
            self.transport.close()
            return
        super().shutdown()


class _InOnePiece(asyncio.Transport):
    """A transport that keeps the head of an answer until its body comes in the same breath.

    uvicorn writes them one after the other, and each is a packet and a wake-up at the other end.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: Any) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._let_go)
            return
        self._transport.write(data)

    def close(self) -> None:
        self._let_go()
        self._transport.close()

    def _let_go(self) -> None:
        """The body is long in coming, or there is none."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)
