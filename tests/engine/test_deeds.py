"""Laws 5 to 7: what is done once, what was agreed to, and what is spoken when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import _
from bot.core.ports import Write
from bot.core.readers import words
from tests.engine.memory import effect, proved, world
from tests.engine.talk import TERMINAL, Talk

NAME = words(at_most=40)
FLIPPED = "Things changed meanwhile, so I stop here. What was done stays done."


@flow("pay", title=_("Pay"), menu=1)
def pay(chat: Chat) -> None:
    """A choice, a consent, a deed, and then one question more."""
    items: list[str] = world(chat.read)["items"]
    item = chat.choose("item", _("What?"), [(each, each) for each in items])
    amount = Decimal(world(chat.read)["amount"])
    chat.consent("sure", _("Pay {amount} for {item}?", amount=amount, item=item))
    chat.do("pay", effect, f"paid {item}")
    chat.say(_("Paid."))
    grade = chat.choose("grade", _("How was it?"), [("good", _("Good")), ("bad", _("Bad"))])
    note = chat.ask("note", _("Why {grade}?", grade=grade), NAME)
    chat.do("note", effect, f"{grade}: {note}")
    chat.say(_("Thanks for your opinion."))


def at_consent(**more: Any) -> Talk:
    talk = Talk(pay, **{"items": ["tea", "milk"], "amount": "10.00"} | more)
    talk.says("hi")
    talk.presses("Pay")
    talk.presses("tea")
    return talk


def at_grade(**more: Any) -> Talk:
    talk = at_consent(**more)
    talk.presses("Yes")
    return talk


# ------------------------------------------------------------------ law 5: do


def test_a_deed_is_done_once_however_many_turns_follow() -> None:
    talk = at_grade()
    talk.hears_only("Paid.\n\nHow was it?")
    talk.says("well")
    talk.sends_a("sticker")
    talk.presses("Good")
    talk.says("it was fine")
    talk.hears_only("Thanks for your opinion.")
    assert talk.effects == ["paid tea", "good: it was fine"]


def test_what_is_before_a_deed_is_not_looked_at_again() -> None:
    talk = at_grade()
    talk.world["items"] = []
    talk.world["amount"] = "99.00"
    talk.presses("Good")
    talk.hears_only("Why good?")


def test_the_proof_for_a_deed_is_not_asked_for_again_after_it() -> None:
    @flow("leave", title=_("Leave"), needs=VERIFIED, menu=1)
    def leave(chat: Chat) -> None:
        chat.do("leave", proved, 0)
        why = chat.ask("why", _("Gone. Why?"), NAME)
        chat.do("why", effect, why)
        chat.say(_("Thanks."))

    talk = Talk(leave)
    talk.says("hi")
    with talk.storage.transaction() as turn:
        turn.tables.people[str(talk.at)].level = 1
    talk.says("/menu")
    talk.presses("Leave")
    talk.hears_only("Gone. Why?")
    talk.says("too slow")
    talk.hears_only("Thanks.")
    assert talk.effects == ["too slow"]


def test_a_flow_switched_off_ends_what_was_begun_but_not_what_was_done() -> None:
    @flow("buy", title=_("Buy"), menu=1, when=feature("shop"))
    def buy(chat: Chat) -> None:
        what = chat.ask("what", _("What?"), NAME)
        chat.do("buy", effect, what)
        chat.ask("more", _("Bought. Anything else?"), NAME)
        chat.say(_("Bye."))

    talk = Talk(buy)
    talk.says("hi")
    talk.presses("Buy")
    open_shop, closed_shop = talk.brand, replace(talk.brand, features={})
    talk.brand = closed_shop
    talk.says("tea")
    talk.hears("That is not available here at the moment.")
    talk.brand = open_shop
    talk.says("/menu")
    talk.presses("Buy")
    talk.says("tea")
    talk.brand = closed_shop
    talk.says("no")
    talk.hears_only("Bye.")


def test_back_stops_at_a_deed() -> None:
    talk = at_grade()
    talk.presses("Bad")
    talk.presses("Back")
    talk.hears_only("How was it?")
    talk.sees_nav("Menu")
    talk.says("back")
    talk.hears_only("That is done already, so I cannot go further back.\n\nHow was it?")
    assert talk.effects == ["paid tea"]


def test_a_refusal_is_a_result_like_any_other() -> None:
    def buy(write: Write, stock: int) -> dict[str, int | str]:
        return {"refused": "sold out", "left": stock} if stock == 0 else {"left": stock - 1}

    @flow("buy", title=_("Buy"), menu=1)
    def buying(chat: Chat) -> None:
        result = chat.do("buy", buy, world(chat.read)["stock"])
        if "refused" in result:
            chat.say(_("Sorry: {why}.", why=result["refused"]))
            return
        chat.ask("gift", _("A gift?"), NAME)
        chat.say(_("{left} are left.", left=result["left"]))

    talk = Talk(buying, stock=0)
    talk.says("hi")
    talk.presses("Buy")
    talk.hears_only("Sorry: sold out.")
    talk.world["stock"] = 5
    talk.says("/menu")
    talk.presses("Buy")
    talk.world["stock"] = 0
    talk.says("no")
    talk.hears_only("4 are left.")


def test_a_result_is_the_same_in_the_turn_of_the_deed_as_later() -> None:
    seen = list[object]()

    @flow("deed", title=_("Deed"), menu=1)
    def deed(chat: Chat) -> None:
        seen.append(chat.do("do", lambda _write: {1: ("a", "b")}))
        chat.ask("more", _("More?"), NAME)

    talk = Talk(deed)
    talk.says("hi")
    talk.presses("Deed")
    talk.says("/menu")
    assert seen == [{"1": ["a", "b"]}]


def test_a_result_that_no_session_can_keep_is_an_error() -> None:
    @flow("deed", title=_("Deed"), menu=1)
    def deed(chat: Chat) -> None:
        chat.do("do", lambda _write: Decimal("1.50"))

    talk = Talk(deed)
    talk.says("hi")
    with pytest.raises(TypeError):
        talk.presses("Deed")


@flow("flip", title=_("Flip"), menu=1)
def flip(chat: Chat) -> None:
    """What happens next depends on the world instead of on what was done: a mistake in a flow."""
    match world(chat.read)["mood"]:
        case "deed":
            chat.do("first", effect, "first")
            chat.ask("after", _("After?"), NAME)
            chat.do("second", effect, "second")
        case "other deed":
            chat.do("other", effect, "other")
        case "question":
            chat.ask("early", _("Early?"), NAME)
        case "secret":
            chat.secret("code", _("Code?"), lambda _write, _word: "never")
        case "wait":
            chat.wait("wait", _("Wait."), lambda write, _t: effect(write, "w"), timedelta(1))
        case "switch":
            chat.switch("human")
        case "again":
            chat.again()


@pytest.mark.parametrize(
    "mood", ["other deed", "question", "secret", "wait", "switch", "again", "nothing"]
)
def test_a_flow_that_does_not_come_by_its_deed_again_ends_kindly(mood: str) -> None:
    talk = Talk(flip, mood="deed")
    talk.says("hi")
    talk.presses("Flip")
    talk.world["mood"] = mood
    with structlog.testing.capture_logs() as logs:
        talk.says("fine")
    talk.hears_only(FLIPPED)
    assert talk.effects == ["first"]
    assert talk.session.stack == []
    assert [(each["event"], each["flow"]) for each in logs] == [("flow.flipped", "flip")]


def test_a_code_typed_into_a_flow_that_flipped_is_not_tried() -> None:
    @flow("door", title=_("Door"), menu=1)
    def door(chat: Chat) -> None:
        if world(chat.read)["open"]:
            chat.do("knock", effect, "knocked")
        chat.secret("code", _("Code?"), lambda write, _word: effect(write, "tried"))

    talk = Talk(door, open=True)
    talk.says("hi")
    talk.presses("Door")
    talk.world["open"] = False
    talk.says("271828")
    talk.hears_only(FLIPPED)
    assert talk.effects == ["knocked"]


def test_a_deed_that_raises_leaves_nothing_behind() -> None:
    def half(write: Write) -> None:
        effect(write, "half")
        raise RuntimeError("no")

    @flow("half", title=_("Half"), menu=1)
    def doing(chat: Chat) -> None:
        chat.ask("name", _("Name?"), NAME)
        chat.do("do", half)

    talk = Talk(doing)
    talk.says("hi")
    talk.presses("Half")
    before = talk.session
    with pytest.raises(RuntimeError):
        talk.says("Ana")
    assert talk.effects == []
    assert talk.session == before


def test_a_flow_can_leave_for_another_with_what_that_one_needs_to_know() -> None:
    @flow("open", title=_("Open"), menu=1)
    def opening(chat: Chat) -> None:
        chat.say(_("I open it for you."))
        chat.switch("item", item="pear", brief=True)

    @flow("item", title=_("Item"))
    def item(chat: Chat) -> None:
        chosen = chat.choose("item", _("Which?"), [("apple", _("Apple")), ("pear", _("Pear"))])
        chat.say(_("This is {item}, {how}.", item=chosen, how=str(chat.seed("brief"))))
        assert chat.seed("nothing", "default") == "default"

    talk = Talk(opening, item)
    talk.says("hi")
    talk.presses("Open")
    talk.hears_only("I open it for you.\n\nThis is pear, True.")


# ------------------------------------------------------------------ law 6: consent


@pytest.mark.parametrize("word", ["yes", "YES!", "Sim", "sí", "ok", "pode ser", "Confirmo."])
def test_a_yes_by_word_in_any_language(word: str) -> None:
    talk = at_consent()
    talk.hears_only("Pay R$10.00 for tea?")
    talk.says(word)
    assert talk.effects == ["paid tea"]


@pytest.mark.parametrize(
    "word", ["1", "1.", "nº 1", "option 1", "2", "maybe", "yes but less", "👍"]
)
def test_a_consent_is_never_given_by_a_number_or_something_like_a_yes(word: str) -> None:
    talk = at_consent()
    talk.says(word)
    talk.hears_only("Please answer YES or NO.\n\nPay R$10.00 for tea?")
    assert talk.effects == []


def test_where_there_are_no_buttons_a_consent_shows_no_numbers() -> None:
    talk = Talk(pay, limits=TERMINAL, items=["tea"], amount="10.00")
    talk.says("hi")
    talk.says("pay")
    talk.says("tea")
    talk.hears_only("Pay R$10.00 for tea?\n\nPlease write YES or NO.\n\n(or write: back · menu)")


@pytest.mark.parametrize("word", ["no", "Não", "n", "agora não", "no gracias"])
def test_a_no_ends_the_flow_with_nothing_done(word: str) -> None:
    talk = at_consent()
    talk.says(word)
    talk.hears_only("All right, nothing was done.")
    assert talk.effects == []
    assert talk.session.stack == []


def test_a_no_after_a_deed_does_not_say_that_nothing_was_done() -> None:
    @flow("two", title=_("Two"), menu=1)
    def two(chat: Chat) -> None:
        chat.do("first", effect, "first")
        chat.consent("more", _("More?"))
        chat.do("second", effect, "second")

    talk = Talk(two)
    talk.says("hi")
    talk.presses("Two")
    talk.presses("No")
    talk.hears_only("All right, I stopped. What was done before stays done.")
    assert talk.effects == ["first"]


def test_a_yes_typed_before_the_question_was_sent_does_not_count() -> None:
    talk = at_consent()
    talk.says("yes", sent_at=talk.clock.now - timedelta(seconds=3))
    talk.hears("Please answer YES or NO.")
    assert talk.effects == []
    talk.says("yes")
    assert talk.effects == ["paid tea"]


def test_a_no_counts_even_if_it_was_typed_early() -> None:
    talk = at_consent()
    talk.says("no", sent_at=talk.clock.now - timedelta(seconds=3))
    talk.hears_only("All right, nothing was done.")


def test_a_yes_in_the_same_second_counts_for_channels_tell_no_less() -> None:
    talk = Talk(pay, items=["tea"], amount="10.00")
    talk.clock.forward(milliseconds=700)
    talk.says("hi")
    talk.presses("Pay")
    talk.presses("tea")
    talk.says("yes", sent_at=talk.clock.now.replace(microsecond=0))
    assert talk.effects == ["paid tea"]


def test_a_value_that_changed_under_the_button_is_asked_again() -> None:
    talk = at_consent()
    talk.world["amount"] = "12.00"
    talk.presses("Yes")
    talk.hears_only("Something changed meanwhile, so please look again.\n\nPay R$12.00 for tea?")
    assert talk.effects == []
    talk.presses("Yes")
    assert talk.effects == ["paid tea"]


def test_a_value_that_changed_after_the_yes_is_asked_again() -> None:
    @flow("slow", title=_("Slow"), menu=1)
    def slow(chat: Chat) -> None:
        amount = Decimal(world(chat.read)["amount"])
        chat.consent("sure", _("Pay {amount}?", amount=amount))
        name = chat.ask("name", _("For whom?"), NAME)
        chat.do("pay", effect, f"{amount} for {name}")

    talk = Talk(slow, amount="10.00")
    talk.says("hi")
    talk.presses("Slow")
    talk.presses("Yes")
    talk.world["amount"] = "12.00"
    talk.says("Ana")
    talk.hears_only("Something changed meanwhile, so please look again.\n\nPay R$12.00?")
    talk.presses("Yes")
    talk.says("Ana")
    assert talk.effects == ["12.00 for Ana"]


def test_another_language_does_not_undo_a_consent() -> None:
    talk = at_grade()
    evidence = talk.session.stack[0].answers["sure"]
    talk.says("language")
    talk.presses("Português")
    talk.presses("Good")
    talk.says("fim")
    assert talk.effects == ["paid tea", "good: fim"]
    assert evidence["words"] == "Pay R$10.00 for tea?"


def test_another_language_before_the_yes_keeps_the_question_and_its_buttons() -> None:
    talk = at_consent()
    nonce = talk.nonce
    talk.says("/language")
    talk.presses("Português")
    talk.hears("From now on I speak it.", "Pay R$ 10,00 for tea?")
    talk.presses("Sim")
    assert talk.effects == ["paid tea"]
    assert nonce != talk.nonce


def test_the_words_that_were_last_on_the_screen_are_kept_as_evidence() -> None:
    talk = at_consent()
    yes = talk.buttons[-4].data
    assert talk.session.shown is not None
    assert talk.session.shown.words == "Pay R$10.00 for tea?"
    with talk.storage.transaction() as turn:
        turn.tables.people[str(talk.at)].locale = "pt_BR"
    talk.says("hmm")
    talk.hears("Pay R$ 10,00 for tea?")
    talk.presses_data(yes)
    answer = talk.session.stack[0].answers["sure"]
    assert answer["words"] == "Pay R$\u00a010,00 for tea?"
    assert len(answer["digest"]) == 64
    assert datetime.fromisoformat(answer["at"]).tzinfo is not None


def test_a_consent_hands_its_evidence_to_the_deed() -> None:
    @flow("agree", title=_("Agree"), menu=1)
    def agree(chat: Chat) -> None:
        evidence = chat.consent("sure", _("Do you agree?"))
        chat.do("note", effect, str(evidence["words"]))

    talk = Talk(agree)
    talk.says("hi")
    talk.presses("Agree")
    talk.presses("Yes")
    assert talk.effects == ["Do you agree?"]


def test_a_consent_that_would_change_by_the_clock_is_refused() -> None:
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)

    @flow("clock", title=_("Clock"), menu=1)
    def clock(chat: Chat) -> None:
        inner = _("at {at}", at=at) if world(chat.read)["deep"] else _("on {day}", day=date.max)
        chat.consent("sure", _("Pay {when}?", when=inner))

    talk = Talk(clock, deep=False)
    talk.says("hi")
    talk.presses("Clock")
    talk.hears("Pay on Dec 31, 9999?")
    talk.world["deep"] = True
    with pytest.raises(ValueError, match="by the clock"):
        talk.says("yes")
