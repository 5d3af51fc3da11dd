"""One turn: an event is heard, the flows run until the next question, and what was said is drawn.

`hearing.py` decides what the event means, `drawing.py` makes messages of what was said; this file
runs the flows between. Everything happens inside the transaction it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from bot.core.brand import Brand
from bot.core.chat import Chat
from bot.core.drawing import Drawer
from bot.core.errors import TooManyRestarts
from bot.core.flow import Flow, Gate, Registry
from bot.core.hearing import Hearing, Start
from bot.core.message import Inbound, Limits, Text, _
from bot.core.ports import Close, Posted, Turn, Visitor
from bot.core.question import Asked, Declined, Offer, Question, Restarted, Room, Said, Switched
from bot.core.render import Catalogs, Renderer, offered_locale, words_by_locale
from bot.core.session import Run, Session
from bot.core.words import Vocabulary

log = structlog.get_logger(__name__)

MOST_RESTARTS = 12
"""How often flows may restart, switch or end in one turn; beyond it is a mistake in a flow."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a turn leaves for the edges to do, after its commit."""

    posted: Sequence[Posted] = ()
    close: Close | None = None
    delete: str | None = None
    """The provider's id of a message of the customer that must not stay."""
    repeat: bool = False


class Engine:
    """Plays turns for one brand. Holds no state of anybody."""

    def __init__(
        self,
        brand: Brand,
        registry: Registry,
        catalogs: Catalogs,
        new_token: Callable[[], str],
    ) -> None:
        """`new_token` makes the short random words of nonces and runs."""
        self.brand = brand
        self.registry = registry
        self.renderer = Renderer(catalogs, brand.zone, brand.currency)
        self.new_token = new_token

        def in_every_language(text: Text) -> Iterable[str]:
            return words_by_locale(catalogs, text).values()

        self.vocabulary = Vocabulary(
            in_every_language, ((f.name, f.phrases) for f in registry.with_phrases if f.phrases)
        )

    def turn(self, tx: Turn, event: Inbound, limits: Limits) -> Played:
        """Play one event in its transaction; raises what a flow raises, and then nothing stays."""
        if not tx.record(event):
            return Played(repeat=True)
        return _Playing(self, tx, event, limits).play()

    def apologise(self, tx: Turn, event: Inbound, limits: Limits, incident: str) -> Played:
        """After a turn that raised: record the event, say sorry, leave the session where it was."""
        if not tx.record(event):
            return Played(repeat=True)
        return _Playing(self, tx, event, limits).apologise(incident)


