"""Law 10: buttons of messages that nobody asked for just now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import Notice, NoticeButton, _
from bot.core.readers import words
from tests.engine.memory import effect, world
from tests.engine.talk import TERMINAL, Talk
from tests.fakes import START

NAME = words(at_most=40)


@flow("note", title=_("Note"), menu=1)
def note(chat: Chat) -> None:
    chat.say(_("I take notes."))
    text = chat.ask("text", _("Your note?"), NAME)
    title = chat.ask("title", _("Its title?"), NAME)
    chat.do("note", effect, f"{title}: {text}")
    chat.say(_("Noted."))


@flow("settle", title=_("Settle"))
def settle(chat: Chat) -> None:
    items: list[str] = world(chat.read).get("items", ["inv-1"])
    item = chat.choose("item", _("Which one?"), [(each, each) for each in items])
    chat.consent("sure", _("Settle {item}?", item=item))
    chat.do("settle", effect, f"settled {item}")
    chat.say(_("Settled."))


def reminder(**how: object) -> Notice:
    buttons = (
        NoticeButton(_("Pay now"), "settle", {"item": "inv-1"}),
        NoticeButton(_("Talk to us"), "human"),
    )
    return Notice(_("Invoice **inv-1** is due."), buttons, **how)  # type: ignore[arg-type]


def writing() -> Talk:
    talk = Talk(note, settle)
    talk.says("hi")
    talk.presses("Note")
    talk.says("the lamp is broken")
    return talk


def test_pressing_lays_the_flow_at_hand_aside_and_comes_back_to_it() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses("Pay now")
    talk.hears_only("Settle inv-1?")
    talk.presses("Yes")
    talk.hears_only("Settled.\n\nIts title?")
    talk.says("Lamp")
    talk.hears_only("Noted.")
    assert talk.effects == ["settled inv-1", "Lamp: the lamp is broken"]


def test_its_buttons_carry_the_token_of_the_ledger_row() -> None:
    talk = writing()
    talk.gets(reminder())
    assert [each.data for each in talk.heard[-1].buttons] == ["mn4:1", "mn4:2"]
    assert talk.heard[-1].nonce == ""


def test_a_notice_leaves_the_question_at_hand_open() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.says("Lamp")
    talk.hears_only("Noted.")


def test_it_is_no_answer_to_the_question_at_hand() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses("Talk to us")
    talk.hears_only("Somebody will call you.\n\nIts title?")
    assert talk.session.stack[0].answers == {"text": "the lamp is broken"}


def test_a_second_tap_is_silent_and_a_later_press_works_again() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses("Talk to us")
    talk.taps_again()
    talk.hears_nothing()
    talk.after(hours=3)
    talk.taps_again()
    talk.hears("Somebody will call you.")


def test_only_the_first_press_counts_where_it_is_for_once() -> None:
    talk = writing()
    talk.gets(reminder(once=True))
    talk.presses("Talk to us")
    talk.presses("Pay now")
    talk.hears_only("That was answered already.\n\nIts title?")
    assert talk.effects == []


def test_it_is_good_until_its_time() -> None:
    talk = writing()
    until = START + timedelta(minutes=10)
    talk.gets(reminder(until=until))
    talk.presses("Pay now")
    talk.hears("Settle inv-1?")
    talk.presses("No")
    talk.after(minutes=12)
    talk.presses("Pay now")
    talk.hears_only("That button was good until Nov 20, 2026 12:10.\n\nIts title?")


@pytest.mark.parametrize(("person", "opens"), [(None, True), (3, True), (4, False)])
def test_it_may_be_for_one_person_only(person: int | None, opens: bool) -> None:
    talk = writing()
    talk.storage.tables.people[str(talk.at)].level = 1
    talk.storage.tables.people[str(talk.at)].person = 3
    talk.gets(reminder(person=person))
    talk.presses("Pay now")
    talk.hears("Settle inv-1?" if opens else "That button is not for you.")


def test_who_is_not_proved_any_more_is_not_that_person() -> None:
    talk = writing()
    talk.gets(reminder(person=3))
    talk.presses("Pay now")
    talk.hears_only("That button is not for you.\n\nIts title?")


def test_it_is_not_for_another_address() -> None:
    talk = writing()
    talk.gets(reminder(once=True))
    press = talk.buttons[-2].data
    other = Talk(chat="bia", beside=talk)
    other.presses_data(press)
    other.hears_only("That button is not for you.")
    talk.presses_data(press)
    talk.hears("Settle inv-1?")


def test_what_the_button_was_about_may_be_gone() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.world["items"] = ["inv-2"]
    talk.presses("Pay now")
    talk.hears_only("What you had chosen is not there any more.\n\nWhich one?")


@pytest.mark.parametrize(
    "data", ["mn4:3", "mn4:0", "mn4:x", "mn4:", "mn99:1", "m:1", "mn4", ":", ""]
)
def test_a_button_that_never_was_is_answered_kindly(data: str) -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses_data(data)
    talk.hears_only("That button is from an earlier question.\n\nIts title?")


def test_a_button_whose_flow_is_no_more_is_answered_kindly() -> None:
    talk = writing()
    talk.gets(reminder(once=True))
    talk.deploys(note)
    talk.presses("Pay now")
    talk.hears_only("That is not available here at the moment.\n\nIts title?")
    talk.deploys(note, settle)
    talk.presses("Pay now")
    talk.hears("Settle inv-1?")


def test_back_out_of_it_leads_to_what_was_laid_aside() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses("Pay now")
    talk.presses("Back")
    talk.hears_only("Its title?")
    talk.says("/back")
    talk.hears_only("I take notes.\n\nYour note?")


def test_pressing_it_twice_in_a_while_does_not_pile_up() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.presses("Pay now")
    talk.after(minutes=5)
    talk.presses("Pay now")
    talk.hears_only("Settle inv-1?")
    assert len(talk.session.stack) == 2


def test_flows_laid_aside_are_kept_in_order_up_to_a_bound() -> None:
    talk = writing()
    for n in range(8):
        button = NoticeButton(_("Go"), "settle", {"item": f"inv-{n}"})
        talk.gets(Notice(_("Invoice."), (button,)))
        talk.world["items"] = [f"inv-{n}" for n in range(8)]
        talk.presses("Go")
        talk.hears(f"Settle inv-{n}?")
    assert len(talk.session.stack) == 6
    talk.presses("Yes")
    talk.hears_only("Settled.\n\nSettle inv-6?")


def test_a_menu_nobody_chose_from_is_not_come_back_to() -> None:
    talk = Talk(note, settle)
    talk.says("hi")
    talk.gets(reminder())
    talk.presses("Pay now")
    talk.presses("Yes")
    talk.hears_only("Settled.")


def test_where_there_are_no_buttons_its_wishes_are_written_out() -> None:
    talk = Talk(note, settle, limits=TERMINAL)
    talk.says("hi")
    talk.gets(reminder())
    talk.hears_only("Invoice inv-1 is due.\n\n• Pay now\n• Talk to us")
    assert talk.heard[-1].bold == ((8, 5),)


def test_where_nothing_can_be_pressed_the_label_is_written() -> None:
    talk = Talk(note, settle, limits=TERMINAL)
    talk.says("hi")
    talk.gets(reminder(once=True))
    talk.says("pay now")
    talk.hears("Settle inv-1?")
    talk.says("yes")
    talk.hears("Settled.")
    talk.says("Pay now")
    talk.hears_no("Settle inv-1?")


def test_what_is_asked_comes_first_and_then_a_label_even_with_a_slip() -> None:
    talk = writing()
    talk.gets(reminder())
    talk.says("Pay now")
    talk.hears("Noted.")
    talk.says("pay nwo")
    talk.hears("Settle inv-1?")
    assert talk.effects == ["Pay now: the lamp is broken"]
