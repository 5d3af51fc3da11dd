"""What every channel must do: one suite, held over each driver by a small adaptor, its `Door`.

A new driver's test class inherits `ChannelContract` and those of `Files`, `Buttons`, `Edits`,
`Bold`, `People`, `Repeats` and `Refusals` that it can keep, and gives them a fixture `door`. That
the choice agrees with the driver's `Limits` is a test too.
"""

from __future__ import annotations

import asyncio

import pytest

from bot.core.message import Outbound
from bot.core.ports import Close
from bot.core.render import length
from tests.channels.abilities import Bold, Buttons, Edits, Files, People, Refusals, Repeats
from tests.channels.door import (
    NEVER_MARKUP,
    PATIENCE,
    PDF,
    PIX,
    Door,
    Ears,
    Refusal,
    Seen,
    Sender,
)


class ChannelContract:
    """What every channel keeps. Inherit it as `Test…`, with a fixture `door`."""

    @pytest.fixture
    def ears(self) -> Ears:
        return Ears()

    @pytest.fixture
    def sender(self) -> Sender:
        return Sender()

    @pytest.fixture(autouse=True)
    async def started(self, door: Door, ears: Ears) -> None:
        await door.channel.start(ears.receive)

    # ------------------------------------------------------------------ out

    async def test_what_is_sent_arrives_whole_and_in_order(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        words = ["one", "two\n\nlines", "três: ação", "🦜🦜 four", "five " * 50 + "."]
        for each in words:
            await sender.send(door, at, Outbound(each))
        assert [seen.text for seen in await door.seen(at)] == words

    async def test_the_longest_message_its_limits_allow_arrives_whole(
        self, door: Door, sender: Sender
    ) -> None:
        at, limits = await door.someone(), door.channel.limits
        for sign in ("x", "é", "🦜"):
            longest = sign * (limits.text // length(sign, limits))
            assert limits.text - length(longest, limits) < 2
            await sender.send(door, at, Outbound(longest))
            assert (await door.seen(at))[-1].text == longest

    @pytest.mark.parametrize("words", NEVER_MARKUP)
    async def test_words_are_never_taken_for_markup(
        self, door: Door, sender: Sender, words: str
    ) -> None:
        at = await door.someone()
        await sender.send(door, at, Outbound(words))
        (seen,) = await door.seen(at)
        assert seen.text == words
        assert seen.bold == ()

    async def test_a_value_to_copy_is_a_message_of_its_own_without_a_sign_more(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        await sender.send(door, at, Outbound("Your PIX code:"))
        await sender.send(door, at, Outbound(PIX, copyable=True))
        await sender.send(door, at, Outbound("Anything else?"))
        assert (await door.seen(at))[1].text == PIX

    async def test_closing_a_question_nobody_remembers_is_no_error(self, door: Door) -> None:
        at = await door.someone()
        await door.channel.close(at, Close("never", "First", None))

    async def test_signs_that_are_no_messages_never_fail(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        await door.types(at, "oi")
        event = await ears.next()
        await door.channel.typing(at)
        await door.channel.acknowledge(event, None)
        await door.channel.acknowledge(event, "One moment")
        if event.ref:
            await door.channel.delete(at, event.ref)
        assert await door.seen(at) == []

    # ------------------------------------------------------------------ in

    async def test_typed_words_come_in_as_they_were_typed(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        for words in ("oi", "1", "2ª via, por favor!", "/menu", "João 🦜 <b>", "x" * 1000):
            await door.types(at, words)
            event = await ears.next()
            assert (event.text, event.press, event.address) == (words, None, at)

    async def test_every_event_has_an_id_of_its_own(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        for _ in range(3):
            await door.types(at, "oi")
            await ears.next()
        ids = [event.id for event in ears.events]
        assert all(ids)
        assert len(set(ids)) == len(ids)
        assert max(map(len, ids)) <= 200  # the width of its column

    async def test_what_was_not_committed_comes_again(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        await door.types(at, "before")
        await ears.next()
        tried = len(ears.tried)
        ears.unavailable = 2
        await door.types(at, "oi")
        event = await ears.next()
        assert event.text == "oi"
        assert ears.tried[tried:] == [event.id] * 3

    async def test_words_come_in_the_order_they_were_written(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        for n in range(10):
            await door.types(at, f"w{n}")
        heard = [(await ears.next()).text for _ in range(10)]
        assert heard == [f"w{n}" for n in range(10)]

    # ------------------------------------------------------------------ its end

    async def test_a_stop_ends_the_event_in_hand_and_takes_no_more(
        self, door: Door, ears: Ears
    ) -> None:
        at = await door.someone()
        await door.types(at, "before")
        await ears.next()
        heard = len(ears.events)
        ears.gate, ears.began = asyncio.Event(), asyncio.Event()
        await door.types(at, "in hand")
        async with asyncio.timeout(PATIENCE):
            await ears.began.wait()
        stopping = asyncio.create_task(door.channel.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        ears.gate.set()
        async with asyncio.timeout(PATIENCE):
            await stopping
        assert [event.text for event in ears.events[heard:]] == ["in hand"]
        await door.types(at, "after")
        await asyncio.sleep(0)
        assert [event.text for event in ears.events[heard:]] == ["in hand"]

    async def test_it_can_be_stopped_twice(self, door: Door) -> None:
        await door.channel.stop()
        await door.channel.stop()

    # ------------------------------------------------------------------ what it says of itself

    def test_its_limits_agree_with_each_other(self, door: Door) -> None:
        limits = door.channel.limits
        assert limits.text >= 500
        assert limits.page >= 1
        assert limits.caption <= limits.text
        if limits.buttons:
            assert limits.button_label >= 1
        if limits.list_rows:
            assert limits.page <= limits.list_rows
        assert bool(limits.files_out) == isinstance(self, Files)
        assert bool(limits.buttons) == isinstance(self, Buttons)
        assert limits.edits == isinstance(self, Edits)
        assert door.channel.lane_limits.per_second > 0
        assert door.channel.lane_limits.burst >= 1
        assert door.channel.account
        assert door.channel.brand


__all__ = [
    "PDF", "PIX", "Bold", "Buttons", "ChannelContract", "Door", "Ears", "Edits", "Files", "People", "Refusal",
    "Refusals", "Repeats", "Seen", "Sender",
]  # fmt: skip
