"""The counter: order per address, events that must come again, apologies, and what follows a commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import structlog

from bot.core.brand import Brand
from bot.core.chat import Chat
from bot.core.counter import Counter
from bot.core.engine import Engine
from bot.core.errors import Permanent, Temporary, Unavailable
from bot.core.flow import Recognised, Registry, flow
from bot.core.message import Address, Inbound, Limits, Outbound, _
from bot.core.ports import Channel, Close, Posted, Turn
from bot.core.readers import words
from tests.engine.memory import MemoryStorage, effect
from tests.engine.talk import BRAND, CATALOGS, COMMON, WEB
from tests.fakes import Clock, Tokens

R = TypeVar("R")


@flow("note", title=_("Note"), menu=1)
def note(chat: Chat) -> None:
    text = chat.ask("text", _("Your note?"), words())
    if text == "explode":
        raise ZeroDivisionError(text)
    chat.do("note", effect, text)


@flow(
    "card",
    title=_("Card"),
    recognises=lambda text: Recognised({}, sensitive=True) if "4111" in text else None,
)
def card(chat: Chat) -> None:
    chat.say(_("Not kept."))


class Gated(MemoryStorage):
    """Turns wait at a gate, so that a test decides when each goes on."""

    def __init__(self, brand: Brand, clock: Clock) -> None:
        super().__init__(brand, clock)
        self.gates: dict[str, asyncio.Event] = {}
        self.begun: list[str] = []
        self.failures: list[Exception] = []
        """Raised by the next turns instead of being played."""

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R:
        name = str(len(self.begun))
        self.begun.append(name)
        if name in self.gates:
            await self.gates[name].wait()
        if self.failures:
            raise self.failures.pop(0)
        return self.play_now(work)


@dataclass
class Door:
    """A channel that notes what it is told; implements the part of `Channel` the counter uses."""

    account: str = "web"
    brand: str = BRAND.id
    limits: Limits = WEB
    acknowledges: bool = True
    told: list[tuple[str, Any]] = field(default_factory=list)
    refusals: dict[str, Exception] = field(default_factory=dict)
    takes_places: bool = False
    """The first reply takes the place of the answered question."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is closed, presses are not answered."""

    def __post_init__(self) -> None:
        self.gate.set()

    def _tell(self, what: str, about: Any) -> None:
        self.told.append((what, about))
        if what in self.refusals:
            raise self.refusals[what]

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        await self.gate.wait()
        self._tell("acknowledge", event.press)

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        return self.takes_places

    async def close(self, address: Address, close: Close) -> None:
        self._tell("close", close.nonce)

    async def delete(self, address: Address, ref: str) -> None:
        self._tell("delete", ref)


class House:
    """A counter with one door, and what it delivered."""

    def __init__(self) -> None:
        self.storage = Gated(BRAND, Clock())
        self.door = Door()
        self.delivered: list[str] = []
        self.events = Tokens("e")
        tokens = Tokens("k")
        registry = Registry([*COMMON, note, card])
        engine = Engine(BRAND, registry, CATALOGS, tokens)
        door: Channel = self.door  # type: ignore[assignment]
        self.counter = Counter(
            self.storage, {BRAND.id: engine}, {"web": door}, self, new_incident=lambda: "1A2B"
        )

    def deliver(self, posted: Sequence[Posted]) -> None:
        self.delivered += [getattr(each.body, "text", "") for each in posted]

    def event(self, chat: str = "ana", **what: Any) -> Inbound:
        id = self.events()
        return Inbound(id, Address("web", chat), ref=f"ref-{id}", **what)

    async def says(self, text: str, chat: str = "ana") -> None:
        await self.counter.receive(self.event(chat, text=text))

    async def presses(self, label: str) -> None:
        found = [row for row in self.storage.tables.messages if f'"{label}"' in row.body]
        buttons = json.loads(found[-1].body)["buttons"]
        data = next(data for name, data, *_rest in buttons if name == label)
        await self.counter.receive(self.event(press=data))


@pytest.fixture
def house() -> House:
    return House()


async def test_what_a_turn_says_is_delivered_after_its_commit(house: House) -> None:
    await house.says("hi")
    assert house.delivered == ["What can I do?"]


async def test_events_of_one_address_are_played_in_the_order_they_came(house: House) -> None:
    house.storage.gates["0"] = asyncio.Event()
    turns = [asyncio.create_task(house.says(each)) for each in ("hi", "1", "first", "/menu")]
    for _round in range(5):
        await asyncio.sleep(0)
    assert house.storage.begun == ["0"]
    house.storage.gates["0"].set()
    await asyncio.gather(*turns)
    assert house.delivered == [
        "What can I do?", "Your note?", "What else can I do for you?", "What can I do?",
    ]  # fmt: skip
    assert house.storage.tables.world["effects"] == ["first"]


async def test_another_address_does_not_wait(house: House) -> None:
    house.storage.gates["0"] = asyncio.Event()
    slow = asyncio.create_task(house.says("hi"))
    await asyncio.sleep(0)
    await house.says("hi", chat="bia")
    assert not slow.done()
    house.storage.gates["0"].set()
    await slow


