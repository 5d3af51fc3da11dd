"""The texts to translate, gathered from the code: `python -m bot.core.catalog` updates `locales/`.

Source words are English, so English has no file of its own. In every other language each text has a
translation with the same placeholders and as much bold; tests/test_locales.py holds that. Lists of
alternatives (`yes | y | ok`) are translated as lists of what people really type, as long as it takes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.core.render import LOCALES, SOURCE_LOCALE

ROOT = Path(__file__).parents[2]
SOURCES = ("bot", "handlers", "storage")
TRANSLATED = tuple(locale for locale in LOCALES if locale != SOURCE_LOCALE)

_KEYWORDS = {"_": None, "ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"\{\w+\}")
_HEADER = """\
# Balcão in {name}. The texts come from the code: python -m bot.core.catalog
msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def extracted(root: Path = ROOT) -> Catalog:
    """Every text of the code."""
    catalog = Catalog(charset="utf-8")
    for folder in SOURCES:
        found = extract_from_dir(
            root / folder, method_map=[("**.py", "python")], keywords=_KEYWORDS, comment_tags=()
        )
        for name, _line, text, _comments, _context in sorted(found, key=lambda each: each[:2]):
            # Without lines: moving code would change every file of translations.
            catalog.add(text, locations=[(f"{folder}/{name}", 0)])
    return catalog


def file_of(locale: str, root: Path = ROOT) -> Path:
    return root / "locales" / locale / "LC_MESSAGES" / "balcao.po"


def translations(locale: str, root: Path = ROOT) -> Catalog:
    """The translations as they are; empty if there is no file yet."""
    path = file_of(locale, root)
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def update(locale: str, root: Path = ROOT) -> list[str]:
    """Bring a language's file up to the code: what is there is kept, what is unused goes.

    Returns the texts that still want a translation.
    """
    catalog = translations(locale, root)
    catalog.update(extracted(root), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    for message in _messages(catalog):
        if not message.string and not re.search(
            r"[^\W\d_]", _PLACEHOLDER.sub("", _source(message))
        ):
            message.string = message.id  # nothing but values and signs
    write(catalog, file_of(locale, root))
    return [_source(message) for message in _messages(catalog) if not _complete(message)]


def write(catalog: Catalog, path: Path) -> None:
    """A file without dates and names, so that it changes only where a text does."""
    locale = catalog.locale
    if locale is None:
        raise ValueError("a catalog without a language")
    header = _HEADER.format(
        name=locale.english_name,
        locale=catalog.locale_identifier,
        plural_forms=catalog.plural_forms,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalog, width=100, omit_header=True, include_lineno=False)


def faults(locale: str, root: Path = ROOT) -> list[str]:
    """What is wrong with a language: missing, unused, fuzzy, or not saying what the text says."""
    catalog, code = translations(locale, root), extracted(root)
    wanted = {message.id for message in _messages(code)}
    found = {message.id: message for message in _messages(catalog)}
    told = [f"missing: {_head(id)}" for id in wanted if id not in found]
    told += [f"unused: {_head(id)}" for id in found if id not in wanted]
    for message in found.values():
        source = _source(message)
        if message.fuzzy:
            told.append(f"fuzzy: {source}")
        if not _complete(message):
            told.append(f"not translated: {source}")
        told += [f"{fault}: {source}" for fault in _differences(message)]
    return sorted(told)


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _source(message: Message) -> str:
    return _head(message.id)


def _head(id: str | tuple[str, ...] | list[str]) -> str:
    return id if isinstance(id, str) else id[-1]


def _strings(message: Message) -> list[str]:
    string = message.string or ""
    return [string] if isinstance(string, str) else list(string)


def _complete(message: Message) -> bool:
    return all(_strings(message))


def _differences(message: Message) -> Iterator[str]:
    """Placeholders and bold of the translations against the source words."""
    source = _source(message)
    for string in filter(None, _strings(message)):
        if sorted(_PLACEHOLDER.findall(string)) != sorted(_PLACEHOLDER.findall(source)):
            yield "other placeholders"
        if string.count("**") != source.count("**"):
            yield "other bold"
        if (" | " in string) != (" | " in source):
            yield "alternatives"


def main() -> int:
    """Update every language; 1 if a text wants a translation."""
    missing = {locale: update(locale) for locale in TRANSLATED}
    for locale, texts in missing.items():
        for text in texts:
            sys.stdout.write(f"{locale}: {text!r}\n")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
