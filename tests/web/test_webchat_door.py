"""The web chat's door: the cookie that is an address, whose pages may connect, whose files may be read."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.channels.webchat import Door
from bot.channels.webchat.door import HOST_COOKIE, PLAIN_COOKIE
from bot.core.errors import Permanent, Temporary
from bot.core.message import Address, Document, DocumentRef, Outbound
from tests.web.client import new_cookie, page
from tests.web.counter import ACCOUNT, PDF, PIXEL, Counter, build, serving

TOKEN = "t" * 43
OTHER = "o" * 43


def door(**options: Any) -> Door:
    return Door(**{"new_token": lambda: TOKEN, "keep": timedelta(days=30), **options})


def visit(cookie: str = "", *, scheme: str = "http", **headers: str) -> HTTPConnection:
    raw = {"host": "chat.example.com", **headers} | ({"cookie": cookie} if cookie else {})
    return HTTPConnection(
        {
            "type": "http",
            "scheme": scheme,
            "path": "/chat",
            "query_string": b"",
            "server": ("chat.example.com", 443 if scheme == "https" else 80),
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
        }
    )


def given(at: Door, request: HTTPConnection, *, anew: bool = False) -> Any:
    response = Response()
    at.admit(request, response, anew=anew)
    (morsel,) = SimpleCookie(response.headers["set-cookie"]).values()
    return morsel


# ---------------------------------------------------------------------- the cookie


def test_a_new_visitor_is_given_a_cookie_no_script_can_read() -> None:
    cookie = given(door(), visit())

    assert (cookie.key, cookie.value) == (PLAIN_COOKIE, TOKEN)
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == str(30 * 24 * 3600)
    assert not cookie["secure"]


@pytest.mark.parametrize(
    ("at", "request_"),
    [(door(), visit(scheme="https")), (door(secure=True), visit())],
    ids=["https", "https behind a proxy"],
)
def test_over_https_the_cookie_is_bound_to_its_host(at: Door, request_: HTTPConnection) -> None:
    cookie = given(at, request_)

    assert cookie.key == HOST_COOKIE
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_a_visitor_who_comes_again_keeps_their_cookie() -> None:
    assert given(door(), visit(f"{PLAIN_COOKIE}={OTHER}")).value == OTHER


def test_a_cookie_that_is_none_of_ours_is_replaced() -> None:
    assert given(door(), visit(f"{PLAIN_COOKIE}=guess")).value == TOKEN


def test_the_address_is_a_hash_so_that_no_row_opens_a_chat() -> None:
    chat = door().chat_of({PLAIN_COOKIE: OTHER})

    assert chat == hashlib.sha256(OTHER.encode()).hexdigest()


def test_over_https_a_cookie_planted_by_a_neighbour_counts_for_nothing() -> None:
    assert door(secure=True).chat_of({PLAIN_COOKIE: OTHER}) is None
    assert door(secure=True).chat_of({HOST_COOKIE: TOKEN, PLAIN_COOKIE: OTHER}) == door(
        secure=True
    ).chat_of({HOST_COOKIE: TOKEN})


# ---------------------------------------------------------------------- origins


@pytest.mark.parametrize(
    ("origin", "host", "welcome"),
    [
        ("http://chat.example.com", "chat.example.com", True),
        ("https://chat.example.com", "chat.example.com", True),
        ("https://chat.example.com:443", "chat.example.com", True),
        ("http://CHAT.example.com", "chat.example.com", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("https://evil.example", "chat.example.com", False),
        ("https://chat.example.com.evil.example", "chat.example.com", False),
        ("https://www.example.com", "chat.example.com", True),
        ("http://www.example.com", "chat.example.com", False),
        ("null", "chat.example.com", False),
        ("", "", False),
        ("file://", "chat.example.com", False),
        ("http://[", "[", False),
        ("http://chat.example.com:x", "chat.example.com:x", False),
    ],
)
def test_only_our_own_page_and_configured_ones_may_connect(
    origin: str, host: str, welcome: bool
) -> None:
    at = door(origins=["https://www.example.com"])

    assert at.welcomes(visit(origin=origin, host=host)) is welcome


# ---------------------------------------------------------------------- files


@asynccontextmanager
async def browser(counter: Counter, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with a cookie, before an app without a network."""
    _chat, app = build(counter)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://chat.example.com",
        headers={"Cookie": f"{PLAIN_COOKIE}={token}"} if token else {},
    ) as client:
        yield client


