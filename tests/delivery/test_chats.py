"""Replies on their way to chats: order, retries, refusals, bugs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.core.errors import Permanent, Temporary
from bot.core.message import Address
from bot.core.ports import Settled, State
from bot.delivery import lanes
from bot.delivery.backoff import REPLY
from tests.delivery.fakes import FakeLedger
from tests.delivery.house import ANA, BIA, NEVER, notice, open_house
from tests.fakes import Clock

# ------------------------------------------------------------------ together and in order


async def test_the_replies_of_a_turn_leave_together_and_in_order() -> None:
    async with open_house() as house:
        ids = await house.turn(ANA, "one", "two", "three")
        assert house.channel.said_to("ana") == ["one", "two", "three"]
        assert house.ledger.states() == [State.SENT] * 3
        assert [house.ledger.rows[id].ref for id in ids] == ["ref-1", "ref-2", "ref-3"]
        assert len(house.ledger.settled) == 1


async def test_handing_over_does_not_wait_for_the_channel() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "one")
        await house.channel.waiting.wait()
        assert house.channel.sent == []
        gate.set()
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["one"]


async def test_nothing_to_say_is_nothing_to_deliver() -> None:
    async with open_house() as house:
        house.dispatcher.deliver([])
        await house.dispatcher.idle()
        assert house.channel.sent == []


async def test_a_later_turn_waits_for_the_earlier_one_of_its_address() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "first 1", "first 2")
        house.hand_over(ANA, "second")
        await house.channel.waiting.wait()
        gate.set()
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["first 1", "first 2", "second"]


async def test_a_slow_chat_holds_up_no_other() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "slow")
        await house.channel.waiting.wait()
        (bias,) = house.hand_over(BIA, "quick")
        while house.ledger.rows[bias].state is not State.SENT:
            await asyncio.sleep(0)
        assert house.channel.sent == [("bia", "quick")]
        gate.set()


# ------------------------------------------------------------------ not now


async def test_what_was_not_taken_is_tried_again_and_what_follows_waits_with_it() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [None, Temporary("limit")]
        ids = await house.turn(ANA, "one", "two", "three")
        assert house.channel.said_to("ana") == ["one"]
        assert house.ledger.states(ids) == [State.SENT, State.QUEUED, State.QUEUED]
        assert house.ledger.rows[ids[1]].error == "limit"
        await house.later(minutes=1)
        assert house.channel.said_to("ana") == ["one", "two", "three"]
        assert house.ledger.states(ids) == [State.SENT] * 3


async def test_nothing_is_tried_before_the_other_side_said_to_come_back() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Temporary("limit", after=timedelta(seconds=30))]
        (id,) = await house.turn(ANA, "one")
        again_at = house.ledger.rows[id].due_at - house.clock()
        assert timedelta(seconds=30) <= again_at <= timedelta(seconds=32)
        await house.later(seconds=29)
        assert house.channel.sent == []
        await house.later(seconds=5)
        assert house.channel.said_to("ana") == ["one"]


async def test_what_waits_is_tried_again_by_itself_when_its_time_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "SOON", NEVER)  # only a reminder makes it look

    class Slow(FakeLedger):
        async def settle(self, outcomes: Sequence[Settled]) -> None:
            await super().settle(outcomes)
            self.clock.forward(minutes=1)

    async with open_house(Slow(Clock())) as house:
        house.channel.faults["ana"] = [Temporary("limit")]
        house.hand_over(ANA, "one")
        async with asyncio.timeout(10):
            while not house.channel.sent:
                await asyncio.sleep(0.001)


async def test_the_delays_grow_until_it_is_given_up() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Temporary("down")] * 10_000
        (id,) = await house.turn(ANA, "one")
        row, waits = house.ledger.rows[id], []
        while row.state is State.QUEUED:
            waits.append(row.due_at - house.clock())
            await house.later(seconds=waits[-1].total_seconds())
        assert row.state is State.FAILED
        assert row.error == "gave_up"
        assert not row.flagged
        assert REPLY.patience <= sum(waits, timedelta()) <= REPLY.patience + timedelta(minutes=10)
        assert max(waits[:3]) < timedelta(seconds=10)
        assert max(waits) > timedelta(minutes=4)


async def test_a_reply_that_waits_is_replaced_when_a_later_turn_has_answered() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Temporary("limit")]
        (old,) = await house.turn(ANA, "old")
        await house.turn(ANA, "new")
        await house.later(minutes=10)
        assert house.channel.said_to("ana") == ["new"]
        assert house.ledger.states([old]) == [State.REPLACED]


async def test_a_reply_that_fails_while_a_later_turn_waits_behind_it_is_replaced() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.channel.faults["ana"] = [Temporary("limit")]
        old = house.hand_over(ANA, "old 1", "old 2")
        await house.channel.waiting.wait()
        new = house.hand_over(ANA, "new")
        gate.set()
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["new"]
        assert house.ledger.states(old) == [State.REPLACED] * 2
        assert house.ledger.states(new) == [State.SENT]


async def test_a_reply_queued_again_in_the_moment_a_turn_commits_does_not_come_after_it() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Temporary("limit")]
        (old,) = await house.turn(ANA, "old")
        # The turn's own "forget what waits" saw the old reply still on its way.
        row = house.ledger.rows[old]
        row.state = State.SENDING
        posted = house.ledger.reply(ANA, "new")
        row.state = State.QUEUED
        house.dispatcher.deliver(posted)
        await house.dispatcher.idle()
        await house.later(minutes=10)
        assert house.channel.said_to("ana") == ["new"]
        assert row.state is State.REPLACED


async def test_a_channel_that_hangs_is_given_up_before_the_lease_ends() -> None:
    async with open_house(hold=0.02) as house:
        house.channel.gates["ana"] = asyncio.Event()
        (id,) = await house.turn(ANA, "one")
        assert house.ledger.rows[id].state is State.QUEUED
        assert house.ledger.rows[id].error == "timeout"


async def test_what_waited_here_past_its_time_is_given_back_untried() -> None:
    async with open_house(hold=0.02) as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        hanging = house.hand_over(ANA, "one", "two")
        behind = house.hand_over(ANA, "three")
        await house.channel.waiting.wait()
        while house.ledger.rows[hanging[0]].state is State.SENDING:
            await asyncio.sleep(0.001)
        gate.set()
        house.dispatcher.wake("web")
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["three"]
        assert house.ledger.states(hanging) == [State.REPLACED] * 2
        assert house.ledger.states(behind) == [State.SENT]


# ------------------------------------------------------------------ never


async def test_a_chat_that_is_gone_fails_all_that_was_meant_for_it_after_one_try() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Permanent("blocked", flag=True)]
        ids = await house.turn(ANA, "one", "two")
        rows = [house.ledger.rows[id] for id in ids]
        assert [row.state for row in rows] == [State.FAILED] * 2
        assert [row.error for row in rows] == ["blocked"] * 2
        assert rows[0].flagged
        assert house.channel.sent == []


async def test_one_message_that_is_refused_does_not_hold_back_the_next() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Permanent("refused")]
        ids = await house.turn(ANA, "one", "two")
        assert house.ledger.states(ids) == [State.FAILED, State.SENT]
        assert house.channel.said_to("ana") == ["two"]
        assert not house.ledger.rows[ids[0]].flagged


async def test_an_account_nobody_configured_is_a_failure_not_a_crash() -> None:
    async with open_house() as house:
        ids = await house.turn(Address("gone-bot", "ana"), "one")
        assert house.ledger.rows[ids[0]].error == "not_configured"


async def test_a_notice_whose_address_was_erased_fails() -> None:
    async with open_house() as house:
        id = house.ledger.post(notice("hi"), ANA)
        row = house.ledger.rows[id]
        row.posted = replace(row.posted, at=None)
        await house.dispatcher.idle()
        assert (row.state, row.error) == (State.FAILED, "gone")


# ------------------------------------------------------------------ bugs


async def test_a_driver_that_breaks_is_logged_once_and_its_message_tried_again() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [ValueError("bad value: the secret words")] * 2
        with capture_logs() as logs:
            (id,) = await house.turn(ANA, "the secret words")
            assert house.ledger.rows[id].error == "internal"
            await house.later(minutes=1)
        await house.later(minutes=1)
        assert house.channel.said_to("ana") == ["the secret words"]
        traces = [entry for entry in logs if "trace" in entry]
        assert len(traces) == 1
        assert "ValueError" in traces[0]["kind"]
        assert "fakes.py" in traces[0]["trace"]
        assert "secret words" not in str(logs)


async def test_no_log_line_holds_words_or_addresses() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [Temporary("limit", "chat ana said no")]
        with capture_logs() as logs:
            await house.turn(ANA, "PIX do João")
            await house.later(minutes=1)
            await house.turn(BIA, "tudo certo")
        assert len(logs) == 3
        assert not any(word in str(logs) for word in ("ana", "bia", "João", "certo"))
