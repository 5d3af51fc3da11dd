"""Text → words in a locale; questions → buttons, a list or numbers, by the channel's Limits."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.core.message import Button, ButtonKind, Limits, Look, Notice, Outbound, Text, Value, _
from bot.core.values import day, hour, money

LOCALES = ("pt_BR", "en", "es")
"""Offered languages, the default first."""
SOURCE_LOCALE = "en"
"""The language of the source words."""

_BY_LANGUAGE = {locale.partition("_")[0]: locale for locale in LOCALES}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class _Piece(NamedTuple):
    """Source words up to a value, and the name of that value; "" for the last words."""

    before: str
    stops: bool
    """They begin with a full stop, and not with an ellipsis."""
    name: str


def _piece(before: str, name: str) -> _Piece:
    return _Piece(before, before[:1] == "." and before[1:2] != ".", name)


@lru_cache(maxsize=4096)
def _template(words: str) -> Sequence[tuple[bool, Sequence[_Piece]]]:
    """Source words taken apart: (bold?, its pieces)."""
    parts = list[tuple[bool, Sequence[_Piece]]]()
    for index, part in enumerate(words.split("**")):
        pieces, position = list[_Piece](), 0
        for match in _PLACEHOLDER.finditer(part):
            pieces.append(_piece(part[position : match.start()], match[1]))
            position = match.end()
        if position < len(part):
            pieces.append(_piece(part[position:], ""))
        if pieces:
            parts.append((index % 2 == 1, pieces))
    return parts


class Words(NamedTuple):
    """Rendered words and where they are bold: (start, length) in code points."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()

    @staticmethod
    def join(parts: Sequence[Words], between: str = "\n\n") -> Words:
        if len(parts) == 1:
            return parts[0]
        text = ""
        bold: list[tuple[int, int]] = []
        for part in parts:
            if text:
                text += between
            bold += [(start + len(text), length) for start, length in part.bold]
            text += part.text
        return Words(text, tuple(bold))


