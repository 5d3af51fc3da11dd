"""Files that people send to the bot: fetched after the turn, tried again, and the token told to nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.channels.telegram.api import BotApi
from bot.core.errors import DeliveryError, Permanent, Temporary
from storage.tables import received_file, received_file_body
from tests.channels.telegram.counter import Counter, Someone, counter
from tests.channels.telegram.fake_api import TOKEN, FakeApi, Fault
from tests.channels.telegram.fake_files import LARGEST
from tests.fakes import Clock
from tests.flows.town import BRAND

PDF = b"%PDF-1.4 a receipt"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi().serving() as api:
        yield api


@pytest.fixture
async def bot(api: FakeApi) -> AsyncIterator[BotApi]:
    bot = BotApi("telegram", TOKEN, url=api.url)
    yield bot
    await bot.close()


@pytest.fixture
async def open_counter(sqlite_url: str, api: FakeApi, clock: Clock) -> AsyncIterator[Counter]:
    async with counter(sqlite_url, api, "polling", clock) as opened:
        yield opened


async def test_a_receipt_is_fetched_at_the_second_try_and_kept_with_its_bytes(
    open_counter: Counter,
) -> None:
    ana = Someone.at(open_counter)
    await ana.identifies()
    await ana.says("já paguei")
    await ana.says("11/2026")
    open_counter.api.faults.append(("file", "502"))
    document = open_counter.api.kept.sent("comprovante.pdf", "application/pdf", PDF)
    open_counter.api.writes(ana.chat, document=document)
    await open_counter.quiet()
    assert await kept(open_counter) == [("waiting", None)]
    await open_counter.later(seconds=60)
    open_counter.app.dispatcher.wake("gateway:files:telegram")
    await open_counter.quiet()
    assert await kept(open_counter) == [("kept", PDF)]
    ana.hears("Obrigado")


async def kept(opened: Counter) -> list[tuple[str, bytes | None]]:
    found = select(received_file.c.state, received_file_body.c.content).outerjoin(
        received_file_body, received_file_body.c.file == received_file.c.id
    )
    rows = await opened.app.database.read(BRAND.id, lambda read: read.all(found))
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("fault", ["502", "429"])
async def test_a_file_server_in_trouble_is_asked_again(
    api: FakeApi, bot: BotApi, fault: Fault
) -> None:
    id = api.kept.sent("a b.pdf", "application/pdf", PDF)["file_id"]
    api.faults.append(("file", fault))
    with pytest.raises(Temporary):
        await bot.fetch(id, LARGEST)
    assert await bot.fetch(id, LARGEST) == PDF


async def test_what_can_never_be_had_is_not_asked_for_again(api: FakeApi, bot: BotApi) -> None:
    async def refused(id: str, most: int = LARGEST) -> str:
        with pytest.raises(Permanent) as raised:
            await bot.fetch(id, most)
        assert not raised.value.flag  # the chat itself is as good as before
        return raised.value.code

    huge = api.kept.sent("film.pdf", "application/pdf", bytes(LARGEST + 1))["file_id"]
    long = api.kept.sent("scan.pdf", "application/pdf", PDF + bytes(200_000))["file_id"]
    assert await refused("BQAC-nobody-s") == "gone"
    assert await refused(huge) == "too_large"
    assert await refused(long, most=100_000) == "too_large"


async def test_the_token_stands_in_no_error_of_a_download(api: FakeApi) -> None:
    id = api.kept.sent("a.pdf", "application/pdf", PDF)["file_id"]
    wrong = BotApi("telegram", "1:SECRET", url=api.url)
    wrong._base = f"{api.url}/bot{TOKEN}/"
    for fault in list[Fault | None]([None, "reset"]):
        if fault:  # twice, for a cut of a kept connection is tried again at once
            api.faults += [("file", fault), ("file", fault)]
        with pytest.raises(DeliveryError) as raised:
            await wrong.fetch(id, LARGEST)
        assert raised.value.__cause__ is None
        assert "SECRET" not in f"{raised.value!r} {raised.value}"
    await wrong.close()
