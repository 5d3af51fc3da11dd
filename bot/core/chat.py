"""What a flow holds in its hand: say, ask, choose, consent, secret, wait, do, switch, again.

A flow is called from its top on every turn. What was answered before is returned at once; the
first question without an answer is shown, and the flow is unwound by an exception outside
`Exception`, so that no `except Exception` of a flow can swallow it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from bot.core.brand import Brand
from bot.core.choosing import Choosing
from bot.core.errors import DuplicateKey, Misread, OutOfTurn
from bot.core.flow import Flow, Gate
from bot.core.message import JSON, DocumentRef, Limits, LinkRef, Text, _
from bot.core.ports import Level, Read, Visitor, Write
from bot.core.question import (
    Asked,
    Declined,
    Flipped,
    Id,
    Listed,
    Offer,
    Options,
    Question,
    Restarted,
    Retry,
    Room,
    Said,
    Source,
    Stop,
    Switched,
    Unproved,
    digest_of,
    plain_json,
    tells_time,
)
from bot.core.readers import Reader
from bot.core.session import Run, Shown

P = ParamSpec("P")
T = TypeVar("T")


class Chat:
    """One run of a flow in one turn. The flow's author needs nothing else.

    Keys: each question and each `do` has an explicit key, used once in a run; a loop gives each
    round its own. Writes happen only inside `do`: collect first, one `do` at the end.
    """

    def __init__(
        self,
        room: Room,
        run: Run,
        visitor: Visitor,
        locale: str,
        offer: Offer | None,
        shown: Shown | None,
        waiting: str | None = None,
    ) -> None:
        self._room = room
        self._run = run
        self._offer = offer if offer and offer.shown.run == run.id else None
        self._shown = shown if shown and shown.run == run.id else None
        self._visited: list[str] = []
        self._muted = False
        self._over = False
        self.visitor = visitor
        self.locale = locale
        self.waiting = waiting
        """The flow laid aside that goes on when this one ends; None if there is none."""
        self.said: list[Said] = []
        self.changed: Text | None = None
        """Why a question is asked again that was answered before."""

    # -------------------------------------------------------------- to look at

    @property
    def read(self) -> Read:
        """The turn's transaction, to look with."""
        return self._room.tx

    @property
    def brand(self) -> Brand:
        return self._room.brand

    @property
    def limits(self) -> Limits:
        """What the channel at hand can bear."""
        return self._room.limits

    @property
    def now(self) -> datetime:
        """The turn's instant, UTC."""
        return self._room.tx.now

    @property
    def today(self) -> date:
        """The date in the brand's time zone."""
        return self._room.tx.today

    @property
    def customer(self) -> int:
        """The id of the customer at hand; only flows that need VERIFIED may ask."""
        if self.visitor.customer is not None:
            return self.visitor.customer
        if self._room.registry[self._run.flow].needs is Level.STRANGER:
            raise LookupError("a flow that asks for the customer declares needs=VERIFIED")
        self._over = True
        raise Unproved

    @property
    def event(self) -> str:
        """The id of the event being played, to build a dedup key of."""
        return f"{self._room.event.address.account}:{self._room.event.id}"

    def menu(self) -> list[Flow]:
        """The flows that may be offered here and now."""
        return self._room.registry.menu(self._gate())

    def offers(self, flow: str) -> bool:
        """Whether a flow exists and is switched on for this brand, channel and visitor."""
        registry = self._room.registry
        return flow in registry and registry[flow].when(self._gate())

    def seed(self, key: str, default: JSON = None) -> JSON:
        """A value this flow was started with (`switch`, a notice's button, a pasted code)."""
        return self._run.answers.get(key, default)

    def _gate(self) -> Gate:
        return Gate(self.brand, self.limits, self.visitor)

    # -------------------------------------------------------------- to say

    def say(self, text: Text) -> None:
        """Say something; plain sayings and the next question are one message."""
        self._say(Said(text))

    def hand(self, value: str | LinkRef) -> None:
        """Say one value alone (a PIX code, a boleto line, a link), so that it can be copied whole."""
        link = value if isinstance(value, LinkRef) else None
        self._say(Said("" if isinstance(value, LinkRef) else value, copyable=True, link=link))

    def document(self, document: DocumentRef, caption: Text) -> None:
        """Send a document; it is rendered when it is delivered."""
        self._say(Said(caption, document=document))

    def _say(self, said: Said) -> None:
        if not self._muted:
            self.said.append(said)

    # -------------------------------------------------------------- to ask

    def ask(self, key: str, text: Text, reader: Reader[T]) -> T:
        """Ask for a value in words (or a file); ask again, with the reason, until it reads."""
        self._visit(key)
        if key in self._run.answers:
            return reader.load(self._known(key))
        question = Question(key, "ask", text, takes="file" if reader.takes == "file" else "")
        offer = self._offered(key)
        if offer and offer.event.file is not None and reader.takes != "file":
            question.reason = _("Please write the answer, or write /menu.")
        elif offer:
            try:
                value = reader.read(offer.event)
            except Misread as misread:
                question.reason = misread.reason
            else:
                self._take(key, reader.dump(value))
                return value
        self._pause(question)

    def choose(
        self, key: str, text: Text | Callable[[], Text], options: Options[Id] | Source[Id]
    ) -> Id:
        """Ask for one of some options; returns its id, never a row.

        A `text` that has to look something up is given as a function: it is called only in turns
        that show the question.

        `options` are (id, label) or Option, or a Source for long lists. An id is stable: what it
        means does not change while someone thinks. A stored choice that exists no more is dropped with what
        follows, and asked again.
        """
        self._visit(key)
        source: Source[Id] = (
            Listed(options, self._plain) if isinstance(options, Sequence) else options
        )
        if key in self._run.answers:
            stored: Id = self._run.answers[key]
            if self._run.pinned(key) or source.get(stored) is not None:
                self._known(key)
                return stored
            self._run.forget_from(key)
            self.changed = _("What you had chosen is not there any more.")
        question = Question(key, "choose", text if isinstance(text, Text) else Text(""))
        shown = self._shown if self._shown and self._shown.key == key else None
        choosing = Choosing(
            source, question, shown, self.limits.page, self._room.vocabulary, self._plain
        )
        offer = self._offered(key)
        if offer is None:
            choosing.fill()
        elif (chosen := choosing.chosen(offer)) is not None:
            offer.chosen = self._plain(chosen.label)
            self._take(key, chosen.id)
            return chosen.id
        if not isinstance(text, Text):
            question.text = text()
        self._pause(question)

    def consent(self, key: str, text: Text, *, ends: bool = True) -> Mapping[str, JSON]:
        """Ask for a yes to exactly this text; a no ends the flow with nothing done.

        With `ends=False` a no is an answer too: the evidence then holds `"no": True`.

        What is stored is a digest of the source text and its values: if another would be shown
        now, it is asked again. Values are no finer than a day. Returns the evidence: the digest,
        the words that were on the screen, and when the yes came.
        """
        self._visit(key)
        if tells_time(text):
            raise ValueError("a consent whose text changes by the clock is never given")
        digest = digest_of(text)
        if key in self._run.answers:
            given: Mapping[str, JSON] = self._run.answers[key]
            if self._run.pinned(key) or given["digest"] == digest:
                self._known(key)
                return given
            self._run.forget_from(key)
            self.changed = _("Something changed meanwhile, so please look again.")
        question = Question(key, "consent", text, ids=["yes", "no"], digest=digest)
        offer = self._offered(key)
        if offer and offer.shown.digest != digest:
            self.changed = _("Something changed meanwhile, so please look again.")
        elif offer:
            said = self._yes_or_no(offer)
            if said is not None:
                offer.chosen = self._plain(_("Yes") if said else _("No"))
            if said is False and ends:
                offer.taken = True
                self._stop(Declined())
            if said is not None:
                at = self.now.isoformat()
                evidence: dict[str, JSON] = {"digest": digest, "words": offer.shown.words, "at": at}
                if not said:
                    evidence["no"] = True
                self._take(key, evidence)
                return evidence
            question.reason = _("Please answer YES or NO.")
        self._pause(question)

    def secret(self, key: str, text: Text, check: Callable[[Write, str], JSON | Retry]) -> JSON:
        """Ask for a code: the word goes to `check` and nowhere else; only its outcome is stored.

        A `Retry` is a wrong try: what `check` counted is committed, and the question stays.
        """
        self._visit(key)
        if key in self._run.answers:
            return self._known(key)
        question = Question(key, "secret", text)
        offer = self._offered(key)
        if offer and offer.event.text:
            self._settled()
            outcome = check(self._room.tx, offer.event.text)
            if not isinstance(outcome, Retry):
                self._refresh()
                return self._take(key, outcome)
            question.reason = outcome.reason
        elif offer:
            question.reason = _("Please write the code.")
        self._pause(question)

    def contact(self, key: str, text: Text) -> str:
        """Ask the channel for the person's own phone; returns it as E.164, proved.

        One that was proved at this address before is not asked for again.
        """
        self._visit(key)
        if key in self._run.answers:
            phone: str = self._known(key)
            return phone
        question = Question(key, "contact", text)
        offer = self._offered(key)
        if offer and offer.event.phone is not None:
            self._take(key, offer.event.phone)
            return offer.event.phone
        if offer:
            question.reason = _("Please use the button to share your own number.")
        elif self.visitor.phone is not None:
            return self.visitor.phone
        self._pause(question)

    def wait(
        self,
        key: str,
        text: Text,
        action: Callable[Concatenate[Write, Mapping[str, JSON], P], JSON],
        until: timedelta,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> JSON:
        """Start something outside and wait for its outcome; None when time runs out.

        `action` gets a ticket `{address, run, key}`; the outcome comes back as an `Outcome` event
        with that run and key. What was answered before is settled, as before a `do`.
        """
        self._visit(key)
        self._visit(key, mark="!")
        if key in self._run.answers:
            return self._known(key)
        if key not in self._run.done:
            self._settled()
            ticket = {"address": self.visitor.address, "run": self._run.id, "key": key}
            result = plain_json(action(self._room.tx, ticket, *args, **kwargs))
            ends = self.now + until
            self._run.record(key, {"result": result, "until": ends.isoformat()})
            self._muted = False
            self._refresh()
        ends = datetime.fromisoformat(self._run.done[key]["until"])
        offer = self._offered(key)
        if self.now >= ends:
            if offer:
                offer.taken = True
            self._run.settle(key, None)
            return self._known(key)
        question = Question(key, "wait", text, until=ends)
        if offer:
            question.reason = _("I am still waiting for the answer.")
        self._pause(question)

    # -------------------------------------------------------------- to act

    def do(
        self,
        key: str,
        action: Callable[Concatenate[Write, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Change something, once: on later turns the stored result is returned.

        The result is JSON. The action checks its own preconditions and may return a refusal.
        What was answered before a recorded `do` is settled: back stops here.
        """
        self._visit(key, mark="!")
        if key in self._run.done:
            self.said.clear()
            self._muted = True
        else:
            self._settled()
            self._run.record(key, plain_json(action(self._room.tx, *args, **kwargs)))
            self._muted = False
            self._refresh()
        result: T = self._run.done[key]
        return result

    def switch(self, flow: str, **seeds: JSON) -> NoReturn:
        """Leave this flow for another, which finds `seeds` among its answers."""
        self._stop(Switched(flow, plain_json(seeds)))

    def again(self) -> NoReturn:
        """The same flow afresh: how a loop ends its round."""
        self._stop(Restarted())

    # -------------------------------------------------------------- inside

    def finish(self) -> None:
        """The engine's last word: the function returned. Raises Flipped."""
        self._settled()
        self._over = True

    def _visit(self, key: str, mark: str = "?") -> None:
        if self._over:
            raise OutOfTurn(f"{self._run.flow}: {key!r}")
        step = mark + key
        if step in self._visited:
            raise DuplicateKey(f"{self._run.flow}: {key!r}")
        self._visited.append(step)

    def _settled(self) -> None:
        """Nothing new happens in a run that did not come by all that was done in it before."""
        if any(f"!{key}" not in self._visited for key in self._run.done):
            self._over = True
            raise Flipped

    def _pause(self, question: Question) -> NoReturn:
        self._stop(Asked(question))

    def _stop(self, stop: Stop) -> NoReturn:
        self._settled()
        self._over = True
        try:
            raise stop
        finally:
            # The trace holds this frame, and through it the whole turn: with `stop` in the frame all
            # of it would wait for the garbage collector.
            del stop

    def _offered(self, key: str) -> Offer | None:
        offer = self._offer
        if offer and not offer.taken and offer.shown.key == key:
            return offer
        return None

    def _known(self, key: str) -> JSON:
        self._heard()
        return self._run.answers[key]

    def _take(self, key: str, value: JSON) -> JSON:
        self._run.answer(key, plain_json(value))
        if self._offer:
            self._offer.taken = True
        return self._known(key)

    def _heard(self) -> None:
        """What was said up to an answer was spoken in an earlier turn."""
        self.said.clear()
        self._muted = False

    def _refresh(self) -> None:
        self.visitor = self._room.tx.reopen()

    def _plain(self, text: Text | str) -> str:
        return self._room.renderer.plain(text, self.locale)

    def _yes_or_no(self, offer: Offer) -> bool | None:
        """What a press or the word means; None if it is neither, or a yes that came too early."""
        if offer.number is not None:
            return {1: True, 2: False}.get(offer.number)
        said, vocabulary = offer.event.text or "", self._room.vocabulary
        if vocabulary.is_no(said):
            return False
        sent = offer.event.sent_at
        # Channels tell whole seconds.
        early = sent is not None and sent < offer.shown.at.replace(microsecond=0)
        return True if vocabulary.is_yes(said) and not early else None
