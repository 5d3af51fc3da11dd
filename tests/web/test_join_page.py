"""The page an invite link opens: the brand, the ways in, and nothing used up."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from bot.core.brand import Brand
from bot.core.message import Address, LinkRef, Outbound, Text
from bot.core.ports import Posted
from bot.edges.inviting import Inviting
from bot.web.assets import Assets
from bot.web.join import JoinPage
from bot.web.link_pages import Entrance
from bot.web.pages import Looks
from storage.keys import Keys
from tests.fakes import SERVER_KEY
from tests.web.test_pages import client

TOKEN = "1f-" + "0123456789abcdef" * 2


def said(text: Text, locale: str) -> str:
    return f"{text.source} [{locale}]"


def page(*entrances: Entrance, name: str = "Fibra") -> JoinPage:
    return JoinPage(
        Looks(name, "#123456", "es"), entrances, path="/join/fibra", say=said, assets=Assets()
    )


def door(kind: str, url: str | None) -> Entrance:
    def opens() -> str | None:
        return url

    return Entrance(kind, opens)


async def get(join: JoinPage, path: str = f"/join/fibra/{TOKEN}", **headers: str) -> httpx.Response:
    async with client(join.routes()) as http:
        return await http.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def test_it_shows_the_brand_and_each_way_in() -> None:
    ways = page(door("webchat", "/chat"), door("telegram", "https://t.me/fibra_bot"))
    answer = await get(ways)
    assert answer.status_code == 200
    assert "Fibra" in answer.text
    assert re.findall(r'<a class="act" href="([^"]+)"', answer.text) == [
        f"/chat?start=join_{TOKEN}",
        f"https://t.me/fibra_bot?start=join_{TOKEN}",
    ]


async def test_a_bot_whose_name_is_not_known_yet_is_left_out() -> None:
    answer = await get(page(door("telegram", None)))
    assert "<a " not in answer.text
    assert "There is no way in at the moment." in answer.text


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [("en-GB,en;q=0.9", "en"), ("fr, pt;q=0.5", "pt_BR"), ("", "es"), ("*;q=x,,;", "es")],
)
async def test_it_speaks_the_readers_language(accepted: str, locale: str) -> None:
    answer = await get(page(door("webchat", "/chat")), accept_language=accepted)
    assert f"You were invited [{locale}]" in answer.text


@pytest.mark.parametrize("token", ["a b", "%3Cscript%3E", "x" * 51, "é", "1_2", "a.b"])
async def test_what_is_no_token_is_no_page(token: str) -> None:
    answer = await get(page(door("webchat", "/chat")), f"/join/fibra/{token}")
    assert answer.status_code == 404


async def test_names_are_never_markup() -> None:
    answer = await get(page(name="<script>alert(1)</script>"))
    assert "<script>alert" not in answer.text


async def test_it_is_kept_by_nobody_framed_by_nobody_and_tells_no_other_site() -> None:
    answer = await get(page(door("webchat", "/chat")))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "noindex" in answer.text


async def test_it_wears_the_brands_colour() -> None:
    answer = await get(page(), "/join/fibra/brand.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "#123456" in answer.text


class Bot:
    """A channel that a browser can open, as Telegram's."""

    account = "bot"
    brand = "fibra"

    def link(self) -> str | None:
        return "https://t.me/fibra_bot"


def hashed(purpose: str, text: str) -> str:
    return Keys(SERVER_KEY).hash(purpose, text)


async def test_a_link_leads_to_the_page_of_its_brand() -> None:
    inviting = Inviting("https://a.example/", hashed)
    brands = {"fibra": Brand("fibra", "Fibra"), "outra": Brand("outra", "Outra")}
    url = inviting.url("fibra", LinkRef("join", 31))
    assert re.fullmatch(r"https://a\.example/join/fibra/1f-[0-9a-f]{32}", url)
    routes = inviting.routes(brands, [Bot()], Assets(), said)  # type: ignore[list-item]
    async with client(routes, base="https://a.example") as http:
        answer = await http.get(url)
        other = await http.get(url.replace("/fibra/", "/outra/"))
        none = await http.get(url.replace("/fibra/", "/nobody/"))
    assert "https://t.me/fibra_bot?start=join_1f-" in answer.text
    assert "t.me" not in other.text
    assert none.status_code == 404


def test_no_two_links_and_no_two_purposes_share_a_token() -> None:
    inviting = Inviting("https://a.example", hashed)
    urls = [inviting.url("b", LinkRef(purpose, id)) for purpose in ("join", "x") for id in (1, 2)]
    assert len({url.rpartition("-")[2] for url in urls}) == 4


def posted(body: Outbound) -> Posted:
    return Posted(1, "reply", "web", "fibra", 1, Address("web", "ana"), body, "en")


def test_a_page_that_comes_back_is_shown_the_link_as_it_left() -> None:
    inviting = Inviting("https://a.example", hashed)

    def draw(row: Posted) -> Outbound | None:
        return row.body if isinstance(row.body, Outbound) else None

    drawn: Callable[[Posted], Outbound | None] = inviting.filled(draw)
    ref = LinkRef("join", 31)
    shown = drawn(posted(Outbound("", copyable=True, link=ref)))
    assert shown is not None
    assert shown.text == inviting.url("fibra", ref)
    plain = Outbound("hello")
    assert drawn(posted(plain)) is plain
