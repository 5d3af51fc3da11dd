"""What a bot shows of itself: its commands in every language, and its name and description if set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.channels.telegram.api import BotApi
from bot.core.message import JSON, Text, _
from bot.core.render import LOCALES
from bot.core.words import UNIVERSAL, alternatives

Translate = Callable[[Text, str], str]
"""(words, locale) → the words in that language."""

_COMMANDS: Mapping[str, Text] = {
    "menu": _("Menu"),
    "help": _("Help"),
    "language": _("Language"),
    "human": _("Talk to a person"),
}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the operator wants shown, by locale; what is not named stays as BotFather was told."""

    locale: str = LOCALES[0]
    """Of whoever uses a language that is not offered."""
    names: Mapping[str, str] = field(default_factory=dict)
    """At most 64 characters."""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """Shown in the empty chat; at most 512 characters."""


def commands(translate: Translate, locale: str) -> list[JSON]:
    """The universal words as commands: the first way to say each that can be one."""
    found: list[JSON] = []
    for name, title in _COMMANDS.items():
        ways = alternatives(translate(UNIVERSAL[name], locale))
        usable = (way.replace(" ", "_") for way in ways)
        command = next((way for way in usable if _COMMAND.fullmatch(way)), name)
        found.append({"command": command, "description": translate(title, locale)})
    return found


async def present(api: BotApi, profile: Profile, translate: Translate) -> None:
    """Bring commands, name and description up to date; what is right already is not sent again.

    Setting them is limited to a few times a day, so each is read first. Raises Permanent or Temporary.
    """
    for locale, code in _languages(profile.locale):
        scope = {"language_code": code} if code else {}
        wanted = commands(translate, locale)
        if await api.call("getMyCommands", scope) != wanted:
            await api.call("setMyCommands", {"commands": wanted, **scope})
        if name := profile.names.get(locale):
            found = await api.call("getMyName", scope)
            if found.get("name") != name:
                await api.call("setMyName", {"name": name, **scope})
        if description := profile.descriptions.get(locale):
            found = await api.call("getMyDescription", scope)
            if found.get("description") != description:
                await api.call("setMyDescription", {"description": description, **scope})


def _languages(default: str) -> Iterator[tuple[str, str]]:
    """(locale, ISO 639-1 code); the default goes first and without one."""
    yield default, ""
    yield from ((locale, locale.partition("_")[0]) for locale in LOCALES)
