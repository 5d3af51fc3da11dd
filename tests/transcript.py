"""Transcripts: what was said and what was heard, over anything that plays an event.

    talk.says("oi")
    talk.hears("What can I do for you?")
    talk.presses("Invoices")
    talk.sees("Invoice 1", "Invoice 2")

`play(event)` returns the messages that came out, as a channel would draw them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core.message import Address, Button, FileIn, Inbound, Look, Outbound, Outcome

Play = Callable[[Inbound], Sequence[Outbound]]

_PRESSABLE = ("press", "nav", "contact")


class Transcript:
    """One person at one address, and what was shown there so far."""

    def __init__(
        self,
        play: Play,
        at: Address,
        now: Callable[[], datetime],
        *,
        locale: str | None = None,
    ) -> None:
        """`now` tells when what is said was sent; `locale` is the language the channel believes in."""
        self._play = play
        self._now = now
        self._locale = locale
        self._numbers = itertools.count(1)
        self.at = at
        self.heard: Sequence[Outbound] = ()
        """The messages of the last turn."""
        self.shown: list[Outbound] = []
        """Every message so far."""
        self.last: Inbound | None = None

    # -------------------------------------------------------------- said

    def says(self, text: str, *, sent_at: datetime | None = None) -> None:
        self.does(text=text, sent_at=sent_at or self._now())

    def presses(self, label: str, *, nth: int = 1) -> None:
        """Press the button of this label: the newest on the screen, or the `nth` newest."""
        found = [each for each in self.buttons if _tidy(each.label) == label]
        assert len(found) >= nth, f"no button {label!r} among {[b.label for b in self.buttons]}"
        self.presses_data(found[-nth].data)

    def presses_data(self, data: str) -> None:
        self.does(press=data, ref="pressed")

    def taps_again(self) -> None:
        """The same press, by a finger that was too quick."""
        assert self.last is not None
        assert self.last.press is not None
        self.presses_data(self.last.press)

    def comes_again(self) -> None:
        """The last event, delivered a second time."""
        assert self.last is not None
        self.heard = list(self._play(self.last))
        self.shown += self.heard

    def shares(self, phone: str) -> None:
        self.does(phone=phone)

    def sends(self, file: FileIn) -> None:
        self.does(file=file)

    def sends_a(self, unsupported: str) -> None:
        self.does(unsupported=unsupported)

    def opens(self, payload: str) -> None:
        """Follow a deep link into the chat."""
        self.does(text=f"/start {payload}".strip(), start=payload)

    def outside(self, outcome: Outcome) -> None:
        """The answer of a gateway, which comes in as an event of its own."""
        self.does(outcome=outcome)

    def does(self, **what: Any) -> None:
        """Any event."""
        number = next(self._numbers)
        event = Inbound(
            f"{self.at.chat}-{number}", self.at, locale=self._locale, ref=f"in-{number}"
        )
        self.last = replace(event, **what)
        self.heard = list(self._play(self.last))
        self.shown += self.heard

    # -------------------------------------------------------------- heard

    @property
    def words(self) -> str:
        """All that was heard in the last turn."""
        return "\n".join(_tidy(each.text) for each in self.heard)

    @property
    def buttons(self) -> list[Button]:
        """Every button that can be pressed, oldest first."""
        return [b for each in self.shown for b in each.buttons if b.kind in _PRESSABLE]

    def hears(self, *parts: str) -> str:
        """These words, one after the other; returns all that was heard."""
        at = 0
        for part in parts:
            found = self.words.find(part, at)
            assert found >= 0, f"{part!r} is not in what was heard after {at}:\n{self.words}"
            at = found + len(part)
        return self.words

    def hears_only(self, *messages: str) -> None:
        """Exactly these messages."""
        assert [_tidy(each.text) for each in self.heard] == list(messages)

    def hears_no(self, *parts: str) -> None:
        for part in parts:
            assert part not in self.words, f"{part!r} was heard:\n{self.words}"

    def hears_nothing(self) -> None:
        assert not self.heard, self.words

    def sees(self, *labels: str) -> None:
        """Exactly these options, as buttons or in a list, besides the universal ones."""
        assert [_tidy(b.label) for b in self._last_buttons if b.kind != "nav"] == list(labels)

    def sees_nav(self, *labels: str) -> None:
        """Exactly these universal buttons."""
        assert [_tidy(b.label) for b in self._last_buttons if b.kind == "nav"] == list(labels)

    @property
    def look(self) -> Look:
        return self.heard[-1].look

    @property
    def nonce(self) -> str:
        return self.heard[-1].nonce

    @property
    def _last_buttons(self) -> Sequence[Button]:
        return self.heard[-1].buttons if self.heard else ()


def _tidy(words: str) -> str:
    """Without the no-break spaces that Babel puts into money."""
    return words.replace("\u00a0", " ").replace("\u202f", " ")