@lru_cache(maxsize=8)
def _compiled(path: Path, locale: str, _changed: int) -> gettext.NullTranslations:
    """A file of translations as it was at an instant; compiling one takes some 50 ms."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Catalogs:
    """The translations, read once from `<folder>/<locale>/LC_MESSAGES/balcao.po`."""

    def __init__(self, folder: Path) -> None:
        self._by_locale: dict[str, gettext.NullTranslations] = {}
        for locale in LOCALES:
            path = folder / locale / "LC_MESSAGES" / "balcao.po"
            if not path.exists():
                self._by_locale[locale] = gettext.NullTranslations()
                continue
            self._by_locale[locale] = _compiled(path, locale, path.stat().st_mtime_ns)
        self._said = lru_cache(maxsize=8192)(self._looked_up)

    def translate(self, text: Text, locale: str) -> str:
        if not text.source:
            return ""  # by no words a catalog means its own header
        if text.plural is None:
            return self._said(text.source, locale)
        count = text.values["count"]
        if not isinstance(count, int):
            raise TypeError("a plural needs a whole number as {count}")
        return self._catalog(locale).ngettext(text.source, text.plural, count)

    def _looked_up(self, source: str, locale: str) -> str:
        return self._catalog(locale).gettext(source)

    def _catalog(self, locale: str) -> gettext.NullTranslations:
        return self._by_locale.get(locale) or self._by_locale[LOCALES[0]]


def offered_locale(code: str | None) -> str | None:
    """The offered locale nearest a code such as `pt`, `pt-br` or `es_AR`; None if there is none."""
    if not code:
        return None
    return _BY_LANGUAGE.get(code.replace("-", "_").partition("_")[0].lower())


class Renderer:
    """Words in a locale, for readers in one time zone and with one currency."""

    def __init__(self, catalogs: Catalogs, zone: tzinfo, currency: str = "BRL") -> None:
        self._catalogs = catalogs
        self._zone = zone
        self._currency = currency
        self._fixed = lru_cache(maxsize=4096)(self._without_values)

    def words(self, text: Text | str, locale: str) -> Words:
        """A Text in a locale. A plain string is a name or a value and is left as it is."""
        if isinstance(text, str):
            return Words(text)
        if not text.values and text.plural is None:
            return self._fixed(text.source, locale)
        return self._filled(self._catalogs.translate(text, locale), text.values, locale)

    def _without_values(self, source: str, locale: str) -> Words:
        return self._filled(self._catalogs.translate(Text(source), locale), {}, locale)

    def _filled(self, words: str, values: Mapping[str, Value], locale: str) -> Words:
        out = ""
        bold: list[tuple[int, int]] = []
        for is_bold, pieces in _template(words):
            start = len(out)
            for before, stops, name in pieces:
                # "Exemplo Ltda." at the end of a sentence is its full stop too.
                out += before[1:] if stops and out[-1:] == "." else before
                if not name:
                    continue
                value = values[name]
                if isinstance(value, str):
                    out += value
                elif isinstance(value, Text):
                    said = self.words(value, locale)
                    bold += [(at + len(out), length) for at, length in said.bold]
                    out += said.text
                else:
                    out += self._value(value, locale)
            if is_bold and len(out) > start:
                bold.append((start, len(out) - start))
        return Words(out, tuple(bold))

    def plain(self, text: Text | str, locale: str) -> str:
        return text if isinstance(text, str) else self.words(text, locale).text

    def _value(self, value: int | Decimal | date | datetime, locale: str) -> str:
        match value:
            case Decimal():
                return money(value, self._currency, locale)
            case datetime():
                local = value.astimezone(self._zone)
                return f"{day(local, locale)} {hour(local.time())}"
            case date():
                return day(value, locale)
            case _:
                return str(value)

    # ------------------------------------------------------------------ drawing

    def question(self, drawing: Drawing, limits: Limits, locale: str) -> list[Outbound]:
        """A question as messages within the limits; the last one holds the nonce and the options."""
        options = [
            Button(
                self.plain(option.label, locale),
                f"{drawing.nonce}:{option.number}",
                option.kind,
                self.plain(option.detail, locale) if option.detail else "",
            )
            for option in drawing.options
        ]
        nav = [
            Button(self.plain(label, locale), f"{drawing.nonce}:{sign}", "nav")
            for sign, label in drawing.nav
        ]
        lines = options if limits.details else [_in_one_line(button) for button in options]
        longest = _longest(lines, limits)
        look = _look(len(lines), longest, limits)
        rows = limits.list_rows if look is Look.LIST else limits.buttons
        room = 0 if look is Look.NUMBERS else max(0, rows - len(options))
        drawn = _most_needed(nav, room)
        parts = [drawing.words]
        if look is Look.NUMBERS:
            parts.append(self._written(options, drawing.instead, locale))
        if len(drawn) < len(nav):
            left = [button for button in nav if button not in drawn]
            parts.append(self._also(left, locale, slashed=drawing.slashed))
        *before, last = _parted(Words.join(parts), limits)
        title = ""
        buttons: tuple[Button, ...] = ()
        if look is Look.LIST:
            title = _short(self.plain(_("Options"), locale), limits.list_title, limits)
            buttons = (*_rows(options, limits), *_fitting(drawn, limits.row_title, limits))
        elif look is not Look.NUMBERS and (options or drawn):
            look = Look.BUTTONS
            buttons = (*lines, *drawn)
            if max(longest, _longest(drawn, limits)) > limits.button_label:
                buttons = _fitting(buttons, limits.button_label, limits)
        return [
            *(Outbound(part.text, part.bold, locale=locale) for part in before),
            Outbound(last.text, last.bold, look, buttons, title, drawing.nonce, locale=locale),
        ]

    def _written(self, options: Sequence[Button], instead: Text | None, locale: str) -> Words:
        """Options where they cannot be buttons: numbered, or what to write."""
        if instead is not None:
            return self.words(instead, locale)
        lines = [
            f"{_sign(button)}. {button.label}" + (f" ({button.detail})" if button.detail else "")
            for button in options
        ]
        return Words("\n".join(lines))

    def _also(self, nav: Sequence[Button], locale: str, *, slashed: bool) -> Words:
        """The universal words that are no buttons here; where any word is an answer, with a slash."""
        words = [f"/{each.label.lower()}" if slashed else each.label.lower() for each in nav]
        return self.words(_("(or write: {words})", words=" · ".join(words)), locale)

    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> list[Outbound]:
        """A notice as messages within the limits; its buttons carry `m<token>:<n>`."""
        words = self.words(notice.text, locale)
        buttons = tuple(
            Button(self.plain(button.label, locale), f"m{token}:{n}")
            for n, button in enumerate(notice.buttons, 1)
        )
        if buttons and not limits.buttons:
            numbered = "\n".join(f"• {button.label}" for button in buttons)
            words = Words.join([words, Words(numbered)])
        *before, last = self.split(words, limits, locale)
        if buttons and limits.buttons:
            drawn = _fitting(buttons[: limits.buttons], limits.button_label, limits)
            last = replace(last, look=Look.BUTTONS, buttons=drawn)
        return [*before, replace(last, document=notice.document)]

    def split(self, words: Words, limits: Limits, locale: str) -> list[Outbound]:
        """Words as one message or more, cut between paragraphs, lines or words."""
        return [Outbound(part.text, part.bold, locale=locale) for part in _parted(words, limits)]


class DrawnOption(NamedTuple):
    """An option as it is drawn: its number under the nonce, and its label."""

    number: int
    label: Text | str
    detail: Text | str = ""
    kind: ButtonKind = "press"


class Drawing(NamedTuple):
    """A question ready to be drawn."""

    words: Words
    nonce: str
    options: Sequence[DrawnOption] = ()
    nav: Sequence[tuple[str, Text]] = ()
    """(sign, label) of the universal buttons: `p<page>`, `b` back, `m` menu."""
    instead: Text | None = None
    """What to write where the options cannot be buttons: a consent is never given by a number."""
    slashed: bool = False
    """Any word is an answer here, so that a universal word needs a slash."""


_NEED = {"p": 0, "m": 1, "b": 2}
"""Whose button is dropped last where room is scarce: pages, then menu, then back."""


def _most_needed(nav: Sequence[Button], room: int) -> Sequence[Button]:
    """The universal buttons that still fit, in their usual order."""
    if len(nav) <= room:
        return nav
    by_need = sorted(nav, key=lambda button: _NEED[_sign(button)[0]])
    return [button for button in nav if button in by_need[:room]]


def _sign(button: Button) -> str:
    return button.data.rpartition(":")[2]


def _look(options: int, longest: int, limits: Limits) -> Look:
    """Buttons if all fit under the message with their whole labels, else a list, else numbers.

    `longest` is the longest label as it would stand under the message.
    """
    if not options:
        return Look.NONE
    whole = longest <= limits.button_label
    if options <= limits.buttons and (whole or not limits.list_rows):
        return Look.BUTTONS
    if options <= limits.list_rows:
        return Look.LIST
    return Look.NUMBERS


def _in_one_line(button: Button) -> Button:
    """A button as it stands under a message that has no other place for its detail than the label."""
    if not button.detail:
        return button
    return Button(f"{button.label} · {button.detail}", button.data, button.kind)


def _fitting(buttons: Sequence[Button], most: int, limits: Limits) -> tuple[Button, ...]:
    """The buttons with labels that fit, and that differ: some channels give back the label alone."""
    short = [_short(button.label, most, limits) for button in buttons]
    return tuple(
        button
        if label == button.label
        else button._replace(
            label=label
            if short.count(label) == 1
            else _short(f"{_sign(button)}. {button.label}", most, limits)
        )
        for button, label in zip(buttons, short, strict=True)
    )


def _longest(buttons: Sequence[Button], limits: Limits) -> int:
    """How long the longest label is, in the channel's unit."""
    return max([length(button.label, limits) for button in buttons], default=0)


