"""What was said and asked in a turn, as messages; and the question as the session keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core.message import Button, ButtonKind, Look, Outbound, Text, _
from bot.core.moves import HOME
from bot.core.question import Question, Room, Said
from bot.core.render import Drawing, DrawnOption, Words, length
from bot.core.session import Session, Shown


class Drawer:
    """Draws one turn's messages within the channel's limits."""

    def __init__(
        self, room: Room, session: Session, locale: str, new_token: Callable[[], str]
    ) -> None:
        self._room = room
        self._session = session
        self._locale = locale
        self._new_token = new_token

    def draw(
        self, said: Sequence[Said], question: Question | None, *, can_go_back: bool
    ) -> list[Outbound]:
        """Messages in order; `session.shown` becomes the question, or an end with a menu button."""
        messages, words = self._spoken(said)
        if question is None:
            return self._end(messages, words)
        told = bool(words)
        if question.reason:
            words.append(self._words(question.reason))
        asked = self._words(question.text)
        words.append(asked)
        shown = self._shown(question, asked.text)
        consent = question.kind == "consent"
        drawing = Drawing(
            Words.join(words),
            shown.nonce,
            self._options(question),
            self._nav(question, can_go_back=can_go_back),
            instead=_("Please write YES or NO.") if consent else None,
            slashed=question.kind == "ask",
        )
        drawn = self._room.renderer.question(drawing, self._room.limits, self._locale)
        shown.told = told
        self._session.shown = shown
        if question.takes and self._room.limits.files_in:
            drawn = [*drawn[:-1], replace(drawn[-1], takes=question.takes)]
        return [*messages, *drawn]

    def aside(self, said: Sequence[Said]) -> list[Outbound]:
        """Messages that leave the question at hand as it is."""
        messages, words = self._spoken(said)
        shown = self._session.shown
        if shown is None:
            return self._end(messages, words)
        return [*messages, *self._plain(words)]

    # -------------------------------------------------------------- sayings

    def _words(self, text: Text | str) -> Words:
        return self._room.renderer.words(text, self._locale)

    def _plain(self, words: Sequence[Words]) -> list[Outbound]:
        if not words:
            return []
        return self._room.renderer.split(Words.join(words), self._room.limits, self._locale)

    def _spoken(self, said: Sequence[Said]) -> tuple[list[Outbound], list[Words]]:
        """Whole messages, and the words still waiting for what comes after them."""
        messages: list[Outbound] = []
        words: list[Words] = []
        for each in said:
            if not each.copyable and each.document is None:
                words.append(self._words(each.text))
                continue
            spoken = self._words(each.text)
            most = self._room.limits.caption
            if each.document and length(spoken.text, self._room.limits) > most:
                words.append(spoken)
                spoken = Words("")
            messages += self._plain(words)
            words = []
            messages.append(
                Outbound(
                    spoken.text,
                    spoken.bold,
                    copyable=each.copyable,
                    document=each.document,
                    link=each.link,
                    locale=self._locale,
                )
            )
        return messages, words

    def _end(self, messages: list[Outbound], words: list[Words]) -> list[Outbound]:
        """Nothing is asked: the last words get a button to the menu."""
        messages += self._plain(words)
        nonce = self._new_token()
        run = self._session.run
        self._session.shown = Shown(run.id if run else "", "", "end", nonce, self._room.tx.now)
        if not messages:
            messages = self._plain([self._words(_("What else can I do for you?"))])
        last = messages[-1]
        if self._room.limits.buttons and not last.copyable and last.document is None:
            menu = Button(self._room.renderer.plain(_("Menu"), self._locale), f"{nonce}:m", "nav")
            messages[-1] = replace(last, nonce=nonce, look=Look.BUTTONS, buttons=(menu,))
        return messages

    # -------------------------------------------------------------- the question

    def _shown(self, question: Question, words: str) -> Shown:
        run = self._session.run
        before = self._session.shown
        run_id = run.id if run and question.kind != "rest" else ""
        now = self._room.tx.now
        fresh = Shown(
            run_id,
            question.key,
            question.kind,
            "",
            now,
            question.ids,
            question.page,
            question.find,
            question.digest,
            words if question.kind == "consent" else "",
            question.until,
        )
        same = (
            before is not None
            and (before.run, before.key, before.kind, before.digest, before.find)
            == (fresh.run, fresh.key, fresh.kind, fresh.digest, fresh.find)
            and all(was in (None, id) for was, id in zip(before.ids, fresh.ids, strict=False))
        )
        if same and before is not None:
            fresh.nonce = before.nonce
            # Other words (another language) are another question to whoever types a yes.
            fresh.at = before.at if before.words == fresh.words else now
        else:
            fresh.nonce = self._new_token()
        return fresh

    def _options(self, question: Question) -> list[DrawnOption]:
        if question.kind == "consent":
            return [DrawnOption(1, _("Yes")), DrawnOption(2, _("No"))]
        if question.kind == "contact":
            share: ButtonKind = "contact"
            return [DrawnOption(1, _("Share my phone number"), kind=share)]
        numbers = {id: n for n, id in enumerate(question.ids, 1) if id is not None}
        return [DrawnOption(numbers[o.id], o.label, o.detail) for o in question.options]

    def _nav(self, question: Question, *, can_go_back: bool) -> list[tuple[str, Text]]:
        nav: list[tuple[str, Text]] = []
        if question.page:
            nav.append((f"p{question.page - 1}", _("Previous")))
        if question.more:
            nav.append((f"p{question.page + 1}", _("More")))
        run = self._session.run
        if question.kind != "rest" and run is not None and run.flow != HOME:
            if can_go_back:
                nav.append(("b", _("Back")))
            nav.append(("m", _("Menu")))
        return nav
