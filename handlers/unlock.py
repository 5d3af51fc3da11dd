"""Trust unlock: a blocked customer who owes gets access for some days, once in a period."""

from __future__ import annotations

from datetime import date, timedelta

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, Gate, flow
from bot.core.message import Text, _, ngettext
from bot.domain.trust import UnlockRefusal, next_unlock
from handlers._payment import of_one_company
from storage import unlocks


def _is_given(gate: Gate) -> bool:
    return gate.brand.trust.unlock_days > 0


@flow(
    "unlock",
    title=_("Unlock on trust"),
    needs=VERIFIED,
    when=_is_given,
    phrases=_(
        "unlock | unlock me | unlock on trust | trust unlock | unblock me | unblock my service"
        " | give me a few days"
    ),
    start="unlock",
)
def unlock(chat: Chat) -> None:
    """Say what it is and what follows, then open access, or say until when it is refused and why."""
    of_one_company(chat, "unlock")
    trust = chat.brand.trust
    why = unlocks.refusal(chat.read, chat.customer)
    if why is not None:
        return chat.say(_refused(chat, why))
    last_day = chat.today + timedelta(days=trust.unlock_days)
    chat.consent(
        "sure",
        ngettext(
            "Open your service on trust for {count} day, until the end of {day}?\n{consequence}",
            "Open your service on trust for {count} days, until the end of {day}?\n{consequence}",
            trust.unlock_days,
            day=last_day,
            consequence=ngettext(
                "What is late stays owed, with fine and interest. If it is not paid by then, the service"
                " is blocked again by itself; another unlock is given {count} day after this one.",
                "What is late stays owed, with fine and interest. If it is not paid by then, the service"
                " is blocked again by itself; another unlock is given {count} days after this one.",
                trust.unlock_every_days,
            ),
        ),
    )
    given = chat.do("give", unlocks.give, chat.customer)
    if "refused" in given:
        return chat.say(_refused(chat, UnlockRefusal(given["refused"])))
    return chat.say(
        _(
            "✅ Done: your service is open on trust until the end of {day}. Please pay what is late by"
            " then.",
            day=date.fromisoformat(given["last_day"]),
        )
    )


def _refused(chat: Chat, why: UnlockRefusal) -> Text:
    """Why not, and until when."""
    last = unlocks.last(chat.read, chat.customer)
    every = chat.brand.trust.unlock_every_days
    match why:
        case UnlockRefusal.RUNNING if last is not None:
            return _(
                "Your service is open on trust already, until the end of {day}. Another unlock is"
                " possible from {again} on.",
                day=last.last_day, again=next_unlock(last, every),
            )  # fmt: skip
        case UnlockRefusal.TOO_SOON if last is not None:
            return ngettext(
                "I cannot unlock it on trust before {again}: you had an unlock on {given}, and there is"
                " one in {count} day. Paying what is late unlocks it at any time.",
                "I cannot unlock it on trust before {again}: you had an unlock on {given}, and there is"
                " one in {count} days. Paying what is late unlocks it at any time.",
                every,
                again=next_unlock(last, every), given=last.given_on,
            )  # fmt: skip
        case UnlockRefusal.NOT_BLOCKED:
            return _("Only a service that is blocked can be unlocked on trust, and yours is not.")
        case UnlockRefusal.NOT_LATE:
            return _(
                "Nothing of yours is late, so your service is not blocked for that, and trust cannot"
                " open it. Our team can: write /human."
            )
        case UnlockRefusal.CANCELLED:
            return _("Your contract is cancelled, so there is no service to be unlocked.")
        case _:
            return _("There is no unlock on trust here.")
