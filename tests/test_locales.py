"""Every text of the code in every language, saying the same; and lists of words that do not quarrel.

English is the language of the source words and has no file: a text that is missing in it cannot be.
A text that a language lacks: `python -m bot.core.catalog` puts it into the file, to be translated.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import handlers
from bot.core import catalog
from bot.core.brand import Brand
from bot.core.engine import Engine
from bot.core.flow import Registry
from bot.core.message import Text, _
from bot.core.render import LOCALES, SOURCE_LOCALE, Catalogs
from bot.core.words import (
    GREETINGS,
    MORE,
    NO,
    PREVIOUS,
    THANKS,
    UNIVERSAL,
    YES,
    Vocabulary,
    alternatives,
)

ROOT = Path(__file__).parents[1]
CATALOGS = Catalogs(ROOT / "locales")


def known(words: Text) -> set[str]:
    """What people may type for it, in any language."""
    return {each for locale in LOCALES for each in alternatives(CATALOGS.translate(words, locale))}


@pytest.mark.parametrize("locale", catalog.TRANSLATED)
def test_every_text_is_translated_and_says_the_same(locale: str) -> None:
    assert catalog.faults(locale) == []


@pytest.mark.parametrize("locale", catalog.TRANSLATED)
def test_the_files_are_as_the_command_writes_them(locale: str, tmp_path: Path) -> None:
    """So that a change of one text is a change of one entry."""
    written = catalog.file_of(locale).read_bytes()
    copy = catalog.file_of(locale, tmp_path)
    catalog.write(catalog.translations(locale), copy)
    assert copy.read_bytes() == written


def test_the_languages_are_those_that_are_offered() -> None:
    folders = {path.parent.parent.name for path in (ROOT / "locales").glob("*/LC_MESSAGES/*.po")}
    assert folders == set(LOCALES) - {SOURCE_LOCALE}
    assert LOCALES[0] == "pt_BR"


# ------------------------------------------------------------------ the command itself

CODE = """
_("Hello **{name}**")
_("yes | y")
ngettext("{count} day", "{count} days", n)
_("{a} · {b}")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in catalog.SOURCES:
        (tmp_path / folder).mkdir()
    (tmp_path / "handlers" / "hello.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def translate(tree: Path, **strings: str) -> None:
    found = catalog.translations("pt_BR", tree)
    for message in found:
        if message.id and (string := strings.get(str(message.id).split()[0])):
            message.string = string
    catalog.write(found, catalog.file_of("pt_BR", tree))


def test_it_gathers_texts_and_keeps_what_was_translated(tree: Path) -> None:
    assert catalog.update("pt_BR", tree) == ["Hello **{name}**", "yes | y", "{count} days"]
    translate(tree, Hello="Oi, **{name}**")
    assert catalog.update("pt_BR", tree) == ["yes | y", "{count} days"]
    assert catalog.translations("pt_BR", tree)["Hello **{name}**"].string == "Oi, **{name}**"


def test_it_drops_what_is_used_no_more(tree: Path) -> None:
    catalog.update("pt_BR", tree)
    translate(tree, Hello="Oi, **{name}**")
    (tree / "handlers" / "hello.py").write_text('_("Goodbye")', encoding="utf-8")
    assert "unused: Hello **{name}**" in catalog.faults("pt_BR", tree)
    assert "missing: Goodbye" in catalog.faults("pt_BR", tree)
    catalog.update("pt_BR", tree)
    assert "Hello" not in catalog.file_of("pt_BR", tree).read_text(encoding="utf-8")


def test_it_guesses_no_translation(tree: Path) -> None:
    """Babel would offer that of a similar text, marked fuzzy."""
    catalog.update("pt_BR", tree)
    translate(tree, Hello="Oi, **{name}**")
    code = CODE.replace("Hello", "Hallo")
    (tree / "handlers" / "hello.py").write_text(code, encoding="utf-8")
    assert "Hallo **{name}**" in catalog.update("pt_BR", tree)


def test_what_is_made_of_values_alone_needs_no_translation(tree: Path) -> None:
    assert "{a} · {b}" not in catalog.update("pt_BR", tree)


@pytest.mark.parametrize(
    ("text", "string", "fault"),
    [
        ("Hello", "Oi, **{nome}**", "other placeholders: Hello **{name}**"),
        ("Hello", "Oi, {name}", "other bold: Hello **{name}**"),
        ("yes", "sim", "alternatives: yes | y"),
    ],
)
def test_it_tells_a_translation_that_says_something_else(
    tree: Path, text: str, string: str, fault: str
) -> None:
    catalog.update("pt_BR", tree)
    translate(tree, **{text: string})
    assert fault in catalog.faults("pt_BR", tree)


# ------------------------------------------------------------------ words that people type


@pytest.mark.parametrize(
    ("one", "other"),
    [(YES, NO), (MORE, PREVIOUS), (YES, GREETINGS), (NO, GREETINGS), (YES, THANKS)],
)
def test_no_word_means_two_things(one: Text, other: Text) -> None:
    assert known(one) & known(other) == set()


def test_no_word_is_two_universal_words() -> None:
    meanings: dict[str, set[str]] = {}
    for name, words in UNIVERSAL.items():
        for each in known(words):
            meanings.setdefault(each, set()).add(name)
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}


