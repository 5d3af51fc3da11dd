"""A server on loopback that does with each request what it is told, over plain TCP or TLS."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from tests.delivery.mail_server import server_tls

Act = Callable[["PostServer", asyncio.StreamWriter], Awaitable[None]]
"""What is done with a request; the connection is kept if it is still open then."""
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
BODY = b'{"ok":true}'


def says(*parts: bytes, close: bool = False) -> Act:
    """Answer, part by part."""

    async def act(_server: PostServer, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()

    return act


async def cuts(_server: PostServer, writer: asyncio.StreamWriter) -> None:
    """No answer, and an end."""
    writer.transport.abort()


async def hangs(server: PostServer, writer: asyncio.StreamWriter) -> None:
    """The answer comes when it is let go."""
    await server.let_go.wait()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")


class PostServer:
    """What it heard, and what it will do: `script` is followed request by request, then what it does usually."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[bytes] = []
        self.heard = asyncio.Event()
        self.let_go = asyncio.Event()
        self.script: Iterator[Act] = iter(())
        self.usually = says(OK)
        self.connections = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.most_open = 0
        self.left = asyncio.Event()
        """Set when somebody closes a connection."""
        self._serving: set[asyncio.Task[None]] = set()

    def does(self, *acts: Act) -> None:
        self.script = iter(acts)

    @asynccontextmanager
    async def serving(self, certificate: str = "") -> AsyncIterator[PostServer]:
        tls = server_tls(certificate) if certificate else None
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        self.most_open = max(self.most_open, len(self.open))
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while not writer.is_closing():
                    await self._one(reader, writer)
        finally:
            self.open.discard(writer)
            self.left.set()
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)\r\n", head)
        assert length
        self.requests.append(head + await reader.readexactly(int(length[1])))
        self.heard.set()
        await next(self.script, self.usually)(self, writer)