def _rows(options: Sequence[Button], limits: Limits) -> tuple[Button, ...]:
    """Options as rows of a list: a label that was shortened stands whole in the detail."""
    return tuple(
        row._replace(
            detail=_short(
                option.detail
                if row.label == option.label
                else f"{option.label} {option.detail}".strip(),
                limits.row_detail,
                limits,
            )
        )
        for option, row in zip(options, _fitting(options, limits.row_title, limits), strict=True)
    )


def _short(text: str, most: int, limits: Limits) -> str:
    """A text of at most so many of the channel's units, with an ellipsis where it was cut."""
    if length(text, limits) <= most:
        return text
    while length(text, limits) > most - 1 and text:
        text = text[:-1]
    return text.rstrip() + "…" if most else ""


def _parted(words: Words, limits: Limits) -> list[Words]:
    """Words as they fit into messages, without white space around them."""
    if words.text == words.text.strip() and length(words.text, limits) <= limits.text:
        return [words]
    parts, text = list[Words](), words.text.rstrip()
    start = _skip_space(text, 0)
    while not parts or start < len(text):
        end = _cut(text, start, limits)
        part = text[start:end].rstrip()
        spans = (
            (max(at, start) - start, min(at + long, start + len(part)) - max(at, start))
            for at, long in words.bold
        )
        parts.append(Words(part, tuple((at, long) for at, long in spans if long > 0)))
        start = _skip_space(text, end)
    return parts


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def length(text: str, limits: Limits) -> int:
    """How long a text is in the channel's unit (Telegram counts UTF-16 units)."""
    if limits.unit == "codepoint" or text.isascii():
        return len(text)
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, start: int, limits: Limits) -> int:
    """Where the message that starts at `start` must end: after a paragraph, else a line, else a word.

    An early end of a paragraph would make many messages, so it counts in the second half only.
    """
    if length(text[start:], limits) <= limits.text:
        return len(text)
    end = start + limits.text
    while (over := length(text[start:end], limits) - limits.text) > 0:
        end -= max(1, over // 2)
    for mark, least in (("\n\n", limits.text // 2), ("\n", limits.text // 2), (" ", 0)):
        at = text.rfind(mark, start + least + 1, end + len(mark))
        if at > start:
            return at
    return max(end, start + 1)


def words_by_locale(catalogs: Catalogs, text: Text) -> Mapping[str, str]:
    """A text in every offered language: typed words count whatever language is set."""
    return {locale: catalogs.translate(text, locale) for locale in LOCALES}
