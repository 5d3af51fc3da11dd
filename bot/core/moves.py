"""Where a person goes from here: the menu, a flow beside the one at hand, back, out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.flow import Registry
from bot.core.message import JSON, _
from bot.core.ports import Level
from bot.core.question import Offer, Question, Said
from bot.core.session import Run, Session

HOME = "menu"
"""The flow that greets, and where the universal word of its name leads."""
GRANTS_FOR = ":for"
"""The seed of a run that was begun to prove somebody: the flow that needs the proof."""
MOST_ASIDE = 6
"""Runs kept on the stack; beyond, the oldest laid aside is forgotten."""


@dataclass(slots=True)
class Start:
    """Where the turn begins: with an answer for the question shown, or with what the event changed."""

    offer: Offer | None = None
    moved: bool = False
    """What the flow says is spoken: it was not just a question shown again."""
    back: bool = False
    silent: bool = False
    """Nothing is answered at all: a repeat of the press just accepted."""
    ended: bool = False
    """Nothing is left to run."""
    aside: bool = False
    """Only told: the question at hand stays as it is."""
    delete: bool = False
    question: Question | None = None
    """A question of the engine itself."""
    said: list[Said] = field(default_factory=list)


class Moves:
    """Moves on the session's stack; the flows themselves are run by the engine."""

    def __init__(
        self, session: Session, registry: Registry, level: Level, new_token: Callable[[], str]
    ) -> None:
        self._session = session
        self._registry = registry
        self._level = level
        self._new_token = new_token

    @property
    def at_home(self) -> bool:
        """Whether there is no task at hand that could be lost."""
        run = self._session.run
        return run is None or run.flow == HOME

    def home(self) -> Start:
        self._session.stack[:] = [Run(self._new_token(), HOME)]
        return Start(moved=True)

    def aside(self, flow: str, seeds: Mapping[str, JSON], *, afresh: bool = False) -> Start:
        """Begin a flow; the one at hand is laid aside, except a menu nobody chose from.

        Who is in that very flow already stays there, unless it is to begin `afresh`.
        """
        stack, run = self._session.stack, self._session.run
        same = run is not None and run.flow == flow
        begun = {key: value for key, value in run.seeds.items() if key != GRANTS_FOR} if run else {}
        if run and same and not afresh and begun == dict(seeds) and not run.done:
            return Start(moved=True)
        if run and (run.flow == HOME or (same and afresh)):
            stack.pop()
        stack.append(Run(self._new_token(), flow, dict(seeds)))
        del stack[:-MOST_ASIDE]
        return Start(moved=True)

    def back(self) -> Start:
        """Drop the last answer, or leave a flow that has none."""
        run = self._session.run
        if run is None or run.flow == HOME:
            return self.home()
        if run.last_answer is not None:
            run.forget_from(run.last_answer)
            return Start(moved=True, back=True)
        if run.done:
            return Start(said=[Said(_("That is done already, so I cannot go further back."))])
        self.leave()
        return Start(moved=True) if self._session.stack else self.home()

    def cancel(self) -> Start:
        run = self._session.run
        if run is None or run.flow == HOME:
            start = self.home()
            start.said.append(Said(_("There is nothing to cancel.")))
            return start
        self.leave()
        said = _("Cancelled. Nothing was changed.")
        if run.done:
            said = _("Stopped here. What was already done stays.")
            if run.flow in self._registry:
                said = self._registry[run.flow].stays or said
        return Start(moved=True, said=[Said(said)], ended=not self._session.stack)

    def leave(self) -> None:
        """Drop the run at hand; if it should have granted a proof and did not, whoever waits for it too.

        Otherwise the flow that waits would lead to the same proof again, for ever.
        """
        leave(self._session, self._registry, self._level)


def leave(session: Session, registry: Registry, level: Level) -> None:
    """See `Moves.leave`; `level` is what is proved now."""
    stack = session.stack
    left = stack.pop()
    grants = registry[left.flow].grants if left.flow in registry else None
    if grants is None or level >= grants:
        return
    while stack and not stack[-1].done and _needs(registry, stack[-1]) > level:
        stack.pop()


def give_up(session: Session, registry: Registry, level: Level) -> None:
    """Drop what was laid aside and needs a proof that was just given back: who leaves, leaves it too."""
    session.stack[:] = [run for run in session.stack if _needs(registry, run) <= level]


def _needs(registry: Registry, run: Run) -> Level:
    return registry[run.flow].needs if run.flow in registry else Level.STRANGER
