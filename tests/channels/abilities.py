"""What channels must do that can do more than words: parts of the contract, each for an ability."""

from __future__ import annotations

import pytest

from bot.core.errors import Permanent, Temporary
from bot.core.message import Document, Outbound
from bot.core.ports import Close
from tests.channels.door import (
    PDF,
    Door,
    Ears,
    Sender,
    question,
)


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
