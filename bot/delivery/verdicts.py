"""What an attempt's end means for its ledger row: sent, tried again, given up, failed."""

from __future__ import annotations

import random
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.errors import DeliveryError, Permanent, Temporary
from bot.core.message import Call, Mail, Notice
from bot.core.ports import Posted, Settled, State
from bot.delivery.backoff import CALL, CODE_MAIL, MAIL, NOTICE, REPLY, Backoff
from bot.delivery.connection import AccountFault

log = structlog.get_logger("delivery")


class Verdicts:
    """Judges attempts, and counts what came of them by lane.

    | what happened | state | and |
    |---|---|---|
    | taken | sent | a mail's `sent` is told |
    | Permanent | failed, with its code | the contact flagged if it is bad; a mail's `failed` or `unsent` told |
    | Temporary | queued, growing delays | Retry-After is kept |
    | Temporary, for too long | failed, `gave_up` | a mail's `unsent` told |
    | an unexpected exception | as Temporary | logged with its trace, the first time |
    """

    def __init__(self, clock: Callable[[], datetime], rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Lane → state → how many attempts ended so since the start."""
        return {lane: dict(states) for lane, states in self._counts.items()}

    def expired(self, posted: Posted) -> bool:
        """Whether it is worth nothing any more: a one-time code whose minutes are over."""
        made, body = posted.created_at, posted.body
        if made is None or not isinstance(body, Mail) or body.code is None:
            return False
        return self._clock() - made >= CODE_MAIL.patience

    def sent(self, posted: Posted, ref: str | None) -> Settled:
        body = posted.body
        tell = body.sent if isinstance(body, Mail) and body.tell is not None else None
        return self._settled(posted, State.SENT, ref=ref, tell=tell)

    def failed(self, posted: Posted, error: DeliveryError) -> Settled:
        """Of a channel's or a mail server's refusal."""
        if isinstance(error, Permanent):
            return self._hopeless(posted, error.code, flag=error.flag)
        code = error.code if isinstance(error, Temporary) else "refused"
        after = error.after if isinstance(error, Temporary) else None
        delays, now = _delays(posted), self._clock()
        if delays.gives_up(posted.attempts, posted.created_at, now):
            return self._hopeless(posted, "gave_up")
        # An account in trouble says itself when it may be tried; its mails need no delays of their own.
        if not isinstance(error, AccountFault) or after is None:
            after = delays.delay(posted.attempts, after, self._rng)
        return self._settled(posted, State.QUEUED, error=code, again_at=now + after)

    def broken(self, posted: Posted, error: Exception) -> Settled:
        """Of an exception nobody declared: ours or a library's fault, so it is tried again."""
        # The exception's own words may quote the message, so only its kind and place are logged.
        kind, trace = type(error).__name__, traceback.format_tb(error.__traceback__)
        if posted.attempts <= 1:
            log.error(
                "attempt broke", id=posted.id, lane=posted.lane, kind=kind, trace="".join(trace)
            )
        else:
            log.warning("attempt broke again", id=posted.id, lane=posted.lane, kind=kind)
        return self.failed(posted, Temporary("internal"))

    def released(self, posted: Posted) -> Settled:
        """It was not tried: whoever is next may have it at once."""
        return self._settled(posted, State.QUEUED, again_at=self._clock())

    def replaced(self, posted: Posted) -> Settled:
        """It waited, and its session moved on."""
        return self._settled(posted, State.REPLACED)

    def behind(self, rest: Sequence[Posted], first: Settled) -> list[Settled]:
        """Of what should have followed a message that did not leave: it shares its fate."""
        return [
            self._settled(p, first.state, error=first.error, again_at=first.again_at) for p in rest
        ]

    def note(self, rows: Sequence[Posted], outcomes: Sequence[Settled]) -> None:
        """Count and log what is about to be written."""
        for posted, outcome in zip(rows, outcomes, strict=True):
            state = outcome.state.value
            self._counts[posted.lane][state] += 1
            level = log.info if outcome.error else log.debug
            level(
                "attempt",
                id=posted.id,
                lane=posted.lane,
                state=state,
                error=outcome.error,
                attempt=posted.attempts,
            )

    def _hopeless(self, posted: Posted, code: str, *, flag: bool = False) -> Settled:
        body = posted.body
        tell = None
        if isinstance(body, Mail) and body.tell is not None:
            tell = body.failed if code == "bad_address" else body.unsent or body.failed
        return self._settled(posted, State.FAILED, error=code, flag=flag, tell=tell)

    def _settled(
        self,
        posted: Posted,
        state: State,
        *,
        ref: str | None = None,
        error: str | None = None,
        again_at: datetime | None = None,
        flag: bool = False,
        tell: Notice | None = None,
    ) -> Settled:
        body = posted.body
        tell_address = body.tell if isinstance(body, Mail) and tell is not None else None
        return Settled(posted.id, state, ref, error, again_at, flag, tell, tell_address)


def _delays(posted: Posted) -> Backoff:
    if isinstance(posted.body, Call):
        return replace(CALL, patience=timedelta(seconds=posted.body.patience))
    if isinstance(posted.body, Mail):
        return MAIL if posted.body.code is None else CODE_MAIL
    return REPLY if posted.kind == "reply" else NOTICE
