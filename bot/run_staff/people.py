"""`balcao people`: who speaks for a customer, links that let somebody ask to, and what staff changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import typer

from bot.core.errors import DeliveryError
from bot.core.ports import Read, Write
from bot.domain.roles import Change, Refusal, Role, State
from bot.run_staff.playing import NotDone, Office, called, customer_of
from bot.run_staff.printing import Words, copyable, nothing, sure, table
from bot.settings import ChannelSettings, Problem, Settings
from storage import links, members, membership
from storage.members import Known

MOST = 10_000
"""More people than any customer has."""
_ROLES = {Role.ADMINISTRATOR: "administrator", Role.COLLABORATOR: "collaborator"}
_STATES = {State.ACTIVE: "active", State.WAITING: "waits to be let in", State.OFF: "switched off"}
_DONE = {
    Change.ACTIVATE: "is let in",
    Change.REJECT: "is not let in",
    Change.PROMOTE: "is an administrator now",
    Change.DEMOTE: "is a collaborator now",
    Change.SWITCH_OFF: "is switched off",
    Change.REMOVE: "is removed",
}
_REFUSED = {
    Refusal.GONE: "is none of this customer's people",
    Refusal.ALREADY: "is in no state for that; `balcao people list` shows it",
    Refusal.LAST: "is the last administrator, and somebody has to decide; promote another one first",
}


def listed(settings: Settings, brand: str, typed: str) -> None:
    """Print who speaks for a customer, or waits to. Raises Problem."""
    office = Office(settings, brand)
    words = Words(office.brand)

    def look(read: Read) -> list[Known]:
        return members.page(read, customer_of(read, typed).id, limit=MOST)

    found = office.read(look)
    if not found:
        nothing("Nobody speaks for this customer yet: the first to prove it is the administrator.")
        return
    rows = [
        (str(of.person), of.name, _ROLES[of.role], _STATES[of.state], words.at(of.since))
        for of in found
    ]
    table(("person", "name", "role", "state", "since"), rows)


def change(
    settings: Settings,
    brand: str,
    typed: str,
    person: int,
    what: Change,
    *,
    staff: str,
    yes: bool = False,
) -> None:
    """Change one of a customer's people, who is told of it. Raises Problem, NotDone."""
    office = Office(settings, brand)

    def look(read: Read) -> Known | None:
        return members.get(read, customer_of(read, typed).id, person)

    known = office.read(look)
    name = known.name if known else ""
    if known is not None and what in (Change.REMOVE, Change.SWITCH_OFF, Change.REJECT):
        sure(f"{name}: {what.value}? Their access ends at once.", yes=yes)

    def work(write: Write) -> str:
        return membership.change(write, customer_of(write, typed).id, person, what)

    outcome = office.write(staff, work)
    if outcome == membership.DONE:
        typer.echo(f"{name} ({person}) {_DONE[what]}.")
        return
    why = _REFUSED[Refusal(outcome)]
    if outcome == Refusal.GONE:
        raise Problem(f"PERSON: holds {person}, who {why}")
    raise NotDone(f"{name} ({person}) {why}.")


# ------------------------------------------------------------------------- links


@dataclass(frozen=True, slots=True)
class Door:
    """A way into a brand's chat that a browser opens."""

    name: str
    url: str
    """Fixed, without anything secret."""


Ask = Callable[[ChannelSettings], str]
"""The name of a bot, as Telegram tells it; raises Problem."""


def invite(
    settings: Settings, brand: str, typed: str, *, staff: str, ask: Ask | None = None
) -> None:
    """Print links by which one person may ask to speak for a customer. Raises Problem, NotDone."""
    office = Office(settings, brand)

    def work(write: Write) -> tuple[str, str]:
        of = customer_of(write, typed)
        made = links.create(write, of.id)
        if made is None:
            raise NotDone(
                f"{called(of)} has {links.MOST_OPEN} open links already: end them by"
                " `balcao people end-links`, or wait until they run out."
            )
        return called(of), links.token(write.keyed_hash, links.JOIN, made)

    name, token = office.write(staff, work)
    days = office.brand.people.invite_days
    rows = [("page", f"{_at(settings)}/{links.JOIN}/{office.brand.id}/{token}")]
    closed = list[str]()
    fixed = list[tuple[str, str]]()
    for door in _doors(settings, office.brand.id, ask or bot_name, closed.append):
        rows.append((door.name, f"{door.url}?start={links.JOIN}_{token}"))
        fixed.append((f"{door.name}, no invitation", door.url))
    typer.echo(
        f"One person may ask to speak for {name} by one of these, once, within {days} days; they see"
        " nothing until an administrator lets them in.",
        err=True,
    )
    copyable([*rows, *fixed])
    for words in closed:
        typer.echo(words, err=True)


def end_links(settings: Settings, brand: str, typed: str, *, staff: str) -> None:
    """End the open invite links of a customer. Raises Problem."""
    office = Office(settings, brand)
    ended = office.write(
        staff, lambda write: links.revoke(write, customer_of(write, typed).id)
    )  # fmt: skip
    typer.echo(
        "There was no open link." if not ended else f"Links that do not work any more: {ended}"
    )


def bot_name(entry: ChannelSettings) -> str:
    """Asks the Bot API who the bot is. Raises Problem."""
    # Only who has a bot waits for its library.
    from bot.channels.telegram.api import BotApi

    async def ask() -> str:
        api = BotApi(entry.name, os.environ.get(entry.token_env, ""), url=entry.api_url)
        try:
            me = await api.call("getMe", seconds=10)
        finally:
            await api.close()
        return str(me.get("username", "")) if isinstance(me, dict) else ""

    try:
        found = asyncio.run(ask())
    except DeliveryError as error:
        raise Problem(
            f"channels.{entry.name}: Telegram did not say the bot's name ({error})"
        ) from error
    if not found:
        raise Problem(f"channels.{entry.name}: Telegram did not say the bot's name")
    return found


def _at(settings: Settings) -> str:
    return settings.http.public_url or f"http://{settings.http.host}:{settings.http.port}"


def _doors(
    settings: Settings, brand: str, ask: Ask, closed: Callable[[str], None]
) -> Iterator[Door]:
    """The brand's channels that a browser opens, as `bot.app` lays them out."""
    chats: Sequence[str] = [each.name for each in settings.channels if each.kind == "webchat"]
    for entry in settings.channels:
        if (entry.brand or settings.brands[0].id) != brand:
            continue
        if entry.kind == "webchat":
            path = "/chat" if entry.name == chats[0] else f"/chat/{entry.name}"
            yield Door(f"web chat {entry.name}", f"{_at(settings)}{path}")
            continue
        try:
            yield Door(f"Telegram {entry.name}", f"https://t.me/{ask(entry)}")
        except Problem as problem:
            closed(f"{problem}; the page above leads there too.")
