"""Law 14: a turn that raises falls alone; and flows that are there no more."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.chat import Chat
from bot.core.errors import UnknownFlow
from bot.core.flow import Registry, flow
from bot.core.message import _
from bot.core.readers import words
from tests.engine.memory import effect, world
from tests.engine.talk import Falling

NAME = words(at_most=40)
SORRY = (
    "Sorry, something went wrong on our side (incident 1A2B). Your answers are kept."
    " Please try again, or write /menu or /human."
)


@flow("shaky", title=_("Shaky"), menu=1)
def shaky(chat: Chat) -> None:
    first = chat.ask("first", _("First?"), NAME)
    second = chat.ask("second", _("Second?"), NAME)
    chat.do("do", effect, f"{first} {second}")
    if world(chat.read).get("broken"):
        raise ZeroDivisionError(second)
    chat.say(_("Done."))


@flow("note", title=_("Note"), phrases=_("take a note"))
def note(chat: Chat) -> None:
    text = chat.ask("text", _("Your note?"), NAME)
    chat.do("note", effect, text)
    chat.say(_("Noted."))


def at_second(**data: Any) -> Falling:
    talk = Falling(shaky, note, **data)
    talk.says("hi")
    talk.presses("Shaky")
    talk.says("one")
    return talk


def test_it_apologises_with_an_incident_and_everything_is_where_it_was() -> None:
    talk = at_second(broken=True)
    before = talk.session
    talk.says("two")
    talk.hears_only(SORRY)
    assert isinstance(talk.raised, ZeroDivisionError)
    assert talk.effects == []
    after = talk.session
    assert (after.stack, after.shown) == (before.stack, before.shown)


def test_the_same_answer_works_once_the_fault_is_mended() -> None:
    talk = at_second(broken=True)
    talk.says("two")
    talk.world["broken"] = False
    talk.says("two")
    talk.hears_only("Done.")
    assert talk.effects == ["one two"]


def test_the_event_is_recorded_and_its_repeat_does_nothing() -> None:
    talk = at_second(broken=True)
    talk.says("two")
    talk.comes_again()
    talk.hears_nothing()


@pytest.mark.parametrize(("said", "heard"), [("/menu", "What can I do?"), ("/human", "Somebody")])
def test_the_ways_out_that_it_names_work(said: str, heard: str) -> None:
    talk = at_second(broken=True)
    talk.says("two")
    talk.says(said)
    talk.hears(heard)


def test_an_apology_does_not_wake_a_session_that_rests() -> None:
    talk = at_second()
    talk.after(minutes=16)
    talk.registry = Registry([])
    talk.says("/menu")
    talk.hears_only(SORRY)
    talk.deploys(shaky)
    talk.says("two")
    talk.hears("Shall we go on with Shaky?")


def test_a_first_word_that_fails_is_apologised_for_too() -> None:
    talk = Falling()
    talk.registry = Registry([])
    talk.says("hi")
    talk.hears_only(SORRY)
    talk.sees_nav("Menu")


def test_a_flow_that_was_removed_apologises_until_one_leaves_it() -> None:
    talk = at_second()
    talk.deploys(note)
    for _round in range(2):
        talk.says("two")
        talk.hears_only(SORRY)
        assert isinstance(talk.raised, UnknownFlow)
    assert talk.session.stack[0].answers == {"first": "one"}
    talk.says("/menu")
    talk.hears_only("What can I do?")


def test_a_flow_that_came_back_goes_on_where_it_was() -> None:
    talk = at_second()
    talk.deploys(note)
    talk.says("two")
    talk.deploys(shaky, note)
    talk.says("two")
    talk.hears_only("Done.")


def test_a_removed_flow_that_rests_is_not_offered_to_be_gone_on_with() -> None:
    talk = at_second()
    talk.deploys(note)
    talk.after(minutes=16)
    talk.says("two")
    talk.hears_only("You were away for a while, so let us start from here.\n\nWhat can I do?")


def test_a_flow_removed_while_it_was_laid_aside_does_not_undo_what_is_done_beside_it() -> None:
    talk = at_second()
    talk.says("/take_a_note")
    talk.deploys(note)
    talk.says("hello")
    talk.hears_only("Noted.\n\nWhat you had begun before is not offered any more.")
    assert talk.effects == ["hello"]
    assert talk.session.stack == []


def test_two_flows_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="shaky"):
        Registry([shaky, shaky])
