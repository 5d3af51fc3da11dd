"""Roles: what the people of a customer may do, and which changes among them are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is to a customer, once let in."""

    ADMINISTRATOR = "administrator"
    COLLABORATOR = "collaborator"


class State(StrEnum):
    """Whether a role counts."""

    ACTIVE = "active"
    WAITING = "waiting"
    """Came by a link; no administrator has let them in yet."""
    OFF = "off"
    """Was let in, and an administrator switched it off."""


class Deed(StrEnum):
    """What one may want to do for a customer."""

    SEE = "see"  # invoices, documents, statements, the registration
    SEND = "send"  # a document to the office
    PAY = "pay"  # PIX, boleto, second copy to the registered e-mail; promise it, unlock on trust
    CHANGE = "change"  # registration, e-mail, phone, card, how it is paid
    PEOPLE = "people"  # let in, promote, demote, remove; invite
    DECIDE = "decide"  # approve or deny what a collaborator asks for


class Leave(StrEnum):
    """Whether somebody may do something."""

    YES = "yes"
    ASK = "ask"
    """It waits for an administrator's Approve or Deny."""
    NO = "no"


_RULES: Mapping[Role, Mapping[Deed, Leave]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: dict.fromkeys(Deed, Leave.YES),
        Role.COLLABORATOR: {
            Deed.SEE: Leave.YES,
            Deed.SEND: Leave.YES,
            Deed.PAY: Leave.YES,
            Deed.CHANGE: Leave.ASK,
            Deed.PEOPLE: Leave.NO,
            Deed.DECIDE: Leave.NO,
        },
    }
)


def leave(role: Role | None, deed: Deed) -> Leave:
    """Whether a role may do something; None is somebody inactive, removed or unknown."""
    return Leave.NO if role is None else _RULES[role][deed]


class Change(StrEnum):
    """What an administrator can do about another person."""

    ACTIVATE = "activate"
    REJECT = "reject"
    PROMOTE = "promote"
    DEMOTE = "demote"
    SWITCH_OFF = "switch-off"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's role and whether it counts; `person` is the row id."""

    person: int
    role: Role
    state: State

    @property
    def active(self) -> bool:
        return self.state is State.ACTIVE


class Refusal(StrEnum):
    """Why a change among people is not made."""

    NOT_ALLOWED = "not-allowed"
    """Who asks is no active administrator (any more)."""
    GONE = "gone"
    """The other is not among the people of this customer (any more)."""
    ALREADY = "already"
    """It is so already, or makes no sense in that state."""
    LAST = "last"
    """Nobody would be left to decide."""


_APPLIES: Mapping[Change, frozenset[tuple[Role, State]]] = MappingProxyType(
    {
        Change.ACTIVATE: frozenset(
            (role, state) for role in Role for state in (State.WAITING, State.OFF)
        ),
        Change.REJECT: frozenset((role, State.WAITING) for role in Role),
        Change.PROMOTE: frozenset({(Role.COLLABORATOR, State.ACTIVE)}),
        Change.DEMOTE: frozenset({(Role.ADMINISTRATOR, State.ACTIVE)}),
        Change.SWITCH_OFF: frozenset((role, State.ACTIVE) for role in Role),
        Change.REMOVE: frozenset((role, state) for role in Role for state in State)
        - {(role, State.WAITING) for role in Role},
    }
)


def changes_of(member: Member) -> tuple[Change, ...]:
    """What can be done about somebody in that role and state, in the order it is offered."""
    return tuple(each for each in Change if (member.role, member.state) in _APPLIES[each])


def refusal(change: Change, of: int, members: Iterable[Member], *, allowed: bool) -> Refusal | None:
    """Why the person `of` cannot be changed so, among all `members` of the customer; None: do it.

    `allowed`: whether who asks is an active administrator. The last active administrator is never
    demoted, switched off or removed, not even by themselves.
    """
    if not allowed:
        return Refusal.NOT_ALLOWED
    by_person = {each.person: each for each in members}
    target = by_person.get(of)
    if target is None:
        return Refusal.GONE
    if change not in changes_of(target):
        return Refusal.ALREADY
    takes_away = change in (Change.DEMOTE, Change.SWITCH_OFF, Change.REMOVE)
    if takes_away and administrators(by_person.values()) == {of}:
        return Refusal.LAST
    return None


def administrators(members: Iterable[Member]) -> set[int]:
    """The persons who are active administrators."""
    return {each.person for each in members if each.active and each.role is Role.ADMINISTRATOR}


def changed(member: Member, change: Change) -> Member | None:
    """Somebody after a change; None: no member any more."""
    match change:
        case Change.ACTIVATE:
            return Member(member.person, member.role, State.ACTIVE)
        case Change.SWITCH_OFF:
            return Member(member.person, member.role, State.OFF)
        case Change.PROMOTE:
            return Member(member.person, Role.ADMINISTRATOR, member.state)
        case Change.DEMOTE:
            return Member(member.person, Role.COLLABORATOR, member.state)
        case _:
            return None
