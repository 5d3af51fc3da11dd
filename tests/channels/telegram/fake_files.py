"""The file server beside the strict Bot API: what people sent, handed over as the real one does."""

from __future__ import annotations

import itertools
from typing import Any

from aiohttp import web

from tests.channels.telegram.rules import BadRequest

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that `getFile` hands over (https://core.telegram.org/bots/api#getfile)."""


class Kept:
    """Files by their file_id: where each lies, and its bytes."""

    def __init__(self, token: str, faults: list[Any]) -> None:
        """`faults` are the server's; those of "file" are for a download."""
        self.files: dict[str, tuple[str, bytes]] = {}
        self._token = token
        self._faults = faults
        self._ids = itertools.count(1)

    def sent(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        """A document that somebody sends, as a message holds it."""
        n = next(self._ids)
        id = f"BQACAgEAAxk{n}"
        self.files[id] = f"documents/file {n}.bin", content
        about = {"file_id": id, "file_unique_id": f"AgAD{n}", "file_size": len(content)}
        return {**about, "file_name": name, "mime_type": kind}

    def file(self, id: str) -> dict[str, Any]:
        """`getFile`."""
        if id not in self.files:
            raise BadRequest(
                "Bad Request: wrong file_id or the file is temporarily unavailable"
            )  # fmt: skip
        path, content = self.files[id]
        if len(content) > LARGEST:
            raise BadRequest("Bad Request: file is too big")
        about = {"file_id": id, "file_unique_id": f"AgAD{id}"}
        return {**about, "file_size": len(content), "file_path": path}

    async def hand_over(self, request: web.Request) -> web.StreamResponse:
        """A download: a path counts as long as its bot's token is right."""
        fault = next((each for each in self._faults if each[0] == "file"), None)
        if fault:
            self._faults.remove(fault)
            if fault[1] == "reset":
                assert request.transport is not None
                request.transport.abort()
            return web.Response(status=429 if fault[1] == "429" else 502)
        path = request.match_info["path"]
        found = [content for where, content in self.files.values() if where == path]
        if request.match_info["token"] != self._token or not found:
            return web.Response(status=404)
        return web.Response(body=found[0])
