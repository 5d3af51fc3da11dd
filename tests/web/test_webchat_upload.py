"""Uploads of the web chat: bound to their chat, bounded in size and rate, looked at by their first bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.channels.webchat.door import PLAIN_COOKIE
from bot.channels.webchat.uploads import UploadBounds
from bot.core.message import FileIn
from tests.web.client import new_cookie, page
from tests.web.counter import PDF, Counter, Kept, Served, serving


@asynccontextmanager
async def browser(served: Served, cookie: str | None) -> AsyncIterator[httpx.AsyncClient]:
    cookies = {PLAIN_COOKIE: cookie} if cookie else {}
    async with httpx.AsyncClient(
        base_url=served.url, cookies=cookies, headers={"Origin": served.url}
    ) as http:
        yield http


async def upload(
    http: httpx.AsyncClient, content: bytes, name: str = "recibo.pdf"
) -> httpx.Response:
    return await http.post("/chat/upload", params={"name": name}, content=content)


async def test_a_file_is_uploaded_and_handed_in_by_its_own_chat() -> None:
    counter, kept = Counter(), Kept()
    async with serving(counter, uploads=kept) as served:
        cookie = await new_cookie(served)
        async with browser(served, cookie) as http, page(served, cookie) as tab:
            answer = await upload(http, PDF)
            assert answer.json() == {
                "ref": "received:1", "name": "recibo.pdf", "type": "application/pdf",
                "size": len(PDF),
            }  # fmt: skip
            await tab.hello()
            await tab.send(type="file", id="f-1", ref="received:1", label="recibo.pdf")
            assert (await tab.hear())["text"] == "Recebi recibo.pdf."
            await tab.send(type="file", id="f-1", ref="received:1", label="recibo.pdf")
            assert (await tab.until("ack"))[-1]["id"] == "f-1"  # a repeat is one event
        async with page(served, await new_cookie(served)) as stranger:
            await stranger.hello()
            await stranger.send(type="file", id="f-9", ref="received:1", label="recibo.pdf")
            told = await stranger.next()
            assert (told["type"], told["code"], told["id"]) == ("error", "no_file", "f-9")

    assert [event.file for event in counter.heard] == [
        FileIn("received:1", "recibo.pdf", "application/pdf", len(PDF))
    ]


async def test_what_is_refused_and_why() -> None:
    kept = Kept()

    async def endless() -> AsyncIterator[bytes]:
        yield PDF

    async with serving(Counter(), uploads=kept) as served:
        cookie = await new_cookie(served)
        async with browser(served, None) as nobody:
            assert (await upload(nobody, PDF)).status_code == 403
        async with browser(served, cookie) as http:
            elsewhere = {"Origin": "https://evil.example.org"}
            answer = await http.post("/chat/upload", content=PDF, headers=elsewhere)
            assert answer.status_code == 403
            answer = await http.post("/chat/upload", content=endless())
            assert (answer.status_code, answer.json()) == (411, {"code": "no_length"})
            answer = await upload(http, b"%PDF-" + bytes(kept.most))
            assert (answer.status_code, answer.json()) == (413, {"code": "too_large"})
            answer = await upload(http, b"<html><script>alert(1)</script>")
            assert (answer.status_code, answer.json()) == (415, {"code": "kind"})
            kept.open = False
            answer = await upload(http, PDF)
            assert (answer.status_code, answer.json()) == (403, {"code": "stranger"})
    assert kept.files == {}


async def test_one_address_uploads_so_many_in_a_row_and_others_go_on() -> None:
    kept, most = Kept(), UploadBounds().burst
    async with serving(Counter(), uploads=kept, clock=lambda: 0.0) as served:
        async with browser(served, await new_cookie(served)) as http:
            codes = [(await upload(http, PDF)).status_code for _n in range(most + 1)]
            assert codes == [200] * most + [429]
        async with browser(served, await new_cookie(served)) as other:
            assert (await upload(other, PDF)).status_code == 200


async def test_an_upload_that_breaks_off_is_nothing_and_the_next_one_is_taken() -> None:
    kept = Kept()
    async with serving(Counter(), uploads=kept) as served:
        cookie = await new_cookie(served)
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(
            f"POST /chat/upload?name=x.pdf HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
            f"Origin: {served.url}\r\nCookie: {PLAIN_COOKIE}={cookie}\r\n"
            "Content-Length: 5000\r\n\r\n%PDF-1.4".encode()
        )
        await writer.drain()
        writer.close()
        assert await reader.read() == b""
        async with browser(served, cookie) as http:
            answer = await upload(http, PDF)
            while answer.status_code == 429:  # until the server has noticed
                answer = await upload(http, PDF)
            assert answer.status_code == 200
    assert [content for _file, content in kept.files.values()] == [PDF]


async def test_without_anybody_who_keeps_them_no_files_are_taken() -> None:
    async with serving(Counter()) as served:
        assert served.chat.limits.files_in == 0
        async with browser(served, await new_cookie(served)) as http:
            assert (await upload(http, PDF)).status_code == 403
