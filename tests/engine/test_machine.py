"""Any words, presses, restarts, deploys and data changes, in any order.

No crash but the scripted one, no double effect, no lost answer, back goes back, secrets stay secret.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.errors import UnknownFlow
from bot.core.message import (
    FileIn,
    Inbound,
    Limits,
    Notice,
    NoticeButton,
    Outbound,
    Outcome,
    Text,
    _,
)
from bot.core.moves import MOST_ASIDE
from bot.core.render import LOCALES
from bot.core.session import REPEAT_WITHIN, Session
from tests.engine.machine_flows import DEPLOYS, ENDED, SECRET, WRONG_SECRET, Scripted
from tests.engine.talk import CATALOGS, COMMON, TELEGRAM, TERMINAL, WEB, WHATSAPP, Talk

HOME = "What can I do?"
SORRY = _(
    "Sorry, something went wrong on our side (incident {incident}). Your answers are kept."
    " Please try again, or write /menu or /human."
)
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
DROPPED = (
    _("What you had chosen is not there any more."),
    _("Something changed meanwhile, so please look again."),
)
"""Words that explain why an answer is no more."""
WITHOUT_ANSWERS = [each.name for each in COMMON]
LIKELY = [
    "hi", "oi", "1", "2", "3", "9", "15", "yes", "sim", "no", "não", "stop", "Item 3", "item",
    "good", "bad", "menu", "/menu", "back", "voltar", "/back", "cancel", "/cancelar", "help", "/help",
    "idioma", "human", "more", "previous", "i want to order", "danger please", "order", "names",
    "bank", "switch", "fragile", "flip", "again", "continue", "4111 1111 1111 1111", "/start o_1",
    "English", "Bank A", "ok", "thanks", "/nothing", "??", "small", "bank a", "bnak b",
]  # fmt: skip


class Careful(Talk):
    """A talk in which flows may fall, but only as scripted."""

    def _turn(self, event: Inbound) -> Sequence[Outbound]:
        try:
            return super()._turn(event)
        except (Scripted, UnknownFlow):
            self.played = self.storage.play_now(
                lambda tx: self.engine.apologise(tx, event, self.limits, "1A2B")
            )
            return [row.body for row in self.played.posted if isinstance(row.body, Outbound)]


class Conversations(RuleBasedStateMachine):
    """One person's chat with the adversarial flows."""

    @initialize(
        limits=st.sampled_from([WEB, WHATSAPP, TELEGRAM, TERMINAL]), level=st.integers(0, 2)
    )
    def begin(self, limits: Limits, level: int) -> None:
        self.talk = Careful(
            *DEPLOYS["as before"], limits=limits, items=list(range(1, 13)), price=10, heads=True,
            tickets=[], tries=0, effects=[], broken=False,
        )  # fmt: skip
        self.talk.says("hi")
        self._proved(level)

    # -------------------------------------------------------------- what the person does

    @rule(nth=st.integers(0, 11))
    def goes_on(self, nth: int) -> None:
        """A sensible answer to the question at hand."""
        talk, shown = self.talk, self.talk.session.shown
        match shown.kind if shown else "end":
            case "choose" if shown:
                words = str(nth % max(1, len(shown.ids)) + 1)
            case "secret":
                words = WRONG_SECRET if nth > 9 else SECRET
            case "end":
                words = ["i want to order", "danger please", "/menu"][nth % 3]
            case "ask":
                words = ["7", "stop", "Ana"][nth % 3]
            case _:
                words = "yes"
        self._does(lambda: talk.says(words))

    @rule(nth=st.integers(0, 11))
    def goes_on_by_button(self, nth: int) -> None:
        last = self.talk.heard[-1].buttons if self.talk.heard else ()
        buttons = [b for b in last if b.kind == "press"] or self.talk.buttons
        if buttons:
            self._does(lambda: self.talk.presses_data(buttons[nth % len(buttons)].data))
        else:
            self.goes_on(nth)

    @rule(text=st.one_of(st.sampled_from(LIKELY), st.text(max_size=12)))
    def says_anything(self, text: str) -> None:
        self._does(lambda: self.talk.says(text))

    @rule(text=st.sampled_from(["yes", "no", "1", "7"]))
    def says_it_before_it_was_asked(self, text: str) -> None:
        asked = self.talk.session.shown
        effects = len(self.talk.effects)
        sent = self.talk.clock.now - timedelta(seconds=2 * 60 * 60)
        self._does(lambda: self.talk.says(text, sent_at=sent))
        assert asked is None or asked.kind != "consent" or len(self.talk.effects) == effects

    @precondition(lambda self: self.talk.buttons)
    @rule(at=st.integers(0, 10**6))
    def presses_any_button_ever_shown(self, at: int) -> None:
        buttons = self.talk.buttons
        self._does(lambda: self.talk.presses_data(buttons[at % len(buttons)].data))

    @rule()
    def goes_back(self) -> None:
        before = self.talk.session
        self._does(lambda: self.talk.says("/back"))
        after = self.talk.session
        if before.run and after.run and after.run.id == before.run.id:
            kept = len(after.run.trail)
            earlier = kept < len(before.run.trail) and after.run.trail == before.run.trail[:kept]
            refused = _("That is done already, so I cannot go further back.")
            assert earlier or self._hears(refused, SORRY)

    @rule(how=st.sampled_from(["sticker", "voice", "file", "phone", "link", "tap", "repeat"]))
    def does_something_else(self, how: str) -> None:
        talk = self.talk
        match how:
            case "file":
                self._does(lambda: talk.sends(FileIn("f", "f.png", "image/png", 9)))
            case "phone":
                self._does(lambda: talk.shares("+5511900000001"))
            case "link":
                self._does(lambda: talk.opens("o_7"))
            case "tap":
                if talk.last and talk.last.press is not None:
                    self._does(talk.taps_again)
            case "repeat":
                before = talk.kept
                talk.comes_again()
                talk.hears_nothing()
                assert talk.kept == before
            case _:
                self._does(lambda: talk.sends_a(how))

    # -------------------------------------------------------------- what happens meanwhile

    @rule(what=st.sampled_from(["price", "heads", "broken", "proof", "customer", *DEPLOYS]))
    def something_changes(self, what: str) -> None:
        world = self.talk.world
        if what in DEPLOYS:
            self.talk.deploys(*DEPLOYS[what])
        elif what == "proof":
            self._proved(0)
        elif what == "customer":
            self._proved(1, customer=8)
        else:
            world[what] = world[what] + 1 if what == "price" else not world[what]

    @rule(items=st.lists(st.integers(1, 20), unique=True, max_size=20))
    def the_list_changes(self, items: list[int]) -> None:
        self.talk.world["items"] = items

    @rule(minutes=st.sampled_from([1, 5, 16, 40, 25 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.talk.after(minutes=minutes)

    @precondition(lambda self: self.talk.world["tickets"])
    @rule(at=st.integers(0, 99), told=st.booleans())
    def the_bank_answers(self, at: int, told: bool) -> None:
        tickets = self.talk.world["tickets"]
        run, key = tickets[-1 - at % min(3, len(tickets))]
        outcome = Outcome(run, key, "yes", _("The bank said yes.") if told else None)
        self._does(lambda: self.talk.outside(outcome), may_be_silent=True)

    @rule(once=st.booleans(), flow=st.sampled_from(["order", "names", "bank", "no such flow"]))
    def a_notice_comes(self, once: bool, flow: str) -> None:
        seeds = {"item": 3} if flow == "order" else {}
        until = self.talk.clock.now + timedelta(minutes=20)
        button = NoticeButton(_("Go"), flow, seeds)
        self.talk.gets(Notice(_("Something is due."), (button,), once=once, until=until))

    # -------------------------------------------------------------- what must hold

    def _proved(self, level: int, customer: int = 7) -> None:
        who = self.talk.storage.tables.people[str(self.talk.at)]
        who.level, who.customer, who.person = level, customer, 3

    def _hears(self, *texts: Text) -> bool:
        """Whether one of these was heard, in whatever language is spoken."""
        spoken = (CATALOGS.translate(text, locale) for text in texts for locale in LOCALES)
        return any(words.partition("{")[0] in self.talk.words for words in spoken)

    def _does(self, event: Any, *, may_be_silent: bool = False) -> None:
        talk = self.talk
        before = talk.session
        screen = [each.text for each in talk.shown if each.nonce]
        now = talk.clock.now + timedelta(seconds=1)
        event()
        after = talk.session
        press = talk.last.press if talk.last else None
        just = before.seen_at is not None and now - before.seen_at < REPEAT_WITHIN
        twice = press is not None and press == before.accepted and just
        assert talk.heard or twice or may_be_silent, talk.last
        if twice:
            talk.hears_nothing()
        self._no_answer_is_lost(before, after)
        self._evidence_is_what_was_shown(before, after, screen)
        self._shown_is_at_hand(after)

    def _no_answer_is_lost(self, before: Session, after: Session) -> None:
        talk = self.talk
        said = talk.last.text or "" if talk.last else ""
        press = talk.last.press or "" if talk.last else ""
        went_back = (
            "back" if press.endswith(":b") else talk.engine.vocabulary.universal(said.strip("/ "))
        )
        if before.erased(talk.clock.now) or HOME in talk.words or went_back is not None:
            return
        if self._hears(*LEFT, *DROPPED):
            return
        runs = {run.id: run for run in after.stack}
        for run in before.stack:
            if run.flow in WITHOUT_ANSWERS or len(before.stack) >= MOST_ASIDE:
                continue
            assert run.id in runs, f"{run.flow} is lost: {talk.words}"
            kept = runs[run.id]
            assert {**kept.answers, **run.answers} == kept.answers, talk.words
            assert {**kept.done, **run.done} == kept.done
            assert kept.trail[: len(run.trail)] == run.trail

    def _evidence_is_what_was_shown(
        self, before: Session, after: Session, screen: list[str]
    ) -> None:
        old = {run.id: run for run in before.stack}
        for run in after.stack:
            for key, answer in run.answers.items():
                known = old[run.id].answers if run.id in old else {}
                if isinstance(answer, dict) and "digest" in answer and key not in known:
                    assert before.shown is not None
                    assert before.shown.key == key
                    assert before.shown.words == answer["words"]
                    assert before.shown.digest == answer["digest"]
                    assert answer["words"] in screen[-1]

    def _shown_is_at_hand(self, after: Session) -> None:
        shown = after.shown
        if shown is None:
            assert not after.stack
            return
        assert shown.nonce
        if shown.kind in ("end", "rest"):
            assert (shown.kind == "end") == (not after.stack)
        else:
            assert after.run is not None
            assert shown.run == after.run.id

    @invariant()
    def nothing_is_done_twice(self) -> None:
        effects = self.talk.effects
        assert len(effects) == len(set(effects))

    @invariant()
    def secrets_are_nowhere(self) -> None:
        assert SECRET not in self.talk.kept
        assert "4111" not in self.talk.kept

    @invariant()
    def a_session_stays_small(self) -> None:
        session = self.talk.session
        assert len(json.dumps(session.dump())) < 8_000
        assert len(session.stack) <= 8

    @invariant()
    def what_is_drawn_keeps_the_limits(self) -> None:
        limits = self.talk.limits
        for message in self.talk.heard:
            assert message.text
            assert len(message.text) <= limits.text
            assert len(message.buttons) <= max(limits.buttons, limits.list_rows)

    def teardown(self) -> None:
        """Whatever happened, there is a way out."""
        if hasattr(self, "talk"):
            self.talk.says("/menu")
            assert HOME in self.talk.words


TestConversations = Conversations.TestCase
TestConversations.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
