"""What typed words mean: numbers, labels with small typos, the universal words, wishes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from bot.core.message import Text, _

_LETTERS = re.compile(r"[^\w ]+")
_NUMBER = re.compile(r"^(?:opcao|option|opcion|numero|number|no|n|nº)?\s*(\d{1,4})$")

UNIVERSAL: Mapping[str, Text] = {
    "menu": _("menu | home | start | main menu"),
    "back": _("back | go back | return"),
    "cancel": _("cancel | stop | quit | never mind"),
    "help": _("help | what can you do"),
    "language": _("language | idioma | lingua | english | português | español"),
    "human": _("human | person | agent | talk to a person | talk to someone"),
}
"""Words that work in every flow and language; at a free-text question only with a slash."""

YES = _("yes | y | ok | confirm | sure")
NO = _("no | n | not now | cancel")
GREETINGS = _("hi | hello | hey | good morning | good afternoon | good evening | thanks")

LIKELY = 84
"""Similarity (0..100) from which a typed label is taken for an option."""
SURE = 92
"""Similarity from which a sentence is taken for a wish while another question is open."""


def normal(text: str) -> str:
    """Lower case, without accents, emoji and punctuation, single spaces."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c) and c != "\u20e3")
    return " ".join(_LETTERS.sub(" ", text).split())


def alternatives(words: str) -> list[str]:
    """The normalised alternatives of `one | another`."""
    return [each for part in words.split("|") if (each := normal(part))]


def number_in(text: str) -> int | None:
    """The number of an option, as people write it: `2`, `2.`, `nº 2`, `opção 2`."""
    found = _NUMBER.match(normal(text))
    return int(found[1]) if found else None


class Vocabulary:
    """The universal words, yes and no, and every flow's phrases, in every offered language."""

    def __init__(
        self, translate: Callable[[Text], Iterable[str]], phrases: Iterable[tuple[str, Text]]
    ) -> None:
        """`translate` gives a Text's words in every language; `phrases` are (flow, its phrases)."""
        self._universal = {
            each: name
            for name, words in UNIVERSAL.items()
            for language in translate(words)
            for each in alternatives(language)
        }
        self._yes = {e for words in translate(YES) for e in alternatives(words)}
        self._no = {e for words in translate(NO) for e in alternatives(words)}
        self._greetings = {e for words in translate(GREETINGS) for e in alternatives(words)}
        self._phrases = {
            each: flow
            for flow, words in phrases
            for language in translate(words)
            for each in alternatives(language)
        }

    def universal(self, text: str, *, typos: bool = True) -> str | None:
        """The universal word a text is, or None."""
        said = normal(text)
        if said in self._universal:
            return self._universal[said]
        if typos and 4 <= len(said) <= 24:
            known = self._universal
            near = process.extractOne(said, known.keys(), scorer=fuzz.ratio, score_cutoff=88)
            return known[near[0]] if near else None
        return None

    def command(self, text: str) -> tuple[str, str] | None:
        """(universal word, the rest) of a text with a slash before it, or None."""
        if not text.startswith("/"):
            return None
        head, _sep, rest = text[1:].partition(" ")
        name = self._universal.get(normal(head.partition("@")[0]))
        return (name, rest.strip()) if name else None

    def is_yes(self, text: str) -> bool:
        return normal(text) in self._yes

    def is_no(self, text: str) -> bool:
        return normal(text) in self._no

    def is_greeting(self, text: str) -> bool:
        """Whether a text begins as people greet ("oi, bom dia")."""
        said = normal(text)
        return any(said == each or said.startswith(f"{each} ") for each in self._greetings)

    def wish(self, text: str, at_least: int = LIKELY) -> str | None:
        """The name of the flow a sentence asks for, or None."""
        said = normal(text)
        if len(said) < 3:
            return None
        if said in self._phrases:
            return self._phrases[said]
        near = process.extractOne(
            said, self._phrases.keys(), scorer=fuzz.token_set_ratio, score_cutoff=at_least
        )
        # One short common word must not start a task out of a long sentence about another.
        if near and len(near[0]) * 4 >= len(said):
            return self._phrases[near[0]]
        return None


def match_label(text: str, labels: Sequence[str]) -> list[int]:
    """The indices of the labels a text may mean: one if it is clear, several if it is not."""
    said = normal(text)
    if not said:
        return []
    plain = [normal(label) for label in labels]
    exact = [i for i, label in enumerate(plain) if label == said]
    if exact:
        return exact
    if len(said) >= 3:
        within = [i for i, label in enumerate(plain) if f" {said}" in f" {label}"]
        if within:
            return within
        scores = sorted(((fuzz.ratio(said, p), i) for i, p in enumerate(plain)), reverse=True)
        best = scores[0][0] if scores else 0
        if best >= LIKELY:
            return [i for score, i in scores if score > best - 8]
    return []
