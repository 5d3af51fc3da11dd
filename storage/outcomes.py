"""What became of messages: states only move forward, bad contacts are flagged, people are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import bindparam, func, literal_column, select, update

from bot.core.ports import Settled, State
from storage.among import is_among
from storage.begun import Begun
from storage.posting import post
from storage.prepared import Prepared
from storage.tables import address, contact, message, message_body

log = structlog.get_logger(__name__)

_NOT_YET = (State.SENDING, State.QUEUED, State.UNKNOWN)
_FROM: Mapping[State, tuple[State, ...]] = {
    # A process thought dead may have sent it after all: then it was sent, whatever the sweep did.
    State.SENT: _NOT_YET,
    State.DELIVERED: (*_NOT_YET, State.SENT),
    State.READ: (*_NOT_YET, State.SENT, State.DELIVERED),
    # A provider may accept a message and refuse it later.
    State.FAILED: (*_NOT_YET, State.SENT),
    State.QUEUED: (State.SENDING,),
    State.UNKNOWN: (State.SENDING,),
    State.REPLACED: (State.SENDING,),
}
"""From which states a state is reached; replaced, failed and read are final."""

_STAMPS = {
    State.SENT: ("sent_at",),
    State.DELIVERED: ("sent_at", "delivered_at"),
    State.READ: ("sent_at", "delivered_at", "read_at"),
}


def _move(state: State) -> Any:
    """Move rows to a state, if they are where it is reached from."""
    stamps = {
        name: func.coalesce(message.c[name], bindparam("now", type_=message.c[name].type))
        for name in _STAMPS.get(state, ())
    }
    return (
        update(message)
        .where(message.c.state.in_([literal_column(f"'{was}'") for was in _FROM[state]]))
        .values(state=state.value, owner=None, lease_until=None, error=bindparam("error"), **stamps)
    )


def _settled(state: State) -> Prepared:
    def make(_dialect: str) -> Any:
        moved = _move(state).where(message.c.id == bindparam("row"))
        if state in (
            State.QUEUED,
            State.UNKNOWN,
            State.REPLACED,
        ):  # not if another process holds it by now
            moved = moved.where(message.c.owner == bindparam("holder"))
        if state is State.QUEUED:
            moved = moved.values(due_at=bindparam("again_at"))
        if state is State.SENT:
            moved = moved.values(ref=bindparam("provider_ref"))
        return moved.returning(message.c.kind, message.c.brand, message.c.lane, message.c.address)

    return Prepared(make)


def _reported(state: State) -> Prepared:
    return Prepared(
        lambda _dialect: (
            _move(state)
            .where(
                message.c.ref == bindparam("provider_ref"), message.c.lane == bindparam("account")
            )
            .returning(message.c.id)
        )
    )


_SETTLED = {state: _settled(state) for state in _FROM}
_ALL_SENT = Prepared(
    lambda _dialect: (
        _move(State.SENT)
        .where(message.c.id == bindparam("row"))
        .values(ref=bindparam("provider_ref"))
    )
)
REPORTED = (State.SENT, State.DELIVERED, State.READ, State.FAILED)
"""States that a provider's receipt may tell of."""
_RECEIPT = {state: _reported(state) for state in REPORTED}
_KNOWN = Prepared(
    lambda _dialect: (
        select(message.c.id)
        .where(message.c.ref == bindparam("provider_ref"), message.c.lane == bindparam("account"))
        .limit(1)
    )
)


def _behind(_dialect: str) -> Any:
    settled = message.alias("settled")
    return (
        select(message.c.lane)
        .distinct()
        .where(
            message.c.address.in_(
                select(settled.c.address).where(is_among(settled.c.id, bindparam("ids")))
            ),
            message.c.state == literal_column("'queued'"),
            message.c.due_at <= bindparam("now"),
        )
    )


_BEHIND = Prepared(_behind)


