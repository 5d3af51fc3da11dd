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
from bot.core.errors import DuplicateKey, Misread
from bot.core.flow import Flow, Gate
from bot.core.message import JSON, DocumentRef, Limits, Text, _
from bot.core.ports import Read, Visitor, Write
from bot.core.question import (
    Asked,
    Declined,
    Id,
    Listed,
    Offer,
    Option,
    Options,
    Question,
    Restarted,
    Retry,
    Room,
    Said,
    Source,
    Switched,
    digest_of,
    plain_json,
)
from bot.core.readers import Reader
from bot.core.session import Run, Shown
from bot.core.words import match_label, number_in

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
    ) -> None:
        self._room = room
        self._run = run
        self._offer = offer if offer and offer.shown.run == run.id else None
        self._shown = shown if shown and shown.run == run.id else None
        self._visited = list[str]()
        self._muted = False
        self.visitor = visitor
        self.locale = locale
        self.said = list[Said]()
        self.changed: Text | None = None
        """Why a question is asked again that was answered before."""
        self.did = False

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
        if self.visitor.customer is None:
            raise LookupError("a flow that asks for the customer declares needs=VERIFIED")
        return self.visitor.customer

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

    def hand(self, value: str) -> None:
        """Say one value alone (a PIX code, a boleto line), so that it can be copied whole."""
        self._say(Said(value, copyable=True))

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
        offer = self._offered(key)
        question = Question(key, "ask", text)
        if offer:
            if (offer.event.file is not None) != (reader.takes == "file"):
                question.reason = _("Please write the answer, or write /menu.")
                raise Asked(question)
            try:
                value = reader.read(offer.event)
            except Misread as misread:
                question.reason = misread.reason
                raise Asked(question) from None
            self._take(key, reader.dump(value))
            return value
        raise Asked(question)

    def choose(self, key: str, text: Text, options: Options[Id] | Source[Id]) -> Id:
        """Ask for one of some options; returns its id, never a row.

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
        offer = self._offered(key)
        question = Question(key, "choose", text)
        if offer:
            chosen = self._chosen(offer, source, question)
            if chosen is not None:
                offer.chosen = self._plain(chosen.label)
                self._take(key, chosen.id)
                return chosen.id
        else:
            self._fill(question, source)
        raise Asked(question)

    def consent(self, key: str, text: Text) -> None:
        """Ask for a yes to exactly this text; a no ends the flow with nothing done.

        What is stored is a digest of the source text and its values: if another would be shown
        now, it is asked again. Values are no finer than a day.
        """
        self._visit(key)
        if any(isinstance(value, datetime) for value in text.values.values()):
            raise ValueError("a consent whose text changes by the clock is never given")
        digest = digest_of(text)
        if key in self._run.answers:
            if self._run.pinned(key) or self._run.answers[key]["digest"] == digest:
                self._known(key)
                return
            self._run.forget_from(key)
            self.changed = _("Something changed meanwhile, so please look again.")
        question = Question(key, "consent", text, ids=["yes", "no"], digest=digest)
        offer = self._offered(key)
        if offer:
            if offer.shown.digest != digest:
                self.changed = _("Something changed meanwhile, so please look again.")
                raise Asked(question)
            said = self._yes_or_no(offer)
            if said is None:
                question.reason = _("Please press a button, or write YES or NO.")
                raise Asked(question)
            offer.chosen = self._plain(_("Yes") if said else _("No"))
            if not said:
                offer.taken = True
                raise Declined
            evidence = {"digest": digest, "words": offer.shown.words, "at": self.now.isoformat()}
            self._take(key, evidence)
            return
        raise Asked(question)

    def secret(self, key: str, text: Text, check: Callable[[Write, str], JSON | Retry]) -> JSON:
        """Ask for a code: the word goes to `check` and nowhere else; only its outcome is stored.

        A `Retry` is a wrong try: what `check` counted is committed, and the question stays.
        """
        self._visit(key)
        if key in self._run.answers:
            return self._known(key)
        question = Question(key, "secret", text)
        offer = self._offered(key)
        if offer:
            if not offer.event.text:
                question.reason = _("Please write the code.")
                raise Asked(question)
            outcome = check(self._room.tx, offer.event.text)
            self.did = True
            if isinstance(outcome, Retry):
                question.reason = outcome.reason
                raise Asked(question)
            self._refresh()
            self._take(key, outcome)
            return outcome
        raise Asked(question)

    def contact(self, key: str, text: Text) -> str:
        """Ask the channel for the person's own phone; returns it as E.164, proved."""
        self._visit(key)
        if key in self._run.answers:
            phone: str = self._known(key)
            return phone
        question = Question(key, "contact", text)
        offer = self._offered(key)
        if offer:
            if offer.event.phone is None:
                question.reason = _("Please use the button to share your own number.")
                raise Asked(question)
            self._take(key, offer.event.phone)
            return offer.event.phone
        raise Asked(question)

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
        with that run and key.
        """
        self._visit(key)
        if key in self._run.answers:
            return self._known(key)
        if key not in self._run.done:
            ticket = {"address": self.visitor.address, "run": self._run.id, "key": key}
            result = plain_json(action(self._room.tx, ticket, *args, **kwargs))
            ends = self.now + until
            self._run.record(key, {"result": result, "until": ends.isoformat()})
            self.did = True
        ends = datetime.fromisoformat(self._run.done[key]["until"])
        offer = self._offered(key)
        question = Question(key, "wait", text, until=ends)
        if offer and offer.event.outcome is not None:
            self._take(key, offer.event.outcome.result)
            return offer.event.outcome.result
        if self.now >= ends:
            if offer:
                offer.taken = True
            self._run.answer(key, None)
            self._heard()
            return None
        if offer:
            question.reason = _("I am still waiting for the answer.")
        raise Asked(question)

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
            stored: T = self._run.done[key]
            return stored
        result = action(self._room.tx, *args, **kwargs)
        self._run.record(key, plain_json(result))
        self.did = True
        self._refresh()
        return result

    def switch(self, flow: str, **seeds: JSON) -> NoReturn:
        """Leave this flow for another, which finds `seeds` among its answers."""
        raise Switched(flow, seeds)

    def again(self) -> NoReturn:
        """The same flow afresh: how a loop ends its round."""
        raise Restarted

    # -------------------------------------------------------------- inside

    @property
    def visited(self) -> Sequence[str]:
        """The steps this run of the function came by, `?key` and `!key`."""
        return self._visited

    def _visit(self, key: str, mark: str = "?") -> None:
        step = mark + key
        if step in self._visited:
            raise DuplicateKey(f"{self._run.flow}: {key!r}")
        self._visited.append(step)

    def _offered(self, key: str) -> Offer | None:
        offer = self._offer
        if offer and not offer.taken and offer.shown.key == key:
            return offer
        return None

    def _known(self, key: str) -> JSON:
        self._heard()
        return self._run.answers[key]

    def _take(self, key: str, value: JSON) -> None:
        self._run.answer(key, plain_json(value))
        if self._offer:
            self._offer.taken = True
        self._heard()

    def _heard(self) -> None:
        """What was said up to an answer was spoken in an earlier turn."""
        self.said.clear()
        self._muted = False

    def _refresh(self) -> None:
        self.visitor = self._room.tx.reopen()

    def _plain(self, text: Text | str) -> str:
        return self._room.renderer.plain(text, self.locale)

    def _yes_or_no(self, offer: Offer) -> bool | None:
        if offer.number is not None:
            return {1: True, 2: False}.get(offer.number)
        said, vocabulary = offer.event.text or "", self._room.vocabulary
        if vocabulary.is_no(said):
            return False
        if vocabulary.is_yes(said):
            sent = offer.event.sent_at
            # Channels tell whole seconds.
            early = sent is not None and sent < offer.shown.at.replace(microsecond=0)
            return None if early else True
        return None

    def _chosen(self, offer: Offer, source: Source[Id], question: Question) -> Option[Id] | None:
        """The option an offer means; None with the question filled for being asked again."""
        shown, said = offer.shown, offer.event.text or ""
        ids = list(shown.ids)
        number = offer.number if offer.number is not None else number_in(said)
        if number is not None and 1 <= number <= len(ids):
            found = source.get(ids[number - 1])
            if found is not None:
                return found
            question.reason = _("That option is not there any more.")
            self._fill(question, source)
            return None
        if number is None:
            options = [o for each in ids if (o := source.get(each)) is not None]
            hits = match_label(said, [self._plain(o.label) for o in options])
            if len(hits) == 1:
                return options[hits[0]]
            found_options = [options[i] for i in hits] or list(source.find(said))
            if len(found_options) == 1:
                return found_options[0]
            if found_options:
                question.reason = _("Which of these do you mean?")
                question.options = found_options[: self.limits.page]
                question.ids = [o.id for o in question.options]
                question.find = said
                return None
        question.reason = _("I did not find that option. Press a button, or write its number.")
        self._fill(question, source)
        return None

    def _fill(self, question: Question, source: Source[Id]) -> None:
        """The options of the page at hand. Ids shown before keep their numbers, page after page."""
        size = self.limits.page
        shown = self._shown if self._shown and self._shown.key == question.key else None
        page, known = (shown.page, list(shown.ids)) if shown and not shown.find else (0, [])
        options = source.page(page * size, size + 1)
        if not options and page:
            page = 0
            options = source.page(0, size + 1)
        question.page, question.more = page, len(options) > size
        question.options = options[:size]
        question.offset = page * size
        ids: list[JSON] = [o.id for o in question.options]
        before, after = known[: question.offset], known[question.offset + len(ids) :]
        overlap = known[question.offset : question.offset + len(ids)]
        if len(before) == question.offset and overlap == ids[: len(overlap)]:
            question.ids = before + ids + after
        else:  # the list moved under the pages: numbers begin anew, under a new nonce
            question.ids, question.offset = ids, 0
