"""What a flow's asking is made of: the ways it is left, options, questions, offers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from bot.core.brand import Brand
from bot.core.flow import Registry
from bot.core.json_codec import encoded, read_back
from bot.core.message import JSON, DocumentRef, Inbound, Limits, LinkRef, Text
from bot.core.ports import Turn
from bot.core.render import Renderer
from bot.core.session import Shown
from bot.core.words import Vocabulary, match_label

Id = TypeVar("Id", int, str)

# ------------------------------------------------------------------ how a flow is left


class Stop(BaseException):
    """A flow is left here; not an Exception, so that flows cannot swallow it."""


class Asked(Stop):
    """A question has no answer yet."""

    def __init__(self, question: Question) -> None:
        self.question = question


class Switched(Stop):
    """Another flow takes over."""

    def __init__(self, flow: str, seeds: Mapping[str, JSON]) -> None:
        self.flow = flow
        self.seeds = seeds


class Restarted(Stop):
    """The same flow again, afresh."""


class Declined(Stop):
    """A consent was answered with no."""


class Unproved(Stop):
    """A flow asks for the customer, and the proof was lost after something was done in it."""


class Flipped(Stop):
    """What was done in this run is not come by any more: nothing new is done or asked in it."""


# ------------------------------------------------------------------ what is asked and said


class Option(NamedTuple, Generic[Id]):
    """One thing to choose: an id that means the same tomorrow, and how it is called."""

    id: Id
    label: Text | str
    detail: Text | str = ""


Options: TypeAlias = (
    "Sequence[Option[Id] | tuple[Id, Text | str] | tuple[Id, str] | tuple[Id, Text]]"
)
"""(id, label) or Option, in the order they are shown."""


class Source(Protocol[Id]):
    """A long list: a page of it, one of it, or what a word finds; a later turn costs one `get`."""

    def page(self, offset: int, limit: int) -> Sequence[Option[Id]]: ...
    def get(self, id: Id) -> Option[Id] | None: ...
    def find(self, text: str) -> Sequence[Option[Id]]: ...


@dataclass(slots=True)
class Question:
    """What is to be shown, before it is drawn."""

    key: str
    kind: str
    """choose · consent · ask · secret · contact · wait"""
    text: Text
    options: Sequence[Option[int] | Option[str]] = ()
    more: bool = False
    ids: list[JSON] = field(default_factory=list)
    page: int = 0
    find: str = ""
    digest: str = ""
    until: datetime | None = None
    takes: str = ""
    """What it takes besides words: "file"."""
    reason: Text | None = None
    """Why what was just said is no answer."""


class Said(NamedTuple):
    """Something said on the way to the next question."""

    text: Text | str
    copyable: bool = False
    document: DocumentRef | None = None
    link: LinkRef | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """What the check of a secret answers to a wrong try: the reason; the question stays."""

    reason: Text


@dataclass(slots=True)
class Offer:
    """What the person just said, for one question of one run and no other."""

    event: Inbound
    shown: Shown
    number: int | None = None
    """The number on the button that was pressed."""
    taken: bool = False
    """It was an answer, and is no other one's."""
    chosen: str = ""
    """The label of the answer, for closing the question's message."""


class Room(NamedTuple):
    """What a chat stands in for one turn."""

    tx: Turn
    brand: Brand
    limits: Limits
    renderer: Renderer
    registry: Registry
    vocabulary: Vocabulary
    event: Inbound


class Listed(Generic[Id]):
    """A short list of options as a Source."""

    def __init__(self, options: Options[Id], plain: Callable[[Text | str], str]) -> None:
        self._options: list[Option[Id]] = [
            o if isinstance(o, Option) else Option(o[0], o[1]) for o in options
        ]
        self._plain = plain

    def page(self, offset: int, limit: int) -> Sequence[Option[Id]]:
        return self._options[offset : offset + limit]

    def get(self, id: Id) -> Option[Id] | None:
        return next((o for o in self._options if o.id == id), None)

    def find(self, text: str) -> Sequence[Option[Id]]:
        labels = [self._plain(o.label) for o in self._options]
        return [self._options[i] for i in match_label(text, labels)]


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def digest_of(text: Text) -> str:
    """What a consent was given to: source words and values, in no language."""
    return hashlib.sha256(_canonical(text.dump()).encode()).hexdigest()


def tells_time(text: Text) -> bool:
    """Whether a text names an instant, and so is another text every minute."""
    return any(
        isinstance(value, datetime) or (isinstance(value, Text) and tells_time(value))
        for value in text.values.values()
    )


def plain_json(value: JSON) -> JSON:
    """The value as the session will give it back; raises TypeError for what JSON cannot hold."""
    if value is None or isinstance(value, str | int | bool):
        return value
    return read_back(encoded(value).decode())
