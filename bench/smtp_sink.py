"""An SMTP server that swallows mail and counts it, by recipient and by Message-ID."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from typing import Any

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]*>)", re.IGNORECASE | re.MULTILINE)


class SmtpSink:
    def __init__(self) -> None:
        self.received = Counter[str]()  # by recipient
        self.ids = Counter[bytes]()  # by Message-ID, of mails that have one
        self.bytes = 0

    @property
    def total(self) -> int:
        return sum(self.received.values())

    async def serve(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Session(self), host, port, backlog=1024)


class _Session(asyncio.Protocol):
    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink
        self._buffer = b""
        self._recipients: list[str] = []
        self._in_data = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._say(b"220 sink ESMTP")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            if self._in_data:
                message, found, rest = self._buffer.partition(b"\r\n.\r\n")
                if not found:
                    return
                self._buffer, self._in_data = rest, False
                self._sink.bytes += len(message)
                self._sink.received.update(self._recipients)
                if found_id := _MESSAGE_ID.search(message):
                    self._sink.ids[found_id[1]] += 1
                self._recipients = []
                self._say(b"250 OK")
                continue
            line, found, rest = self._buffer.partition(b"\r\n")
            if not found:
                return
            self._buffer = rest
            self._command(line)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self._transport.write(b"250-sink\r\n250-8BITMIME\r\n250 SIZE 20000000\r\n")
        elif verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode().lower())
            self._say(b"250 OK")
        elif verb == b"DATA":
            self._in_data = True
            self._say(b"354 go ahead")
        elif verb == b"QUIT":
            self._say(b"221 bye")
            self._transport.close()
        else:  # HELO, MAIL, RSET, NOOP
            self._say(b"250 OK")

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")


async def _main(host: str, port: int) -> None:
    sink = SmtpSink()
    async with await sink.serve(host, port):
        print(f"SMTP sink on {host}:{port}", flush=True)
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(5)
                print(f"{sink.total} mails, {sink.bytes} bytes", flush=True)


if __name__ == "__main__":
    import sys

    asyncio.run(_main("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8025))
