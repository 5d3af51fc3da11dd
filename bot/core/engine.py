"""One turn: an event is heard, the flows run until the next question, and what was said is drawn.

`hearing.py` decides what the event means, `drawing.py` makes messages of what was said; this file
runs the flows between. Everything happens inside the transaction it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import structlog

from bot.core.brand import Brand
from bot.core.chat import Chat
from bot.core.drawing import Drawer
from bot.core.errors import TooManyRestarts
from bot.core.flow import Flow, Gate, Registry
from bot.core.hearing import Hearing
from bot.core.message import Inbound, Limits, Text, _
from bot.core.moves import GRANTS_FOR, HOME, Start, give_up, leave
from bot.core.ports import Close, Level, Posted, Turn
from bot.core.question import (
    Asked,
    Declined,
    Flipped,
    Offer,
    Question,
    Restarted,
    Room,
    Said,
    Switched,
    Unproved,
)
from bot.core.render import Catalogs, Renderer, offered_locale, words_by_locale
from bot.core.session import Run, Shown
from bot.core.words import Vocabulary

log = structlog.get_logger(__name__)

MOST_RESTARTS = 12
"""How often flows may restart, switch or end in one turn; beyond it is a mistake in a flow."""


class Played(NamedTuple):
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
            in_every_language,
            ((f.name, f.phrases) for f in registry.with_phrases if f.phrases),
            ((f.name, f.title) for f in registry if f.menu is not None),
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
        self.level = self.visitor.level
        """What was proved when the turn began."""
        self.laid_aside = {run.id for run in self.session.stack[:-1]}
        self.room = Room(
            tx, engine.brand, limits, engine.renderer, engine.registry, engine.vocabulary, event
        )
        self.out: list[Said] = []
        self.moved = False
        self.finished: Flow | None = None
        """What was played to its end in this turn."""

    @property
    def locale(self) -> str:
        return self.visitor.locale or offered_locale(self.event.locale) or self.engine.brand.locale

    @property
    def drawer(self) -> Drawer:
        """Speaks the language as it is now: the turn may have changed it."""
        return Drawer(self.room, self.session, self.locale, self.engine.new_token)

    # -------------------------------------------------------------- the turn

    def play(self) -> Played:
        session, before = self.session, self.session.shown
        hearing = Hearing(self.room, session, self.visitor, self.locale, self.engine.new_token)
        heard = hearing.hear()
        if heard.silent:
            self.tx.save(session)
            return Played()
        if heard.aside:
            return self._aside(heard.said)
        self._start(heard)
        question = heard.question
        if question is None and not heard.ended:
            question = self._drive(hearing, heard.offer, back=heard.back)
        messages = self.drawer.draw(self.out, question, can_go_back=self._can_go_back())
        after = session.shown
        changed = before is None or after is None or after.nonce != before.nonce
        if before and changed:
            self.tx.forget_reply_queue()
        posted = self.tx.reply(messages)
        if after and after.message is None and posted:
            after.message = posted[-1].id
        session.accepted = (self.event.press or "") if changed or heard.moved else ""
        session.seen_at = self.tx.now
        session.greeted = True
        self.tx.save(session)
        close = self._closed(before, heard.offer, changed=changed) if before else None
        return Played(posted, close, self.event.ref if heard.delete else None)

    def apologise(self, incident: str) -> Played:
        sorry = _(
            "Sorry, something went wrong on our side (incident {incident}). Your answers are kept."
            " Please try again, or write /menu or /human.",
            incident=incident,
        )
        return self._aside([Said(sorry)])

    def _aside(self, said: Sequence[Said]) -> Played:
        """Only tell something: the question at hand stays, and a session that rests goes on resting."""
        session, now = self.session, self.tx.now
        posted = self.tx.reply(self.drawer.aside(said))
        if not session.rests(now):
            session.seen_at = now
        self.tx.save(session)
        return Played(posted)

    def _closed(self, before: Shown, offer: Offer | None, *, changed: bool) -> Close | None:
        """How the question that was at hand is closed on the screen."""
        press = self.event.press or ""
        on_it = press.startswith(f"{before.nonce}:")
        if not (changed or on_it) or (before.kind == "end" and not press):
            return None
        return Close(
            before.nonce,
            offer.chosen if offer and offer.taken else "",
            self.event.ref if on_it else None,
            before.message,
            # A consent is what one agreed to, and a result is what came of it.
            stays=not on_it or before.kind != "choose" or before.told,
            goes_on=not changed,
        )

    # -------------------------------------------------------------- the flows

    def _drive(self, hearing: Hearing, offer: Offer | None, *, back: bool) -> Question | None:
        """Run what is on the stack until a question is asked, or nothing is left to run."""
        session = self.session
        for _round in range(MOST_RESTARTS):
            run = session.run
            if run is None:
                self._unanswered(offer)
                follower = self._follower()
                if follower is None:
                    return None
                session.stack.append(Run(self.engine.new_token(), follower.name))
                offer, self.finished = None, None
                continue
            flow = self._allowed(run, offer)
            if flow is None:
                offer, back, self.moved = None, False, True
                continue
            waiting = session.stack[-2].flow if len(session.stack) > 1 else None
            chat = Chat(self.room, run, self.visitor, self.locale, offer, session.shown, waiting)
            try:
                self._run(flow, run, chat)
            except Asked as asked:
                question, stays = asked.question, self._stays(run, asked.question)
                if back and stays and run.last_answer is not None:
                    run.forget_from(run.last_answer)
                    continue
                if question.reason and offer and not offer.taken:
                    instead = hearing.instead()
                    if instead is not None:
                        self._start(instead)
                        if instead.question or instead.ended:
                            return instead.question
                        offer, back = None, instead.back
                        continue
                self._absorb(chat, offer, stays=stays)
                return question
            except Flipped:
                log.warning("flow.flipped", flow=run.flow, done=list(run.done))
                self._end(_("Things changed meanwhile, so I stop here. What was done stays done."))
            except Unproved:
                self._end(
                    _("I no longer know who you are, so I stop here. What was done stays done.")
                )
            except Switched as switched:
                self._absorb(chat, offer, stays=False)
                if switched.flow != run.flow:
                    self._leave()
                else:
                    session.stack.pop()
                session.stack.append(
                    Run(self.engine.new_token(), switched.flow, dict(switched.seeds))
                )
            except Restarted:
                self._absorb(chat, offer, stays=False)
                session.stack[-1] = Run(self.engine.new_token(), run.flow)
            except Declined:
                self._absorb(chat, offer, stays=False)
                done = _("All right, I stopped. What was done before stays done.")
                self.out.append(Said(done if run.done else _("All right, nothing was done.")))
                self._leave()
            else:
                self._absorb(chat, offer, stays=False)
                self._leave()
                self.finished = flow
            offer, back = None, False
        raise TooManyRestarts(session.run.flow if session.run else "")

    def _run(self, flow: Flow, run: Run, chat: Chat) -> None:
        """Call a flow; whoever it proves or forgets is who the rest of the turn speaks with."""
        try:
            flow(chat)
            chat.finish()
        finally:
            self.visitor = chat.visitor
            run.customer = chat.visitor.customer or run.customer

    def _allowed(self, run: Run, offer: Offer | None) -> Flow | None:
        """The run's flow; None if it may not run now: it is dropped, or led to its proof first."""
        registry, session = self.engine.registry, self.session
        if run.flow not in registry and run.id in self.laid_aside:
            log.warning("flow.unknown", flow=run.flow)
            self._end(_("What you had begun before is not offered any more."))
            return None
        flow = registry[run.flow]
        if run.answers and self._of_another(run):
            self._end(_("What you had begun before was for another customer, so I stop it here."))
            return None
        if run.done:
            return flow
        proving = flow.grants and GRANTS_FOR in run.answers and not run.trail
        if proving and self.visitor.level >= (flow.grants or 0):
            # Proved meanwhile, by somebody else's yes or in another tab: nothing is left to ask for.
            self._unanswered(offer)
            self._leave()
            return None
        if not flow.when(Gate(self.engine.brand, self.room.limits, self.visitor)):
            self._end(_("That is not available here at the moment."))
            return None
        if self.visitor.level < flow.needs:
            self._unanswered(offer)
            grant = registry.granting(flow.needs)
            session.stack.append(Run(self.engine.new_token(), grant.name, {GRANTS_FOR: run.flow}))
            return None
        return flow

    def _follower(self) -> Flow | None:
        """What is due of itself, now that a task of a known person has ended and nothing is at hand."""
        ended, visitor = self.finished, self.visitor
        if ended is None or ended.follows or min(ended.needs, visitor.level) < Level.VERIFIED:
            return None
        gate = Gate(self.engine.brand, self.room.limits, visitor)
        for each in self.engine.registry.following:
            if each.follows and each.when(gate) and each.follows(self.tx, visitor):
                return each
        return None

    def _of_another(self, run: Run) -> bool:
        """Whether someone else was proved here since the run was at hand."""
        here = self.visitor.customer
        return here is not None and run.customer is not None and here != run.customer

    def _end(self, why: Text) -> None:
        """A run ends otherwise than its flow would: kindly, and with what was done."""
        self.out.append(Said(why))
        self.moved = True
        self._leave()

    def _leave(self) -> None:
        leave(self.session, self.engine.registry, self.visitor.level)
        if self.visitor.level < self.level:
            give_up(self.session, self.engine.registry, self.visitor.level)

    def _absorb(self, chat: Chat, offer: Offer | None, *, stays: bool) -> None:
        """Take over what the flow said: spoken when the turn moved, silent when it stayed."""
        if chat.changed:
            self.out.append(Said(chat.changed))
        elif not stays:
            self._unanswered(offer)
        self.moved = self.moved or not stays or chat.changed is not None
        if self.moved:
            self.out += chat.said

    def _unanswered(self, offer: Offer | None) -> None:
        if offer and not offer.taken:
            self.out.append(Said(_("Meanwhile something changed, so I could not use that answer.")))

    def _start(self, heard: Start) -> None:
        self.out += heard.said
        self.moved = self.moved or heard.moved

    def _stays(self, run: Run, question: Question) -> bool:
        """Whether the question is the one that is on the screen."""
        shown = self.session.shown
        return bool(shown and shown.run == run.id and shown.key == question.key)

    def _can_go_back(self) -> bool:
        run = self.session.run
        if run is None or run.flow == HOME:
            return False
        return not run.done or run.last_answer is not None


__all__ = ["Engine", "Played"]
