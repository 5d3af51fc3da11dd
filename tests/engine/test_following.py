"""What is due of itself comes after a person's own task; and a no that is an answer."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import _
from bot.core.ports import Read, Visitor
from tests.engine.memory import effect, proved, world
from tests.engine.talk import Talk


def _due(read: Read, visitor: Visitor) -> bool:
    return bool(world(read).get("due")) and visitor.customer is not None


@flow("identify", title=_("Identify"), grants=VERIFIED, menu=5, only_strangers=True)
def identify(chat: Chat) -> None:
    chat.consent("sure", _("Are you you?"))
    chat.do("prove", proved, 1)


@flow("bill", title=_("Bill"), needs=VERIFIED, menu=1, phrases=_("my bill"))
def bill(chat: Chat) -> None:
    chat.consent("see", _("See it?"))
    chat.say(_("Here it is."))


@flow("joke", title=_("Joke"), menu=2, phrases=_("a joke"))
def joke(chat: Chat) -> None:
    chat.say(_("Knock knock."))


@flow("check", title=_("Check"), needs=VERIFIED, follows=_due)
def check(chat: Chat) -> None:
    right = chat.consent("right", _("Is your address right?"), ends=False)
    chat.do("note", effect, "no" if right.get("no") else "yes")
    chat.say(_("Noted."))


def known(**data: object) -> Talk:
    talk = Talk(identify, bill, joke, check, **data)
    talk.says("my bill")
    talk.presses("Yes")
    return talk


def test_it_comes_when_the_task_has_ended() -> None:
    talk = known(due=True)
    talk.hears("See it?")
    talk.hears_no("Is your address right?")
    talk.presses("Yes")

    talk.hears("Here it is.", "Is your address right?")


def test_it_does_not_come_while_it_is_not_due() -> None:
    talk = known(due=False)
    talk.presses("Yes")

    talk.hears_only("Here it is.")


def test_a_task_given_up_is_followed_by_nothing() -> None:
    talk = known(due=True)
    talk.presses("No")
    talk.hears_no("Is your address right?")
    talk.says("my bill")
    talk.says("cancel")

    talk.hears_no("Is your address right?")


def test_a_task_that_needs_nobody_is_followed_by_nothing() -> None:
    talk = known(due=True)
    talk.says("a joke")

    talk.hears_no("Is your address right?")


def test_it_does_not_follow_itself() -> None:
    talk = known(due=True)
    talk.presses("Yes")
    talk.presses("Yes")

    talk.hears_only("Noted.")


def test_a_no_that_is_an_answer_does_not_end_the_flow() -> None:
    talk = known(due=True)
    talk.presses("Yes")
    talk.says("no")

    talk.hears_only("Noted.")
    assert talk.world["effects"] == ["no"]
