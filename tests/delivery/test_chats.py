"""Replies and notices on their way to chats: order, failures, retries, crashes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.core.brand import Brand
from bot.core.errors import Permanent, Temporary
from bot.core.message import (
    Address,
    Document,
    DocumentRef,
    Limits,
    Look,
    Notice,
    NoticeButton,
    Outbound,
    Text,
)
from bot.core.ports import LaneLimits, State
from bot.delivery.backoff import REPLY
from bot.delivery.dispatcher import Dispatcher, Pace
from tests.delivery.fakes import LEASE, FakeChannel, FakeLedger
from tests.fakes import Clock

ANA, BIA = Address("web", "ana"), Address("web", "bia")
PDF = DocumentRef("invoice-pdf", 7, "fatura.pdf", "application/pdf")
NEVER = 3600.0


class Words:
    """Renders a notice as its source words, its locale and its buttons."""

    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> Sequence[Outbound]:
        labels = ",".join(f"m{token}:{n}" for n, _button in enumerate(notice.buttons, 1))
        look = Look.BUTTONS if labels else Look.NONE
        words = f"{notice.text.source} [{locale}] {labels}".strip()
        return [Outbound(words, look=look, document=notice.document)]


async def render(brand: str, ref: DocumentRef, locale: str) -> Document:
    if ref.id == 0:
        raise Permanent("gone")
    return Document(ref.name, ref.media_type, b"%PDF " + b"x" * ref.id)


class House:
    """A dispatcher with its ledger and channel."""

    def __init__(self, ledger: FakeLedger, channel: FakeChannel, pace: Pace) -> None:
        self.clock = ledger.clock
        self.ledger = ledger
        self.channel = channel
        self.dispatcher = Dispatcher(
            ledger,
            {channel.account: channel},
            None,
            brands={"fibra": Brand("fibra", "Fibra", locale="pt_BR")},
            words={"fibra": Words()},
            render=render,
            notice_token=lambda id: f"t{id}",
            clock=ledger.clock,
            rng=random.Random(7),
            pace=pace,
        )

    async def turn(self, at: Address, *messages: Outbound | str) -> list[int]:
        """A turn's replies, handed over after its commit, and delivered."""
        ids = self.hand_over(at, *messages)
        await self.dispatcher.idle()
        return ids

    def hand_over(self, at: Address, *messages: Outbound | str) -> list[int]:
        posted = self.ledger.reply(at, *messages)
        self.dispatcher.deliver(posted)
        return [each.id for each in posted]

    async def later(self, **time: float) -> None:
        """Time passes, and the lane looks."""
        self.clock.forward(**time)
        self.dispatcher.wake(self.channel.account)
        await self.dispatcher.idle()


MakeHouse = Callable[..., "contextlib.AbstractAsyncContextManager[House]"]


@contextlib.asynccontextmanager
async def open_house(
    ledger: FakeLedger | None = None, channel: FakeChannel | None = None, **pace: float
) -> AsyncIterator[House]:
    settings = {"poll": NEVER, "sweep": NEVER, "again": 0.0} | pace
    house = House(
        ledger or FakeLedger(Clock()),
        channel or FakeChannel(),
        Pace(**settings),  # type: ignore[arg-type]
    )
    await house.dispatcher.start()
    try:
        yield house
    finally:
        await house.dispatcher.stop()


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


# ------------------------------------------------------------------ notices


def notice(words: str, *, buttons: int = 0, document: DocumentRef | None = None) -> Notice:
    labels = tuple(NoticeButton(Text(f"b{n}"), "flow") for n in range(buttons))
    return Notice(Text(words), labels, document=document)


async def test_a_notice_is_drawn_in_its_readers_language_with_buttons_of_its_own() -> None:
    async with open_house() as house:
        house.ledger.post(notice("Paid", buttons=2), ANA, locale="es")
        house.ledger.post(notice("Paid"), BIA)
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["Paid [es] mt1:1,mt1:2"]
        assert house.channel.said_to("bia") == ["Paid [pt_BR]"]


async def test_a_notice_is_sent_when_it_is_posted_and_waits_for_replies_on_their_way() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "one", "two")
        await house.channel.waiting.wait()
        house.ledger.post(notice("Sent"), ANA)
        gate.set()
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["one", "two", "Sent [pt_BR]"]


async def test_notices_keep_to_what_their_lane_lets_through() -> None:
    async with open_house() as house:
        house.ledger.tokens = 2
        for n in range(5):
            house.ledger.post(notice(f"n{n}"), Address("web", f"c{n}"))
        await house.dispatcher.idle()
        assert len(house.channel.sent) == 2
        house.ledger.tokens = 10
        await house.later()
        assert [words for _chat, words in house.channel.sent] == [f"n{n} [pt_BR]" for n in range(5)]


