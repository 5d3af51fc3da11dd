"""What typed words mean: numbers, labels with small typos, the universal words, wishes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.core.message import Text, _
from bot.core.render import offered_locale

_LETTERS = re.compile(r"[^\w ]+")
_NUMBER = re.compile(r"(?:opcao|option|opcion|numero|number|no|n|nº)?\s*(\d{1,4})")
_DIGITS = re.compile(r"\d+")

UNIVERSAL: Mapping[str, Text] = {
    "menu": _("menu | home | start | main menu"),
    "back": _("back | go back | return"),
    "cancel": _("cancel | stop | quit | never mind"),
    "help": _("help | what can you do"),
    "language": _("language | idioma | lingua | english | português | español"),
    "human": _("human | person | agent | talk to a person | talk to someone"),
}
"""Words that work in every flow and language; at a free-text question only with a slash."""

LANGUAGES: Mapping[str, Text] = {
    "pt_BR": _("portuguese | in portuguese"),
    "en": _("english | in english"),
    "es": _("spanish | in spanish"),
}
"""How people call the offered languages; saying one is choosing it."""

YES = _("yes | y | ok | confirm | sure")
NO = _("no | n | not now | cancel")
MORE = _("more | next | next page")
PREVIOUS = _("previous | previous page")
GREETINGS = _("hi | hello | hey | good morning | good afternoon | good evening")
THANKS = _("thanks | thank you | thank you very much")

LIKELY = 84
"""Similarity (0..100) from which a sentence is taken for a wish while nothing else is asked."""
SURE = 92
"""Similarity from which a sentence is taken for a wish while another question is open."""


def normal(text: str) -> str:
    """Lower case, without accents, emoji and punctuation, single spaces."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c) and c != "\u20e3")
    return " ".join(_LETTERS.sub(" ", text).split())


def alternatives(words: str) -> list[str]:
    """The normalised alternatives of `one | another`."""
    return [each for part in words.split("|") if (each := normal(part))]


def number_in(text: str) -> int | None:
    """The number of an option, as people write it: `2`, `2.`, `nº 2`, `opção 2`."""
    found = _NUMBER.fullmatch(normal(text))
    return int(found[1]) if found else None


