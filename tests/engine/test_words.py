"""What typed words mean, apart from any conversation."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import handlers
from bot.app import LOCALES as FOLDER
from bot.core.flow import Registry
from bot.core.message import Text, _
from bot.core.render import Catalogs, words_by_locale
from bot.core.words import Vocabulary, alternatives

CATALOGS = Catalogs(FOLDER)


def in_every_language(text: Text) -> Iterable[str]:
    return words_by_locale(CATALOGS, text).values()


VOCABULARY = Vocabulary(
    in_every_language,
    [
        ("leave", Text("log out | este não é meu computador")),
        ("copy", Text("second copy | segunda via | quero a 2 via")),
        ("invoices", Text("minhas faturas | boleto")),
        ("people", Text("people | pessoas")),
    ],
)


@pytest.mark.parametrize(
    ("said", "flow"),
    [
        ("segunda via", "copy"),
        ("quero a 2 via do boleto de março", "copy"),
        ("Boleto!", "invoices"),
        ("minha fatura", "invoices"),
        ("este não é o meu computador", "leave"),
        ("não", None),
        ("meu computador", None),
        ("o gato subiu no telhado e não quer descer", None),
        ("", None),
    ],
)
def test_a_sentence_is_a_wish_only_if_it_says_most_of_it(said: str, flow: str | None) -> None:
    assert VOCABULARY.wish(said) == flow


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        ("espanhol", "es"),
        ("Español", "es"),
        ("english", "en"),
        ("inglês", "en"),
        ("português", "pt_BR"),
        ("/language en", "en"),
        ("/idioma pt-br", "pt_BR"),
        ("/idioma", None),
        ("idioma", None),
    ],
)
def test_naming_a_language_chooses_it(said: str, locale: str | None) -> None:
    assert VOCABULARY.language(said) == locale


def test_a_language_named_is_the_universal_word_for_languages() -> None:
    assert VOCABULARY.universal("espanhol") == "language"
    assert VOCABULARY.command("/language en") == "language"


def test_phrases_of_every_language_are_known_whatever_is_set() -> None:
    hello = Vocabulary(
        in_every_language,
        [("human", _("human | person | agent | talk to a person | talk to someone"))],
    )
    assert hello.universal("atendente") == hello.universal("human") == "human"


def test_no_phrase_asks_for_two_tasks() -> None:
    """Not even across languages: whoever says it is understood in all of them."""
    asks = dict[str, set[str]]()
    for each in Registry.of(handlers).with_phrases:
        assert each.phrases is not None
        for language in in_every_language(each.phrases):
            for phrase in alternatives(language):
                asks.setdefault(phrase, set()).add(each.name)
    assert {phrase: flows for phrase, flows in asks.items() if len(flows) > 1} == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("quero cancelr", "cancel"),
        ("atendnte", "human"),
        ("falar com uma pesoa", "human"),
        ("quero parcelar", None),  # in instalments: two letters from "quero cancelar"
        ("pessoas", None),  # what people with access are asked for with
    ],
)
def test_a_slip_is_forgiven_word_by_word_and_another_task_is_no_slip(
    said: str, meant: str | None
) -> None:
    assert VOCABULARY.universal(said) == meant
