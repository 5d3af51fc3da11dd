"""Words → values: what a question takes for an answer, or Misread with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.core.errors import Misread
from bot.core.message import JSON, FileIn, Inbound, Text, _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """Reads one kind of value. `dump` and `load` carry it through the session as JSON."""

    read: Callable[[Inbound], T]
    """Raises Misread with a kind sentence that says what to do next."""
    dump: Callable[[T], JSON]
    load: Callable[[JSON], T]
    takes: str = "text"
    """text · file"""


def _same(value: JSON) -> JSON:
    return value


def words(*, at_most: int = 1000, at_least: int = 1) -> Reader[str]:
    """Free text of so many characters, white space trimmed."""

    def read(event: Inbound) -> str:
        said = " ".join((event.text or "").split(" ")).strip()
        if len(said) < at_least:
            raise Misread(_("Please write it in words."))
        if len(said) > at_most:
            raise Misread(
                _("That is too long. Please use at most {most} characters.", most=at_most)
            )
        return said

    return Reader(read, _same, _same)


def parsed(
    parse: Callable[[str], T],
    reasons: Mapping[str, Text],
    *,
    dump: Callable[[T], JSON] = _same,
    load: Callable[[JSON], T] = _same,
) -> Reader[T]:
    """A rule of the domain as a reader.

    `parse` raises ValueError with a `code`; `reasons` has a kind sentence for each, and "" for the rest.
    """

    def read(event: Inbound) -> T:
        try:
            return parse(event.text or "")
        except ValueError as error:
            code = getattr(error, "code", "")
            raise Misread(reasons.get(code, reasons[""])) from error

    return Reader(read, dump, load)


def file(*, at_most: int, media_types: tuple[str, ...]) -> Reader[FileIn]:
    """A file of one of some media types, of at most so many bytes."""

    def read(event: Inbound) -> FileIn:
        if event.file is None:
            raise Misread(_("Please send a file or a picture."))
        if event.file.media_type not in media_types:
            raise Misread(_("I cannot take this kind of file. Please send a PDF or a picture."))
        if event.file.size > at_most:
            raise Misread(
                _("That file is too big. Please send at most {most} MB.", most=at_most // 2**20)
            )
        return event.file

    return Reader(
        read, lambda f: [f.ref, f.name, f.media_type, f.size], lambda d: FileIn(*d), takes="file"
    )
