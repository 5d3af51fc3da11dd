"""Calls to gateways: each end of an attempt, and that nobody waits for what was given up."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.core.errors import Permanent, Temporary, Unavailable
from bot.core.message import Call
from bot.core.ports import LaneLimits, Posted, State
from bot.delivery.calls import AGAIN, CallDelivery
from bot.delivery.verdicts import Verdicts
from tests.fakes import START, Clock


@dataclass
class Desk:
    """A desk that fails as it is told."""

    faults: list[BaseException] = field(default_factory=list)
    cannot_give_up: list[BaseException] = field(default_factory=list)
    hangs: bool = False
    performed: int = 0
    given_up: list[str] = field(default_factory=list)
    closed: bool = False

    async def perform(self, posted: Posted) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.faults:
            raise self.faults.pop(0)
        self.performed += 1

    async def give_up(self, posted: Posted, code: str) -> None:
        if self.cannot_give_up:
            raise self.cannot_give_up.pop(0)
        self.given_up.append(code)

    async def close(self) -> None:
        self.closed = True


def call(*, attempts: int = 1, age: timedelta = timedelta(), patience: int = 900) -> Posted:
    body = Call("main", "look", {"ref": "pay_1"}, patience)
    return Posted(
        7, "call", "gateway:main", "curral", None, None, body, None, attempts, START - age
    )


class Office:
    def __init__(self, desk: Desk) -> None:
        self.clock = Clock()
        self.desk = desk
        self.calls = CallDelivery(desk, {"gateway:main": LaneLimits()}, clock=self.clock)
        self.verdicts = Verdicts(self.clock, random.Random(3))

    async def tries(self, posted: Posted, hold: float = 5.0) -> tuple[State, str | None]:
        settled = await self.calls.attempt(posted, self.verdicts, hold)
        self.again_at = settled.again_at
        return settled.state, settled.error


async def test_performed_it_is_sent() -> None:
    office = Office(Desk())
    assert await office.tries(call()) == (State.SENT, None)
    assert office.desk.performed == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Temporary("server"), "server"),
        (Unavailable(), "database"),
        (ValueError("a mistake of ours"), "internal"),
    ],
)
async def test_what_passes_is_tried_again_and_nobody_is_told(
    fault: BaseException, error: str
) -> None:
    office = Office(Desk([fault]))
    assert await office.tries(call()) == (State.QUEUED, error)
    assert office.desk.given_up == []


async def test_a_call_that_hangs_is_cut_and_tried_again() -> None:
    office = Office(Desk(hangs=True))
    assert await office.tries(call(), hold=0.01) == (State.QUEUED, "timeout")


async def test_what_the_gateway_said_about_coming_back_is_kept() -> None:
    office = Office(Desk([Temporary("limited", after=timedelta(minutes=7))]))
    await office.tries(call())
    assert office.again_at is not None
    assert office.again_at >= START + timedelta(minutes=7)


async def test_a_refusal_is_given_up_at_once_and_told() -> None:
    office = Office(Desk([Permanent("refused")]))
    assert await office.tries(call()) == (State.FAILED, "refused")
    assert office.desk.given_up == ["refused"]


async def test_each_call_is_tried_as_long_as_it_says() -> None:
    old = call(attempts=9, age=timedelta(minutes=16))
    office = Office(Desk([Temporary("server")]))
    assert await office.tries(old) == (State.FAILED, "gave_up")
    patient = call(attempts=9, age=timedelta(minutes=16), patience=3600)
    office = Office(Desk([Temporary("server")]))
    assert await office.tries(patient) == (State.QUEUED, "server")


@pytest.mark.parametrize("fault", [Unavailable(), RuntimeError("a mistake of ours")])
async def test_what_could_not_be_told_is_taken_up_again(fault: BaseException) -> None:
    office = Office(Desk([Permanent("refused"), Permanent("refused")], cannot_give_up=[fault]))
    assert await office.tries(call()) == (State.QUEUED, "refused")
    assert office.again_at == START + AGAIN

    assert await office.tries(call(attempts=2)) == (State.FAILED, "refused")
    assert office.desk.given_up == ["refused"]


async def test_closing_gives_the_connections_back() -> None:
    office = Office(Desk())
    await office.calls.close()
    assert office.desk.closed
