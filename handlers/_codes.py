"""Asking for a one-time code, wherever a flow does: the mail, what is said to a wrong one, the pauses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.core.chat import Chat
from bot.core.message import JSON, Mail, Text, _
from bot.core.ports import Write
from bot.core.question import Retry
from storage import codes
from storage.codes import Proof
from storage.customers import Customer

OTHER = "other"
"""Not a code was written but what it was to prove, since that had a slip; the outcome has it as "value"."""

Compare = Callable[[Write, JSON, str], dict[str, JSON]]
"""(write, what was asked for, what was typed) → `{"result", "left", "until"}`."""


def code_mail(locale: str) -> Callable[[Customer, int], Mail]:
    """The mail of a code to a registered e-mail."""

    def mail(customer: Customer, _code: int) -> Mail:
        values = {"customer_name": customer.name, "first_name": customer.first_name}
        return Mail(template="code", to="", locale=locale, values=values)

    return mail


def check(
    code: JSON,
    other: Callable[[str], str | None] = lambda _typed: None,
    compare: Compare = codes.check_code,
) -> Callable[[Write, str], JSON | Retry]:
    """What the secret question does with a word: counted, compared, never kept.

    `other` finds what is to be proved, written again, in what was typed.
    """

    def checked(write: Write, typed: str) -> JSON | Retry:
        again = other(typed)
        if again is not None:
            return {"result": OTHER, "value": again}
        found = compare(write, code, typed)
        if found["result"] != Proof.WRONG:
            return found
        if sum(c.isdigit() for c in typed) != codes.DIGITS:
            return Retry(_("That is no code: it has 6 digits, like 012345."))
        return Retry(
            _(
                "That is not the code. Please compare it with the e-mail. Tries left: {left}.",
                left=found["left"],
            )
        )

    return checked


def ended(chat: Chat, outcome: JSON) -> Text:
    """Why a code does not count any more."""
    if outcome["until"] is not None:
        return paused(chat, outcome["until"])
    if outcome["result"] == Proof.EXPIRED:
        return _("That code is older than 10 minutes and does not count any more.")
    return _("That code does not count any more: it was used, replaced or tried too often.")


def paused(chat: Chat, until: str) -> Text:
    """Times of the day alone: the longest pause is an hour."""
    time = datetime.fromisoformat(until).astimezone(chat.brand.zone)
    return _(
        "There were many tries in a short time. For everybody's safety, please try again after"
        " {time}, or talk to our team.",
        time=f"{time:%H:%M}",
    )
