"""Where someone is: the stack of runs, the question shown, and until when it is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from bot.core.message import JSON

REST_AFTER = timedelta(minutes=15)
"""Silence after which a session rests, and says so at the next message."""
ERASE_AFTER = timedelta(hours=24)
"""How long a resting session keeps its answers."""
REPEAT_WITHIN = timedelta(minutes=1)
"""A second press of the same button counts as a double tap for so long."""


@dataclass(slots=True)
class Run:
    """One person's way through one flow: what was answered and done so far.

    `trail` holds `?key` for an answer and `!key` for what is settled, a `do` and the outcome of a
    wait, in the order they happened; seeded answers are in `answers` and not on the trail, so that
    back does not lose them.
    """

    id: str
    flow: str
    answers: dict[str, JSON] = field(default_factory=dict)
    done: dict[str, JSON] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    customer: int | None = None
    """Whose matter it is; None until someone is proved."""

    def dump(self) -> JSON:
        return [self.id, self.flow, self.answers, self.done, self.trail, self.customer]

    @classmethod
    def load(cls, data: JSON) -> Self:
        return cls(*data)

    @property
    def seeds(self) -> dict[str, JSON]:
        """The answers it was started with, as far as they still hold."""
        said = {step[1:] for step in self.trail}
        return {key: value for key, value in self.answers.items() if key not in said}

    @property
    def last_answer(self) -> str | None:
        """The key that going back would drop; None at the beginning and after something settled."""
        last = self.trail[-1] if self.trail else ""
        return last[1:] if last.startswith("?") else None

    def answer(self, key: str, value: JSON) -> None:
        self.answers[key] = value
        self.trail.append(f"?{key}")

    def record(self, key: str, result: JSON) -> None:
        """What a `do`, or the start of a wait, came to."""
        self.done[key] = result
        self.trail.append(f"!{key}")

    def settle(self, key: str, outcome: JSON) -> None:
        """The outcome of a wait: an answer that cannot be taken back, for it will not come again."""
        self.answers[key] = outcome
        self.trail.append(f"!{key}")

    def pinned(self, key: str) -> bool:
        """Whether a recorded `do` came after this answer: it can be neither undone nor doubted."""
        mark = f"?{key}"
        if mark not in self.trail:
            return bool(self.done)
        after = self.trail[self.trail.index(mark) + 1 :]
        return any(step.startswith("!") for step in after)

    def forget_from(self, key: str) -> None:
        """Drop an answer with all that was answered after it; after a seed, that is everything."""
        mark = f"?{key}"
        cut = self.trail.index(mark) if mark in self.trail else 0
        for step in self.trail[cut:]:
            self.answers.pop(step[1:], None)
        del self.trail[cut:]
        self.answers.pop(key, None)


@dataclass(slots=True)
class Shown:
    """The question on the screen, as an answer must find it.

    `ids` are the ids of the options shown under this nonce, page after page, in order: number n
    is `ids[n - 1]`. `digest` is of the source text and values of a consent, `words` what was
    rendered (the evidence).
    """

    run: str
    key: str
    kind: str
    nonce: str
    at: datetime
    ids: list[JSON] = field(default_factory=list)
    """None stands for a number that was never shown under this nonce."""
    page: int = 0
    find: str = ""
    digest: str = ""
    words: str = ""
    until: datetime | None = None
    """Of a `wait`: when the patience ends."""
    message: int | None = None
    """The ledger row that shows it."""
    told: bool = False
    """Its message also says what must stay to be read (a result), not the question alone."""

    def dump(self) -> JSON:
        return [
            self.run, self.key, self.kind, self.nonce, self.at.isoformat(), self.ids,
            self.page, self.find, self.digest, self.words,
            self.until.isoformat() if self.until else None, self.message, self.told,
        ]  # fmt: skip

    @classmethod
    def load(cls, data: JSON) -> Self:
        # A session of before has no last value.
        run, key, kind, nonce, at, ids, page, find, digest, words, until, message, *told = data
        return cls(
            run, key, kind, nonce, datetime.fromisoformat(at), ids, page, find, digest, words,
            datetime.fromisoformat(until) if until else None, message, *told,
        )  # fmt: skip


@dataclass(slots=True)
class Session:
    """Where an address stands; saved by compare-and-set on `revision`."""

    address: int
    """The row id of the address."""
    revision: int = 0
    stack: list[Run] = field(default_factory=list)
    """Runs laid aside, and last the one at hand."""
    shown: Shown | None = None
    accepted: str = ""
    """The press last taken as an answer: a repeat of it is acknowledged in silence."""
    greeted: bool = False
    seen_at: datetime | None = None

    def dump(self) -> JSON:
        """All but address, revision and seen_at, which are columns."""
        return {
            "stack": [run.dump() for run in self.stack],
            "shown": self.shown.dump() if self.shown else None,
            "accepted": self.accepted,
            "greeted": self.greeted,
        }

    @classmethod
    def load(cls, address: int, revision: int, seen_at: datetime | None, data: JSON) -> Self:
        return cls(
            address=address,
            revision=revision,
            stack=[Run.load(run) for run in data["stack"]],
            shown=Shown.load(data["shown"]) if data["shown"] else None,
            accepted=data["accepted"],
            greeted=data["greeted"],
            seen_at=seen_at,
        )

    @property
    def run(self) -> Run | None:
        return self.stack[-1] if self.stack else None

    def repeats(self, press: str, now: datetime) -> bool:
        """Whether a press is the one just accepted, once more."""
        just = self.seen_at is not None and now - self.seen_at < REPEAT_WITHIN
        return press != "" and press == self.accepted and just

    def rests(self, now: datetime) -> bool:
        """Whether it was silent too long to take the next word for an answer."""
        return bool(self.stack) and self.seen_at is not None and now - self.seen_at > REST_AFTER

    def erased(self, now: datetime) -> bool:
        """Whether the answers are no longer kept."""
        return self.seen_at is not None and now - self.seen_at > REST_AFTER + ERASE_AFTER