def with_file(kind: str, name: str, media_type: str, content: bytes) -> Counter:
    """A counter that sent a document to the browser whose token is TOKEN, as message 1."""
    counter = Counter(documents={kind: Document(name, media_type, content)})
    chat = door().chat_of({PLAIN_COOKIE: TOKEN}) or ""
    reference = DocumentRef(kind, 7, name, media_type)
    counter.post(Address(ACCOUNT, chat), Outbound("", document=reference))
    counter.post(Address(ACCOUNT, chat), Outbound("just words"))
    return counter


async def test_a_document_is_rendered_for_the_address_it_was_sent_to() -> None:
    counter = with_file("invoice-pdf", "fatura ação.pdf", "application/pdf", PDF)
    async with browser(counter, TOKEN) as client:
        shown = await client.get("/chat/file/1")
        kept = await client.get("/chat/file/1?download")

    assert shown.content == PDF
    assert shown.headers["content-type"] == "application/pdf"
    assert (
        shown.headers["content-disposition"]
        == "inline; filename*=UTF-8''fatura%20a%C3%A7%C3%A3o.pdf"
    )
    assert kept.headers["content-disposition"].startswith("attachment;")
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("token", ["", OTHER, "guess"])
async def test_anothers_cookie_finds_no_document(token: str) -> None:
    async with browser(with_file("pix-qr", "pix.png", "image/png", PIXEL), token) as client:
        assert (await client.get("/chat/file/1")).status_code == 404


@pytest.mark.parametrize("id", [2, 3, 2**63, 10**40])
async def test_a_message_without_a_document_or_no_message_at_all_is_not_found(id: int) -> None:
    async with browser(with_file("pix-qr", "pix.png", "image/png", PIXEL), TOKEN) as client:
        assert (await client.get(f"/chat/file/{id}")).status_code == 404


async def test_what_a_browser_might_run_is_only_downloaded() -> None:
    counter = with_file("page", "x.html", "text/html", b"<script>alert(1)</script>")
    async with browser(counter, TOKEN) as client:
        answer = await client.get("/chat/file/1")

    assert answer.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("error", "status"), [(Permanent("gone"), 404), (Temporary("busy"), 503)], ids=str
)
async def test_a_document_that_cannot_be_rendered_says_whether_to_come_again(
    error: Exception, status: int
) -> None:
    class Failing(Counter):
        async def document(self, address: Address, id: int) -> Document | None:
            raise error

    async with browser(Failing(), TOKEN) as client:
        assert (await client.get("/chat/file/1")).status_code == status


async def test_a_document_too_large_is_refused_for_good() -> None:
    chat, _app = build(Counter())
    big = Document("x.pdf", "application/pdf", bytes(chat.limits.files_out + 1))

    with pytest.raises(Permanent, match="too_large"):
        await chat.send(Address(ACCOUNT, "a"), Outbound(""), big, id=1)


# ---------------------------------------------------------------------- leaving


async def test_who_leaves_gets_another_address_and_their_tabs_are_closed() -> None:
    async with serving(Counter()) as served:
        cookie = await new_cookie(served)
        async with page(served, cookie) as tab, httpx.AsyncClient() as client:
            await tab.hello()
            answer = await client.post(
                f"{served.url}/chat/leave",
                headers={"Cookie": f"{PLAIN_COOKIE}={cookie}", "Origin": served.url},
            )
            assert await tab.closed() == 4410

    assert answer.status_code == 204
    assert answer.cookies[PLAIN_COOKIE] not in ("", cookie)


async def test_nobody_elses_page_can_make_one_leave() -> None:
    async with browser(Counter(), TOKEN) as client:
        answer = await client.post("/chat/leave", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
