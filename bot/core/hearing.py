"""What an event means where the person stands: an answer, a universal word, a wish, a notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.message import JSON, Inbound, Text, _
from bot.core.ports import Visitor
from bot.core.question import Offer, Option, Question, Room, Said
from bot.core.session import Run, Session, Shown
from bot.core.words import SURE, match_label, number_in

HOME = "menu"
"""The flow that greets, and where the universal word of its name leads."""
ASIDE = ("help", "language", "human")
"""Universal words that lay the flow at hand aside and come back to it."""
MOST_ASIDE = 6
"""Runs kept on the stack; beyond, the oldest laid aside is forgotten."""

_UNREADABLE: Mapping[str, Text] = {
    "sticker": _("Nice sticker! I only read words, though: please write or press a button."),
    "voice": _("I cannot listen to voice messages yet. Please write or press a button."),
    "location": _("I cannot use a location here. Please write or press a button."),
    "foreign-contact": _("That contact is not your own, so it proves nothing. Please share yours."),
    "": _("I can only read words here. Please write or press a button."),
}


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
    delete: bool = False
    question: Question | None = None
    """A question of the engine itself."""
    said: list[Said] = field(default_factory=list)


class Hearing:
    """Hears one event; changes the session's stack, never the database."""

    def __init__(
        self,
        room: Room,
        session: Session,
        visitor: Visitor,
        locale: str,
        new_token: Callable[[], str],
    ) -> None:
        self._room = room
        self._session = session
        self._visitor = visitor
        self._locale = locale
        self._new_token = new_token

    # -------------------------------------------------------------- the event

    def hear(self) -> Start:
        event, session, now = self._room.event, self._session, self._room.tx.now
        if event.outcome is not None:
            return self._outcome(event)
        resting = session.rests(now)
        if session.erased(now):
            session.stack.clear()
            session.shown = None
            resting = False
        if event.press is not None:
            return self._press(event.press, resting=resting)
        if event.start is not None:
            return self._link(event.start)
        if event.text is not None and event.text.strip():
            return self._text(event.text.strip(), resting=resting)
        if resting:
            return self._rest()
        shown = session.shown
        if event.phone is not None and shown and shown.kind == "contact":
            return Start(offer=Offer(event, shown))
        if event.file is not None and shown and shown.kind == "ask":
            return Start(offer=Offer(event, shown))
        return self._redraw(_UNREADABLE.get(event.unsupported or "", _UNREADABLE[""]))

    def instead(self) -> Start | None:
        """What a word that is no answer may mean after all: a universal word, or another wish."""
        text, shown = self._room.event.text, self._session.shown
        if not text or shown is None:
            return None
        name = self._room.vocabulary.universal(text, typos=shown.kind != "ask")
        if name is not None:
            return self._universal(name)
        if shown.kind == "secret":
            return None
        wish = self._room.vocabulary.wish(text, SURE)
        if wish is not None and wish in self._room.registry:
            return self._aside(wish, {})
        return None

    def _outcome(self, event: Inbound) -> Start:
        outcome = event.outcome
        if outcome is None:
            raise TypeError("not an outcome")
        for run in self._session.stack:
            if run.id == outcome.run and outcome.key in run.done:
                top = run is self._session.run
                if outcome.key in run.answers:
                    return Start(silent=True)
                shown = self._session.shown
                if top and shown and shown.run == run.id and shown.key == outcome.key:
                    return Start(offer=Offer(event, shown))
                run.answer(outcome.key, outcome.result)
                return Start(moved=True) if top else Start(silent=True)
        if outcome.told is None:
            return Start(silent=True)
        return self._redraw(outcome.told)

    # -------------------------------------------------------------- presses

    def _press(self, data: str, *, resting: bool) -> Start:
        session, shown = self._session, self._session.shown
        nonce, _sep, sign = data.rpartition(":")
        if data == session.accepted:
            return Start(silent=True)
        if nonce.startswith("m") and nonce[1:] and (shown is None or nonce != shown.nonce):
            pressed = self._notice(nonce[1:], sign)
            if pressed is not None:
                return pressed
        if shown is None or nonce != shown.nonce:
            return self._redraw(_("That button is from an earlier question."))
        if sign.startswith("p") and sign[1:].isdecimal():
            if resting:
                return self._rest()
            shown.page = int(sign[1:])
            return Start()
        session.accepted = data
        if sign == "m":
            return self._universal("menu")
        if resting and shown.kind != "rest":
            return self._rest()
        if sign == "b":
            return self._universal("back")
        number = int(sign) if sign.isdecimal() else 0
        if shown.kind == "rest":
            return self._rested(number)
        return Start(offer=Offer(self._room.event, shown, number=number))

    def _notice(self, token: str, sign: str) -> Start | None:
        tx, visitor = self._room.tx, self._visitor
        found = tx.notice(token)
        if found is None:
            return None
        notice = found.notice
        theirs = found.address == visitor.address
        if not theirs or (notice.person is not None and notice.person != visitor.person):
            return self._redraw(_("That button is not for you."))
        if notice.until is not None and tx.now > notice.until:
            return self._redraw(_("That button was good until {until}.", until=notice.until))
        number = int(sign) if sign.isdecimal() else 0
        if not 1 <= number <= len(notice.buttons):
            return self._redraw(_("That button is from an earlier question."))
        if notice.once and not tx.use_notice(found.id):
            return self._redraw(_("That was answered already."))
        button = notice.buttons[number - 1]
        return self._aside(button.flow, button.seeds)

    # -------------------------------------------------------------- words

    def _text(self, text: str, *, resting: bool) -> Start:
        session, shown = self._session, self._session.shown
        vocabulary, registry = self._room.vocabulary, self._room.registry
        asking = shown if shown and shown.kind != "end" else None
        if text.startswith("/"):
            return self._command(text)
        for flow in registry.recognisers:
            known = flow.recognises(text) if flow.recognises else None
            if known is None or (asking and asking.kind == "secret" and not known.sensitive):
                continue
            own = session.run is not None and session.run.flow == flow.name
            if not known.sensitive and own and asking and asking.kind == "ask":
                continue
            start = self._aside(flow.name, known.seeds)
            start.delete = known.sensitive
            return start
        if asking is None:
            return self._wish_or_greeting(text)
        if asking.kind != "ask":
            name = vocabulary.universal(text, typos=False)
            if name is not None:
                return self._universal(name)
        if resting and asking.kind != "rest":
            return self._rest()
        if asking.kind == "rest":
            return self._rested(self._rest_number(text))
        return Start(offer=Offer(self._room.event, asking))

    def _command(self, text: str) -> Start:
        vocabulary, registry = self._room.vocabulary, self._room.registry
        found = vocabulary.command(text)
        if found:
            return self._universal(found[0])
        name, _sep, rest = text[1:].partition(" ")
        if name.partition("@")[0] == "start":
            return self._link(rest.strip())
        wish = vocabulary.wish(text[1:].replace("_", " ").replace("-", " "), SURE)
        if wish is not None and wish in registry:
            return self._aside(wish, {})
        return self._redraw(_("I do not know that command. Write /menu to see what I can do."))

    def _wish_or_greeting(self, text: str) -> Start:
        vocabulary, registry = self._room.vocabulary, self._room.registry
        name = vocabulary.universal(text)
        if name is not None:
            return self._universal(name)
        wish = vocabulary.wish(text)
        if wish is not None and wish in registry:
            return self._aside(wish, {})
        start = self._home()
        if self._session.greeted and not vocabulary.is_greeting(text):
            start.said.append(Said(_("I did not understand that. This is what I can do:")))
        return start

    def _universal(self, name: str) -> Start:
        session = self._session
        match name:
            case "menu":
                return self._home()
            case "back":
                return self._back()
            case "cancel":
                return self._cancel()
            case _:
                if session.run and session.run.flow == name:
                    session.stack.pop()
                return self._aside(name, {})

    def _link(self, payload: str) -> Start:
        found = self._room.registry.starting(payload) if payload else None
        if found is None:
            return self._home()
        flow, rest = found
        return self._aside(flow.name, {"start": rest})

    # -------------------------------------------------------------- moving

    def _home(self) -> Start:
        self._session.stack[:] = [Run(self._new_token(), HOME)]
        return Start(moved=True)

    def _aside(self, flow: str, seeds: Mapping[str, JSON]) -> Start:
        """Begin a flow; the one at hand is laid aside, except a menu nobody chose from."""
        stack = self._session.stack
        if stack and stack[-1].flow == HOME:
            stack.pop()
        stack.append(Run(self._new_token(), flow, dict(seeds)))
        del stack[:-MOST_ASIDE]
        return Start(moved=True)

    def _back(self) -> Start:
        stack, run = self._session.stack, self._session.run
        if run is None or run.flow == HOME:
            return self._home()
        if run.trail and run.trail[-1].startswith("?"):
            run.forget_from(run.trail[-1][1:])
            return Start(moved=True, back=True)
        if run.done:
            return self._redraw(_("That is done already, so I cannot go further back."))
        stack.pop()
        return Start(moved=True) if stack else self._home()

    def _cancel(self) -> Start:
        stack, run = self._session.stack, self._session.run
        if run is None or run.flow == HOME:
            start = self._home()
            start.said.append(Said(_("There is nothing to cancel.")))
            return start
        stack.pop()
        said = (
            _("Stopped here. What was already done stays.")
            if run.done
            else _("Cancelled. Nothing was changed.")
        )
        return Start(moved=True, said=[Said(said)], ended=not stack)

    def _redraw(self, reason: Text) -> Start:
        """Say something and show the question at hand again."""
        said = [Said(reason)]
        if not self._session.stack:
            return Start(said=said, ended=True)
        shown = self._session.shown
        if shown and shown.kind == "rest":
            return Start(said=said, question=self._rest_question(shown))
        return Start(said=said)

    # -------------------------------------------------------------- rest

    def _rest(self) -> Start:
        """It was silent for long: say so, and ask whether to go on."""
        run = self._session.run
        away = _("You were away for a while, so let us start from here.")
        if run is None or not (run.trail or run.flow != HOME):
            return Start(moved=True, said=[Said(away)])
        return Start(question=self._rest_question(None))

    def _rest_question(self, shown: Shown | None) -> Question:
        run = self._session.run
        registry = self._room.registry
        title: Text | str = registry[run.flow].title if run and run.flow in registry else ""
        return Question(
            "rest",
            "rest",
            _("You were away for a while. Shall we go on with **{task}**?", task=title),
            [Option("continue", _("Continue")), Option("menu", _("Menu"))],
            ids=["continue", "menu"],
        )

    def _rest_number(self, text: str) -> int:
        vocabulary = self._room.vocabulary
        if vocabulary.is_yes(text):
            return 1
        if vocabulary.is_no(text):
            return 2
        labels = [self._room.renderer.plain(t, self._locale) for t in (_("Continue"), _("Menu"))]
        hits = match_label(text, labels)
        return number_in(text) or (hits[0] + 1 if len(hits) == 1 else 0)

    def _rested(self, number: int) -> Start:
        if number == 2:
            return self._home()
        if number == 1:
            self._session.shown = None
            return Start(moved=True)
        question = self._rest_question(self._session.shown)
        question.reason = _("Please press a button, or write YES or NO.")
        return Start(question=question)