class Vocabulary:
    """The universal words, yes and no, and every flow's phrases, in every offered language."""

    def __init__(
        self,
        translate: Callable[[Text], Iterable[str]],
        phrases: Iterable[tuple[str, Text]],
        titles: Iterable[tuple[str, Text]] = (),
    ) -> None:
        """`translate` gives a Text's words in every language; `phrases` are (flow, its phrases).

        `titles` are those of the menu, by flow: written whole they mean it, menu or no menu.
        """

        def known(words: Text) -> set[str]:
            return {each for language in translate(words) for each in alternatives(language)}

        self._universal = {each: name for name, words in UNIVERSAL.items() for each in known(words)}
        self._phrases = {each: flow for flow, words in phrases for each in known(words)}
        self._titles = {normal(each): flow for flow, title in titles for each in translate(title)}
        self._languages = {each: locale for locale, w in LANGUAGES.items() for each in known(w)}
        self._universal |= dict.fromkeys(self._languages, "language")
        self._yes, self._no = known(YES), known(NO)
        self._more, self._previous = known(MORE), known(PREVIOUS)
        self._greetings, self._thanks = known(GREETINGS), known(THANKS)

    def universal(self, text: str, *, typos: bool = True) -> str | None:
        """The universal word a text is, or None."""
        said = normal(text)
        if said in self._universal:
            return self._universal[said]
        # What some task is asked for with is no slip: "pessoas" (people) is not "pessoa" (human).
        if typos and 4 <= len(said) <= 24 and said not in self._phrases:
            near = {name for each, name in self._universal.items() if _slipped(said, each)}
            return near.pop() if len(near) == 1 else None
        return None

    def command(self, text: str) -> str | None:
        """The universal word of a text with a slash before it (`/talk_to_a_person@bot`), or None."""
        if not text.startswith("/"):
            return None
        head = text[1:].partition(" ")[0].partition("@")[0]
        return self._universal.get(normal(head.replace("_", " ")))

    def language(self, text: str) -> str | None:
        """The offered language that a text names ("español", "/language en"), or None."""
        said = normal(text.partition(" ")[2] if text.startswith("/") else text)
        code = said.replace(" ", "-")
        return self._languages.get(said) or (offered_locale(code) if len(code) <= 5 else None)

    def is_yes(self, text: str) -> bool:
        return normal(text) in self._yes

    def is_no(self, text: str) -> bool:
        return normal(text) in self._no

    def is_thanks(self, text: str) -> bool:
        return normal(text) in self._thanks

    def is_greeting(self, text: str) -> bool:
        """Whether a text begins as people greet ("oi, bom dia")."""
        said = normal(text)
        return any(said == each or said.startswith(f"{each} ") for each in self._greetings)

    def turning(self, text: str) -> int:
        """Where a word turns the pages of a list: 1 on, -1 back, 0 nowhere."""
        said = normal(text)
        return (said in self._more) - (said in self._previous)

    def wish(self, text: str, at_least: int = LIKELY) -> str | None:
        """The name of the flow a sentence asks for, or None."""
        said = normal(text)
        if len(said) < 3:
            return None
        exactly = self._titles.get(said) or self._phrases.get(said)
        if exactly:
            return exactly
        near = process.extract(
            said,
            self._phrases.keys(),
            scorer=fuzz.token_set_ratio,
            score_cutoff=at_least,
            limit=None,
        )
        # A word or two of a long phrase are not yet that wish ("não" is not "este não é meu
        # computador"); and one short common word must not start a task out of a long sentence
        # about another. Of those left, the phrase that says most of the sentence.
        meant = [
            each
            for each, _score, _index in near
            if len(said) >= 0.6 * len(each) and len(each) * (4 if " " in each else 2) >= len(said)
        ]
        most = max(meant, key=lambda phrase: (len(phrase), phrase), default=None)
        return None if most is None else self._phrases[most]


def match_label(text: str, labels: Sequence[str]) -> list[int]:
    """The indices of the labels a text may mean: one if it is clear, several if it is not.

    The whole label, or else the beginning of some of its words, or else the label with a small
    typo; a digit is never a typo ("invoice 12" is not "invoice 11").
    """
    said = normal(text)
    if not said:
        return []
    plain = [normal(label) for label in labels]
    exact = [i for i, label in enumerate(plain) if label == said]
    if exact or len(said) < 3:
        return exact
    begins = re.compile(rf"(?<!\S){re.escape(said)}" + (r"(?!\d)" if said[-1].isdigit() else ""))
    within = [i for i, label in enumerate(plain) if begins.search(label)]
    if within:
        return within
    most = _forgiven(said)
    digits = _DIGITS.findall(said)
    near = [
        (OSA.distance(said, label), i)
        for i, label in enumerate(plain)
        if _DIGITS.findall(label) == digits
    ]
    best = min(near, default=(most + 1, 0))[0]
    return [i for far, i in near if far == best <= most]


def _forgiven(said: str) -> int:
    """How many letters may be wrong, missing, too many or swapped in what was typed."""
    return 0 if len(said) < 4 else max(1, len(said) // 6)


def _slipped(said: str, word: str) -> bool:
    """Whether a universal word was typed with a slip.

    Of short words no letter may be another one: "pagar" (pay) is not "parar" (stop), nor is
    "quero parcelar" (in instalments) "quero cancelar".
    """
    mine, theirs = said.split(), word.split()
    if len(mine) == len(theirs) > 1:
        return all(a == b or _slipped(a, b) for a, b in zip(mine, theirs, strict=True))
    far = OSA.distance(said, word, score_cutoff=_forgiven(said))
    if far > _forgiven(said) or abs(len(said) - len(word)) > 1:
        return False
    other_letter = len(said) == len(word) and sorted(said) != sorted(word)
    return len(word) >= 9 or (len(word) >= 4 and not other_letter)
