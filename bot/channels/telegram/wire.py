"""POST on kept connections to one HTTP/1.1 server, and nothing else: a whole client costs four times as much a call."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from contextlib import suppress
from typing import TypeAlias

import aiohappyeyeballs
import httptools
from yarl import URL

AT_ONCE = 100
"""Calls under way; one more waits for one of them to end. No more connections than that are open."""
IDLE_SECONDS = 60.0
"""A connection that nobody used for so long is given back."""
LOOK_SECONDS = 1.0
"""Between looks at the connections: what is too long under way ends that much late at most. One timer for
all of them costs nothing a call."""
LARGEST = 16 * 1024 * 1024
"""Bytes of an answer, headers and all; the largest, of a poll, has a few hundred thousand."""
OTHER_ADDRESS_SECONDS = 0.25
"""After which the next address of a host is tried beside one that does not answer (RFC 8305, 8)."""

Answer: TypeAlias = tuple[int, bytes]
"""Status and body."""


class Wire:
    """Connections to one server. Nothing it raises names what it was asked for."""

    def __init__(self, base: URL, tls: ssl.SSLContext | None = None) -> None:
        """`base` is http or https, and a call's path is put behind it; `tls` says whom to trust with https,
        and without it those are trusted whom the system trusts."""
        self._host, self._port = base.raw_host or "", base.port or 80
        self._secure = base.scheme == "https"
        self._tls = tls if self._secure else None
        self._path = base.raw_path
        self._headers = f"Host: {base.host_port_subcomponent}\r\n"
        if base.user is not None:
            credentials = f"{base.user}:{base.password or ''}".encode()
            self._headers += f"Authorization: Basic {base64.b64encode(credentials).decode()}\r\n"
        self._heads: dict[str, bytes] = {}
        self._calls = asyncio.Semaphore(AT_ONCE)
        self._open = set[_Connection]()
        self._idle = list[_Connection]()
        """The last one is the one used last."""
        self._looking: asyncio.TimerHandle | None = None

    async def post(self, path: str, body: bytes, seconds: float) -> Answer:
        """The answer to a JSON body, whatever its status; no redirect is followed.

        Raises TimeoutError after `seconds` and ConnectionError when there is no whole answer. Nothing is tried
        twice: also a connection that breaks before the first byte of an answer may have brought the call.
        """
        until = asyncio.get_running_loop().time() + seconds
        request = b"%b%d\r\n\r\n%b" % (self._heads.get(path) or self._head(path), len(body), body)
        if self._calls.locked():
            async with asyncio.timeout_at(until):
                await self._calls.acquire()
        else:
            await self._calls.acquire()
        try:
            connection = self._kept() or await self._connect(until)
            answer = connection.ask(request, until)
            try:
                return await answer
            finally:
                connection.leave(answer)
        finally:
            self._calls.release()

    async def close(self) -> None:
        """Give the connections back; calls under way raise ConnectionError."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        connections = tuple(self._open)
        for connection in connections:
            connection.drop()
        await asyncio.gather(*(connection.lost for connection in connections))

    def _head(self, path: str) -> bytes:
        """All of a request before the length of its body."""
        head = (
            f"POST {self._path}{path} HTTP/1.1\r\n{self._headers}User-Agent: Balcao\r\n"
            "Accept-Encoding: identity\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()
        self._heads[path] = head
        return head

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None

    async def _connect(self, until: float) -> _Connection:
        if self._secure and self._tls is None:
            self._tls = ssl.create_default_context()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout_at(until):
            try:
                addresses = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                door = await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=OTHER_ADDRESS_SECONDS
                )
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open, self._idle, until),
                    sock=door,
                    ssl=self._tls,
                    server_hostname=self._host if self._secure else None,
                )
            except (OSError, RuntimeError) as error:  # uvloop raises the latter of some addresses
                raise ConnectionError(type(error).__name__) from None
        if self._looking is None:
            self._looking = loop.call_later(LOOK_SECONDS, self._look)
        return connection

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in tuple(self._open):
            connection.look(loop.time())
        self._looking = loop.call_later(LOOK_SECONDS, self._look) if self._open else None


class _Connection(asyncio.Protocol):
    """One connection, and the call that is on it."""

    def __init__(self, every: set[_Connection], idle: list[_Connection], until: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.lost = self._loop.create_future()
        self._every, self._idle = every, idle
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._waiting: asyncio.Future[Answer] | None = None
        """Whoever wants the answer; None between calls."""
        self._until = until
        """When the call that it was made for, or is on it, or the rest after it, has lasted too long."""
        self._size = 0
        self._body = list[bytes]()
        self._has_body = False

    @property
    def usable(self) -> bool:
        return not self._transport.is_closing()

    def ask(self, request: bytes, until: float) -> asyncio.Future[Answer]:
        self._until, self._size, self._has_body = until, 0, False
        self._waiting = answer = self._loop.create_future()
        self._transport.write(request)
        return answer

    def leave(self, answer: asyncio.Future[Answer]) -> None:
        """Nobody waits for it any more: what may still come of it must not be taken for the next one."""
        if self._waiting is answer:
            self.drop()

    def look(self, now: float) -> None:
        if self._until <= now:
            self._end(TimeoutError())

    def drop(self) -> None:
        self._end(ConnectionAbortedError("dropped"))

    def _end(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
        self._transport.abort()

    # ------------------------------------------------------------------ what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # which is what TCP and TLS have
        self._every.add(self)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._waiting is None or self._size > LARGEST:
            self._end(ConnectionError("more than was asked for"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end(ConnectionError("no HTTP"))

    def connection_lost(self, error: Exception | None) -> None:
        # An answer without a length ends with its connection (RFC 9112, 6.3).
        if error is None and self._has_body and not self._parser.should_keep_alive():
            self.on_message_complete()
        self._end(ConnectionResetError("closed before its answer"))
        self._every.discard(self)
        with suppress(ValueError):
            self._idle.remove(self)
        self.lost.set_result(None)

    # ------------------------------------------------------------------ what the parser tells

    def on_message_begin(self) -> None:
        self._body = []
        if self._waiting is None:  # behind the answer stands what nobody asked for
            self._end(ConnectionError("more than was asked for"))

    def on_headers_complete(self) -> None:
        self._has_body = self._parser.get_status_code() >= 200

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        waiting = self._waiting
        if status < 200 or waiting is None:  # of a call under way (RFC 9110, 15.2); of none
            return
        self._waiting = None
        if not self._parser.should_keep_alive() or waiting.done():
            self._transport.abort()
        else:
            self._until = self._loop.time() + IDLE_SECONDS
            self._idle.append(self)
        if not waiting.done():  # by who was cancelled
            waiting.set_result((status, b"".join(self._body)))
