"""Law 4: choices that may be gone, and long lists page by page."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import _
from bot.core.question import Option
from bot.core.readers import words
from tests.engine.memory import world
from tests.engine.talk import Talk
from tests.engine.test_answers import picking

NAME = words(at_most=40)


def test_a_choice_that_is_gone_is_dropped_with_what_follows() -> None:
    talk = Talk(picking("pick"), items=["apple", "pear"], reason=True)
    talk.says("hi")
    talk.presses("Pick")
    talk.presses("pear")
    talk.says("because")
    talk.hears("Really?")
    talk.world["items"] = ["apple", "plum"]
    talk.says("yes")
    talk.hears_only("What you had chosen is not there any more.\n\nWhich one?")
    assert talk.session.stack[0].answers == {}
    talk.presses("plum")
    talk.hears_only("Why?")


def test_a_seeded_choice_that_is_gone_is_dropped_with_what_follows() -> None:
    @flow("start", title=_("Start"), menu=1)
    def start(chat: Chat) -> None:
        chat.switch("pick", item="pear")

    talk = Talk(picking("pick"), start, items=["apple", "pear"], reason=True)
    talk.says("hi")
    talk.presses("Start")
    talk.hears("Why?")
    talk.says("because")
    talk.world["items"] = ["apple"]
    talk.says("yes")
    talk.hears_only("What you had chosen is not there any more.\n\nWhich one?")
    assert talk.session.stack[0].answers == {}


class Counted:
    """A long list that counts how it is looked at."""

    def __init__(self, chat: Chat) -> None:
        self.all: list[int] = world(chat.read)["numbers"]
        self.looks: list[str] = world(chat.read)["looks"]

    def _option(self, id: int) -> Option[int]:
        return Option(id, f"Item {id:03}")

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        self.looks.append(f"page {offset}")
        return [self._option(id) for id in self.all[offset : offset + limit]]

    def get(self, id: int) -> Option[int] | None:
        self.looks.append(f"get {id}")
        return self._option(id) if id in self.all else None

    def find(self, text: str) -> Sequence[Option[int]]:
        self.looks.append(f"find {text}")
        return [self._option(id) for id in self.all if text.lower() in f"item {id:03}"]


@flow("long", title=_("Long"), menu=1)
def long(chat: Chat) -> None:
    chosen = chat.choose("item", _("Which one?"), Counted(chat))
    chat.ask("why", _("Why {n}?", n=chosen), NAME)
    chat.ask("really", _("Really?"), NAME)


def listing(count: int = 30) -> Talk:
    talk = Talk(long, numbers=list(range(1, count + 1)), looks=[])
    talk.says("hi")
    talk.presses("Long")
    return talk


def test_on_a_later_turn_a_long_list_costs_one_get() -> None:
    talk = listing()
    talk.presses("Item 005")
    talk.world["looks"].clear()
    talk.says("because")
    talk.hears("Really?")
    assert talk.world["looks"] == ["get 5"]


def test_a_label_is_found_among_those_not_shown() -> None:
    talk = listing()
    talk.says("item 029")
    talk.hears_only("Why 29?")


def test_pages_are_turned_by_button_and_by_word() -> None:
    talk = listing()
    nonce = talk.nonce
    talk.sees(*(f"Item {n:03}" for n in range(1, 9)))
    talk.sees_nav("More", "Back", "Menu")
    talk.presses("More")
    talk.hears_only("Which one?")
    talk.sees(*(f"Item {n:03}" for n in range(9, 17)))
    talk.sees_nav("Previous", "More", "Back", "Menu")
    talk.says("more")
    talk.says("mais")
    talk.sees(*(f"Item {n:03}" for n in range(25, 31)))
    talk.says("more")
    talk.hears_only("There are no more pages.\n\nWhich one?")
    talk.sees(*(f"Item {n:03}" for n in range(25, 31)))
    talk.presses("Previous")
    talk.sees(*(f"Item {n:03}" for n in range(17, 25)))
    assert talk.nonce == nonce


def test_the_number_of_an_earlier_page_still_works() -> None:
    talk = listing()
    talk.presses("More")
    talk.says("3")
    talk.hears_only("Why 3?")


def test_the_button_of_an_earlier_page_still_works() -> None:
    talk = listing()
    talk.presses("More")
    talk.presses("Item 002")
    talk.hears_only("Why 2?")


def test_numbers_go_on_from_page_to_page() -> None:
    talk = listing()
    talk.presses("More")
    talk.says("9")
    talk.hears_only("Why 9?")


def test_a_list_that_moved_under_its_pages_is_shown_under_a_new_nonce() -> None:
    talk = listing()
    talk.presses("More")
    nonce = talk.nonce
    talk.world["numbers"].insert(0, 100)
    talk.presses("Previous")
    assert talk.nonce != nonce
    talk.sees("Item 100", *(f"Item {n:03}" for n in range(1, 8)))
    talk.says("2")
    talk.hears_only("Why 1?")


def test_a_later_page_that_moved_keeps_its_place_in_the_numbers() -> None:
    talk = listing()
    talk.presses("More")
    talk.world["numbers"].insert(0, 100)
    talk.says("what?")
    talk.sees(*(f"Item {n:03}" for n in range(8, 16)))
    talk.says("9")
    talk.hears_only("Why 8?")


def test_a_page_that_is_no_more_leads_to_the_first() -> None:
    talk = listing(12)
    talk.presses("More")
    del talk.world["numbers"][3:]
    talk.presses("More")
    talk.sees("Item 001", "Item 002", "Item 003")