async def test_a_lane_whose_limit_let_nothing_through_looks_again_by_itself() -> None:
    channel = FakeChannel(lane_limits=LaneLimits(per_second=1000, burst=1))
    async with open_house(channel=channel) as house:
        house.ledger.tokens = 0
        house.ledger.post(notice("n"), ANA)
        await house.dispatcher.idle()
        assert channel.sent == []
        house.ledger.tokens = 1
        while not channel.sent:
            await asyncio.sleep(0.01)


async def test_more_notices_than_can_be_in_hand_all_arrive() -> None:
    async with open_house() as house:
        for n in range(100):
            house.ledger.post(notice("n"), Address("web", f"c{n}"))
        await house.dispatcher.idle()
        assert len(house.channel.sent) == 100


# ------------------------------------------------------------------ documents


async def test_a_document_comes_with_its_message_after_a_sign_that_it_is_coming() -> None:
    async with open_house() as house:
        await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.channel.happened == ["typing", "sent"]
        (document,) = house.channel.documents
        assert document == Document("fatura.pdf", "application/pdf", b"%PDF xxxxxxx")


async def test_a_channel_without_typing_signs_is_not_asked_for_one() -> None:
    async with open_house(channel=FakeChannel(limits=Limits(files_out=100))) as house:
        await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.channel.happened == ["sent"]


async def test_a_typing_sign_that_fails_costs_nothing() -> None:
    channel = FakeChannel()

    async def broken(address: Address) -> None:
        raise RuntimeError

    channel.typing = broken  # type: ignore[method-assign]
    async with open_house(channel=channel) as house:
        ids = await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.ledger.states(ids) == [State.SENT]


@pytest.mark.parametrize(("id", "code"), [(0, "gone"), (5000, "too_large")])
async def test_a_document_that_cannot_come_fails_alone(id: int, code: str) -> None:
    async with open_house() as house:
        ref = DocumentRef("invoice-pdf", id, "f.pdf", "application/pdf")
        ids = await house.turn(ANA, Outbound("Your invoice", document=ref), "Anything else?")
        assert house.ledger.rows[ids[0]].error == code
        assert house.channel.said_to("ana") == ["Anything else?"]


# ------------------------------------------------------------------ the database is away


async def test_an_outcome_is_written_once_the_database_is_back() -> None:
    async with open_house() as house:
        house.ledger.unavailable = 3
        ids = await house.turn(ANA, "one")
        assert house.ledger.states(ids) == [State.SENT]
        assert house.channel.said_to("ana") == ["one"]


async def test_a_lane_outlives_a_database_that_is_away() -> None:
    async with open_house() as house:
        house.ledger.unavailable = 1
        house.ledger.post(notice("n"), ANA)
        await house.dispatcher.idle()
        assert house.channel.sent == []
        await house.later()
        assert house.channel.said_to("ana") == ["n [pt_BR]"]


# ------------------------------------------------------------------ stopping, dying, sweeping


async def test_a_stop_ends_what_is_in_hand_and_claims_nothing_more() -> None:
    ledger = FakeLedger(Clock())
    async with open_house(ledger) as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "one", "two")
        house.hand_over(ANA, "three")
        await house.channel.waiting.wait()
        stopping = asyncio.create_task(house.dispatcher.stop())
        await asyncio.sleep(0)
        ledger.post(notice("for the next"), BIA)
        gate.set()
        await stopping
        assert house.channel.said_to("ana") == ["one", "two", "three"]
        assert ledger.states() == [State.SENT, State.SENT, State.SENT, State.QUEUED]
    async with open_house(ledger) as after:
        await after.dispatcher.idle()
        assert after.channel.said_to("bia") == ["for the next [pt_BR]"]


async def test_a_stop_does_not_wait_for_ever_for_a_channel_that_hangs() -> None:
    ledger = FakeLedger(Clock())
    async with open_house(ledger, grace=0.01) as house:
        house.channel.gates["ana"] = asyncio.Event()
        ids = house.hand_over(ANA, "one")
        await house.channel.waiting.wait()
        await house.dispatcher.stop()
        assert ledger.states(ids) == [State.SENDING]
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_a_dead_process_held_is_sent_by_the_next_after_its_lease() -> None:
    ledger = FakeLedger(Clock())
    ledger.reply(ANA, "one", "two")  # committed, and then the process was killed
    async with open_house(ledger) as house:
        await house.dispatcher.idle()
        assert house.channel.sent == []
        ledger.clock.forward(seconds=LEASE.total_seconds() + 1)
    async with open_house(ledger) as house:
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["one", "two"]
        assert ledger.states() == [State.SENT] * 2


