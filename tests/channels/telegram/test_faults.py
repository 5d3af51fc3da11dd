"""What goes wrong between Telegram and the counter: nothing is lost, order is kept, one effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.core.errors import Unavailable
from storage.tables import address, inbound, message
from tests.channels.telegram.counter import Counter, Someone, counter
from tests.channels.telegram.doors import Mode, labels
from tests.channels.telegram.fake_api import FakeApi, Fault
from tests.fakes import Clock
from tests.flows.town import BRAND


@pytest.fixture(params=["polling", "webhook"])
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi().serving() as api:
        yield api


@pytest.fixture
async def open_counter(
    sqlite_url: str, api: FakeApi, mode: Mode, clock: Clock
) -> AsyncIterator[Counter]:
    async with counter(sqlite_url, api, mode, clock) as opened:
        yield opened


@pytest.fixture
def ana(open_counter: Counter) -> Someone:
    return Someone.at(open_counter)


async def column(opened: Counter, what: object) -> list[object]:
    rows = await opened.app.database.read(BRAND.id, lambda read: read.all(select(what)))  # type: ignore[call-overload]
    return [row[0] for row in rows]


# ------------------------------------------------------------------ answers that do not leave


@pytest.mark.parametrize("fault", ["reset", "502", "500", "429"])
async def test_an_answer_that_was_not_taken_leaves_later_and_once(
    ana: Someone, fault: Fault
) -> None:
    ana.counter.api.faults.append(("sendMessage", fault))
    await ana.says("oi")
    assert ana.words == ""
    await ana.counter.later(seconds=60)
    assert ana.times("Como posso ajudar?") == 1


async def test_too_many_requests_wait_as_long_as_telegram_says(ana: Someone) -> None:
    ana.counter.api.faults.append(("sendMessage", "429"))
    await ana.says("oi")
    await ana.counter.later(seconds=2.9)
    assert ana.words == ""
    await ana.counter.later(seconds=60)
    ana.hears("Como posso ajudar?")


async def test_a_rush_beyond_what_telegram_takes_is_answered_bit_by_bit(
    open_counter: Counter,
) -> None:
    people = [Someone.at(open_counter, 100 + n) for n in range(12)]
    open_counter.api.room = 5
    for each in people:
        open_counter.api.writes(each.chat, text="oi")
    await open_counter.quiet()
    assert sum(each.times("Como posso ajudar?") for each in people) == 5
    for _round in range(2):
        open_counter.api.room = 5
        await open_counter.later(seconds=60)
    assert [each.times("Como posso ajudar?") for each in people] == [1] * 12


@pytest.mark.parametrize("fault", ["429", "502", "reset"])
async def test_what_follows_an_answer_that_waits_waits_behind_it(
    ana: Someone, fault: Fault
) -> None:
    await ana.identifies()
    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    ana.counter.api.faults.append(("edit", fault))
    await ana.presses("Pagar com PIX")
    assert not [each for each in ana.new if each.text]
    await ana.counter.later(seconds=60)
    await ana.counter.later(seconds=60)
    await ana.counter.later(seconds=60)
    kinds = ["photo" if each.file else "words" for each in ana.new]
    assert kinds.count("photo") == 1
    assert [each.id for each in ana.new] == sorted(each.id for each in ana.new)
    assert any(e["type"] == "code" for each in ana.new for e in each.entities)


async def test_a_lost_answer_of_telegram_costs_a_repeat_and_never_the_message(ana: Someone) -> None:
    ana.counter.api.faults.append(("sendMessage", "lost"))
    await ana.says("oi")
    await ana.counter.later(seconds=60)
    assert ana.times("Como posso ajudar?") == 2


async def test_who_blocked_the_bot_is_flagged_and_written_to_no_more(ana: Someone) -> None:
    ana.chat.blocked = True
    await ana.says("oi")
    assert set(await column(ana.counter, message.c.state)) == {"failed"}
    assert set(await column(ana.counter, message.c.error)) == {"blocked"}
    assert await column(ana.counter, address.c.bad) == ["blocked"]


async def test_a_chat_that_is_gone_is_flagged_and_written_to_no_more(ana: Someone) -> None:
    ana.chat.gone = True
    await ana.says("oi")
    assert set(await column(ana.counter, message.c.error)) == {"gone"}
    assert await column(ana.counter, address.c.bad) == ["gone"]


async def test_who_comes_back_after_blocking_is_answered_again(ana: Someone) -> None:
    ana.chat.blocked = True
    await ana.says("oi")
    ana.chat.blocked = False
    await ana.says("/start")
    ana.hears("Como posso ajudar?")


# ------------------------------------------------------------------ updates


async def test_an_update_that_comes_twice_has_one_effect(ana: Someone) -> None:
    await ana.says("oi")
    ana.counter.api.hand_out_again()
    await ana.counter.quiet()
    await ana.says("/menu")
    assert ana.times("Como posso ajudar?") == 2
    assert len(await column(ana.counter, inbound.c.event)) == 2


async def test_updates_of_many_people_at_once_are_all_answered(
    open_counter: Counter, mode: Mode
) -> None:
    people = [Someone.at(open_counter, 100 + n) for n in range(30)]
    for each in people:
        open_counter.api.writes(each.chat, text="oi")
    await open_counter.quiet()
    assert [each.times("Como posso ajudar?") for each in people] == [1] * 30


async def test_no_update_is_confirmed_before_it_is_committed(
    ana: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, tried, back = ana.counter.app.database, asyncio.Event(), asyncio.Event()
    play = storage.play

    async def away(*what: object) -> object:
        if not back.is_set():
            tried.set()
            raise Unavailable
        return await play(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "play", away)
    update = ana.counter.api.writes(ana.chat, text="oi")
    async with asyncio.timeout(10):
        await tried.wait()
    assert ana.counter.api.pending == [update]
    assert ana.counter.api.confirmed <= update["update_id"]
    back.set()
    await ana.counter.quiet()
    assert ana.times("Como posso ajudar?") == 1


async def test_a_restart_in_the_middle_of_a_task_goes_on_where_it_was(
    sqlite_url: str, api: FakeApi, mode: Mode, clock: Clock
) -> None:
    async with counter(sqlite_url, api, mode, clock) as first:
        ana = Someone.at(first)
        await ana.identifies()
        await ana.presses("Minhas faturas")
    (question,) = [each for each in ana.new if labels(each)]
    api.presses(ana.chat, ana.written("11/2026"))  # while nobody is there
    ana._before()

    async with counter(sqlite_url, api, mode, clock, furnished=True) as second:
        ana.counter = second
        await second.quiet()
        ana.hears("Total hoje: R$ 102,23")
        assert question.markup is None
        assert "✓ 11/2026" in question.text.replace("\u00a0", " ")
        await ana.presses("Enviar por e-mail")
        await ana.presses("Sim")
        assert len(second.inbox.mails) == 1
    assert api.refused == []


# ------------------------------------------------------------------ signs


async def test_a_press_whose_answer_comes_too_late_still_counts(ana: Someone) -> None:
    await ana.says("oi")
    ana.counter.api.faults.append(("answerCallbackQuery", "500"))
    await ana.presses("Ajuda")
    ana.hears("palavras")


async def test_a_press_is_answered_once_however_it_came(ana: Someone) -> None:
    await ana.says("oi")
    await ana.presses("Ajuda")
    calls = [name for name, _parameters in ana.counter.api.calls]
    assert calls.count("answerCallbackQuery") == 1
    assert ana.counter.api.refused == []


async def test_a_menu_that_the_person_deleted_is_closed_without_a_fuss(ana: Someone) -> None:
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    del ana.chat.messages[menu.id]
    await ana.says("ajuda")
    ana.hears("palavras")