def test_what_is_a_universal_word_is_no_yes_and_no_only_where_it_cancels() -> None:
    for name, words in UNIVERSAL.items():
        assert known(words) & known(YES) == set()
        assert name == "cancel" or known(words) & known(NO) == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_labels_of_the_universal_buttons_work_as_words_and_as_commands(locale: str) -> None:
    vocabulary = Vocabulary(lambda t: [CATALOGS.translate(t, each) for each in LOCALES], [])
    for label, name in ((_("Menu"), "menu"), (_("Back"), "back")):
        said = CATALOGS.translate(label, locale)
        assert vocabulary.universal(said) == name
        assert vocabulary.command(f"/{said.lower()}") == name
    assert vocabulary.turning(CATALOGS.translate(_("More"), locale)) == 1
    assert vocabulary.turning(CATALOGS.translate(_("Previous"), locale)) == -1
    assert vocabulary.is_yes(CATALOGS.translate(_("Yes"), locale))
    assert vocabulary.is_no(CATALOGS.translate(_("No"), locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_that_names_commands_names_those_that_work(locale: str) -> None:
    vocabulary = Vocabulary(lambda t: [CATALOGS.translate(t, each) for each in LOCALES], [])
    for message in catalog.extracted():
        for source in [message.id] if isinstance(message.id, str) else list(message.id):
            said = CATALOGS.translate(Text(source), locale) if source else ""
            for word in (each for each in said.split() if each.startswith("/") and len(each) > 1):
                assert vocabulary.command(word.rstrip(".,;:!?")), f"{word} in {said!r}"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Voltar ao menu", "menu"), ("início", "menu"), ("inicio", "menu"), ("volta", "back"),
        ("cancela", "cancel"), ("deixa pra lá", "cancel"), ("sair", "cancel"),
        ("Preciso de ajuda!", "help"), ("me ajuda", "help"), ("mudar idioma", "language"),
        ("Quero falar com um atendente", "human"), ("ATENDENTE", "human"), ("humano", "human"),
        ("hablar con una persona", "human"), ("ayuda", "help"), ("volver", "back"),
        ("pagar", None), ("pago", None), ("nome", None), ("fatura", None), ("soltar", None),
    ],
)  # fmt: skip
def test_what_brazilians_type(word: str, meaning: str | None) -> None:
    vocabulary = Vocabulary(lambda t: [CATALOGS.translate(t, each) for each in LOCALES], [])
    assert vocabulary.universal(word) == meaning


@pytest.mark.parametrize(
    "word", ["sim", "S", "isso", "Pode ser", "confirmo", "tá bom", "blz", "ok"]
)
def test_what_brazilians_type_for_yes(word: str) -> None:
    assert Vocabulary(lambda t: [CATALOGS.translate(t, "pt_BR")], []).is_yes(word)


@pytest.mark.parametrize("word", ["não", "nao", "n", "Agora não", "não, obrigada", "melhor não"])
def test_what_brazilians_type_for_no(word: str) -> None:
    assert Vocabulary(lambda t: [CATALOGS.translate(t, "pt_BR")], []).is_no(word)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_label_of_the_menu_means_its_task_also_away_from_the_menu(locale: str) -> None:
    registry = Registry.of(handlers)
    known = Engine(Brand("b", "B"), registry, CATALOGS, lambda: "t").vocabulary
    titles = {CATALOGS.translate(each.title, locale): each.name for each in registry if each.menu}
    universal = {title: known.universal(title, typos=False) for title in titles}

    assert {title: known.wish(title) for title in titles if universal[title] is None} == {
        title: name for title, name in titles.items() if universal[title] is None
    }
