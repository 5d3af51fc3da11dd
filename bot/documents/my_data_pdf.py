"""Somebody's own data as a PDF to read: what the file for programs says, in words, subject by subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.core.message import JSON, Text, Value, _, ngettext
from bot.documents.contract_pdf import whole
from bot.documents.invoice_pdf import Letterhead
from bot.documents.my_data_words import FIELDS, SECTIONS, VALUES, deed
from bot.documents.typesetter import Typesetter, printed
from bot.domain.tax_id import format_tax_id

MOST = 200
"""Records of one subject on paper, the latest; the other file has all."""
Say = Callable[[Text], str]
_LINES = frozenset({"controller", "registration", "person"})
"""Subjects that are one record, a line a field."""
_AUDITED = frozenset({"accesses_and_changes", "my_accesses_and_changes"})
"""Subjects that tell what was done."""
_DATES = ("at", "asked_at", "due_on", "issued_on", "offered_at")
"""Where one of these tells when, the day it was noted is left out."""
_MONEY = re.compile(r"-?\d+\.\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.*")


@dataclass(frozen=True, slots=True)
class Section:
    """A subject: records of (name, value) in words."""

    title: str
    records: tuple[tuple[tuple[str, str], ...], ...]
    lines: bool = False
    """A line a field."""
    more: str = ""
    """What is not on this page."""


class DataPrinter:
    """Prints them; safe to share between threads (see `Typesetter`)."""

    def __init__(self) -> None:
        self._typesetter = Typesetter("my_data.typ")

    def render(self, told: Mapping[str, JSON], brand: Letterhead, locale: str, say: Say) -> bytes:
        """What `storage.personal_data.collect` found, as a tagged PDF; `say` says words in `locale`."""
        made = datetime.fromisoformat(told["made_at"])
        inputs = {
            "brand": printed(brand),
            "language": locale.replace("_", "-"),
            "page": say(_("Page {page} of {pages}", page="{page}", pages="{pages}")),
            "title": say(_("My data")),
            "made": say(_("made on {at}", at=made)),
            "note": say(_NOTE),
            "sections": [
                {
                    "title": whole(each.title),
                    "records": [
                        [[whole(name), whole(value)] for name, value in record]
                        for record in each.records
                    ],
                    "lines": each.lines,
                    "more": each.more,
                }
                for each in sections(told, say)
            ],
        }
        return self._typesetter.pdf(inputs, made)


_NOTE = _(
    "This is what we keep about you, in words. The file for programs that came with it (JSON) holds"
    " the same in full, with the words of contracts and every record."
)


def sections(told: Mapping[str, JSON], say: Say) -> Iterator[Section]:
    """The subjects that there is something to say of, in the order of `SECTIONS`."""
    person = dict(told["person"])
    found: dict[str, JSON] = {"controller": told["controller"], **told.get("customer", {})}
    mine = {name: value for name, value in person.items() if isinstance(value, list)}
    found |= {f"my_{name}": value for name, value in mine.items()}
    if registration := found.get("registration"):
        tax_id = format_tax_id(registration["tax_id"])
        of_row = {**registration, "tax_id": tax_id, "uf": registration["state"], "state": None}
        found["registration"] = of_row
    found["person"] = {name: value for name, value in person.items() if name not in mine}
    for name, title in SECTIONS.items():
        some = found.get(name) or []
        records = [some] if isinstance(some, dict) else list(some)
        shown = [record for each in records[-MOST:] if (record := _record(each, say, name))]
        hidden = len(records) - MOST
        if shown:
            more = ngettext(
                "{count} older one is not on this paper: it is in the file for programs (JSON) that"
                " came with it.",
                "{count} older ones are not on this paper: they are in the file for programs (JSON)"
                " that came with it.",
                hidden,
            )
            yield Section(say(title), tuple(shown), name in _LINES, say(more) if hidden > 0 else "")


def _record(of: Mapping[str, JSON], say: Say, subject: str) -> tuple[tuple[str, str], ...]:
    dated = any(of.get(name) for name in _DATES)
    return tuple(
        (say(label), say(Text("{value}", {"value": _told(subject, name, of[name])})))
        for name, label in FIELDS.items()
        if of.get(name) not in (None, "", []) and not (dated and name == "created_at")
    )


def _told(subject: str, name: str, value: Any) -> Value:
    """A value as its subject means it: what was done, or which field was changed, is said in words."""
    if subject in _AUDITED and name == "what":
        return deed(str(value))
    if name in ("field", "key") and value in FIELDS:
        return FIELDS[value]
    return _value(value)


def _value(value: Any) -> Value:
    """A value of the file as it is read: days, instants and amounts as written here, known words said."""
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case str() if value in VALUES:
            return VALUES[value]
        case str() if _MONEY.fullmatch(value):
            return Decimal(value)
        case str() if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        case str() if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value)
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


__all__ = ["DataPrinter", "Section", "sections"]