def settle(begun: Begun, outcomes: Sequence[Settled], *, owner: str) -> None:
    """Write what became of messages; what `owner` no longer holds stays as its new owner has it.

    The lanes of rows that waited behind these are woken.
    """
    plain: list[Settled] = []
    special: list[Settled] = []
    for outcome in sorted(outcomes, key=lambda o: o.id):
        alone = outcome.state is not State.SENT or outcome.flag or outcome.tell
        (special if alone else plain).append(outcome)
    if plain:
        begun.run_many(_ALL_SENT, [_values(begun, outcome, owner) for outcome in plain])
    for outcome in special:
        moved = begun.run(_SETTLED[outcome.state], _values(begun, outcome, owner))
        if moved:
            _follow(begun, outcome, *moved[0])
    _wake_behind(begun, [outcome.id for outcome in outcomes])


def receipt(begun: Begun, account: str, ref: str, state: State, error: str | None) -> bool:
    """What a provider reports of a message it took; False if no row of the account has that id."""
    values = {"account": account, "provider_ref": ref}
    moved = begun.run(_RECEIPT[state], values | {"now": begun.now, "error": _word(error, 60)})
    return bool(moved or begun.run(_KNOWN, values))


def sweep(begun: Begun) -> Mapping[str, int]:
    """Rows whose lease ended: repeatable ones are queued again, of others nobody knows."""
    ended = (
        update(message)
        .where(message.c.state == literal_column("'sending'"), message.c.lease_until < begun.now)
        .values(owner=None, lease_until=None)
        .returning(message.c.lane)
    )
    queued = begun.execute(
        ended.where(message.c.repeatable).values(state=State.QUEUED.value, due_at=begun.now)
    ).all()
    unknown = begun.execute(
        ended.where(~message.c.repeatable).values(state=State.UNKNOWN.value)
    ).all()
    begun.lanes.update(row.lane for row in queued)
    return {State.QUEUED.value: len(queued), State.UNKNOWN.value: len(unknown)}


def _values(begun: Begun, outcome: Settled, owner: str) -> dict[str, Any]:
    return {
        "row": outcome.id,
        "now": begun.now,
        "holder": owner,
        "error": _word(outcome.error, 60),
        "provider_ref": outcome.ref,
        "again_at": outcome.again_at or begun.now,
    }


def _follow(
    begun: Begun, outcome: Settled, kind: str, brand: str, lane: str, address_id: int | None
) -> None:
    """What an outcome brings with it, in the same transaction."""
    if outcome.state is State.QUEUED and (outcome.again_at or begun.now) <= begun.now:
        begun.lanes.add(lane)
    if outcome.flag:
        _flag(begun, outcome, kind, address_id)
    if outcome.tell is not None:
        if outcome.tell_address is None:
            raise ValueError("who is to be told?")
        try:
            post(
                begun,
                brand,
                outcome.tell,
                dedup=f"told:{outcome.id}:{outcome.state}",
                address_id=outcome.tell_address,
            )
        except LookupError:  # erased meanwhile; what became of the message is a fact all the same
            log.warning("ledger.nobody_to_tell", message=outcome.id)


def _flag(begun: Begun, outcome: Settled, kind: str, address_id: int | None) -> None:
    """Nothing more is sent there."""
    why = _word(outcome.error, 40) or "refused"
    if kind != "mail":
        begun.execute(update(address).where(address.c.id == address_id).values(bad=why))
        return
    body = begun.execute(
        select(message_body.c.body).where(message_body.c.message == outcome.id)
    ).scalar()
    if body is not None:
        begun.execute(
            update(contact)
            .where(contact.c.kind == "email", contact.c.value == body["to"])
            .values(bad=why)
        )


def _wake_behind(begun: Begun, ids: Iterable[int]) -> None:
    """Lanes in which the next row of these messages' addresses is due."""
    rows = begun.run(_BEHIND, {"ids": list(ids), "now": begun.now})
    begun.lanes.update(lane for (lane,) in rows)


def _word(error: str | None, most: int) -> str | None:
    return error and error[:most]
