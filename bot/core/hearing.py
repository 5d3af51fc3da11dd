"""What an event means where the person stands: an answer, a universal word, a wish, a notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import timedelta

from bot.core.message import JSON, Inbound, Outcome, Text, _
from bot.core.moves import GRANTS_FOR, HOME, Moves, Start
from bot.core.ports import PressedNotice, Visitor
from bot.core.question import Offer, Option, Question, Room, Said
from bot.core.session import Run, Session, Shown
from bot.core.words import LIKELY, SURE, match_label, number_in

_SIGN = re.compile(r"(?P<number>[0-9]{1,5})|p(?P<page>[0-9]{1,5})|(?P<word>[bm])", re.ASCII)
"""What a button carries after its nonce: the number of an option, a page, back or menu."""

_UNREADABLE: Mapping[str, Text] = {
    "sticker": _("Nice sticker! I only read words, though: please write or press a button."),
    "voice": _("I cannot listen to voice messages yet. Please write or press a button."),
    "location": _("I cannot use a location here. Please write or press a button."),
    "foreign-contact": _("That contact is not your own, so it proves nothing. Please share yours."),
    "edited": _(
        "I saw that you changed a message. I go by what was written first: please write it again."
    ),
    "file": _("I do not need a file here. Please write or press a button."),
    "phone": _("I do not need your number here. Please write or press a button."),
    "": _("I can only read words here. Please write or press a button."),
}

_NOTICES, _WRITTEN_WITHIN = 5, timedelta(days=7)
"""Which notices can be answered by writing what their buttons say."""


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
        self._moves = Moves(session, room.registry, visitor.level, new_token)
        self._resting = False
        """It was silent for long, and there is a task to ask whether to go on with."""
        self._stale_menu = False
        """It was silent for long before a menu: the next word is not for it."""

    # -------------------------------------------------------------- the event

    def hear(self) -> Start:
        event, session, now = self._room.event, self._session, self._room.tx.now
        if session.erased(now):
            session.stack.clear()
            session.shown = None
        if event.outcome is not None:
            return self._outcome(event.outcome)
        silent = session.rests(now)
        run = session.run
        known = run is not None and run.flow != HOME and run.flow in self._room.registry
        asked = known and not self._unanswered(run)
        self._resting, self._stale_menu = silent and asked, silent and not asked
        if event.press is not None:
            return self._press(event.press)
        if event.start is not None:
            return self._link(event.start)
        if event.text is not None and event.text.strip():
            return self._text(event.text.strip())
        return self._other(event)

    def _unanswered(self, run: Run | None) -> bool:
        """Whether a question that came by itself got no answer: it holds up nobody who comes back."""
        follows = run is not None and self._room.registry[run.flow].follows is not None
        return follows and run is not None and run.last_answer is None

    def instead(self) -> Start | None:
        """What a word that is no answer may mean after all: a universal word, or another wish."""
        text, shown = self._room.event.text, self._session.shown
        if not text or shown is None:
            return None
        name = self._room.vocabulary.universal(text, typos=shown.kind != "ask")
        if name is not None:
            return self._universal(name)
        if self._moves.at_home and self._room.vocabulary.is_greeting(text):
            return self._wish(text, SURE) or self._moves.home()
        return None if shown.kind == "secret" else self._meant(text, SURE)

    def _other(self, event: Inbound) -> Start:
        shown = self._session.shown
        if self._resting:
            return self._rest()
        kind = event.unsupported or ""
        if event.phone is not None:
            if shown and shown.kind == "contact":
                return Start(offer=Offer(event, shown))
            kind = "phone"
        if event.file is not None:
            if shown and shown.kind == "ask":
                return Start(offer=Offer(event, shown))
            if (start := self._unasked(list(astuple(event.file)))) is not None:
                return start
            kind = "file"
        return self._redraw(_UNREADABLE.get(kind, _UNREADABLE[""]))

    def _unasked(self, file: JSON) -> Start | None:
        """A file that came before its question, or without one."""
        run, registry = self._session.run, self._room.registry
        key = registry[run.flow].file_key if run is not None and run.flow in registry else ""
        if run is not None and key and not run.done:
            return self._moves.aside(run.flow, {**run.seeds, key: file}, afresh=True)
        flow = registry.taking_files
        return None if flow is None else self._moves.aside(flow.name, {"file": file})

    def _outcome(self, outcome: Outcome) -> Start:
        """The outside answered: the run that waits goes on, or the person is told all the same."""
        for run in self._session.stack:
            if run.id != outcome.run or outcome.key not in run.done:
                continue
            if outcome.key not in run.answers:
                run.settle(outcome.key, outcome.result)
                if run is self._session.run:
                    return Start(moved=True)
            elif run.answers[outcome.key] is not None:
                return Start(silent=True)
        if outcome.told is None:
            return Start(silent=True)
        return Start(said=[Said(outcome.told)], aside=True)

    # -------------------------------------------------------------- presses

    def _press(self, data: str) -> Start:
        session, shown = self._session, self._session.shown
        nonce, _sep, sign = data.rpartition(":")
        if session.repeats(data, self._room.tx.now):
            return Start(silent=True)
        read = _SIGN.fullmatch(sign)
        if shown is None or nonce != shown.nonce or read is None:
            return self._old_button(nonce, sign)
        if read["word"] == "m":
            return self._universal("menu")
        if self._resting and shown.kind != "rest":
            return self._rest()
        if read["word"] == "b":
            return self._universal("back")
        if read["page"]:
            if shown.kind == "choose":
                shown.page = int(read["page"])
            return Start()
        number = int(read["number"])
        if shown.kind == "rest":
            return self._rested(number)
        return Start(offer=Offer(self._room.event, shown, number=number))

    def _old_button(self, nonce: str, sign: str) -> Start:
        """A notice's button, or one of a question that is no longer at hand."""
        pressed = self._notice(nonce[1:], sign) if nonce.startswith("m") and nonce[1:] else None
        if pressed is not None:
            return pressed
        if sign == "m" and self._moves.at_home:
            return self._universal("menu")
        return self._redraw(_("That button is from an earlier question."))

    def _notice(self, token: str, sign: str) -> Start | None:
        found = self._room.tx.notice(token)
        if found is None:
            return None
        read = _SIGN.fullmatch(sign)
        return self._pressed(found, int(read["number"] or 0) if read else 0)

    def _written(self, text: str) -> Start | None:
        """The label of a recent notice's button, in words: where nothing can be pressed, the only way."""
        since = self._room.tx.now - _WRITTEN_WITHIN
        for found in self._room.tx.recent_notices(since, _NOTICES):
            labels = [
                self._room.renderer.plain(button.label, self._locale)
                for button in found.notice.buttons
            ]
            hits = [] if found.used else match_label(text, labels)
            if len(hits) == 1:
                return self._pressed(found, hits[0] + 1)
        return None

    def _pressed(self, found: PressedNotice, number: int) -> Start:
        tx, visitor, notice = self._room.tx, self._visitor, found.notice
        theirs = found.address == visitor.address
        if not theirs or (notice.person is not None and notice.person != visitor.person):
            return self._redraw(_("That button is not for you."))
        if notice.until is not None and tx.now > notice.until:
            return self._redraw(_("That button was good until {until}.", until=notice.until))
        if not 1 <= number <= len(notice.buttons):
            return self._redraw(_("That button is from an earlier question."))
        button = notice.buttons[number - 1]
        if button.flow not in self._room.registry:
            return self._redraw(_("That is not available here at the moment."))
        if notice.once and not tx.use_notice(found.id):
            return self._redraw(_("That was answered already."))
        return self._moves.aside(button.flow, button.seeds)

    # -------------------------------------------------------------- words

    def _text(self, text: str) -> Start:
        shown = self._session.shown
        asking = shown if shown and shown.kind != "end" and not self._stale_menu else None
        if text.startswith("/"):
            return self._command(text)
        pasted = self._pasted(text, asking)
        if pasted is not None:
            return pasted
        if asking is None:
            return self._from_nothing(text)
        proving = self._proved_meanwhile()
        if proving is not None:
            self._session.stack.pop()
            name = self._room.vocabulary.universal(text)
            start = self._universal(name) if name else self._meant(text, SURE)
            if start is not None:
                return start
            self._session.stack.append(proving)
        # Of options, a whole label comes first: a language may be called like the word that asks for it.
        free = asking.kind in ("ask", "choose") and not self._resting
        name = None if free else self._room.vocabulary.universal(text, typos=False)
        if name is not None:
            return self._universal(name)
        if asking.kind == "rest":
            return self._wish(text, SURE) or self._rested(self._rest_number(text))
        if self._resting:
            return self._rest()
        return Start(offer=Offer(self._room.event, asking))

    def _proved_meanwhile(self) -> Run | None:
        """The run that asks who they are, if another has said so since: its question is void."""
        run = self._session.run
        if run is None or run.trail or GRANTS_FOR not in run.answers:
            return None
        grants = self._room.registry[run.flow].grants if run.flow in self._room.registry else None
        return run if grants is not None and self._visitor.level >= grants else None

    def _pasted(self, text: str, asking: Shown | None) -> Start | None:
        """A value that some flow knows wherever it is pasted, unless it is what was asked for."""
        run = self._session.run
        for flow in self._room.registry.recognisers:
            known = flow.recognises(text) if flow.recognises else None
            if known is None:
                continue
            if asking and not known.sensitive:
                own = run is not None and run.flow == flow.name and asking.kind == "ask"
                if own or asking.kind == "secret":
                    continue
            # What was said of the value before must not come back below what is said of this one.
            start = self._moves.aside(flow.name, known.seeds, afresh=True)
            start.delete = known.sensitive
            return start
        return None

    def _command(self, text: str) -> Start:
        head, _sep, rest = text[1:].partition(" ")
        head = head.partition("@")[0]
        if head == "start":
            return self._link(rest.strip())
        name = self._room.vocabulary.command(text)
        if name is not None:
            return self._universal(name)
        wish = self._wish(head.replace("_", " ").replace("-", " "), SURE)
        return wish or self._redraw(
            _("I do not know that command. Write /menu to see what I can do.")
        )

    def _from_nothing(self, text: str) -> Start:
        """Words of someone who was asked nothing: a universal word, a wish, a greeting."""
        vocabulary = self._room.vocabulary
        name = vocabulary.universal(text)
        if name is not None:
            return self._universal(name)
        wish = self._meant(text)
        if wish is not None:
            return wish
        if vocabulary.is_thanks(text) and not self._session.stack:
            return Start(said=[Said(_("You are welcome!"))], ended=True)
        start = self._moves.home()
        if self._stale_menu:
            start.said.append(Said(_("You were away for a while, so let us start from here.")))
        elif self._session.greeted and not vocabulary.is_greeting(text):
            start.said.append(Said(_("I did not understand that. This is what I can do:")))
        return start

    def _meant(self, text: str, at_least: int = LIKELY) -> Start | None:
        """A wish, or the answer to a notice: that first where notices cannot be pressed."""
        if not self._room.limits.buttons:
            return self._written(text) or self._wish(text, at_least)
        return self._wish(text, at_least) or self._written(text)

    def _wish(self, text: str, at_least: int = LIKELY) -> Start | None:
        flow = self._room.vocabulary.wish(text, at_least)
        if flow is None or flow not in self._room.registry:
            return None
        seeds = {"words": text} if self._room.registry[flow].hears else {}
        return self._moves.aside(flow, seeds)

    def _universal(self, name: str) -> Start:
        named = self._room.vocabulary.language(self._room.event.text or "")
        match name:
            case "menu":
                return self._moves.home()
            case "back":
                return self._moves.back()
            case "cancel":
                return self._moves.cancel()
            case "language" if named:
                return self._moves.aside(name, {"language": named}, afresh=True)
            case _ if name in self._room.registry:
                return self._moves.aside(name, {}, afresh=True)
            case _:
                return self._redraw(_("That is not available here at the moment."))

    def _link(self, payload: str) -> Start:
        found = self._room.registry.starting(payload) if payload else None
        if found is not None:
            flow, rest = found
            return self._moves.aside(flow.name, {"start": rest})
        if not payload:
            return self._moves.home()
        unknown = _("That link does not work any more.")
        if not self._moves.at_home:
            return self._redraw(unknown)
        start = self._moves.home()
        start.said.append(Said(unknown))
        return start

    def _redraw(self, reason: Text) -> Start:
        """Say something and show the question at hand again."""
        said = [Said(reason)]
        if not self._session.stack:
            return Start(said=said, ended=True)
        shown = self._session.shown
        if self._resting or (shown and shown.kind == "rest"):
            return Start(said=said, question=self._rest_question())
        return Start(said=said)

    # -------------------------------------------------------------- rest

    def _rest(self) -> Start:
        """It was silent for long: say so, and ask whether to go on."""
        return Start(question=self._rest_question())

    def _rest_question(self) -> Question:
        run, registry = self._session.run, self._room.registry
        if run is not None and run.flow in registry:
            title = registry[run.flow].title
            text = _("You were away for a while. Shall we go on with **{task}**?", task=title)
        else:
            text = _("You were away for a while. Shall we go on?")
        return Question(
            "rest",
            "rest",
            text,
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
            return self._moves.home()
        if number == 1:
            self._session.shown = None
            return Start(moved=True)
        question = self._rest_question()
        question.reason = _("Please answer YES or NO.")
        return Start(question=question)