async def test_what_may_not_be_repeated_is_left_to_staff_after_a_crash() -> None:
    ledger = FakeLedger(Clock())
    ledger.post(notice("campaign"), ANA, repeatable=False)
    await ledger.claim("web", LaneLimits(), 1)
    ledger.clock.forward(minutes=2)
    async with open_house(ledger) as house:
        await house.dispatcher.idle()
        assert house.channel.sent == []
    assert ledger.states() == [State.UNKNOWN]


async def test_the_sweep_comes_again_and_outlives_a_database_that_is_away() -> None:
    ledger = FakeLedger(Clock())
    async with open_house(ledger, sweep=0.001) as house:
        ledger.reply(ANA, "one")  # of another process, which dies
        ledger.unavailable = 2
        ledger.clock.forward(minutes=2)
        while ledger.states() != [State.SENT]:
            await asyncio.sleep(0.001)
        assert house.channel.said_to("ana") == ["one"]


async def test_two_processes_send_everything_once() -> None:
    ledger = FakeLedger(Clock())
    channel = FakeChannel()
    async with open_house(ledger, channel) as one, open_house(ledger, channel) as other:
        for n in range(200):
            ledger.post(notice(f"n{n}"), Address("web", f"c{n % 20}"))
        while State.QUEUED in ledger.states() or State.SENDING in ledger.states():
            await one.dispatcher.idle()
            await other.dispatcher.idle()
    assert len(channel.sent) == 200
    assert len(set(channel.sent)) == 200
    for n in range(20):
        said = channel.said_to(f"c{n}")
        assert said == [f"n{m} [pt_BR]" for m in range(n, 200, 20)]


# ------------------------------------------------------------------ numbers


async def test_it_can_be_seen_what_became_of_everything() -> None:
    async with open_house() as house:
        house.channel.faults["ana"] = [None, Temporary("limit")]
        house.channel.faults["bia"] = [Permanent("blocked", flag=True)]
        await house.turn(ANA, "one", "two")
        await house.turn(BIA, "one")
        assert house.dispatcher.counts() == {
            "web": {"sent": 1, "queued": 1, "failed": 1, "in_hand": 0}
        }


# ------------------------------------------------------------------ whatever happens

FAULTS: Sequence[Callable[[], Exception | None]] = (
    lambda: None,
    lambda: Temporary("limit"),
    lambda: Temporary("limit", after=timedelta(seconds=20)),
    lambda: Permanent("refused"),
    lambda: RuntimeError("bug"),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.sampled_from("ab"), st.integers(1, 3)),
        st.tuples(st.just("notice"), st.sampled_from("ab"), st.just(1)),
        st.tuples(st.just("time"), st.just(""), st.integers(1, 90)),
        st.tuples(st.just("fault"), st.sampled_from("ab"), st.sampled_from(range(len(FAULTS)))),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
        st.tuples(st.just("database"), st.just(""), st.integers(1, 3)),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(steps)
def test_whatever_happens_nothing_is_lost_doubled_or_out_of_order(
    story: list[tuple[str, str, int]],
) -> None:
    asyncio.run(_play(story))


async def _play(story: list[tuple[str, str, int]]) -> None:
    ledger, channel = FakeLedger(Clock()), FakeChannel()
    stack = contextlib.AsyncExitStack()
    house = await stack.enter_async_context(open_house(ledger, channel))
    for what, chat, number in story:
        at = Address("web", chat)
        match what:
            case "turn":
                posted = ledger.reply(
                    at, *(str(len(ledger.rows) + n) for n in range(1, number + 1))
                )
                house.dispatcher.deliver(posted)
            case "notice":
                ledger.post(notice(str(len(ledger.rows) + 1)), at)
            case "time":
                await house.later(seconds=number)
            case "fault":
                channel.faults[chat].append(FAULTS[number]())
            case "database":
                ledger.unavailable = number
            case "restart":
                await stack.aclose()
                stack = contextlib.AsyncExitStack()
                house = await stack.enter_async_context(open_house(ledger, channel))
    for _ in range(40):
        await house.later(minutes=5)
    await stack.aclose()
    assert set(ledger.states()) <= {State.SENT, State.FAILED, State.REPLACED}
    for chat in "ab":
        said = [int(words.split()[0]) for words in channel.said_to(chat)]
        assert len(said) == len(set(said))
        for kind in ("reply", "notice"):
            of_a_kind = [id for id in said if ledger.rows[id].posted.kind == kind]
            assert of_a_kind == sorted(of_a_kind)
        assert set(said) == {
            row.posted.id
            for row in ledger.rows.values()
            if row.state is State.SENT and row.posted.at == Address("web", chat)
        }
