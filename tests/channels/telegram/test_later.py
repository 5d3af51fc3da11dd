"""Edits, deletions and farewells that Telegram does not take at once: they come about all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram.again import MOST, PAUSES, Again
from bot.core.errors import Permanent, Temporary
from tests.channels.telegram.counter import Counter, Someone, counter
from tests.channels.telegram.doors import Mode, labels
from tests.channels.telegram.fake_api import FakeApi, Fault
from tests.fakes import Clock


class Time:
    """A sleep that lasts until the test lets it go, and is remembered."""

    def __init__(self) -> None:
        self.slept = list[float]()
        self.goes_by = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.goes_by.wait()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["polling", "webhook"])
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def open_counter(
    sqlite_url: str, mode: Mode, clock: Clock, time: Time, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counter]:
    async with FakeApi().serving() as api, counter(sqlite_url, api, mode, clock) as opened:
        bot = opened.app.channels["telegram"]
        assert isinstance(bot, Telegram)
        monkeypatch.setattr(bot, "_again", Again(time.sleep))
        yield opened


async def comes_about(opened: Counter, time: Time) -> None:
    """Time goes by until nothing is left to try."""
    bot: Any = opened.app.channels["telegram"]
    time.goes_by.set()
    await bot._again.idle()


# ------------------------------------------------------------------ in the chat


@pytest.mark.parametrize("fault", ["429", "502", "reset"])
async def test_a_pressed_menu_is_closed_later_if_not_at_once_and_presses_nothing_twice(
    open_counter: Counter, time: Time, fault: Fault
) -> None:
    ana = Someone.at(open_counter)
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    open_counter.api.faults.append(("editMessageText", fault))
    await ana.says("1")
    assert "Ajuda" in labels(menu)
    assert time.slept == [3.0 if fault == "429" else PAUSES[0]]

    data = menu.markup["inline_keyboard"][0][0]["callback_data"]
    ana._before()
    open_counter.api.presses_data(ana.chat, menu, data)  # still there, and another of its buttons
    await open_counter.quiet()
    ana.hears("Esse botão é de uma pergunta anterior")

    await comes_about(open_counter, time)
    assert menu.markup is None
    assert menu.text.endswith("✓ Identificar-me")


async def test_a_card_number_is_deleted_later_if_not_at_once(
    open_counter: Counter, time: Time
) -> None:
    ana = Someone.at(open_counter)
    await ana.says("oi")
    open_counter.api.faults.append(("deleteMessage", "429"))
    await ana.says("4111 1111 1111 1111")
    assert [each for each in ana.chat.messages.values() if "4111" in each.text]
    await comes_about(open_counter, time)
    assert not [each for each in ana.chat.messages.values() if "4111" in each.text]


@pytest.mark.parametrize(("fault", "times"), [("429", 1), ("500", 1), ("lost", 1), ("reset", 0)])
async def test_a_group_is_declined_at_most_once_and_left_whatever_happens(
    open_counter: Counter, time: Time, fault: Fault, times: int
) -> None:
    group = Someone.at(open_counter, -500, kind="group")
    open_counter.api.faults.append(("sendMessage", fault))
    await group.says("oi")
    await comes_about(open_counter, time)
    assert group.times("https://t.me/balcao_bot") == times
    assert group.chat.left


# ------------------------------------------------------------------ how it is tried again


async def test_pauses_grow_and_telegrams_own_are_kept(time: Time) -> None:
    time.goes_by.set()
    answers = [
        Temporary("server"),
        Temporary("limited", after=timedelta(seconds=40)),
        Temporary("limited", after=timedelta(seconds=2)),
    ]
    done = list[bool]()

    async def work() -> None:
        if answers:
            raise answers.pop(0)
        done.append(True)

    again = Again(time.sleep)
    await again.now_or_later(work)
    await again.idle()
    assert time.slept == [PAUSES[0], 40.0, PAUSES[2]]
    assert done == [True]


@pytest.mark.parametrize("error", [Temporary("server"), Permanent("gone", flag=True)])
async def test_it_has_an_end(time: Time, error: Exception) -> None:
    time.goes_by.set()
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise Temporary("server") if tries == 1 else error

    again = Again(time.sleep)
    await again.now_or_later(work)
    await again.idle()
    assert tries == 1 + (len(PAUSES) if isinstance(error, Temporary) else 1)


async def test_no_more_than_a_bound_waits_and_a_stop_forgets_it(time: Time) -> None:
    async def work() -> None:
        raise Temporary("server")

    again = Again(time.sleep)
    for _ in range(MOST + 5):
        await again.now_or_later(work)
    await asyncio.sleep(0)
    assert len(time.slept) == MOST
    await again.stop()
    await again.idle()


async def test_what_is_refused_at_once_is_told(time: Time) -> None:
    async def work() -> None:
        raise Permanent("refused")

    with pytest.raises(Permanent):
        await Again(time.sleep).now_or_later(work)
    assert time.slept == []
