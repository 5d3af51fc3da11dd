"""The database away, processes stopped and killed: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.core.errors import Permanent, Temporary, Unavailable
from bot.core.message import Address
from bot.core.ports import LaneLimits, Settled, State
from tests.delivery.fakes import LEASE, FakeChannel, FakeLedger
from tests.delivery.house import ANA, BIA, notice, open_house
from tests.fakes import Clock

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


class Durable(FakeLedger):
    """Outcomes are durable when the test says so; until then there is a bare future for each, and no task."""

    def __init__(self) -> None:
        super().__init__(Clock())
        self.writing: list[asyncio.Future[None]] = []

    def settle(self, outcomes: Sequence[Settled]) -> asyncio.Future[None]:  # type: ignore[override]
        self.settled.append(outcomes)
        self.writing.append(asyncio.get_running_loop().create_future())
        return self.writing[-1]


async def test_an_outcome_that_is_being_written_is_in_hand_and_costs_no_task() -> None:
    ledger = Durable()
    async with open_house(ledger) as house:
        before = asyncio.all_tasks()
        ids = [*house.hand_over(ANA, "one"), *house.hand_over(BIA, "two")]
        while len(ledger.writing) < 2:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert [outcome.id for (outcome,) in ledger.settled] == ids

        idle = asyncio.create_task(house.dispatcher.idle())
        ledger.writing[0].set_result(None)
        for _ in range(5):
            await asyncio.sleep(0)
        assert not idle.done()
        ledger.writing[1].set_result(None)
        await idle


async def test_a_stop_waits_for_the_outcomes() -> None:
    ledger = Durable()
    async with open_house(ledger) as house:
        house.hand_over(ANA, "one")
        stopping = asyncio.create_task(house.dispatcher.stop())
        while not ledger.writing:
            await asyncio.sleep(0)
        ledger.writing[0].set_exception(Unavailable())
        while len(ledger.writing) < 2:
            await asyncio.sleep(0)
        assert not stopping.done()
        ledger.writing[1].set_result(None)
        await stopping


async def test_a_stop_does_not_wait_for_ever_for_a_database_that_is_away() -> None:
    for pause in (0.0, 3600.0):
        ledger = FakeLedger(Clock())
        async with open_house(ledger, grace=0.01, again=pause) as house:
            ledger.unavailable = 1_000_000
            ids = house.hand_over(ANA, "one")
            await house.dispatcher.stop()
            assert house.channel.said_to("ana") == ["one"]
            assert ledger.states(ids) == [State.SENDING]
            assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_outcomes_that_the_ledger_does_not_take_are_told_and_hold_nobody_up() -> None:
    ledger = Durable()
    async with open_house(ledger) as house:
        (id,) = house.hand_over(ANA, "one")
        while not ledger.writing:
            await asyncio.sleep(0)
        with capture_logs() as logs:
            ledger.writing[0].set_exception(ValueError("a mistake"))
            await house.dispatcher.idle()
        assert [(each["event"], each["ids"]) for each in logs] == [("outcomes lost", [id])]
        assert isinstance(logs[0]["exc_info"], ValueError)


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
