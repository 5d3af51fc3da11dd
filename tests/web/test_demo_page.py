"""The demo page's server side: who one can be, mails as they arrive, mails that can do nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from bot.core.message import Document
from bot.web.demo import Persona
from tests.web.counter import PDF, Counter, Served, build, serving
from tests.web.mails import Mails

HTML = "<!DOCTYPE html>\n<p>Olá, <b>Marina</b>. <script>alert(1)</script></p>"


@asynccontextmanager
async def client(mails: Mails) -> AsyncIterator[httpx.AsyncClient]:
    _chat, app = build(Counter(), mails)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://a.example") as http:
        yield http


async def test_the_page_shows_who_one_can_be() -> None:
    async with client(Mails()) as http:
        answer = await http.get("/")

    assert answer.cookies["balcao"]
    assert 'data-copy="529.982.247-25"' in answer.text
    assert "Uma pessoa com uma fatura vencida" in answer.text
    assert 'id="chat"' in answer.text


def test_a_persona_can_be_described_in_each_language() -> None:
    persona = Persona({"pt_BR": "Em dia", "en": "Paid up"}, "Ana", "1", "ana@example.com")

    assert persona.descriptions == [("pt-BR", "Em dia"), ("en", "Paid up")]


# ---------------------------------------------------------------------- a mail


async def test_a_mail_is_told_with_its_parts_headers_and_files() -> None:
    mails = Mails()
    mails.arrive("Fatura", text="Olá", html=HTML, files=[Document("f.pdf", "application/pdf", PDF)])
    async with client(mails) as http:
        mail = (await http.get("/demo/mail/1")).json()
        file = await http.get(mail["files"][0]["url"])

    assert (mail["subject"], mail["text"], mail["attachments"]) == ("Fatura", "Olá", 1)
    assert mail["html"] == "/demo/mail/1/html"
    assert ["Subject", "Fatura"] in mail["headers"]
    assert mail["files"] == [
        {
            "name": "f.pdf",
            "type": "application/pdf",
            "size": len(PDF),
            "url": "/demo/mail/1/file/0",
        }
    ]
    assert file.content == PDF
    assert file.headers["content-disposition"] == "inline; filename*=UTF-8''f.pdf"


async def test_the_html_of_a_mail_can_run_nothing_and_fetch_nothing() -> None:
    mails = Mails()
    mails.arrive("Fatura", html=HTML)
    async with client(mails) as http:
        answer = await http.get("/demo/mail/1/html")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; ")
    assert "default-src 'none'; img-src data:" in policy
    assert "script" not in policy
    # The doctype stays first, or the browser would draw the mail by the rules of 1998.
    assert answer.text.startswith('<!DOCTYPE html><base target="_blank">')


async def test_html_without_a_doctype_is_shown_too() -> None:
    mails = Mails()
    mails.arrive("Fatura", html="<p>x")
    async with client(mails) as http:
        assert (await http.get("/demo/mail/1/html")).text == '<base target="_blank"><p>x'


@pytest.mark.parametrize("path", ["2", "2/html", "1/html", "1/file/0", "2/file/0"])
async def test_what_a_mail_does_not_have_is_not_found(path: str) -> None:
    mails = Mails()
    mails.arrive("Só texto", text="Olá")
    async with client(mails) as http:
        assert (await http.get(f"/demo/mail/{path}")).status_code == 404


async def test_an_attachment_a_browser_might_run_is_only_downloaded() -> None:
    mails = Mails()
    mails.arrive("x", files=[Document("x.html", "text/html", b"<script>")])
    async with client(mails) as http:
        answer = await http.get("/demo/mail/1/file/0")

    assert answer.headers["content-disposition"].startswith("attachment;")


# ---------------------------------------------------------------------- as they arrive


@asynccontextmanager
async def watching(served: Served, after: object, origin: str = "") -> AsyncIterator[Any]:
    async with connect(
        f"ws://127.0.0.1:{served.port}/demo/mail/ws",
        origin=origin or served.url,  # type: ignore[arg-type]
        proxy=None,
    ) as socket:
        await socket.send(json.dumps({"after": after}))
        yield socket


async def hear(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        frame = json.loads(await socket.recv())
    assert isinstance(frame, dict)
    return frame


async def test_mails_are_told_as_they_arrive_after_those_the_page_does_not_have() -> None:
    mails = Mails()
    for subject in ("um", "dois"):
        mails.arrive(subject)
    async with serving(Counter(), mails) as served, watching(served, 1) as socket:
        assert await hear(socket) == {"type": "ready"}
        assert (await hear(socket))["subject"] == "dois"
        mails.arrive("três")
        mail = await hear(socket)

    assert (mail["type"], mail["id"], mail["subject"]) == ("mail", 3, "três")
    assert mails._subscribers == set()


async def test_a_page_from_before_the_mailbox_was_emptied_begins_anew() -> None:
    mails = Mails()
    mails.arrive("um")
    async with serving(Counter(), mails) as served, watching(served, 7) as socket:
        assert await hear(socket) == {"type": "emptied"}
        assert await hear(socket) == {"type": "ready"}
        assert (await hear(socket))["subject"] == "um"


async def test_whatever_a_page_says_first_it_is_shown_the_mails() -> None:
    mails = Mails()
    mails.arrive("um")
    async with serving(Counter(), mails) as served, watching(served, {"x": []}) as socket:
        assert await hear(socket) == {"type": "ready"}
        assert (await hear(socket))["subject"] == "um"


async def test_a_page_of_somebody_else_sees_no_mail() -> None:
    async with serving(Counter(), Mails()) as served:
        with pytest.raises(InvalidStatus) as refused:
            async with watching(served, 0, "https://evil.example"):
                pass

    assert refused.value.response.status_code == 403
