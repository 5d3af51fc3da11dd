"""Text → words in a locale; questions → buttons, a list or numbers, by the channel's Limits."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from bot.core.message import Button, ButtonKind, Limits, Look, Notice, Outbound, Text, Value, _

LOCALES = ("pt_BR", "en", "es")
"""Offered languages, the default first."""
SOURCE_LOCALE = "en"
"""The language of the source words."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DATE = {"en": "MMM d, yyyy"}


@dataclass(frozen=True, slots=True)
class Words:
    """Rendered words and where they are bold: (start, length) in code points."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()

    @staticmethod
    def join(parts: Iterable[Words], between: str = "\n\n") -> Words:
        text, bold = "", list[tuple[int, int]]()
        for part in parts:
            if text:
                text += between
            bold += [(start + len(text), length) for start, length in part.bold]
            text += part.text
        return Words(text, tuple(bold))


class Catalogs:
    """The translations, read once from `<folder>/<locale>/LC_MESSAGES/balcao.po`."""

    def __init__(self, folder: Path) -> None:
        self._by_locale: dict[str, gettext.NullTranslations] = {}
        for locale in LOCALES:
            path = folder / locale / "LC_MESSAGES" / "balcao.po"
            if not path.exists():
                self._by_locale[locale] = gettext.NullTranslations()
                continue
            with path.open("rb") as file:
                catalog = read_po(file, locale=locale)
            compiled = io.BytesIO()
            write_mo(compiled, catalog)
            compiled.seek(0)
            self._by_locale[locale] = gettext.GNUTranslations(compiled)

    def translate(self, text: Text, locale: str) -> str:
        catalog = self._by_locale.get(locale) or self._by_locale[LOCALES[0]]
        if text.plural is None:
            return catalog.gettext(text.source)
        count = text.values["count"]
        if not isinstance(count, int):
            raise TypeError("a plural needs a whole number as {count}")
        return catalog.ngettext(text.source, text.plural, count)


def offered_locale(code: str | None) -> str | None:
    """The offered locale nearest a code such as `pt`, `pt-br` or `es_AR`; None if there is none."""
    if not code:
        return None
    language = code.replace("-", "_").split("_")[0].lower()
    return next((locale for locale in LOCALES if locale.split("_")[0] == language), None)


class Renderer:
    """Words in a locale, for readers in one time zone and with one currency."""

    def __init__(self, catalogs: Catalogs, zone: tzinfo, currency: str = "BRL") -> None:
        self._catalogs = catalogs
        self._zone = zone
        self._currency = currency

    def words(self, text: Text | str, locale: str) -> Words:
        """A Text in a locale. A plain string is a name or a value and is left as it is."""
        if isinstance(text, str):
            return Words(text)
        out, bold = "", list[tuple[int, int]]()
        for index, piece in enumerate(self._catalogs.translate(text, locale).split("**")):
            start = len(out)
            position = 0
            for match in _PLACEHOLDER.finditer(piece):
                out += piece[position : match.start()]
                value = self._value(text.values[match[1]], locale)
                bold += [(at + len(out), length) for at, length in value.bold]
                out += value.text
                position = match.end()
            out += piece[position:]
            if index % 2 and len(out) > start:
                bold.append((start, len(out) - start))
        return Words(out, tuple(bold))

    def plain(self, text: Text | str, locale: str) -> str:
        return self.words(text, locale).text

    def _value(self, value: Value, locale: str) -> Words:
        match value:
            case Text():
                return self.words(value, locale)
            case Decimal():
                return Words(format_currency(value, self._currency, locale=locale))
            case datetime():
                local = value.astimezone(self._zone)
                time = format_time(local.time(), "HH:mm", locale=locale)
                return Words(f"{self._date(local.date(), locale)} {time}")
            case date():
                return Words(self._date(value, locale))
            case _:
                return Words(str(value))

    @staticmethod
    def _date(value: date, locale: str) -> str:
        return format_date(value, _DATE.get(locale, "dd/MM/yyyy"), locale=locale)

    # ------------------------------------------------------------------ drawing

    def question(self, drawing: Drawing, limits: Limits, locale: str) -> list[Outbound]:
        """A question as messages within the limits; the last one holds the options."""
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
        look = _look(options, limits)
        words = drawing.words
        if look is Look.NUMBERS:
            numbered = [
                f"{button.data.rpartition(':')[2]}. {button.label}"
                + (f" ({button.detail})" if button.detail else "")
                for button in options
            ]
            words = Words.join([words, Words("\n".join(numbered))])
        if nav and not limits.buttons:
            known = " · ".join(button.label for button in nav)
            words = Words.join([words, Words(f"({known})")])
        *before, last = self.split(words, limits, locale)
        if look is Look.NUMBERS or not limits.buttons:
            return [*before, replace(last, nonce=drawing.nonce, look=look)]
        if look is Look.LIST:
            rows = tuple(_row(button, limits) for button in options)
            room = max(0, limits.list_rows - len(rows))
            last = replace(
                last,
                look=look,
                buttons=(*rows, *nav[:room]),
                list_title=_short(self.plain(_("Options"), locale), limits.list_title),
            )
        else:
            room = max(0, limits.buttons - len(options))
            drawn = (*options, *nav[:room])
            last = replace(
                last, look=Look.BUTTONS if drawn else Look.NONE, buttons=_fitting(drawn, limits)
            )
        return [*before, replace(last, nonce=drawing.nonce)]

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
            drawn = _fitting(buttons[: limits.buttons], limits)
            last = replace(last, look=Look.BUTTONS, buttons=drawn)
        return [*before, replace(last, document=notice.document)]

    def split(self, words: Words, limits: Limits, locale: str) -> list[Outbound]:
        """Words as one message or more, cut between paragraphs, lines or words."""
        messages, start = list[Outbound](), 0
        text = words.text
        while True:
            end = _cut(text, start, limits)
            inside = [
                (max(at, start) - start, min(at + length, end) - max(at, start))
                for at, length in words.bold
                if at < end and at + length > start
            ]
            messages.append(
                Outbound(text=text[start:end].rstrip(), bold=tuple(inside), locale=locale)
            )
            while end < len(text) and text[end].isspace():
                end += 1
            if end >= len(text):
                return messages
            start = end


@dataclass(frozen=True, slots=True)
class DrawnOption:
    """An option as it is drawn: its number under the nonce, and its label."""

    number: int
    label: Text | str
    detail: Text | str = ""
    kind: ButtonKind = "press"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A question ready to be drawn."""

    words: Words
    nonce: str
    options: Sequence[DrawnOption] = ()
    nav: Sequence[tuple[str, Text]] = ()
    """(sign, label) of the universal buttons: `b` back, `m` menu, `>` `<` pages."""