class _Playing:
    """One turn being played."""

    def __init__(self, engine: Engine, tx: Turn, event: Inbound, limits: Limits) -> None:
        self.engine = engine
        self.tx = tx
        self.event = event
        self.visitor, self.session = tx.open(event)
        self.room = Room(
            tx, engine.brand, limits, engine.renderer, engine.registry, engine.vocabulary, event
        )
        self.out = list[Said]()
        self.moved = False

    @property
    def locale(self) -> str:
        return self.visitor.locale or offered_locale(self.event.locale) or self.engine.brand.locale

    # -------------------------------------------------------------- the turn

    def play(self) -> Played:
        session, before = self.session, self.session.shown
        hearing = Hearing(self.room, session, self.visitor, self.locale, self.engine.new_token)
        heard = hearing.hear()
        if heard.silent:
            self.tx.save(session)
            return Played()
        self.moved = heard.moved
        self.out += heard.said
        question = heard.question
        if question is None and not heard.ended:
            question = self._drive(hearing, heard.offer, back=heard.back)
        drawer = Drawer(self.room, session, self.locale, self.engine.new_token)
        messages = drawer.draw(self.out, question, can_go_back=self._can_go_back())
        posted = self.tx.reply(messages)
        if session.shown and session.shown.message is None and posted:
            session.shown.message = posted[-1].id
        session.seen_at = self.tx.now
        session.greeted = True
        self.tx.save(session)
        close = None
        after = session.shown
        pressed = self.event.press is not None
        if before and (before.kind != "end" or pressed) and after and after.nonce != before.nonce:
            chosen = heard.offer.chosen if heard.offer and heard.offer.taken else ""
            ref = self.event.ref if pressed else None
            close = Close(before.nonce, chosen, ref, before.message)
        return Played(posted, close, self.event.ref if heard.delete else None)

    def apologise(self, incident: str) -> Played:
        drawer = Drawer(self.room, self.session, self.locale, self.engine.new_token)
        sorry = _(
            "Sorry, something went wrong on our side (incident {incident}). Your answers are kept."
            " Please try again, or write /menu or /human.",
            incident=incident,
        )
        posted = self.tx.reply(drawer.aside([Said(sorry)]))
        self.session.seen_at = self.tx.now
        self.tx.save(self.session)
        return Played(posted)

    # -------------------------------------------------------------- the flows

    def _drive(self, hearing: Hearing, offer: Offer | None, *, back: bool) -> Question | None:
        """Run what is on the stack until a question is asked, or nothing is left to run."""
        session = self.session
        for _round in range(MOST_RESTARTS):
            run = session.run
            if run is None:
                self._unanswered(offer)
                return None
            flow = self.engine.registry[run.flow]
            if not run.done and not self._may_run(flow, run):
                offer, back = None, False
                continue
            chat = Chat(self.room, run, self.visitor, self.locale, offer, session.shown)
            try:
                flow(chat)
            except Asked as asked:
                self.visitor = chat.visitor
                if self._flipped(chat, run):
                    offer = None
                    continue
                question = asked.question
                if back and self._still_at(run, question) and self._drop_last(run):
                    continue
                if question.reason and offer and not offer.taken:
                    instead = hearing.instead()
                    if instead is not None:
                        offer, back = None, instead.back
                        self._start(instead)
                        if instead.question or instead.ended:
                            return instead.question
                        continue
                self._absorb(chat, offer, question.reason)
                return question
            except Switched as switched:
                self._leave(chat, offer)
                session.stack[-1] = Run(
                    self.engine.new_token(), switched.flow, dict(switched.seeds)
                )
            except Restarted:
                self._leave(chat, offer)
                session.stack[-1] = Run(self.engine.new_token(), run.flow)
            except Declined:
                self._leave(chat, offer)
                self._stop(run)
            else:
                self.visitor = chat.visitor
                if self._flipped(chat, run):
                    offer = None
                    continue
                self._leave(chat, offer)
                session.stack.pop()
                self._without(flow)
            offer, back, self.moved = None, False, True
        raise TooManyRestarts(session.run.flow if session.run else "")

    def _may_run(self, flow: Flow, run: Run) -> bool:
        """Whether a flow may begin; if not, it is dropped, or led to its proof first."""
        session = self.session
        if not flow.when(Gate(self.engine.brand, self.room.limits, self.visitor)):
            self.out.append(Said(_("That is not available here at the moment.")))
            session.stack.pop()
            self.moved = True
            return False
        if self.visitor.level >= flow.needs:
            return True
        grant = self.engine.registry.granting(flow.needs)
        session.stack.append(Run(self.engine.new_token(), grant.name))
        self.moved = True
        return False

    def _without(self, flow: Flow) -> None:
        """A flow that should have granted a proof ended: who waited for it in vain is dropped."""
        stack = self.session.stack
        if flow.grants is None or self.visitor.level >= flow.grants or not stack:
            return
        if self.engine.registry[stack[-1].flow].needs > self.visitor.level:
            stack.pop()

    def _flipped(self, chat: Chat, run: Run) -> bool:
        """A recorded `do` was not reached again: the flow ends kindly, for its past is settled."""
        seen = set(chat.visited)
        lost = [key for key in run.done if f"!{key}" not in seen and f"?{key}" not in seen]
        if not lost:
            return False
        log.warning("flow.flipped", flow=run.flow, keys=lost)
        self.out.append(
            Said(_("Things changed meanwhile, so I stop here. What was done stays done."))
        )
        self.session.stack.pop()
        self.moved = True
        return True

    def _absorb(self, chat: Chat, offer: Offer | None, reason: Text | None) -> None:
        """Take over what the flow said: spoken when the turn moved, silent when it stayed."""
        self.visitor = chat.visitor
        if chat.changed:
            self.out.append(Said(chat.changed))
        elif offer and not offer.taken and reason is None:
            self._unanswered(offer)
            self.moved = True
        if self.moved or (offer and offer.taken) or (chat.did and reason is None):
            self.out += chat.said

    def _unanswered(self, offer: Offer | None) -> None:
        if offer and not offer.taken:
            self.out.append(Said(_("Meanwhile something changed, so I could not use that answer.")))

    def _leave(self, chat: Chat, offer: Offer | None) -> None:
        """The flow ended or moved on: all it said since the last answer is spoken."""
        self._absorb(chat, offer, None)

    def _stop(self, run: Run) -> None:
        done = _("All right, I stopped. What was done before stays done.")
        self.out.append(Said(done if run.done else _("All right, nothing was done.")))
        self.session.stack.pop()

    def _start(self, heard: Start) -> None:
        self.out += heard.said
        self.moved = self.moved or heard.moved

    # -------------------------------------------------------------- back

    def _still_at(self, run: Run, question: Question) -> bool:
        shown = self.session.shown
        return bool(shown and shown.run == run.id and shown.key == question.key)

    @staticmethod
    def _drop_last(run: Run) -> bool:
        """Going back from a question: the last answer is dropped, unless a `do` settled it."""
        if run.trail and run.trail[-1].startswith("?"):
            run.forget_from(run.trail[-1][1:])
            return True
        return False

    def _can_go_back(self) -> bool:
        run = self.session.run
        if run is None or run.flow == "menu":
            return False
        return not run.done or bool(run.trail and run.trail[-1].startswith("?"))


__all__ = ["Engine", "Played", "Session", "Visitor"]
