"""The service of addresses, on a real server: what is asked, and what each of its answers means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.core.errors import Permanent, Temporary
from bot.edges.looking_up import LookingUp
from bot.settings import BrandSettings


class Nobody:
    """A desk without gateways, and a database nobody asks."""

    async def close(self) -> None: ...


@asynccontextmanager
async def served(status: int, body: bytes, **headers: str) -> AsyncIterator[tuple[Any, list[str]]]:
    """Fetches from a server on this machine; and the paths it was asked for."""
    asked = list[str]()

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, body=body, headers=headers)

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}/ws/{{postal_code}}/json/"
    brand = BrandSettings(id="vento", name="Vento", registration={"postal_code_url": url})
    nobody: Any = Nobody()
    looking = LookingUp([brand], nobody, nobody, {}, clock=nobody)
    try:
        yield looking, asked
    finally:
        await looking.close()
        await runner.cleanup()


async def fetched(status: int, body: bytes, **headers: str) -> Any:
    async with served(status, body, **headers) as (looking, asked):
        url = looking._urls["vento"].replace("{postal_code}", "80010000")
        found = await looking._fetch(url)
        assert asked == ["/ws/80010000/json/"]
        return found


async def test_json_is_read() -> None:
    assert await fetched(200, b'{"uf": "PR"}') == {"uf": "PR"}


@pytest.mark.parametrize("status", [400, 404])
async def test_no_such_cep_is_an_answer(status: int) -> None:
    assert await fetched(status, b"") is None


@pytest.mark.parametrize("status", [302, 429, 500, 503])
async def test_trouble_is_tried_again(status: int) -> None:
    with pytest.raises(Temporary):
        await fetched(status, b"", Location="http://127.0.0.1:9/")


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b'{"a": "' + b"x" * 70_000])
async def test_what_is_no_json_is_not_tried_again(body: bytes) -> None:
    with pytest.raises(Permanent):
        await fetched(200, body)


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    async with served(200, b"{}") as (looking, _asked):
        pass
    with pytest.raises(Temporary):
        await looking._fetch(looking._urls["vento"].replace("{postal_code}", "80010000"))
    await looking.close()
