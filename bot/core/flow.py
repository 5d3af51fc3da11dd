"""@flow, what a flow may declare, and the registry that finds every flow by its file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from bot.core.brand import Brand
from bot.core.errors import UnknownFlow
from bot.core.message import JSON, Limits, Text
from bot.core.ports import Level, Read, Visitor

if TYPE_CHECKING:
    from bot.core.chat import Chat

VERIFIED = Level.VERIFIED
FRESH = Level.FRESH


class Gate(NamedTuple):
    """What decides whether a flow is offered: the brand's switches, the channel, the visitor."""

    brand: Brand
    limits: Limits
    visitor: Visitor


When = Callable[[Gate], bool]


def feature(*names: str) -> When:
    """Offered where the operator switched all of these on."""
    return lambda gate: all(map(gate.brand.has, names))


@dataclass(frozen=True, slots=True)
class Recognised:
    """A pasted value that a flow knows what to do with, wherever it was typed."""

    seeds: Mapping[str, JSON]
    sensitive: bool = False
    """The message is deleted where the channel can, and no question may take it as its answer."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A task one can finish: a plain function of the answers so far, and what it declares."""

    name: str
    title: Text
    play: Callable[[Chat], None]
    needs: Level = Level.STRANGER
    """The proof it needs; who lacks it is led through the flow that grants it, and back."""
    grants: Level | None = None
    """The proof it ends with, if all went well."""
    when: When = field(default=lambda _gate: True)
    menu: int | None = None
    """Its place in the menu; None: not there."""
    phrases: Text | None = None
    """What people say who want it: `_("my invoices | what do I owe")`."""
    recognises: Callable[[str], Recognised | None] | None = None
    """Looks at every typed text; what it knows starts the flow from anywhere."""
    only_strangers: bool = False
    """Offered in the menu only to those who are not proved yet."""
    start: str = ""
    """A deep link `start=<this>` or `<this>_<rest>` opens it; the rest is the seed "start"."""
    hears: bool = False
    """Started by its phrases, it finds all that was typed as the seed "words": "statement of 2025"."""
    follows: Callable[[Read, Visitor], bool] | None = None
    """Says whether it is due by itself: it is begun when a person's own task has ended and nothing
    else is at hand, never before."""
    stays: Text | None = None
    """What is told when it is cancelled after a `do`, where that left nothing to speak of (a proof)."""
    takes_files: bool = False
    """A file that no question asked for starts it, as the seed "file": a `FileIn`'s fields."""
    file_key: str = ""
    """The question that will ask for a file: one that comes at an earlier question answers it in advance."""

    def __call__(self, chat: Chat) -> None:
        self.play(chat)


def flow(
    name: str,
    *,
    title: Text,
    needs: Level = Level.STRANGER,
    grants: Level | None = None,
    when: When = lambda _gate: True,
    menu: int | None = None,
    phrases: Text | None = None,
    recognises: Callable[[str], Recognised | None] | None = None,
    only_strangers: bool = False,
    start: str = "",
    hears: bool = False,
    follows: Callable[[Read, Visitor], bool] | None = None,
    stays: Text | None = None,
    takes_files: bool = False,
    file_key: str = "",
) -> Callable[[Callable[[Chat], None]], Flow]:
    """Make a flow of a function; the registry finds it in its module. See `Flow` for the words."""

    def made(play: Callable[[Chat], None]) -> Flow:
        return Flow(
            name,
            title,
            play,
            needs,
            grants,
            when,
            menu,
            phrases,
            recognises,
            only_strangers,
            start,
            hears,
            follows,
            stays,
            takes_files,
            file_key,
        )

    return made


class Registry:
    """Every flow by name. Adding a flow is adding one file to the package."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._by_name: dict[str, Flow] = {}
        for each in flows:
            if each.name in self._by_name:
                raise ValueError(f"two flows are named {each.name!r}")
            self._by_name[each.name] = each
        self.recognisers = [each for each in self._by_name.values() if each.recognises]
        self.following = [each for each in self._by_name.values() if each.follows]
        self.taking_files = next(
            (each for each in self._by_name.values() if each.takes_files), None
        )
        self.with_phrases = [each for each in self._by_name.values() if each.phrases]
        menu = sorted(
            (each for each in self._by_name.values() if each.menu is not None),
            key=lambda each: (each.menu, each.name),
        )
        self._menu_of_known = [each for each in menu if not each.only_strangers]
        self._menu_of_strangers = [each for each in menu if each.needs is Level.STRANGER]

    @classmethod
    def of(cls, package: ModuleType) -> Registry:
        """The flows of every module of a package."""
        found = list[Flow]()
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            found += [each for each in vars(module).values() if isinstance(each, Flow)]
        return cls(found)

    def __iter__(self) -> Iterator[Flow]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Flow:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownFlow(name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def granting(self, level: Level) -> Flow:
        """The flow that leads to a proof."""
        for each in self._by_name.values():
            if each.grants is level:
                return each
        raise UnknownFlow(f"one that grants {level.name}")

    def menu(self, gate: Gate) -> list[Flow]:
        """What may be offered to this visitor now, in order."""
        known = gate.visitor.level > Level.STRANGER
        flows = self._menu_of_known if known else self._menu_of_strangers
        return [each for each in flows if each.when(gate)]

    def starting(self, payload: str) -> tuple[Flow, str] | None:
        """The flow a deep link's payload opens, and the rest of the payload."""
        head, _, rest = payload.partition("_")
        for each in self._by_name.values():
            if each.start and each.start == head:
                return each, rest
        return None
