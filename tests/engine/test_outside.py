"""Laws 8 and 9: secrets that are nowhere kept, and waiting for an answer from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import structlog

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import JSON, Outcome, _
from bot.core.ports import Write
from bot.core.question import Retry
from bot.core.readers import words
from tests.engine.memory import effect, proved, world
from tests.engine.talk import Talk

NAME = words(at_most=40)


def check(write: Write, word: str) -> JSON | Retry:
    """Three tries, counted where they stay."""
    data = world(write)
    data["tries"] = data.get("tries", 0) + 1
    if word.strip() == "271828":
        proved(write)
        return "right"
    if data["tries"] >= 3:
        return "locked"
    return Retry(_("That is not it. Tries left: {left}.", left=3 - data["tries"]))


@flow("door", title=_("Door"), menu=1)
def door(chat: Chat) -> None:
    chat.say(_("Knock knock."))
    outcome = chat.secret("code", _("The code?"), check)
    if outcome != "right":
        return chat.say(_("Locked."))
    name = chat.ask("name", _("Come in, customer {id}. Your name?", id=chat.customer), NAME)
    return chat.say(_("Hello {name}.", name=name))


def at_door() -> Talk:
    talk = Talk(door)
    talk.says("hi")
    talk.presses("Door")
    return talk


# ------------------------------------------------------------------ law 8


def test_the_word_of_a_secret_is_in_no_session_ledger_or_log() -> None:
    talk = at_door()
    with structlog.testing.capture_logs() as logs:
        for word in ("314159", "271828"):
            talk.says(word)
            assert word not in talk.kept
    talk.hears_only("Come in, customer 7. Your name?")
    assert logs == []
    assert talk.session.stack[0].answers == {"code": "right"}


def test_a_wrong_try_is_counted_in_a_turn_that_stays() -> None:
    talk = at_door()
    talk.says("314159")
    talk.hears_only("That is not it. Tries left: 2.\n\nThe code?")
    assert talk.world["tries"] == 1
    talk.says("314158")
    talk.hears_only("That is not it. Tries left: 1.\n\nThe code?")
    talk.says("314157")
    talk.hears_only("Locked.")
    assert talk.world["tries"] == 3


def test_a_right_code_is_not_checked_twice() -> None:
    talk = at_door()
    talk.says("271828")
    talk.sends_a("sticker")
    talk.says("Ana")
    talk.hears_only("Hello Ana.")
    assert talk.world["tries"] == 1


def test_a_press_is_no_try() -> None:
    talk = at_door()
    talk.presses_data(f"{talk.nonce}:1")
    talk.hears_only("Please write the code.\n\nThe code?")
    assert "tries" not in talk.world


def test_at_a_secret_universal_words_work_and_are_no_try() -> None:
    talk = at_door()
    talk.says("atendente")
    talk.hears_only("Somebody will call you.\n\nKnock knock.\n\nThe code?")
    talk.says("voltar")
    talk.hears_only("What can I do?")
    assert "tries" not in talk.world


def test_answers_are_erased_when_the_flow_ends() -> None:
    @flow("note", title=_("Note"), menu=1)
    def note(chat: Chat) -> None:
        chat.ask("first", _("First?"), NAME)
        chat.ask("second", _("Second?"), NAME)

    talk = Talk(note)
    talk.says("hi")
    talk.presses("Note")
    talk.says("something private")
    assert "something private" in talk.kept
    talk.says("done")
    assert "something private" not in talk.kept


# ------------------------------------------------------------------ law 9


def order_card(write: Write, ticket: Mapping[str, JSON], kind: str) -> JSON:
    world(write)["ticket"] = dict(ticket)
    effect(write, f"card {kind}")
    return "asked"


@flow("card", title=_("Card"), menu=1)
def card(chat: Chat) -> None:
    kind = chat.choose("kind", _("Which card?"), [("visa", _("Visa")), ("elo", _("Elo"))])
    chat.say(_("I ask the bank."))
    outcome = chat.wait("bank", _("One moment, please."), order_card, timedelta(hours=2), kind)
    if outcome is None:
        chat.say(_("The bank is silent."))
    else:
        chat.say(_("The bank says {word}.", word=str(outcome)))
    name = chat.ask("name", _("A name for it?"), NAME)
    chat.do("name", effect, name)
    chat.say(_("Saved as {name}.", name=name))


TOLD = _("Your card was saved.")


def waiting() -> Talk:
    talk = Talk(card)
    talk.says("hi")
    talk.presses("Card")
    talk.presses("Visa")
    talk.hears_only("I ask the bank.\n\nOne moment, please.")
    return talk


def outcome(talk: Talk, result: JSON = "yes") -> Outcome:
    ticket = talk.world["ticket"]
    return Outcome(ticket["run"], ticket["key"], result, TOLD)


def test_the_outcome_goes_on_where_the_flow_waited() -> None:
    talk = waiting()
    assert talk.world["ticket"] == {"address": 1, "run": talk.session.stack[0].id, "key": "bank"}
    talk.outside(outcome(talk))
    talk.hears_only("The bank says yes.\n\nA name for it?")
    talk.says("Mine")
    talk.hears_only("Saved as Mine.")
    assert talk.effects == ["card visa", "Mine"]


def test_who_asks_meanwhile_is_told_to_wait() -> None:
    talk = waiting()
    talk.says("and?")
    talk.hears_only("I am still waiting for the answer.\n\nOne moment, please.")
    assert talk.effects == ["card visa"]


def test_an_outcome_that_comes_twice_counts_once() -> None:
    talk = waiting()
    talk.outside(outcome(talk))
    talk.outside(outcome(talk))
    talk.hears_nothing()
    talk.says("Mine")
    talk.hears_only("Saved as Mine.")


def test_when_time_runs_out_the_next_word_finds_it_out() -> None:
    talk = waiting()
    talk.after(minutes=14)
    talk.says("and?")
    talk.hears("I am still waiting")
    talk.clock.forward(hours=2)
    talk.says("hello?")
    talk.presses("Continue")
    talk.hears_only("The bank is silent.\n\nA name for it?")


def test_an_outcome_after_the_time_ran_out_is_told_all_the_same() -> None:
    talk = waiting()
    talk.clock.forward(hours=3)
    talk.says("hello?")
    talk.says("yes")
    talk.hears("The bank is silent.")
    talk.outside(outcome(talk))
    talk.hears_only("Your card was saved.")
    talk.says("Mine")
    talk.hears_only("Saved as Mine.")


def test_an_outcome_whose_run_is_gone_is_told_beside_the_question_at_hand() -> None:
    talk = waiting()
    asked = outcome(talk)
    talk.says("menu")
    nonce = talk.nonce
    talk.outside(asked)
    talk.hears_only("Your card was saved.")
    talk.sees()
    talk.presses("Card", nth=1)
    talk.hears_only("Which card?")
    assert talk.nonce != nonce


def test_an_outcome_for_nobody_says_nothing_if_there_is_nothing_to_tell() -> None:
    talk = waiting()
    gone = Outcome("another run", "bank", "yes")
    talk.outside(gone)
    talk.hears_nothing()


def test_an_outcome_for_a_flow_laid_aside_is_told_and_kept_for_it() -> None:
    @flow("note", title=_("Note"), phrases=_("i want to leave a note"))
    def note(chat: Chat) -> None:
        chat.ask("note", _("Your note?"), NAME)

    talk = waiting()
    talk.deploys(card, note)
    talk.says("I want to leave a note")
    talk.hears_only("Your note?")
    talk.outside(outcome(talk))
    talk.hears_only("Your card was saved.")
    talk.says("call me")
    talk.hears_only("The bank says yes.\n\nA name for it?")


def test_back_stops_at_a_wait_and_at_its_outcome() -> None:
    talk = waiting()
    talk.says("back")
    talk.hears("That is done already, so I cannot go further back.", "One moment, please.")
    talk.outside(outcome(talk))
    talk.says("/back")
    talk.hears_only("That is done already, so I cannot go further back.\n\nA name for it?")


def test_an_outcome_does_not_wake_a_session_that_rests() -> None:
    talk = waiting()
    gone = Outcome("another run", "bank", "yes", TOLD)
    talk.after(minutes=16)
    talk.outside(gone)
    talk.hears_only("Your card was saved.")
    talk.says("good")
    talk.hears_only("You were away for a while. Shall we go on with Card?")


def test_an_outcome_after_the_answers_were_erased_is_told() -> None:
    talk = waiting()
    asked = outcome(talk)
    talk.after(hours=25)
    talk.outside(asked)
    talk.hears_only("Your card was saved.")
    assert talk.session.stack == []


@pytest.mark.parametrize("result", ["yes", {"brand": "Visa", "last": "1234"}, 3, False])
def test_an_outcome_is_any_json(result: JSON) -> None:
    talk = waiting()
    talk.outside(outcome(talk, result))
    talk.hears(f"The bank says {result}.")
