"""The pages and what is over them: headers, static files, health, the brand's name and colours."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bot.web.app import Health, create_app
from bot.web.assets import FOLDER, Assets
from bot.web.colors import DARK_GROUND, INK, LIGHT_GROUND, PAPER, READABLE, contrast, rgb, shades
from bot.web.pages import ChatPage, Looks


def admit(_request: HTTPConnection, response: Response) -> None:
    response.set_cookie("balcao", "token")


@asynccontextmanager
async def client(
    routes: Sequence[BaseRoute] = (),
    *,
    health: Health | None = None,
    base: str = "http://a.example",
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(routes, health=health))
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        yield http


def chat_page(looks: Looks | None = None, framed_by: Sequence[str] = ()) -> Sequence[BaseRoute]:
    assets = Assets()
    page = ChatPage(looks or Looks("Fibra"), admit=admit, assets=assets, framed_by=framed_by)
    return [*page.routes(), *assets.routes()]


# ---------------------------------------------------------------------- health


async def test_health_names_each_part() -> None:
    state: dict[str, bool] = {"database": True, "mail": True}

    async def health() -> Mapping[str, bool]:
        return state

    async with client(health=health) as http:
        well = await http.get("/healthz")
        state["mail"] = False
        ill = await http.get("/healthz")

    assert (well.status_code, well.json()) == (
        200,
        {"ok": True, "parts": {"database": True, "mail": True}},
    )
    assert (ill.status_code, ill.json()["ok"]) == (503, False)


async def test_an_app_without_parts_is_well() -> None:
    async with client() as http:
        assert (await http.get("/healthz")).json() == {"ok": True, "parts": {}}


# ---------------------------------------------------------------------- headers


async def test_every_answer_has_the_security_headers() -> None:
    async def plain(_request: Request) -> Response:
        return PlainTextResponse("x")

    async with client([Route("/x", plain)]) as http:
        for path in ("/x", "/healthz", "/nowhere"):
            headers = (await http.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'none'")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "strict-transport-security" not in headers


async def test_a_route_that_is_an_app_of_its_own_answers_at_its_path_and_method_alone() -> None:
    class Hook:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("taken")(scope, receive, send)

    async with client([Route("/hook", Hook(), methods=["POST"])]) as http:
        taken = await http.post("/hook")
        assert (taken.status_code, taken.text) == (200, "taken")
        assert "content-security-policy" not in taken.headers  # no browser comes here
        assert (await http.get("/hook")).status_code == 405
        assert (await http.post("/hook/x")).status_code == 404


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    async with client(base="https://a.example") as http:
        assert "strict-transport-security" in (await http.get("/healthz")).headers


async def test_the_page_runs_files_of_its_own_alone() -> None:
    async with client(chat_page(framed_by=["https://www.example.com"])) as http:
        policy = (await http.get("/chat")).headers["content-security-policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["frame-ancestors"] == "'self' https://www.example.com"
    assert "unsafe" not in policy


# ---------------------------------------------------------------------- the page


async def test_the_page_gives_the_visitor_their_cookie() -> None:
    async with client(chat_page()) as http:
        assert (await http.get("/chat")).cookies["balcao"] == "token"


async def test_the_page_holds_no_script_or_style_of_its_own_and_asks_nobody_else() -> None:
    async with client(chat_page()) as http:
        html = (await http.get("/chat")).text
        files = re.findall(r'(?:src|href)="([^"]+)"', html)
        answers = {file: (await http.get(file)).status_code for file in files}

    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", html)
    assert files
    assert all(file.startswith("/") for file in files)
    assert set(answers.values()) == {200}


async def test_a_name_is_never_markup() -> None:
    looks = Looks('<script>alert(1)</script>"&')
    async with client(chat_page(looks)) as http:
        html = (await http.get("/chat")).text
        manifest = (await http.get("/chat/manifest.webmanifest")).json()

    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;") >= 2
    assert manifest["name"] == looks.name


@pytest.mark.parametrize(("name", "initial"), [("Fibra", "F"), ("¡água!", "Á"), ("…", "•")])
async def test_the_icon_shows_the_first_letter_in_the_brands_colour(
    name: str, initial: str
) -> None:
    async with client(chat_page(Looks(name, "#ffcc00"))) as http:
        answer = await http.get("/chat/icon.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert f">{initial}</text>" in answer.text
    assert 'fill="#ffcc00"' in answer.text


async def test_the_brands_language_is_the_pages_first() -> None:
    async with client(chat_page(Looks("Fibra", locale="es"))) as http:
        html = (await http.get("/chat")).text

    assert '<html lang="es"' in html
    assert 'data-locale="es"' in html


async def test_a_colour_that_is_none_is_refused_when_the_page_is_built() -> None:
    with pytest.raises(ValueError, match="no colour"):
        chat_page(Looks("Fibra", "red; background: url(x)"))


# ---------------------------------------------------------------------- static files


async def test_static_files_are_kept_under_a_path_that_changes_with_them() -> None:
    assets = Assets()
    async with client(assets.routes()) as http:
        answer = await http.get(assets.url("js/chat.js"))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert Assets(FOLDER / "js").path != assets.path


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "js/../../app.py", "nothing.js"])
async def test_nothing_else_is_served(path: str) -> None:
    assets = Assets()
    async with client(assets.routes()) as http:
        assert (await http.get(assets.url(path))).status_code == 404


def test_nothing_on_the_pages_comes_from_elsewhere() -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    for file in FOLDER.rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        urls = set(re.findall(r"https?://[\w.-]+[\w./-]*", text))
        assert urls <= allowed, file.name


# ---------------------------------------------------------------------- colours

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colors)
def test_words_can_be_read_whatever_colour_a_brand_has(color: str) -> None:
    light, dark = shades(color)

    assert light.fill == color
    assert contrast(light.on_fill, light.fill) >= READABLE
    assert contrast(dark.on_fill, dark.fill) >= READABLE
    assert contrast(light.ink, LIGHT_GROUND) >= READABLE
    assert contrast(light.ink, PAPER) >= READABLE
    assert contrast(dark.ink, DARK_GROUND) >= READABLE


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    light, _dark = shades("#0b6e4f")

    assert (light.fill, light.on_fill, light.ink) == ("#0b6e4f", "#ffffff", "#0b6e4f")


def test_a_bright_colour_carries_dark_words() -> None:
    light, _dark = shades("#fc0")

    assert (light.fill, light.on_fill) == ("#ffcc00", INK)


def test_contrast_is_the_standards() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("color", ["", "red", "#12", "#12345", "#gggggg", "#0b6e4f;"])
def test_what_is_no_colour_is_refused(color: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        rgb(color)
