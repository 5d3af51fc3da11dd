"""Law 11: words that work in every flow and language, and numbers, labels and typos."""

from __future__ import annotations

import pytest

from bot.core.chat import Chat
from bot.core.flow import Recognised, flow
from bot.core.message import FileIn, Limits, _
from bot.core.question import Option
from bot.core.readers import file, words
from tests.engine.memory import effect
from tests.engine.talk import TERMINAL, WEB, Talk

STREET = words(at_most=60)


@flow("move", title=_("Move house"), menu=1, phrases=_("i move | new address"))
def move(chat: Chat) -> None:
    kind = chat.choose(
        "kind",
        _("To a house or a flat?"),
        [Option("house", _("House")), Option("flat", _("Flat")), Option("farm", _("Farmhouse"))],
    )
    street = chat.ask("street", _("The name of the street?"), STREET)
    chat.consent("sure", _("Move to a {kind} in {street}?", kind=kind, street=street))
    chat.do("move", effect, f"{kind} in {street}")
    chat.say(_("Moved."))


def at(step: str, limits: Limits = WEB) -> Talk:
    talk = Talk(move, limits=limits)
    talk.says("hi")
    talk.says("Move house")
    for each in {"kind": [], "street": ["House"], "sure": ["House", "Elm Street"]}[step]:
        talk.says(each)
    return talk


MENU = ["menu", "Menu!", "início", "home", "MENU PRINCIPAL", "menú"]
BACK = ["back", "voltar", "Volta", "atrás", "volver"]
HUMAN = ["human", "atendente", "Falar com atendente", "quero falar com um atendente", "agente"]
CANCEL = ["cancel", "cancelar", "sair", "deixa pra lá"]


@pytest.mark.parametrize("word", [*MENU, "mneu"])
def test_menu_at_a_choice(word: str) -> None:
    talk = at("kind")
    talk.says(word)
    talk.hears_only("What can I do?")


@pytest.mark.parametrize("word", [*BACK, "volltar"])
def test_back_at_a_consent(word: str) -> None:
    talk = at("sure")
    talk.says(word)
    talk.hears_only("The name of the street?")


@pytest.mark.parametrize("word", [*HUMAN, "atendnete"])
def test_a_person_is_asked_for_and_the_flow_goes_on(word: str) -> None:
    talk = at("kind")
    talk.says(word)
    talk.hears_only("Somebody will call you.\n\nTo a house or a flat?")


@pytest.mark.parametrize("word", CANCEL[1:])
def test_cancel_at_a_choice(word: str) -> None:
    talk = at("kind")
    talk.says(word)
    talk.hears_only("Cancelled. Nothing was changed.")
    assert talk.session.stack == []


def test_cancel_where_there_is_nothing_to_cancel() -> None:
    talk = Talk(move)
    talk.says("cancelar")
    talk.hears_only("There is nothing to cancel.\n\nWhat can I do?")


def test_cancel_after_a_deed_does_not_claim_that_nothing_happened() -> None:
    @flow("deed", title=_("Deed"), menu=1)
    def deed(chat: Chat) -> None:
        chat.do("do", effect, "done")
        chat.choose("next", _("Next?"), [("a", _("A")), ("b", _("B"))])

    talk = Talk(deed)
    talk.says("hi")
    talk.presses("Deed")
    talk.says("cancel")
    talk.hears_only("Stopped here. What was already done stays.")


def test_help_and_language_come_back_to_the_question() -> None:
    talk = at("kind")
    talk.says("ajuda")
    talk.hears_only("This is how it works.\n\nTo a house or a flat?")
    talk.says("idioma")
    talk.hears_only("Which language?")
    talk.says("english")
    talk.hears_only("From now on I speak it.\n\nTo a house or a flat?")
    talk.says("english")  # its name alone is enough
    talk.hears_only("From now on I speak it.\n\nTo a house or a flat?")


@pytest.mark.parametrize(
    "street", ["Menu", "Voltar", "Ajuda", "Atendente", "Sair", "oi", "2", "Sim"]
)
def test_at_free_text_a_universal_word_is_an_answer(street: str) -> None:
    talk = at("street")
    talk.says(street)
    talk.hears_only(f"Move to a house in {street}?")


@pytest.mark.parametrize(
    ("command", "heard"),
    [
        ("/menu", "What can I do?"),
        ("/MENU", "What can I do?"),
        ("/início", "What can I do?"),
        ("/start", "What can I do?"),
        ("/voltar", "To a house or a flat?"),
        ("/back@curral_bot", "To a house or a flat?"),
        ("/cancelar", "Cancelled. Nothing was changed."),
        ("/ajuda", "This is how it works."),
        ("/falar_com_atendente", "Somebody will call you."),
        ("/idioma", "Which language?"),
        ("/new_address", "The name of the street?"),
        ("/nonsense", "I do not know that command. Write /menu to see what I can do."),
        ("/", "I do not know that command. Write /menu to see what I can do."),
    ],
)
def test_at_free_text_a_slash_makes_it_a_command(command: str, heard: str) -> None:
    talk = at("street")
    talk.says(command)
    talk.hears(heard)
    assert talk.effects == []


