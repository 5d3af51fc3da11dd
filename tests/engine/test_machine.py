"""Any words, presses, restarts, deploys and data changes, in any order.

No crash but the scripted one, no double effect, no lost answer, back goes back, secrets stay secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.errors import UnknownFlow
from bot.core.message import FileIn, Inbound, Limits, Notice, NoticeButton, Outbound, Outcome, _
from tests.engine.machine_flows import DEPLOYS, SECRET, WRONG_SECRET, Scripted
from tests.engine.machine_laws import HOME, SORRY, Laws
from tests.engine.talk import TELEGRAM, TERMINAL, WEB, WHATSAPP, Talk

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
        at_hand = self.session.run
        try:
            return super()._turn(event)
        except (Scripted, UnknownFlow) as error:
            removed = at_hand is None or at_hand.flow not in self.registry
            if isinstance(error, UnknownFlow) and not removed:
                raise  # a flow laid aside made the one at hand fall
            self.played = self.storage.play_now(
                lambda tx: self.engine.apologise(tx, event, self.limits, "1A2B")
            )
            return [row.body for row in self.played.posted if isinstance(row.body, Outbound)]


class Conversations(RuleBasedStateMachine):
    """One person's chat with the adversarial flows."""

    @initialize(
        limits=st.sampled_from([WEB, WHATSAPP, TELEGRAM, TERMINAL]),
        level=st.sampled_from([0, 1, 2, 2]),
        wish=st.sampled_from(
            ["order", "order", "danger", "names", "bank", "fragile", "flip", "hi"]
        ),
        steps=st.integers(0, 4),
    )
    def begin(self, limits: Limits, level: int, wish: str, steps: int) -> None:
        self.talk = Careful(
            *DEPLOYS["as before"], limits=limits, items=list(range(1, 13)), price=10, heads=True,
            tickets=[], tries=0, effects=[], broken=False,
        )  # fmt: skip
        self.talk.says("hi")
        self._proved(level)
        self.talk.says("/menu")
        self.laws = Laws(self.talk)
        self._does(lambda: self.talk.says(wish))
        self.goes_on([steps] * steps)

    # -------------------------------------------------------------- what the person does

    @rule(nths=st.lists(st.integers(0, 11), min_size=1, max_size=4))
    def goes_on(self, nths: list[int]) -> None:
        """Sensible answers to the questions at hand."""
        for nth in nths:
            words = self._sensible(nth)
            self._does(lambda words=words: self.talk.says(words))  # type: ignore[misc]

    def _sensible(self, nth: int) -> str:
        shown = self.talk.session.shown
        match shown.kind if shown else "end":
            case "choose" if shown:
                return str(nth % max(1, len(shown.ids)) + 1)
            case "secret":
                return WRONG_SECRET if nth > 9 else SECRET
            case "end":
                return ["i want to order", "danger please", "/menu"][nth % 3]
            case "ask":
                return ["7", "stop", "Ana"][nth % 3]
            case _:
                return "yes"

    @rule(nth=st.integers(0, 11))
    def goes_on_by_button(self, nth: int) -> None:
        last = self.talk.heard[-1].buttons if self.talk.heard else ()
        buttons = [b for b in last if b.kind == "press"] or self.talk.buttons
        if buttons:
            self._does(lambda: self.talk.presses_data(buttons[nth % len(buttons)].data))

    @precondition(lambda self: self._at("order", "flip", "names", "danger"))
    @rule(change=st.integers(0, 5), nth=st.integers(0, 11))
    def goes_on_while_it_changes(self, change: int, nth: int) -> None:
        """The world, the code or the person is another one between a question and its answer."""
        run, talk = self.talk.session.run, self.talk
        assert run is not None
        words = self._sensible(nth)
        match run.flow, change:
            case ("flip", _):
                talk.world["heads"] = not talk.world["heads"]
            case ("order", 0 | 1) if run.answers.get("item") in talk.world["items"]:
                talk.world["items"].remove(run.answers["item"])
            case (_, 2):
                talk.deploys(*DEPLOYS["a question more"])
            case (_, 3):
                talk.deploys(*DEPLOYS["a flow less"])
            case (_, 4):
                self._proved(0)
            case _:
                self._proved(1, customer=8)
        self._does(lambda: talk.says(words))

    @precondition(lambda self: self._at("names") and self._asked_for("ask"))
    @rule(word=st.sampled_from(["menu", "voltar", "Ajuda", "sim", "2"]))
    def answers_with_a_universal_word(self, word: str) -> None:
        before = self.talk.session
        self._does(lambda: self.talk.says(word))
        if not before.rests(self.talk.clock.now) and not self.laws.hears(SORRY):
            assert before.run is not None
            said = [run for run in self.talk.session.stack if run.id == before.run.id]
            assert all(word in run.answers.values() for run in said)

    @rule(text=st.one_of(st.sampled_from(LIKELY), st.text(max_size=12)))
    def says_anything(self, text: str) -> None:
        self._does(lambda: self.talk.says(text))

    @precondition(lambda self: self._asked_for("consent"))
    @rule(what=st.sampled_from(["early", "price", "language", "number"]))
    def agrees_in_a_bad_moment(self, what: str) -> None:
        """A yes that came too early, or by a number, or to what is not on the screen any more."""
        talk, effects, shown = self.talk, len(self.talk.effects), self.talk.session.shown
        assert shown is not None
        match what:
            case "early":
                sent = talk.clock.now - timedelta(hours=2)
                self._does(lambda: talk.says("yes", sent_at=sent))
            case "number":
                self._does(lambda: talk.says("1"))
            case "price" if shown.key != "really":
                talk.world["price"] += 1
                self._does(lambda: talk.presses_data(f"{shown.nonce}:1"))
            case _:
                talk.storage.tables.people[str(talk.at)].locale = "pt_BR"
                self._does(lambda: talk.sends_a("sticker"))
                self._does(lambda: talk.presses_data(f"{shown.nonce}:1"))
                return
        assert len(talk.effects) == effects

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
            assert earlier or self.laws.hears(refused, SORRY)

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
        erased = self.talk.session.erased(self.talk.clock.now)
        self._does(lambda: self.talk.outside(outcome), outcome=True)
        found = [each for each in self.talk.session.stack if each.id == run]
        assert all(key in each.answers for each in found), "an outcome was lost"
        assert self.talk.heard or not told or found or erased

    @rule(once=st.booleans(), flow=st.sampled_from(["order", "names", "bank", "no such flow"]))
    def a_notice_comes(self, once: bool, flow: str) -> None:
        seeds = {"item": 3} if flow == "order" else {}
        until = self.talk.clock.now + timedelta(minutes=20)
        button = NoticeButton(_("Go"), flow, seeds)
        self.talk.gets(Notice(_("Something is due."), (button,), once=once, until=until))
        for drawn in self.talk.heard[-1].buttons:
            self.laws.notices.append((drawn.data, flow, once, until))

    @precondition(lambda self: self.laws.notices)
    @rule(at=st.integers(1, 3))
    def presses_a_notice(self, at: int) -> None:
        data = self.laws.notices[-at:][0][0]
        self._does(lambda: self.talk.presses_data(data))

    # -------------------------------------------------------------- what must hold

    def _at(self, *flows: str) -> bool:
        run = self.talk.session.run
        return run is not None and run.flow in flows

    def _asked_for(self, *kinds: str) -> bool:
        shown = self.talk.session.shown
        return shown is not None and shown.kind in kinds

    def _proved(self, level: int, customer: int = 7) -> None:
        who = self.talk.storage.tables.people[str(self.talk.at)]
        who.level, who.customer, who.person = level, customer, 3

    def _does(self, event: Callable[[], None], *, outcome: bool = False) -> None:
        before = self.laws.before()
        event()
        self.laws.after(before, outcome=outcome)

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
