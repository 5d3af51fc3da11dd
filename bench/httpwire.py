"""A small, fast HTTP/1.1 server and client on asyncio protocols.

The harness shares the machine with the bot it measures, so every microsecond it
spends is taken from the bot.  Parsing is done by httptools (llhttp in C); there is
no routing, no middleware and no per-request task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httptools

Answer = tuple[int, dict[bytes, bytes], bytes]
"""Status, headers by lower-case name, body."""
_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


class Exchange:
    """One request waiting for its answer; answer it now or later, exactly once."""

    __slots__ = ("body", "headers", "keep_alive", "method", "path", "transport")

    def __init__(
        self,
        transport: asyncio.Transport,
        method: bytes,
        path: bytes,
        headers: dict[bytes, bytes],
        body: bytes,
        keep_alive: bool,
    ) -> None:
        self.transport = transport
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.keep_alive = keep_alive

    def reply(self, status: int, body: bytes, content_type: bytes = b"application/json") -> None:
        if self.transport.is_closing():
            return
        tail = b"\r\n\r\n" if self.keep_alive else b"\r\nConnection: close\r\n\r\n"
        self.transport.write(
            b"%bContent-Type: %b\r\nContent-Length: %d%b%b"
            % (_STATUS_LINES[status], content_type, len(body), tail, body)
        )
        if not self.keep_alive:
            self.transport.close()

    def abort(self) -> None:
        """Drop the connection without an answer (the peer sees a reset)."""
        self.transport.abort()


class ServerProtocol(asyncio.Protocol):
    """A connection of the server; each request goes to the handler."""

    def __init__(self, handler: Callable[[Exchange], None]) -> None:
        self._handler = handler

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = dict[bytes, bytes]()
        self._chunks = list[bytes]()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self._handler(
            Exchange(
                self._transport,
                self._parser.get_method(),
                self._url,
                self._headers,
                b"".join(self._chunks),
                self._parser.should_keep_alive(),
            )
        )


async def serve(handler: Callable[[Exchange], None], host: str, port: int) -> asyncio.Server:
    """Listen; `handler` is called with each request."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: ServerProtocol(handler), host, port, backlog=1024)


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._waiter: asyncio.Future[Answer] | None = None
        self.usable = True

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("connection lost before the answer"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.usable = False
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_exception(ConnectionError(str(error)))
            self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self.usable = self.usable and self._parser.should_keep_alive()
        if self._waiter is not None and not self._waiter.done():
            answer = (self._parser.get_status_code(), self._headers, b"".join(self._chunks))
            self._waiter.set_result(answer)

    def exchange(self, request: bytes) -> asyncio.Future[Answer]:
        self._parser = httptools.HttpResponseParser(self)
        self._headers = dict[bytes, bytes]()
        self._chunks = list[bytes]()
        self._waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._waiter


class Client:
    """Keep-alive client for one host; opens as many connections as are busy at once."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._idle: list[_Connection] = []

    async def post(self, path: bytes, headers: bytes, body: bytes) -> Answer:
        """POST and return (status, headers, body); raises OSError when it cannot be delivered.

        `headers` is a block of complete header lines, each ending with CRLF.
        """
        request = b"POST %b HTTP/1.1\r\nHost: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (
            path,
            self._host.encode(),
            headers,
            len(body),
            body,
        )
        connection = await self._take()
        try:
            answer = await connection.exchange(request)
        except BaseException:  # a cancelled exchange, too, leaves a connection nobody may use again
            connection.transport.abort()
            raise
        if connection.usable:
            self._idle.append(connection)
        else:
            connection.transport.close()
        return answer

    async def _take(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and not connection.transport.is_closing():
                return connection
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        for connection in self._idle:
            connection.transport.abort()
        self._idle.clear()
