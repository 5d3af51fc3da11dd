"""What must hold after every turn, whatever was said: the laws as the state machine sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.core.message import Text, _
from bot.core.moves import GRANTS_FOR, MOST_ASIDE
from bot.core.render import LOCALES
from bot.core.session import REPEAT_WITHIN, Run, Session
from tests.engine.machine_flows import ENDED, SECRET
from tests.engine.talk import CATALOGS, COMMON, Talk

HOME = "What can I do?"
LEFT = (
    _("Cancelled. Nothing was changed."),
    _("Stopped here. What was already done stays."),
    _("All right, nothing was done."),
    _("All right, I stopped. What was done before stays done."),
    _("Things changed meanwhile, so I stop here. What was done stays done."),
    _("That is not available here at the moment."),
    _("What you had begun before is not offered any more."),
    _("What you had begun before was for another customer, so I stop it here."),
    _("I no longer know who you are, so I stop here. What was done stays done."),
    _(ENDED),
)
"""Words that explain why a run is no more."""
SORRY = _(
    "Sorry, something went wrong on our side (incident {incident}). Your answers are kept."
    " Please try again, or write /menu or /human."
)
DROPPED = (
    _("What you had chosen is not there any more."),
    _("Something changed meanwhile, so please look again."),
)
"""Words that explain why an answer is no more."""
WITHOUT_ANSWERS = [each.name for each in COMMON]


@dataclass
class Before:
    """A talk before a turn."""

    session: Session
    effects: int
    screen: str
    """The words of the last question drawn."""


class Laws:
    """Watches one talk; remembers what each nonce stood for and how each run began."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.notices: list[tuple[str, str, bool, datetime]] = []
        """Of each notice: what its button carries, its flow, whether it is for once, until when."""
        self._used: set[str] = set()
        self._nonces: dict[str, tuple[str, str]] = {}
        self._seeds: dict[str, set[str]] = {}
        self._learn(talk.session)

    def hears(self, *texts: Text) -> bool:
        """Whether one of these was heard, in whatever language is spoken."""
        spoken = (CATALOGS.translate(text, locale) for text in texts for locale in LOCALES)
        return any(words.partition("{")[0] in self.talk.words for words in spoken)

    def before(self) -> Before:
        questions = [each.text for each in self.talk.shown if each.nonce]
        return Before(self.talk.session, len(self.talk.effects), questions[-1] if questions else "")

    def after(self, before: Before, *, outcome: bool = False) -> None:
        """Hold the laws over the turn that was just played; an `outcome` may be heard in silence."""
        after = self.talk.session
        self._answered(before.session, outcome=outcome)
        self._shown_is_at_hand(after)
        for run in after.stack:
            old = next((each for each in before.session.stack if each.id == run.id), None)
            self._new_answers(before.session, old, run, outcome=outcome)
            if old:
                self._settled_stays(old, run)
                self._nothing_is_lost(before.session, old, run)
            self._evidence(before, old, run)
        self._no_run_is_lost(before.session, after)
        self._proof(before.session, after)
        self._no_loop(before.session, after)
        self._choice(after)
        self._notice(before.session, after)
        self._learn(after)
        self._nothing_is_done_twice()
        assert SECRET not in self.talk.kept
        assert "4111" not in self.talk.kept

    # -------------------------------------------------------------- one law each

    def _answered(self, before: Session, *, outcome: bool) -> None:
        """Every event is answered, but for the second tap on the button just accepted."""
        talk, now = self.talk, self.talk.clock.now
        press = talk.last.press if talk.last else None
        just = before.seen_at is not None and now - before.seen_at < REPEAT_WITHIN
        if press and press == before.accepted and just:
            talk.hears_nothing()
        else:
            assert talk.heard or outcome

    def _shown_is_at_hand(self, after: Session) -> None:
        shown = after.shown
        if shown is None:
            assert not after.stack
        elif shown.kind in ("end", "rest"):
            assert (shown.kind == "end") == (not after.stack)
        else:
            assert after.run is not None
            assert shown.run == after.run.id
            known = self._nonces.setdefault(shown.nonce, (shown.run, shown.key))
            assert known == (shown.run, shown.key), "one nonce, two questions"

    def _new_answers(self, before: Session, old: Run | None, run: Run, *, outcome: bool) -> None:
        """An answer belongs to the question that was shown, and to the press that carried its nonce."""
        new = set(run.answers) - set(old.answers if old else {}) - set(run.done)
        if old is None:
            assert not [step for step in run.trail if step.startswith("?")], "a greeting answered"
            return
        assert not (new and outcome), "an outcome answered a question"
        shown = before.shown
        assert new <= ({shown.key} if shown and shown.run == run.id else set())
        press = self.talk.last.press if self.talk.last else None
        if new and press is not None and shown:
            assert press.startswith(f"{shown.nonce}:"), "a stale press answered"
        assert {step[1:] for step in run.trail} >= set(run.answers) - self._seeds[run.id]

    def _settled_stays(self, old: Run, run: Run) -> None:
        """Back stops at a deed, and what was before it is never doubted."""
        assert {**run.done, **old.done} == run.done
        settled = max((n for n, step in enumerate(old.trail, 1) if step.startswith("!")), default=0)
        assert run.trail[:settled] == old.trail[:settled]
        for key in {step[1:] for step in old.trail[:settled]} & set(old.answers):
            assert run.answers[key] == old.answers[key]

    def _nothing_is_lost(self, before: Session, old: Run, run: Run) -> None:
        common = 0
        while common < min(len(old.trail), len(run.trail)) and (
            old.trail[common] == run.trail[common]
        ):
            common += 1
        asked = {before.shown.key} if before.shown else set()
        new = [step for step in run.trail[common:] if step.startswith("?")]
        assert {step[1:] for step in new} <= asked, "what followed a dropped answer stayed"
        if common < len(old.trail):
            assert self._went_back() or self.hears(*DROPPED), self.talk.words

    def _evidence(self, before: Before, old: Run | None, run: Run) -> None:
        """What is kept of a consent is what was last on the screen."""
        for key, answer in run.answers.items():
            given = isinstance(answer, dict) and "digest" in answer
            if given and (old is None or key not in old.answers):
                shown = before.session.shown
                assert shown is not None
                assert (shown.key, shown.digest) == (key, answer["digest"])
                assert answer["words"]
                assert answer["words"] in before.screen

    def _no_run_is_lost(self, before: Session, after: Session) -> None:
        talk = self.talk
        if before.erased(talk.clock.now) or HOME in talk.words or self._went_back():
            return
        if self.hears(*LEFT):
            return
        left = {run.id for run in after.stack}
        level = talk.storage.tables.people[str(talk.at)].level
        for run in before.stack:
            if GRANTS_FOR in run.answers and not run.trail and level:
                continue  # nothing was answered yet, and the proof came by itself
            if run.flow not in WITHOUT_ANSWERS and len(before.stack) < MOST_ASIDE:
                assert run.id in left, f"{run.flow} is lost: {talk.words}"

    def _nothing_is_done_twice(self) -> None:
        effects = self.talk.effects
        assert len(effects) == len(set(effects))
        heads, tails = (
            {each.partition("/")[0] for each in effects if each.endswith(f"/{side}")}
            for side in ("heads", "tails")
        )
        assert not heads & tails, "a flow that flipped did something else"

    def _proof(self, before: Session, after: Session) -> None:
        """Nobody is asked what needs a proof without it, or goes on for another customer."""
        talk, run = self.talk, after.run
        if run is None or run.flow not in talk.registry or self.hears(SORRY):
            return
        who = talk.storage.tables.people[str(talk.at)]
        asked = after.shown is not None and after.shown.kind not in ("rest", "end")
        new = before.shown is None or after.shown is None or before.shown.nonce != after.shown.nonce
        if asked and new:
            assert run.done or who.level >= talk.registry[run.flow].needs
            assert not who.level or not run.answers or run.customer in (None, who.customer)

    def _no_loop(self, before: Session, after: Session) -> None:
        """Who waited for a proof that was not given is not led to it once more."""
        registry, run = self.talk.registry, before.run
        left = run is not None and all(run.id != each.id for each in after.stack)
        if run is None or not left or run.flow not in registry or len(before.stack) < 2:
            return
        level, waiting = self.talk.storage.tables.people[str(self.talk.at)].level, before.stack[-2]
        grants = registry[run.flow].grants
        vain = grants is not None and level < grants
        waits = waiting.flow in registry and registry[waiting.flow].needs > level
        if vain and waits and not waiting.done:
            assert all(waiting.id != each.id for each in after.stack), "a loop"

    def _choice(self, after: Session) -> None:
        """What was chosen is still there, or was dropped."""
        run = after.run
        if run and run.flow == "order" and "item" in run.answers and self.talk.heard:
            rests = after.shown is not None and after.shown.kind == "rest"
            kept = run.done or rests or self.hears(SORRY) or self.told_aside()
            assert kept or run.answers["item"] in self.talk.world["items"]

    def _notice(self, before: Session, after: Session) -> None:
        """One for once begins one run, and none begins any after its time."""
        press = self.talk.last.press if self.talk.last else None
        old = {run.id for run in before.stack}
        begun = {run.flow for run in after.stack if run.id not in old}
        for data, flow, once, until in self.notices:
            if press == data and flow in begun:
                assert self.talk.clock.now <= until
                assert not once or data not in self._used
                self._used.add(data)

    # -------------------------------------------------------------- what they stand on

    def told_aside(self) -> bool:
        return "The bank said yes." in self.talk.words

    def _went_back(self) -> bool:
        last = self.talk.last
        if last is None:
            return False
        said = re.sub(r"^/|@.*", "", last.text or "")
        back = self.talk.engine.vocabulary.universal(said) is not None
        return back or (last.press or "").endswith(":b")

    def _learn(self, session: Session) -> None:
        for run in session.stack:
            self._seeds.setdefault(run.id, set(run.seeds))