def test_where_there_are_no_buttons_the_universal_words_are_told_as_they_work() -> None:
    talk = at("kind", TERMINAL)
    talk.hears_only(
        "To a house or a flat?\n\n1. House\n2. Flat\n3. Farmhouse\n\n(or write: back · menu)"
    )
    talk.says("1")
    talk.hears_only("The name of the street?\n\n(or write: /back · /menu)")
    talk.says("/back")
    talk.hears("To a house or a flat?")


def test_universal_words_are_buttons_too() -> None:
    talk = at("street")
    talk.sees_nav("Back", "Menu")
    talk.presses("Back")
    talk.hears_only("To a house or a flat?")
    talk.presses("Menu")
    talk.hears_only("What can I do?")


def test_what_a_reader_refuses_may_still_be_a_universal_word() -> None:
    @flow("up", title=_("Up"), menu=1)
    def up(chat: Chat) -> None:
        chat.ask("file", _("Send it."), file(at_most=10 * 2**20, media_types=("image/png",)))

    talk = Talk(up)
    talk.says("hi")
    talk.presses("Up")
    talk.says("what?")
    talk.hears_only("Please send a file or a picture.\n\nSend it.")
    talk.says("menu")
    talk.hears_only("What can I do?")


# ------------------------------------------------------------------ numbers, labels, typos


@pytest.mark.parametrize(
    "said",
    [
        "2",
        "2.",
        " 2 ",
        "nº 2",
        "opção 2",
        "2️⃣",
        "flat",
        "FLAT",
        "Flat!",
        "flát",
        "fla",
        "flatt",
        "flta",
    ],
)
def test_a_number_or_a_label_in_any_spelling(said: str) -> None:
    talk = at("kind")
    talk.says(said)
    talk.hears_only("The name of the street?")
    assert talk.session.stack[0].answers == {"kind": "flat"}


@pytest.mark.parametrize("said", ["0", "4", "99", "22222222222222222222", "hut", "xx", "?", "🏠"])
def test_what_is_no_option_is_told_so(said: str) -> None:
    talk = at("kind")
    talk.says(said)
    talk.hears_only(
        "I did not find that option. Choose one of these, or write its number.\n\nTo a house or a flat?"
    )


def bills(*labels: str) -> Talk:
    @flow("bills", title=_("Bills"), menu=1)
    def choosing(chat: Chat) -> None:
        options = [(n, label) for n, label in enumerate(labels, 101)]
        chosen = chat.choose("bill", _("Which bill?"), options)
        chat.say(_("It is {n}.", n=chosen))

    talk = Talk(choosing)
    talk.says("hi")
    talk.presses("Bills")
    return talk


def test_a_label_that_may_mean_several_is_narrowed() -> None:
    talk = bills("Water, May", "Water, June", "Power, May", "Gas")
    talk.says("water")
    talk.hears_only("Which of these do you mean?\n\nWhich bill?")
    talk.sees("Water, May", "Water, June")
    talk.says("2")
    talk.hears_only("It is 102.")


def test_of_a_narrowed_list_a_word_chooses_and_a_misread_shows_all_again() -> None:
    talk = bills("Water, May", "Water, June", "Power, May", "Gas")
    talk.says("water")
    talk.says("nonsense")
    talk.sees("Water, May", "Water, June", "Power, May", "Gas")
    talk.says("may")
    talk.sees("Water, May", "Power, May")
    talk.says("power")
    talk.hears_only("It is 103.")


def test_a_label_that_is_a_number_wins_where_there_is_no_such_option() -> None:
    talk = bills("5", "10", "15")
    talk.says("10")
    talk.hears_only("It is 102.")


def test_a_label_that_is_the_number_of_another_option_is_asked_about() -> None:
    talk = bills("3", "2", "1")
    talk.says("1")
    talk.hears("Which of these do you mean?")
    talk.sees("3", "1")
    talk.presses("3")
    talk.hears_only("It is 101.")


@pytest.mark.parametrize("said", ["invoice 12", "invoice 1", "2026-12", "11/2027"])
def test_a_digit_is_never_a_typo(said: str) -> None:
    talk = bills("Invoice 11", "Receipt 10/2026")
    talk.says(said)
    talk.hears("I did not find that option.")


def test_a_whole_label_comes_before_a_universal_word_and_a_part_of_one_after() -> None:
    talk = bills("Back", "Menu of the day")
    talk.says("back")
    talk.hears_only("It is 101.")
    talk = bills("Back", "Menu of the day")
    talk.says("menu")
    talk.hears_only("What can I do?")


# ------------------------------------------------------------------ wishes, pasted values, links


def test_a_wish_starts_its_flow_from_anywhere() -> None:
    talk = Talk(move)
    talk.says("hello, I move next week")
    talk.hears_only("To a house or a flat?")


def test_a_wish_while_another_question_is_open_lays_it_aside() -> None:
    @flow("call", title=_("Call"), menu=2, phrases=_("call me"))
    def call(chat: Chat) -> None:
        chat.say(_("We call you."))

    talk = Talk(move, call)
    talk.says("new address")
    talk.says("please call me")
    talk.hears_only("We call you.\n\nTo a house or a flat?")


