"""Laws 1 to 3: keys, answers that belong to a question, nonces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.core.chat import Chat
from bot.core.errors import DuplicateKey, OutOfTurn
from bot.core.flow import Flow, flow
from bot.core.message import _
from bot.core.readers import words
from tests.engine.memory import effect, world
from tests.engine.talk import Talk

NAME = words(at_most=40)


@flow("order", title=_("Order"), menu=1, phrases=_("i am hungry"))
def order(chat: Chat) -> None:
    """Three questions, of which the second is asked only while the world says so."""
    dish = chat.choose("dish", _("Which dish?"), [("soup", _("Soup")), ("fish", _("Fish"))])
    if world(chat.read).get("spicy"):
        chat.choose("spice", _("How spicy?"), [("mild", _("Mild")), ("hot", _("Hot"))])
    name = chat.ask("name", _("For whom?"), NAME)
    chat.do("cook", effect, f"{dish} for {name}")
    chat.say(_("The kitchen works on {dish} for {name}.", dish=dish, name=name))


def at(step: str, flows: Sequence[Flow] = (order,), **data: Any) -> Talk:
    """A talk that has come to a question of `order`."""
    talk = Talk(*flows, **data)
    talk.says("hi")
    talk.presses("Order")
    if step == "name":
        talk.presses("Soup")
    return talk


def picking(name: str) -> Flow:
    """A flow that chooses one of `world["items"]`, and asks one thing more if the world says so."""

    @flow(name, title=_("Pick"), menu=1)
    def pick(chat: Chat) -> None:
        items: list[str] = world(chat.read)["items"]
        chosen = chat.choose("item", _("Which one?"), [(each, each) for each in items])
        if world(chat.read).get("reason"):
            chat.ask("why", _("Why?"), NAME)
            chat.ask("really", _("Really?"), NAME)
        chat.say(_("You took {item}.", item=chosen))

    return pick


# ------------------------------------------------------------------ law 1


def test_a_conversation_from_the_greeting_to_the_deed() -> None:
    talk = Talk(order)
    talk.says("good morning")
    talk.hears_only("What can I do?")
    talk.sees("Order", "Help", "Language")
    talk.presses("Order")
    talk.hears_only("Which dish?")
    talk.presses("Fish")
    talk.hears_only("For whom?")
    talk.says("Ana")
    talk.hears_only("The kitchen works on fish for Ana.")
    assert talk.effects == ["fish for Ana"]
    assert talk.session.stack == []


def test_a_key_used_twice_in_a_run_is_an_error() -> None:
    @flow("twice", title=_("Twice"), menu=1)
    def twice(chat: Chat) -> None:
        chat.ask("name", _("Your name?"), NAME)
        chat.ask("name", _("Your other name?"), NAME)

    talk = Talk(twice)
    talk.says("hi")
    talk.presses("Twice")
    with pytest.raises(DuplicateKey, match="twice: 'name'"):
        talk.says("Ana")


def test_a_deed_may_be_called_like_a_question() -> None:
    @flow("same", title=_("Same"), menu=1)
    def same(chat: Chat) -> None:
        name = chat.ask("name", _("Your name?"), NAME)
        chat.do("name", effect, name)
        chat.ask("more", _("More?"), NAME)

    talk = Talk(same)
    talk.says("hi")
    talk.presses("Same")
    talk.says("Ana")
    talk.hears("More?")
    assert talk.effects == ["Ana"]


def test_a_wait_and_a_deed_cannot_share_a_key() -> None:
    @flow("both", title=_("Both"), menu=1)
    def both(chat: Chat) -> None:
        chat.do("pay", effect, "paid")
        chat.wait("pay", _("Waiting."), lambda _write, _ticket: None, timedelta(hours=1))

    talk = Talk(both)
    talk.says("hi")
    with pytest.raises(DuplicateKey):
        talk.presses("Both")


def test_a_loop_gives_each_round_a_key_of_its_own() -> None:
    @flow("list", title=_("List"), menu=1)
    def listing(chat: Chat) -> None:
        names = list[str]()
        while True:
            name = chat.ask(f"name-{len(names)}", _("One more name, or a dot?"), NAME)
            if name == ".":
                break
            names.append(name)
        chat.say(_("That is {names}.", names=", ".join(names)))

    talk = Talk(listing)
    talk.says("hi")
    talk.presses("List")
    for name in ("Ana", "Bia", "Caio", "."):
        talk.says(name)
    talk.hears_only("That is Ana, Bia, Caio.")


def test_a_loop_may_end_its_round_by_beginning_again() -> None:
    @flow("rounds", title=_("Rounds"), menu=1)
    def rounds(chat: Chat) -> None:
        name = chat.ask("name", _("A name?"), NAME)
        chat.do("greet", effect, name)
        chat.say(_("Hello {name}!", name=name))
        chat.again()

    talk = Talk(rounds)
    talk.says("hi")
    talk.presses("Rounds")
    talk.says("Ana")
    talk.hears_only("Hello Ana!\n\nA name?")
    talk.says("Bia")
    talk.hears_only("Hello Bia!\n\nA name?")
    assert talk.effects == ["Ana", "Bia"]


def test_a_question_put_into_the_middle_by_a_deploy_is_simply_asked() -> None:
    @flow("order", title=_("Order"), menu=1)
    def longer(chat: Chat) -> None:
        dish = chat.choose("dish", _("Which dish?"), [("soup", _("Soup")), ("fish", _("Fish"))])
        size = chat.choose("size", _("How much?"), [("s", _("Little")), ("l", _("Much"))])
        name = chat.ask("name", _("For whom?"), NAME)
        chat.do("cook", effect, f"{size} {dish} for {name}")

    talk = at("name")
    talk.deploys(longer)
    talk.says("Ana")
    talk.hears("Meanwhile something changed, so I could not use that answer.", "How much?")
    talk.presses("Much")
    talk.says("Ana")
    assert talk.effects == ["l soup for Ana"]


def test_nothing_is_asked_or_done_while_a_flow_is_unwound() -> None:
    @flow("tidy", title=_("Tidy"), menu=1)
    def tidy(chat: Chat) -> None:
        try:
            chat.ask("name", _("A name?"), NAME)
        finally:
            chat.do("clean", effect, "cleaned")

    talk = Talk(tidy)
    talk.says("hi")
    with pytest.raises(OutOfTurn):
        talk.presses("Tidy")
    assert talk.effects == []


# ------------------------------------------------------------------ law 2


def test_an_answer_is_not_taken_by_a_question_that_was_not_shown() -> None:
    talk = at("name")
    talk.world["spicy"] = True
    talk.says("Hot")
    talk.hears_only("Meanwhile something changed, so I could not use that answer.\n\nHow spicy?")
    talk.presses("Mild")
    talk.hears_only("For whom?")


def test_an_answer_to_a_flow_that_ended_by_itself_is_not_lost_in_silence() -> None:
    @flow("stock", title=_("Stock"), menu=1)
    def stock(chat: Chat) -> None:
        if world(chat.read).get("sold out"):
            return chat.say(_("Sold out."))
        chat.ask("name", _("Your name?"), NAME)
        return None

    talk = Talk(stock)
    talk.says("hi")
    talk.presses("Stock")
    talk.world["sold out"] = True
    talk.says("Ana")
    talk.hears_only("Meanwhile something changed, so I could not use that answer.\n\nSold out.")


def test_a_number_means_what_was_shown_even_if_the_list_has_moved() -> None:
    pick = picking("pick")
    talk = Talk(pick, items=["apple", "pear", "plum"])
    talk.says("hi")
    talk.presses("Pick")
    talk.world["items"] = ["fig", "apple", "pear", "plum"]
    talk.says("2")
    talk.hears_only("You took pear.")


def test_a_number_whose_option_is_gone_is_told_so() -> None:
    talk = Talk(picking("pick"), items=["apple", "pear", "plum"])
    talk.says("hi")
    talk.presses("Pick")
    talk.world["items"] = ["apple", "plum"]
    talk.says("2")
    talk.hears_only("That option is not there any more.\n\nWhich one?")
    talk.sees("apple", "plum")
    talk.says("2")
    talk.hears_only("You took plum.")


def test_the_greeting_that_starts_a_flow_is_never_its_answer() -> None:
    @flow("call", title=_("Call"), menu=1, phrases=_("call me"))
    def call(chat: Chat) -> None:
        chat.say(_("Hello {name}!", name=chat.ask("name", _("Your name?"), NAME)))

    talk = Talk(call)
    talk.says("call me")
    talk.hears_only("Your name?")
    assert talk.session.stack[0].answers == {}


def test_the_wish_that_starts_a_flow_chooses_nothing_in_it() -> None:
    talk = Talk(order)
    talk.says("I am hungry, soup")
    talk.hears_only("Which dish?")


# ------------------------------------------------------------------ law 3


def test_the_nonce_is_kept_over_a_misread_and_a_redraw() -> None:
    talk = at("dish")
    nonce = talk.nonce
    talk.says("a bicycle")
    talk.hears("I did not find that option.")
    assert talk.nonce == nonce
    talk.sends_a("sticker")
    talk.hears("Nice sticker!", "Which dish?")
    assert talk.nonce == nonce
    talk.presses("Soup", nth=3)
    talk.hears_only("For whom?")


def test_another_question_and_another_run_have_another_nonce() -> None:
    talk = at("dish")
    first = talk.nonce
    talk.presses("Soup")
    second = talk.nonce
    talk.says("/menu")
    talk.presses("Order")
    assert len({first, second, talk.nonce}) == 3


def test_options_that_changed_are_another_question() -> None:
    talk = Talk(picking("pick"), items=["apple", "pear"])
    talk.says("hi")
    talk.presses("Pick")
    nonce = talk.nonce
    talk.world["items"] = ["fig", "apple", "pear"]
    talk.says("what?")
    assert talk.nonce != nonce
    talk.presses("pear", nth=2)
    talk.hears("That button is from an earlier question.", "Which one?")


def test_buttons_carry_a_nonce_and_a_number_and_never_data() -> None:
    talk = Talk(picking("pick"), items=["12345678909", "secret-id"])
    talk.says("hi")
    talk.presses("Pick")
    assert [b.data for b in talk.heard[-1].buttons] == [
        f"{talk.nonce}:{sign}" for sign in ("1", "2", "b", "m")
    ]


def test_a_press_on_an_old_question_is_answered_kindly() -> None:
    talk = at("name")
    talk.presses("Fish")
    talk.hears_only("That button is from an earlier question.\n\nFor whom?")
    talk.says("Ana")
    assert talk.effects == ["soup for Ana"]


def test_a_second_tap_on_the_accepted_button_is_silent() -> None:
    talk = at("dish")
    talk.presses("Soup")
    talk.taps_again()
    talk.hears_nothing()
    talk.says("Ana")
    assert talk.effects == ["soup for Ana"]


def test_a_press_that_was_not_accepted_is_answered_again() -> None:
    talk = Talk(picking("pick"), items=["apple", "pear", "plum"])
    talk.says("hi")
    talk.presses("Pick")
    talk.world["items"] = ["apple", "pear"]
    talk.presses("plum")
    talk.hears("That option is not there any more.")
    talk.taps_again()
    talk.hears("That option is not there any more.")


def test_a_press_much_later_is_no_second_tap() -> None:
    talk = at("dish")
    talk.presses("Soup")
    talk.after(minutes=2)
    talk.taps_again()
    talk.hears("That button is from an earlier question.", "For whom?")


def test_the_same_event_twice_does_nothing() -> None:
    talk = at("name")
    talk.says("Ana")
    talk.comes_again()
    talk.hears_nothing()
    assert talk.effects == ["soup for Ana"]


def test_an_answered_question_is_closed_with_what_was_chosen() -> None:
    talk = at("dish")
    asked = talk.nonce
    talk.presses("Soup")
    close = talk.played.close
    assert close is not None
    assert (close.nonce, close.chosen, close.ref) == (asked, "Soup", "pressed")
    talk.says("Ana")
    assert talk.played.close is not None
    assert talk.played.close.ref is None
