"""Law 7: what is said is spoken when the turn moved, and silent when it stayed."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import DocumentRef, Limits, Look, _
from bot.core.readers import words
from tests.engine.memory import effect
from tests.engine.talk import Talk

NAME = words(at_most=40)


@flow("tell", title=_("Tell"), menu=1)
def tell(chat: Chat) -> None:
    chat.say(_("Welcome to the shop."))
    dish = chat.choose("dish", _("Which dish?"), [("soup", _("Soup")), ("fish", _("Fish"))])
    chat.say(_("A good choice."))
    chat.say(_("{dish} it is.", dish=dish))
    name = chat.ask("name", _("For whom?"), NAME)
    chat.say(_("Before the deed."))
    chat.do("cook", effect, name)
    chat.say(_("After the deed."))
    chat.ask("tip", _("A tip?"), NAME)
    chat.say(_("Goodbye."))


def at(*said: str) -> Talk:
    talk = Talk(tell)
    talk.says("hi")
    talk.presses("Tell")
    for each in said:
        talk.says(each)
    return talk


def test_what_is_said_on_the_way_and_the_question_are_one_message() -> None:
    talk = at()
    talk.hears_only("Welcome to the shop.\n\nWhich dish?")
    talk.says("soup")
    talk.hears_only("A good choice.\n\nsoup it is.\n\nFor whom?")


def test_a_misread_shows_the_reason_and_the_question_alone() -> None:
    talk = at("a bicycle")
    talk.hears_only(
        "I did not find that option. Choose one of these, or write its number.\n\nWhich dish?"
    )


def test_going_back_speaks_again_what_was_said_before_the_question() -> None:
    talk = at("soup")
    talk.presses("Back")
    talk.hears_only("Welcome to the shop.\n\nWhich dish?")


def test_coming_back_from_another_flow_speaks_it_again() -> None:
    talk = at("soup")
    talk.says("/help")
    talk.hears_only("This is how it works.\n\nA good choice.\n\nsoup it is.\n\nFor whom?")


def test_another_language_speaks_it_again() -> None:
    talk = at()
    talk.says("idioma")
    talk.presses("Español")
    talk.hears_only("From now on I speak it.\n\nWelcome to the shop.\n\nWhich dish?")
    talk.sees_nav("Volver", "Menú")


def test_a_deed_speaks_in_its_own_turn_only() -> None:
    talk = at("soup", "Ana")
    talk.hears_only("Before the deed.\n\nAfter the deed.\n\nA tip?")
    talk.sends_a("sticker")
    talk.hears_no("deed")
    talk.says("/help")
    talk.hears_only("This is how it works.\n\nA tip?")
    talk.says("none")
    talk.hears_only("Goodbye.")


def test_two_deeds_in_a_row_both_speak() -> None:
    @flow("two", title=_("Two"), menu=1)
    def two(chat: Chat) -> None:
        chat.do("first", effect, "first")
        chat.say(_("First."))
        chat.do("second", effect, "second")
        chat.say(_("Second."))

    talk = Talk(two)
    talk.says("hi")
    talk.presses("Two")
    talk.hears_only("First.\n\nSecond.")


def test_a_deed_that_a_deploy_puts_behind_another_speaks_too() -> None:
    @flow("first", title=_("First"), menu=1)
    def first(chat: Chat) -> None:
        chat.do("first", effect, "first")
        chat.say(_("First."))
        chat.ask("more", _("More?"), NAME)

    @flow("first", title=_("First"), menu=1)
    def and_second(chat: Chat) -> None:
        chat.do("first", effect, "first")
        chat.say(_("First."))
        chat.do("second", effect, "second")
        chat.say(_("Second."))
        chat.ask("more", _("More?"), NAME)

    talk = Talk(first)
    talk.says("hi")
    talk.presses("First")
    talk.deploys(and_second)
    talk.says("/help")
    talk.hears_only("This is how it works.\n\nSecond.\n\nMore?")
    assert talk.effects == ["first", "second"]


def test_a_flow_that_says_nothing_and_ends_is_still_answered() -> None:
    @flow("mute", title=_("Mute"), menu=1)
    def mute(_chat: Chat) -> None:
        return

    talk = Talk(mute)
    talk.says("hi")
    talk.presses("Mute")
    talk.hears_only("What else can I do for you?")
    talk.presses("Menu")
    talk.hears_only("What can I do?")


def test_the_last_words_have_a_button_to_the_menu() -> None:
    talk = at("soup", "Ana", "none")
    assert talk.look is Look.BUTTONS
    talk.sees_nav("Menu")
    talk.says("something else")
    talk.hears("I did not understand that. This is what I can do:", "What can I do?")


def test_a_value_to_be_copied_and_a_document_are_messages_of_their_own() -> None:
    picture = DocumentRef("pix-qr", 7, "pix.png", "image/png")

    @flow("pix", title=_("Pix"), menu=1)
    def pix(chat: Chat) -> None:
        chat.say(_("Copy this:"))
        chat.hand("000201**{x}")
        chat.document(picture, _("Or scan **this**."))
        chat.say(_("Done?"))
        chat.ask("done", _("Tell me."), NAME)

    talk = Talk(pix)
    talk.says("hi")
    talk.presses("Pix")
    talk.hears_only("Copy this:", "000201**{x}", "Or scan this.", "Done?\n\nTell me.")
    copied, scanned, asked = talk.heard[1:]
    assert copied.copyable
    assert not copied.bold
    assert scanned.document == picture
    assert scanned.bold == ((8, 4),)
    assert asked.nonce
    assert not any(each.nonce for each in talk.heard[:-1])


def test_a_caption_too_long_for_the_channel_becomes_a_message_before_the_document() -> None:
    picture = DocumentRef("pix-qr", 7, "pix.png", "image/png")

    @flow("pix", title=_("Pix"), menu=1)
    def pix(chat: Chat) -> None:
        chat.document(picture, _("A long caption."))

    talk = Talk(pix, limits=Limits(buttons=10, caption=8))
    talk.says("hi")
    talk.presses("Pix")
    talk.hears_only("A long caption.", "")
    assert talk.heard[1].document == picture
