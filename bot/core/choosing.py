"""Which option a word or a number means, and which options stand on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from bot.core.message import JSON, Text, _
from bot.core.question import Id, Offer, Option, Question, Source
from bot.core.session import Shown
from bot.core.words import Vocabulary, match_label, normal, number_in


class Choosing(Generic[Id]):
    """One `choose` in one turn: the list it chooses from, and what of it was shown."""

    def __init__(
        self,
        source: Source[Id],
        question: Question,
        shown: Shown | None,
        size: int,
        vocabulary: Vocabulary,
        plain: Callable[[Text | str], str],
    ) -> None:
        """`shown` is this question as it stands on the screen, `size` the options of a page."""
        self._source: Source[Id] = source
        self._question = question
        self._shown = shown
        self._size = size
        self._vocabulary = vocabulary
        self._plain = plain

    def chosen(self, offer: Offer) -> Option[Id] | None:
        """The option that was meant; None with the question filled for being asked again."""
        said = offer.event.text or ""
        number = offer.number if offer.number is not None else number_in(said)
        numbered, was_shown = self._numbered(number)
        if offer.number is not None:
            named = [numbered] if numbered else []
        else:
            named = self._named(said, numbered, was_shown=was_shown)
        if len(named) == 1:
            return named[0]
        if named:
            self._narrow(named, said)
        elif was_shown:
            self._refill(_("That option is not there any more."))
        elif pages := self._vocabulary.turning(said):
            self._turn(pages)
        else:
            self._refill(_("I did not find that option. Choose one of these, or write its number."))
        return None

    def fill(self) -> None:
        """The options of the page at hand. Ids shown before keep their numbers, page after page."""
        question, shown, size = self._question, self._shown, self._size
        page, known = (shown.page, shown.ids) if shown and not shown.find else (0, [])
        options = self._source.page(page * size, size + 1)
        if not options and page:
            page = 0
            options = self._source.page(0, size + 1)
        question.page, question.more = page, len(options) > size
        question.options = options[:size]
        ids: list[JSON] = [option.id for option in question.options]
        start, end = page * size, page * size + len(ids)
        held = all(was in (None, id) for was, id in zip(known[start:end], ids, strict=False))
        # A list that moved under its pages is numbered anew, under a new nonce.
        before = list(known[:start]) if held else []
        before += [None] * (start - len(before))
        question.ids = before + ids + (list(known[end:]) if held else [])

    # -------------------------------------------------------------- inside

    def _named(
        self, said: str, numbered: Option[Id] | None, *, was_shown: bool
    ) -> list[Option[Id]]:
        """What words mean. A whole label ("Menu of the day") comes before a page or a universal word,
        and these ("Menu") before a part of a label.
        """
        options = self._on_screen()
        labels = [self._plain(option.label) for option in options]
        whole = normal(said)
        named: list[Option[Id]] = [
            o for o, label in zip(options, labels, strict=True) if normal(label) == whole
        ]
        if numbered:
            return [numbered] + [option for option in named if option.id != numbered.id]
        words = self._vocabulary
        if named or was_shown or words.turning(said) or words.universal(said, typos=False):
            return named
        return [options[i] for i in match_label(said, labels)] or list(self._source.find(said))

    def _numbered(self, number: int | None) -> tuple[Option[Id] | None, bool]:
        """(the option of a number, whether one was shown with it)."""
        ids = self._shown.ids if self._shown else []
        if number is None or not 1 <= number <= len(ids) or ids[number - 1] is None:
            return None, False
        return self._source.get(ids[number - 1]), True

    def _on_screen(self) -> list[Option[Id]]:
        """What stands now of the options shown, in one look."""
        shown = self._shown
        if shown is None:
            return []
        if shown.find:
            return [found for id in shown.ids if (found := self._source.get(id)) is not None]
        ids = set(shown.ids)
        return [o for o in self._source.page(0, len(shown.ids)) if o.id in ids]

    def _refill(self, reason: Text) -> None:
        self.fill()
        self._question.reason = reason

    def _turn(self, pages: int) -> None:
        """Another page by word, as its button would."""
        shown = self._shown
        if shown is None:
            return self.fill()
        at = shown.page
        shown.page = max(0, at + pages)
        self.fill()
        if self._question.page != at + pages:
            shown.page = at
            self._refill(_("There are no more pages."))
        return None

    def _narrow(self, options: list[Option[Id]], said: str) -> None:
        question = self._question
        question.reason = _("Which of these do you mean?")
        question.options = options[: self._size]
        question.ids = [option.id for option in question.options]
        question.find = said[:80]