def test_the_wish_for_the_flow_at_hand_shows_its_question_again() -> None:
    talk = at("kind")
    talk.says("new address")
    talk.hears_only("To a house or a flat?")
    assert len(talk.session.stack) == 1


def test_words_nobody_understands_lead_to_the_menu() -> None:
    talk = Talk(move)
    talk.says("xyzzy")
    talk.hears_only("What can I do?")
    talk.says("/cancel")
    talk.says("/menu")
    talk.presses("Help")
    talk.says("xyzzy")
    talk.hears_only("I did not understand that. This is what I can do:\n\nWhat can I do?")


def test_thanks_are_answered_with_kindness() -> None:
    talk = Talk(move)
    talk.says("hi")
    talk.presses("Help")
    talk.says("Muito obrigada!")
    talk.hears_only("You are welcome!")
    talk.sees_nav("Menu")


@flow(
    "card",
    title=_("Card"),
    recognises=lambda text: Recognised({}, sensitive=True) if "4111" in text else None,
)
def card(chat: Chat) -> None:
    chat.say(_("I did not keep that card number."))


@flow(
    "slip",
    title=_("Slip"),
    menu=3,
    recognises=lambda text: Recognised({"slip": text}) if text.startswith("slip-") else None,
)
def slip(chat: Chat) -> None:
    chat.say(_("{slip} is ours.", slip=chat.ask("slip", _("Which slip?"), STREET)))


@pytest.mark.parametrize("step", ["kind", "street", "sure"])
def test_a_sensitive_value_is_deleted_and_is_the_answer_to_nothing(step: str) -> None:
    talk = at(step)
    question = talk.words
    talk.deploys(move, card, slip)
    talk.says("4111 1111 1111 1111")
    talk.hears_only(f"I did not keep that card number.\n\n{question}")
    assert talk.last is not None
    assert talk.played.delete == talk.last.ref
    assert "4111" not in talk.kept


def test_a_pasted_value_is_recognised_in_the_middle_of_another_flow() -> None:
    talk = at("street")
    talk.deploys(move, card, slip)
    talk.says("slip-7")
    talk.hears_only("slip-7 is ours.\n\nThe name of the street?")
    assert talk.played.delete is None


def test_the_flow_that_asked_for_the_value_takes_it_as_its_answer() -> None:
    talk = Talk(slip)
    talk.says("hi")
    talk.presses("Slip")
    talk.says("slip-8")
    talk.hears_only("slip-8 is ours.")


@flow("letter", title=_("Letter"), start="letter")
def letter(chat: Chat) -> None:
    chat.say(_("Letter {id}.", id=chat.seed("start")))
    chat.ask("reply", _("Your reply?"), STREET)


def test_a_deep_link_opens_its_flow() -> None:
    talk = Talk(letter)
    talk.opens("letter_4711")
    talk.hears_only("Letter 4711.\n\nYour reply?")
    talk.opens("")
    talk.hears_only("What can I do?")
    talk.says("/start letter_4712")
    talk.hears_only("Letter 4712.\n\nYour reply?")


def test_a_link_that_leads_nowhere_loses_nothing() -> None:
    talk = Talk(letter)
    talk.opens("postcard_1")
    talk.hears_only("That link does not work any more.\n\nWhat can I do?")
    talk.opens("letter_4711")
    talk.opens("postcard_1")
    talk.hears_only("That link does not work any more.\n\nYour reply?")


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("sticker", "Nice sticker!"),
        ("voice", "I cannot listen to voice messages yet."),
        ("location", "I cannot use a location here."),
        ("foreign-contact", "That contact is not your own"),
        ("poll", "I can only read words here."),
    ],
)
@pytest.mark.parametrize("step", ["kind", "street", "sure"])
def test_what_a_counter_cannot_read_is_answered_kindly(step: str, kind: str, heard: str) -> None:
    talk = at(step)
    question = talk.words
    talk.sends_a(kind)
    talk.hears(heard, question)
    assert talk.session.shown is not None
    assert talk.session.shown.key == step


def test_a_file_or_a_phone_nobody_asked_for() -> None:
    talk = at("kind")
    talk.sends(FileIn("f1", "me.png", "image/png", 10))
    talk.hears_only(
        "I do not need a file here. Please write or press a button.\n\nTo a house or a flat?"
    )
    talk.shares("+5511900000001")
    talk.hears("I do not need your number here.")
    talk.presses("House")
    talk.sends(FileIn("f1", "me.png", "image/png", 10))
    talk.hears_only("Please write the answer, or write /menu.\n\nThe name of the street?")


def test_a_first_word_that_cannot_be_read_is_answered_too() -> None:
    talk = Talk(move)
    talk.sends_a("sticker")
    talk.hears("Nice sticker!")
    talk.sees_nav("Menu")
    talk.says("   ")
    talk.hears("I can only read words here.")


def test_a_greeting_at_the_menu_is_greeted_and_no_wrong_option() -> None:
    talk = at("kind")
    talk.says("menu")
    talk.says("bom dia")
    talk.hears_only("What can I do?")
