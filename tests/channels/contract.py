"""What every channel must do: one suite, held over each driver by a small adaptor, its `Door`.

A new driver's test class inherits `ChannelContract` and those of `Files`, `Buttons`, `Edits`,
`Bold`, `People`, `Repeats` and `Refusals` that it can keep, and gives them a fixture `door`. That
the choice agrees with the driver's `Limits` is a test too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import pytest

from bot.core.errors import Permanent, Temporary, Unavailable
from bot.core.message import Address, Button, Document, DocumentRef, Inbound, Look, Outbound
from bot.core.ports import Channel, Close
from bot.core.render import length

PATIENCE = 10.0
"""Seconds until a test gives up waiting; nothing waits that long when all is well."""

Refusal: TypeAlias = Literal["gone", "busy", "broken"]
"""The chat is gone for good · too many messages, come back later · a fault of the provider's own."""

PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865406134.825802BR5913Fibra Exemplo6009Sao Paulo62190515FAT20261100010463049954"
)
PDF = Document("fatura 2026-11.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40)
NEVER_MARKUP = (
    "*bold* _italic_ ~gone~ `code` ```block```",
    "**not bold** __nor this__ ||nor hidden||",
    "<b>Zé</b> <script>alert(1)</script> &amp; &lt;",
    "[a link](https://example.com) [red]not red[/red]",
    "{{ value }} {% if %} %s %(name)s {name}",
    ":smile: \\n \\* @everyone #tag /menu",
    "- item\n1. item\n> quote\n# title",
    "ação, coração, João 🦜 ﷽ \u200f",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the customer sees it."""

    text: str
    buttons: tuple[str, ...] = ()
    """The labels that can be pressed now."""
    bold: tuple[str, ...] = ()
    document: Document | None = None


class Door(Protocol):
    """One driver as its provider and a customer treat it."""

    @property
    def channel(self) -> Channel: ...

    async def someone(self) -> Address:
        """A person who can be written to; another one each time, where people are several."""
        ...

    async def types(self, at: Address, words: str) -> None:
        """The person writes words."""
        ...

    async def presses(self, at: Address, label: str) -> None:
        """The person presses the button with this label, on the newest message that has it."""
        ...

    async def repeats(self) -> None:
        """The provider delivers its last event once more."""
        ...

    async def refuses(self, how: Refusal) -> None:
        """The provider will refuse the next message."""
        ...

    def posted(self, at: Address, id: int, message: Outbound, document: Document | None) -> None:
        """The ledger has this row: called before it is sent."""
        ...

    async def seen(self, at: Address) -> Sequence[Seen]:
        """The messages the person has before them, oldest first."""
        ...


@dataclass
class Ears:
    """What the machine hears: every event that was handed in."""

    events: list[Inbound] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """The id of every event that was handed in, committed or not."""
    unavailable: int = 0
    """How many events will find the database away."""
    gate: asyncio.Event | None = None
    """If set, events wait for it before they are committed."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: asyncio.Queue[Inbound] = field(default_factory=asyncio.Queue)

    async def receive(self, event: Inbound) -> None:
        self.began.set()
        self.tried.append(event.id)
        if self.gate:
            await self.gate.wait()
        if self.unavailable:
            self.unavailable -= 1
            raise Unavailable
        self.events.append(event)
        self._heard.put_nowait(event)

    async def next(self) -> Inbound:
        """The next event, greetings of the channel left out."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self._heard.get()
                if event.text is None or not event.text.startswith("/start"):
                    return event


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


class Files:
    """A channel that sends files."""

    async def test_a_document_arrives_with_its_words_name_and_every_byte(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        await sender.send(door, at, Outbound("Your invoice"), PDF)
        await sender.send(door, at, Outbound(""), PDF)
        with_words, alone = await door.seen(at)
        assert (with_words.text, alone.text) == ("Your invoice", "")
        for seen in (with_words, alone):
            assert seen.document is not None
            assert seen.document.content == PDF.content
        assert with_words.document
        assert with_words.document.name == PDF.name

    async def test_a_file_above_its_limit_is_refused_for_good_and_not_sent(
        self, door: Door, sender: Sender
    ) -> None:
        most = door.channel.limits.files_out
        at = await door.someone()
        large = Document("large.bin", "application/octet-stream", bytes(most + 1))
        with pytest.raises(Permanent) as raised:
            await sender.send(door, at, Outbound("Large"), large)
        assert (raised.value.code, raised.value.flag) == ("too_large", False)


class Buttons:
    """A channel with buttons to press."""

    async def test_buttons_are_drawn_with_their_labels(self, door: Door, sender: Sender) -> None:
        at = await door.someone()
        await sender.send(door, at, question("Which one?", "n1", ["First", "Second *one*"]))
        (seen,) = await door.seen(at)
        assert seen.buttons == ("First", "Second *one*")

    async def test_as_many_and_as_long_buttons_as_its_limits_allow(
        self, door: Door, sender: Sender
    ) -> None:
        at, limits = await door.someone(), door.channel.limits
        labels = [f"{n} ".ljust(limits.button_label, "x") for n in range(1, limits.buttons + 1)]
        await sender.send(door, at, question("Which one?", "n1", labels))
        assert list((await door.seen(at))[-1].buttons) == labels

    async def test_a_press_comes_in_with_what_its_button_carries(
        self, door: Door, ears: Ears, sender: Sender
    ) -> None:
        at = await door.someone()
        await sender.send(door, at, question("Which one?", "n1", ["First", "Second"]))
        await door.presses(at, "Second")
        event = await ears.next()
        assert (event.press, event.text, event.address) == ("n1:2", None, at)
        assert event.id


class Edits:
    """A channel that can change what it sent."""

    async def test_an_answered_question_can_be_pressed_no_more(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        id, ref = await sender.send(door, at, question("Which one?", "n1", ["First", "Second"]))
        await sender.send(door, at, question("And now?", "n2", ["Third"]))
        await door.channel.close(at, Close("n1", "First", ref, id))
        first, second = await door.seen(at)
        assert first.buttons == ()
        assert first.text.startswith("Which one?")
        assert second.buttons == ("Third",)


class Bold:
    """A channel whose customers see what is bold."""

    async def test_bold_is_what_was_said_to_be_bold(self, door: Door, sender: Sender) -> None:
        at = await door.someone()
        words = "🦜 *Olá*, Zé: R$ 10,00!"
        await sender.send(door, at, Outbound(words, bold=((9, 2), (13, 8))))
        (seen,) = await door.seen(at)
        assert (seen.text, seen.bold) == (words, ("Zé", "R$ 10,00"))


class People:
    """A channel to which several people can come."""

    async def test_each_person_gets_their_own(self, door: Door, sender: Sender) -> None:
        ana, bia = await door.someone(), await door.someone()
        await sender.send(door, ana, Outbound("for Ana"))
        await sender.send(door, bia, Outbound("for Bia"))
        assert [seen.text for seen in await door.seen(ana)] == ["for Ana"]
        assert [seen.text for seen in await door.seen(bia)] == ["for Bia"]


class Repeats:
    """A channel whose provider may deliver an event twice."""

    async def test_what_the_provider_repeats_has_the_same_id(self, door: Door, ears: Ears) -> None:
        at = await door.someone()
        await door.types(at, "oi")
        first = await ears.next()
        await door.repeats()
        second = await ears.next()
        assert (second.id, second.text, second.address) == (first.id, first.text, first.address)


class Refusals:
    """A channel whose provider can refuse a message."""

    async def test_a_chat_that_is_gone_is_permanent_and_flagged(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        await door.refuses("gone")
        with pytest.raises(Permanent) as raised:
            await sender.send(door, at, Outbound("hello?"))
        assert raised.value.flag
        assert raised.value.code in ("blocked", "gone")

    async def test_too_many_messages_are_temporary_and_say_when_to_come_back(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        await door.refuses("busy")
        with pytest.raises(Temporary) as raised:
            await sender.send(door, at, Outbound("hello?"))
        assert raised.value.after is not None
        assert raised.value.after.total_seconds() > 0

    async def test_a_provider_in_trouble_is_temporary_and_the_message_arrives_later(
        self, door: Door, sender: Sender
    ) -> None:
        at = await door.someone()
        await door.refuses("broken")
        with pytest.raises(Temporary):
            await sender.send(door, at, Outbound("hello?"))
        await sender.send(door, at, Outbound("hello again"))
        assert (await door.seen(at))[-1].text == "hello again"


class Sender:
    """Sends as the delivery does: from ledger rows with growing ids."""

    def __init__(self) -> None:
        self._last = 0

    async def send(
        self, door: Door, at: Address, message: Outbound, document: Document | None = None
    ) -> tuple[int, str | None]:
        """The row's id and the provider's."""
        self._last += 1
        if document:
            ref = DocumentRef("test", self._last, document.name, document.media_type)
            message = Outbound(message.text, message.bold, document=ref)
        door.posted(at, self._last, message, document)
        return self._last, await door.channel.send(at, message, document, id=self._last)


def question(words: str, nonce: str, labels: Sequence[str]) -> Outbound:
    buttons = tuple(Button(label, f"{nonce}:{n}") for n, label in enumerate(labels, 1))
    return Outbound(words, look=Look.BUTTONS, buttons=buttons, nonce=nonce)