def _look(options: Sequence[Button], limits: Limits) -> Look:
    if not options:
        return Look.NONE
    fits = all(length(b.label, limits) <= limits.button_label for b in options)
    if len(options) <= limits.buttons and (fits or not limits.list_rows):
        return Look.BUTTONS
    if len(options) <= limits.list_rows:
        return Look.LIST
    return Look.NUMBERS


def _fitting(buttons: Sequence[Button], limits: Limits) -> tuple[Button, ...]:
    return tuple(replace(b, label=_short(b.label, limits.button_label)) for b in buttons)


def _row(button: Button, limits: Limits) -> Button:
    if len(button.label) <= limits.row_title:
        return replace(button, detail=_short(button.detail, limits.row_detail))
    detail = f"{button.label} {button.detail}".strip()
    return replace(
        button,
        label=_short(button.label, limits.row_title),
        detail=_short(detail, limits.row_detail),
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def length(text: str, limits: Limits) -> int:
    """How long a text is in the channel's unit (Telegram counts UTF-16 units)."""
    return len(text) if limits.unit == "codepoint" else len(text.encode("utf-16-le")) // 2


def _cut(text: str, start: int, limits: Limits) -> int:
    """Where the message that starts at `start` must end."""
    if length(text[start:], limits) <= limits.text:
        return len(text)
    end = start + limits.text
    while length(text[start:end], limits) > limits.text:
        end -= max(1, (length(text[start:end], limits) - limits.text) // 2)
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, start + 1, end)
        if at > start:
            return at
    return end


def words_by_locale(catalogs: Catalogs, text: Text) -> Mapping[str, str]:
    """A text in every offered language: typed words count whatever language is set."""
    return {locale: catalogs.translate(text, locale) for locale in LOCALES}
