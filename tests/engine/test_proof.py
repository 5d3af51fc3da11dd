"""Law 12: flows that need a proof are led to it and back, and a session that was silent rests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.chat import Chat
from bot.core.errors import TooManyRestarts, UnknownFlow
from bot.core.flow import FRESH, VERIFIED, feature, flow
from bot.core.message import FileIn, Inbound, _
from bot.core.readers import words
from tests.engine.memory import effect, proved, world
from tests.engine.talk import BRAND, Talk

NAME = words(at_most=40)


@flow("identify", title=_("Identify"), grants=VERIFIED, menu=5, only_strangers=True)
def identify(chat: Chat) -> None:
    chat.say(_("First I need to know who you are."))
    word = chat.ask("word", _("The password?"), NAME)
    if word != "sesame":
        return chat.say(_("Wrong."))
    chat.do("prove", proved, 1)
    return chat.say(_("It is you."))


@flow("confirm", title=_("Confirm"), grants=FRESH, needs=VERIFIED)
def confirm(chat: Chat) -> None:
    chat.consent("sure", _("Really you?"))
    chat.do("prove", proved, 2)


@flow("bill", title=_("Bill"), needs=VERIFIED, menu=1, phrases=_("my bill"))
def bill(chat: Chat) -> None:
    chat.say(_("Bills of customer {id}.", id=chat.customer))
    month = chat.choose("month", _("Which month?"), [("may", _("May")), ("june", _("June"))])
    note = chat.ask("note", _("A note for {month}?", month=month), NAME)
    chat.do("note", effect, f"{month}: {note}")
    chat.say(_("Noted."))


@flow("email", title=_("E-mail"), needs=FRESH, menu=2, phrases=_("change e-mail"))
def email(chat: Chat) -> None:
    new = chat.ask("new", _("The new e-mail?"), NAME)
    chat.do("change", effect, new)
    chat.say(_("Changed."))


@flow("survey", title=_("Survey"), menu=3, phrases=_("the survey"))
def survey(chat: Chat) -> None:
    a = chat.ask("a", _("Question one?"), NAME)
    b = chat.ask("b", _("Question two?"), NAME)
    chat.say(_("{a} and {b}, thank you.", a=a, b=b))


def talking(*said: str) -> Talk:
    talk = Talk(identify, confirm, bill, email, survey)
    for each in said:
        talk.says(each)
    return talk


def level(talk: Talk, level: int) -> None:
    who = talk.storage.tables.people[str(talk.at)]
    who.level, who.customer = level, 7


# ------------------------------------------------------------------ needs


def test_a_flow_leads_through_the_one_that_grants_its_proof_and_back() -> None:
    talk = talking("my bill")
    talk.hears_only("First I need to know who you are.\n\nThe password?")
    talk.says("sesame")
    talk.hears_only("It is you.\n\nBills of customer 7.\n\nWhich month?")
    talk.presses("May")
    talk.says("paid twice")
    assert talk.effects == ["may: paid twice"]


def test_a_proof_may_need_another_proof() -> None:
    talk = talking("change e-mail")
    talk.hears("The password?")
    talk.says("sesame")
    talk.hears_only("It is you.\n\nReally you?")
    talk.presses("Yes")
    talk.hears_only("The new e-mail?")
    talk.says("ana@example.com")
    talk.hears_only("Changed.")


def test_a_proof_lost_in_the_middle_is_asked_for_again_and_no_answer_is_lost() -> None:
    talk = talking("my bill", "sesame", "May")
    level(talk, 0)
    talk.says("paid twice")
    talk.hears(
        "Meanwhile something changed, so I could not use that answer.",
        "First I need to know who you are.",
        "The password?",
    )
    talk.says("sesame")
    talk.hears_only("It is you.\n\nA note for may?")
    talk.says("paid twice")
    assert talk.effects == ["may: paid twice"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("open the door", "Wrong."),
        ("/cancel", "Cancelled. Nothing was changed."),
        ("/back", "What can I do?"),
    ],
)
def test_a_proof_that_is_not_given_does_not_loop(said: str, heard: str) -> None:
    talk = talking("my bill", said)
    talk.hears_only(heard)
    assert [run.flow for run in talk.session.stack] in ([], ["menu"])


def test_a_proof_declined_does_not_loop() -> None:
    talk = talking("hi")
    level(talk, 1)
    talk.says("change e-mail")
    talk.hears_only("Really you?")
    talk.presses("No")
    talk.hears_only("All right, nothing was done.")
    assert talk.session.stack == []


def test_a_proof_not_given_for_another_proof_drops_all_who_wait_for_it() -> None:
    talk = talking("change e-mail", "open the door")
    talk.hears_only("Wrong.")
    assert talk.session.stack == []


def test_who_needed_no_proof_is_come_back_to_when_it_was_not_given() -> None:
    talk = talking("the survey", "fine", "/survey")
    talk.deploys(identify, bill, survey)
    talk.says("/my_bill")
    talk.hears("The password?")
    talk.says("open the door")
    talk.hears_only("Wrong.\n\nQuestion two?")


def test_a_proof_that_nothing_grants_here_does_not_loop() -> None:
    gated = replace(identify, when=feature("login"))
    talk = Talk(gated, bill)
    talk.says("my bill")
    talk.hears_only("That is not available here at the moment.")
    assert talk.session.stack == []


def test_a_stranger_sees_no_flow_that_needs_a_proof() -> None:
    talk = talking("hi")
    talk.sees("Survey", "Identify", "Help", "Language")
    level(talk, 1)
    talk.says("/menu")
    talk.sees("Bill", "E-mail", "Survey", "Help", "Language")


def test_what_is_offered_depends_on_the_brand_too() -> None:
    @flow("shop", title=_("Shop"), menu=1, when=feature("shop"))
    def shop(chat: Chat) -> None:
        chat.say(_("Open." if chat.offers("shop") else "Closed."))
        assert not chat.offers("no such flow")

    talk = Talk(shop)
    talk.says("hi")
    talk.presses("Shop")
    talk.hears_only("Open.")
    talk.brand = replace(BRAND, features={})
    talk.says("/menu")
    talk.sees("Help", "Language")
    talk.says("/shop")
    talk.hears("That is not available here at the moment.")
    talk.says("/chop-suey")
    talk.hears("I do not know that command.")


@flow("leave", title=_("Leave"), needs=VERIFIED, menu=9, phrases=_("log me out"))
def leave(chat: Chat) -> None:
    chat.do("leave", proved, 0)
    chat.say(_("Bye."))


def test_who_leaves_is_not_led_back_to_what_was_laid_aside() -> None:
    talk = talking("my bill", "sesame")
    talk.deploys(identify, bill, survey, leave)
    talk.says("log me out")
    talk.hears_only("Bye.")
    assert talk.session.stack == []


@flow("order", title=_("Order"), needs=VERIFIED, menu=9, phrases=_("i want to order"))
def order(chat: Chat) -> None:
    chat.say(_("You are customer {id}.", id=chat.customer))
    what = chat.ask("what", _("What?"), NAME)
    chat.do("order", effect, f"{what} for {chat.customer}")
    chat.ask("grade", _("How was it?"), NAME)
    chat.say(_("Thank you, customer {id}.", id=chat.customer))


def ordering(*said: str) -> Talk:
    talk = Talk(identify, order, leave)
    for each in ("i want to order", "sesame", *said):
        talk.says(each)
    return talk


def test_a_flow_that_asks_for_a_customer_who_is_known_no_more_ends_kindly() -> None:
    talk = ordering("tea")
    level(talk, 0)
    talk.says("fine")
    talk.hears_only("I no longer know who you are, so I stop here. What was done stays done.")
    assert talk.effects == ["tea for 7"]
    assert talk.session.stack == []


def test_leaving_is_not_undone_by_what_was_laid_aside() -> None:
    talk = ordering("tea")
    talk.says("/log_me_out")
    talk.hears_only("Bye.")
    assert talk.storage.tables.people[str(talk.at)].level == 0


@pytest.mark.parametrize("said", [[], ["tea"]])
def test_what_was_begun_for_one_customer_is_not_gone_on_with_for_another(said: list[str]) -> None:
    talk = ordering(*said)
    level(talk, 1)
    talk.storage.tables.people[str(talk.at)].customer = 8
    talk.says("fine")
    if said:
        talk.hears("What you had begun before was for another customer, so I stop it here.")
        assert talk.effects == ["tea for 7"]
    else:
        talk.hears_only("How was it?")
        assert talk.effects == ["fine for 8"]


# ------------------------------------------------------------------ rest


def test_after_a_quarter_of_an_hour_the_next_word_is_no_answer() -> None:
    talk = talking("the survey", "fine")
    talk.after(minutes=16)
    talk.says("good")
    talk.hears_only("You were away for a while. Shall we go on with Survey?")
    assert talk.heard[-1].bold
    talk.sees("Continue", "Menu")
    talk.presses("Continue")
    talk.hears_only("Question two?")
    talk.says("good")
    talk.hears_only("fine and good, thank you.")


def test_within_a_quarter_of_an_hour_nothing_is_said_of_it() -> None:
    talk = talking("the survey", "fine")
    talk.after(minutes=14)
    talk.says("good")
    talk.hears_only("fine and good, thank you.")


@pytest.mark.parametrize("word", ["1", "continue", "yes", "Continuar", "sim", "contnue"])
def test_going_on_by_word(word: str) -> None:
    talk = talking("hi", "the survey", "fine")
    if word == "Continuar":
        talk.storage.tables.people[str(talk.at)].locale = "pt_BR"
    talk.after(minutes=16)
    talk.says("good")
    talk.says(word)
    talk.hears_only("Question two?")


@pytest.mark.parametrize("word", ["2", "menu", "no", "não", "/menu", "início"])
def test_not_going_on_leads_to_the_menu(word: str) -> None:
    talk = talking("the survey", "fine")
    talk.after(minutes=16)
    talk.says("good")
    talk.says(word)
    talk.hears_only("What can I do?")
    assert "fine" not in talk.session.stack[0].answers.values()


def test_another_word_is_asked_again_and_a_wish_is_granted() -> None:
    talk = talking("the survey", "fine")
    talk.after(minutes=16)
    talk.says("good")
    nonce = talk.nonce
    talk.says("hmm")
    talk.hears("Please answer YES or NO.", "Shall we go on")
    assert talk.nonce == nonce
    talk.says("my bill")
    talk.hears("The password?")
    talk.says("sesame")
    talk.says("May")
    talk.says("thanks")
    talk.hears_only("Noted.\n\nQuestion two?")


def test_the_button_of_a_resting_consent_does_nothing_yet() -> None:
    talk = talking("hi")
    level(talk, 1)
    talk.says("change e-mail")
    talk.after(hours=2)
    talk.presses("Yes")
    talk.hears_only("You were away for a while. Shall we go on with Confirm?")
    talk.presses("Continue")
    talk.hears_only("Really you?")


def test_an_old_button_while_resting_is_told_with_the_rest() -> None:
    talk = talking("hi")
    talk.presses("Survey")
    talk.after(hours=2)
    talk.presses("Survey")
    talk.hears("That button is from an earlier question.", "Shall we go on with Survey?")
    talk.sends(FileIn("f", "f.png", "image/png", 1))
    talk.hears("Shall we go on with Survey?")


def test_at_a_menu_that_rested_a_word_begins_anew_and_a_button_still_works() -> None:
    talk = talking("hi")
    talk.after(minutes=16)
    talk.says("2")
    talk.hears_only("You were away for a while, so let us start from here.\n\nWhat can I do?")
    talk.after(minutes=16)
    talk.says("my bill")
    talk.hears("The password?")
    talk.says("/menu")
    talk.after(minutes=16)
    talk.presses("Survey")
    talk.hears_only("Question one?")


def test_universal_words_work_on_a_session_that_rests() -> None:
    talk = talking("the survey", "fine")
    talk.after(minutes=16)
    talk.says("voltar")
    talk.hears_only("Question one?")


def test_answers_are_forgotten_a_day_after_it_rests() -> None:
    talk = talking("the survey", "fine")
    talk.after(hours=24, minutes=14)
    talk.says("good")
    talk.hears("Shall we go on with Survey?")
    talk.after(hours=24, minutes=16)
    talk.says("good")
    talk.hears_only("I did not understand that. This is what I can do:\n\nWhat can I do?")
    assert "fine" not in talk.session.stack[0].answers.values()


def test_a_button_of_what_was_forgotten_is_answered_kindly() -> None:
    talk = talking("hi")
    talk.presses("Survey")
    talk.after(hours=25)
    talk.presses("Back")
    talk.hears_only("That button is from an earlier question.")
    talk.sees_nav("Menu")
    talk.after(hours=25)
    talk.presses("Menu", nth=2)
    talk.hears_only("What can I do?")


# ------------------------------------------------------------------ how flows are left


def test_a_flow_cannot_swallow_its_own_stop() -> None:
    @flow("greedy", title=_("Greedy"), menu=1)
    def greedy(chat: Chat) -> None:
        try:
            name = chat.ask("name", _("Your name?"), NAME)
            chat.consent("sure", _("Sure, {name}?", name=name))
            chat.switch("help")
        except Exception:  # noqa: BLE001  what this test is about
            chat.say(_("Swallowed."))

    talk = Talk(greedy)
    talk.says("hi")
    talk.presses("Greedy")
    talk.says("Ana")
    talk.hears_only("Sure, Ana?")
    talk.presses("Yes")
    talk.hears_only("This is how it works.")


def test_flows_that_only_pass_on_are_stopped() -> None:
    @flow("ping", title=_("Ping"), menu=1)
    def ping(chat: Chat) -> None:
        chat.switch("pong" if world(chat.read)["pong"] else "ping")

    @flow("pong", title=_("Pong"))
    def pong(chat: Chat) -> None:
        chat.again()

    talk = Talk(ping, pong, pong=True)
    talk.says("hi")
    with pytest.raises(TooManyRestarts):
        talk.presses("Ping")
    talk.world["pong"] = False
    with pytest.raises(TooManyRestarts, match="ping"):
        talk.presses("Ping")


def test_a_proof_nobody_grants_is_a_mistake_in_the_house() -> None:
    talk = Talk(bill)
    with pytest.raises(UnknownFlow, match="VERIFIED"):
        talk.says("my bill")


def test_who_is_no_customer_cannot_be_asked_for_as_one() -> None:
    @flow("open", title=_("Open"), menu=1)
    def open_(chat: Chat) -> None:
        chat.say(_("{id}", id=chat.customer))

    talk = Talk(open_)
    talk.says("hi")
    with pytest.raises(LookupError, match="needs=VERIFIED"):
        talk.presses("Open")


def test_a_proof_that_came_meanwhile_is_asked_for_no_further() -> None:
    """An administrator's yes, or a code in another tab."""
    talk = talking("my bill")
    talk.hears("The password?")
    with talk.storage.transaction() as turn:
        turn.open(Inbound("", talk.at))
        proved(turn)
    talk.says("anything")
    talk.hears("Meanwhile something changed", "Bills of customer 7.", "Which month?")
    talk.hears_no("First I need to know who you are.")


def test_words_that_stand_for_themselves_are_heard_after_a_proof_that_came_meanwhile() -> None:
    """ "… let you in. Write menu to begin": and so it begins."""
    talk = talking("my bill")
    with talk.storage.transaction() as turn:
        turn.open(Inbound("", talk.at))
        proved(turn)
    talk.says("menu")
    talk.hears_no("Meanwhile something changed", "Which month?", "The password?")