async def test_nothing_is_remembered_of_an_address_that_is_served(house: House) -> None:
    await asyncio.gather(*(house.says("hi", chat=f"c{n % 7}") for n in range(50)))
    house.storage.failures = [Unavailable("locked")]
    with pytest.raises(Unavailable):
        await house.says("hi")
    waiting = asyncio.create_task(house.says("hi"))
    house.storage.gates[str(len(house.storage.begun))] = asyncio.Event()
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert house.counter._queues == {}


async def test_whoever_gives_up_waiting_holds_nobody_up(house: House) -> None:
    gate = house.storage.gates["0"] = asyncio.Event()
    turns = [asyncio.create_task(house.says(each)) for each in ("hi", "1", "/menu")]
    for _round in range(3):
        await asyncio.sleep(0)
    turns[1].cancel()
    gate.set()
    done = await asyncio.gather(*turns, return_exceptions=True)
    assert [type(each) for each in done] == [type(None), asyncio.CancelledError, type(None)]
    assert house.delivered == ["What can I do?", "What can I do?"]
    assert house.counter._queues == {}


async def test_an_event_that_was_not_recorded_must_come_again(house: House) -> None:
    event = house.event(text="hi")
    house.storage.failures = [Unavailable("locked")]
    with pytest.raises(Unavailable):
        await house.counter.receive(event)
    assert house.delivered == []
    await house.counter.receive(event)
    assert house.delivered == ["What can I do?"]
    await house.counter.receive(event)
    assert house.delivered == ["What can I do?"]


async def test_a_flow_that_raises_is_apologised_for_and_logged_once(house: House) -> None:
    await house.says("hi")
    await house.presses("Note")
    with structlog.testing.capture_logs() as logs:
        await house.says("explode")
    assert "incident 1A2B" in house.delivered[-1]
    assert [(each["event"], each["incident"]) for each in logs] == [("turn.failed", "1A2B")]
    assert logs[0]["exc_info"]
    assert "explode" not in str({**logs[0], "exc_info": ""})
    await house.says("fine")
    assert house.storage.tables.world["effects"] == ["fine"]


async def test_an_apology_that_cannot_be_written_must_come_again(house: House) -> None:
    house.storage.failures = [RuntimeError("a mistake"), Unavailable("locked")]
    with pytest.raises(Unavailable):
        await house.says("hi")
    assert house.delivered == []


async def test_an_event_that_even_the_apology_falls_over_holds_nobody_up(house: House) -> None:
    house.storage.failures = [RuntimeError("a mistake"), RuntimeError("another")]
    with structlog.testing.capture_logs() as logs:
        await house.says("hi")
    assert house.delivered == []
    assert [each["event"] for each in logs] == ["turn.failed", "apology.failed"]
    await house.says("hi")
    assert house.delivered == ["What can I do?"]


async def test_a_press_is_answered_and_its_question_closed(house: House) -> None:
    await house.says("hi")
    await house.presses("Note")
    await house.counter.stop()
    assert [what for what, _about in house.door.told] == ["acknowledge", "close"]


async def test_who_is_slow_to_answer_a_press_holds_up_no_turn(house: House) -> None:
    house.door.gate.clear()
    await house.says("hi")
    await house.presses("Note")
    await house.says("fine")
    assert house.storage.tables.world["effects"] == ["fine"]
    stopping = asyncio.create_task(house.counter.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    house.door.gate.set()
    await stopping


async def test_where_nothing_is_left_to_tell_nothing_is_left_to_do(house: House) -> None:
    house.door.acknowledges = False
    house.door.takes_places = True
    before = asyncio.all_tasks()
    await house.says("hi")
    await house.presses("Note")
    assert asyncio.all_tasks() == before
    await house.counter.stop()
    assert house.door.told == []


async def test_a_question_is_closed_also_where_a_press_needs_no_answer(house: House) -> None:
    house.door.acknowledges = False
    await house.says("hi")
    await house.presses("Note")
    await house.counter.stop()
    assert [what for what, _about in house.door.told] == ["close"]


async def test_a_repeated_press_is_answered_at_the_channel_and_nowhere_else(house: House) -> None:
    await house.says("hi")
    event = house.event(press="k1:1")
    for _round in range(2):
        await house.counter.receive(event)
    await house.counter.stop()
    assert [what for what, _about in house.door.told].count("acknowledge") == 2
    assert len(house.delivered) == 2


async def test_a_card_number_is_deleted_at_the_channel(house: House) -> None:
    await house.says("4111 1111 1111 1111")
    await house.counter.stop()
    assert house.door.told == [("delete", "ref-e1")]


@pytest.mark.parametrize(
    ("refusal", "level"),
    [(Permanent("gone"), "info"), (Temporary("busy"), "info"), (RuntimeError("a bug"), "error")],
)
async def test_what_a_channel_refuses_after_the_commit_breaks_nothing(
    house: House, refusal: Exception, level: str
) -> None:
    house.door.refusals = {"acknowledge": refusal}
    await house.says("hi")
    with structlog.testing.capture_logs() as logs:
        await house.presses("Note")
        await house.counter.stop()
    assert [what for what, _about in house.door.told] == ["acknowledge", "close"]
    assert [(each["event"], each["log_level"]) for each in logs] == [("edge.failed", level)]
    await house.says("fine")
    assert house.storage.tables.world["effects"] == ["fine"]
