"""A file on its way from the page to us: one POST, bounded in bytes, rate and time, looked at by its first bytes.

`POST <path>/upload?name=…` with the bytes as its body answers `{ref, name, type, size}`; the page then
says `file` with that `ref` on its socket. A refusal is `{code}`: forbidden · no_length · too_large · kind ·
empty · too_fast · busy · timeout · unavailable.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.channels.webchat.sockets import Bucket
from bot.core.errors import Unavailable
from bot.core.message import Address, FileIn


class Uploads(Protocol):
    """Who keeps what is uploaded (`bot.edges.receiving.Uploads`)."""

    @property
    def most(self) -> int:
        """Bytes of the largest file that is taken."""
        ...

    def known(self, head: bytes) -> bool:
        """Whether a file that begins so (`HEAD` bytes, or all of it) is of a kind that is taken."""
        ...

    async def allowed(self, at: Address) -> bool:
        """Whether files are taken from an address now."""
        ...

    async def keep(self, at: Address, name: str, content: bytes) -> FileIn | str:
        """Keep a file until a question takes it; or why it is not taken, in one word."""
        ...

    async def find(self, at: Address, ref: str) -> FileIn | None:
        """A kept file of this address, as long as no question has taken it."""
        ...


@dataclass(frozen=True, slots=True)
class UploadBounds:
    """How much may be on its way."""

    at_once: int = 8
    """Uploads of the whole process, each of them in memory; more are told to come again."""
    burst: int = 6
    """Uploads of one address in a row; after them one every `1 / per_second` seconds."""
    per_second: float = 1 / 20
    seconds: float = 180.0
    """For one upload: 10 MB on a slow phone."""
    remembered: int = 10_000
    """Addresses whose rate is known, the latest ones."""


HEAD = 16
LONGEST_NAME = 300
_STATUS = {
    "forbidden": 403, "stranger": 403, "timeout": 408, "no_length": 411, "too_large": 413,
    "kind": 415, "empty": 422, "too_fast": 429, "busy": 503, "unavailable": 503,
}  # fmt: skip


class _Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UploadDesk:
    """Takes uploads of one web chat."""

    def __init__(
        self,
        uploads: Uploads,
        *,
        bounds: UploadBounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts seconds, for the rate alone."""
        self._uploads = uploads
        self._bounds = bounds or UploadBounds()
        self._clock = clock
        self._buckets = OrderedDict[str, Bucket]()
        self._here = set[str]()

    async def take(self, request: Request, at: Address) -> Response:
        """Read one upload of an address; what the page is told."""
        if len(self._here) >= self._bounds.at_once:
            return _told("busy")
        if at.chat in self._here or not self._calm(at.chat):
            return _told("too_fast")
        self._here.add(at.chat)
        try:
            async with asyncio.timeout(self._bounds.seconds):
                kept = await self._taken(request, at)
        except _Refused as refused:
            return _told(refused.code)
        except TimeoutError:
            return _told("timeout")
        except Unavailable:
            return _told("unavailable")
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        finally:
            self._here.discard(at.chat)
        if isinstance(kept, str):
            return _told(kept)
        return JSONResponse(
            {"ref": kept.ref, "name": kept.name, "type": kept.media_type, "size": kept.size}
        )

    async def _taken(self, request: Request, at: Address) -> FileIn | str:
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refused("no_length")
        if len(length) > 12 or int(length) > self._uploads.most:
            raise _Refused("too_large")
        if not await self._uploads.allowed(at):
            raise _Refused("stranger")
        content = await self._read(request)
        return await self._uploads.keep(at, request.query_params.get("name", ""), content)

    async def _read(self, request: Request) -> bytes:
        content, known = bytearray(), True
        async for part in request.stream():
            if not known:
                continue  # read to its end, or the page would see a cut instead of the answer
            before = len(content)
            content += part
            if len(content) > self._uploads.most:
                raise _Refused("too_large")
            if before < HEAD <= len(content):
                known = self._uploads.known(bytes(content[:HEAD]))
        if not known:
            raise _Refused("kind")
        return bytes(content)

    def _calm(self, chat: str) -> bool:
        bucket = self._buckets.pop(chat, None)
        if bucket is None:
            bucket = Bucket(self._bounds.per_second, self._bounds.burst, self._clock)
        self._buckets[chat] = bucket
        while len(self._buckets) > self._bounds.remembered:
            self._buckets.popitem(last=False)
        return bucket.take()


def _told(code: str) -> Response:
    headers = {"Retry-After": "20"} if code in ("too_fast", "busy", "unavailable") else None
    # What was not read would be taken for the next request of a kept connection.
    return JSONResponse(
        {"code": code}, _STATUS.get(code, 400), headers={"Connection": "close", **(headers or {})}
    )
