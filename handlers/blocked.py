"""Why am I blocked? Which invoice, how many days, which rule, what unlocks it, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import Text, _, ngettext
from bot.domain.charges import days_late
from bot.domain.standing import Standing, Status
from bot.domain.trust import UnlockRefusal, blocked_from, next_unlock
from handlers._payment import BYE, DONE, company_seed, of_one_company
from storage import invoices, promises, situations, unlocks
from storage.situations import Situation


@flow(
    "blocked",
    title=_("Why am I blocked?"),
    needs=VERIFIED,
    menu=15,
    phrases=_(
        "why am i blocked | am i blocked | why is my service blocked | my service is blocked"
        " | i am blocked | blocked | no service | i have no access | my internet was cut"
    ),
    start="blocked",
)
def blocked(chat: Chat) -> None:
    """Say it all in one message, then offer the ways out."""
    of_one_company(chat, "blocked")
    found = situations.of(chat.read, chat.customer)
    if found is None:
        raise LookupError("a proved customer that is in no row")
    ways = list(_ways(chat, found))
    if not ways:
        return chat.say(_said(chat, found))
    chosen = chat.choose("what", lambda: _said(chat, found), [*ways, ("done", DONE)])
    if chosen == "done":
        return chat.say(BYE)
    if chosen == "invoices" and found.late:
        chat.switch("invoices", invoice=found.late[0].id)
    chat.switch(chosen, **company_seed(chat))


def _ways(chat: Chat, found: Situation) -> Iterator[tuple[str, Text]]:
    if found.status is Status.CANCELLED:
        return
    if found.late:
        yield "invoices", _("See and pay it")
    if unlocks.refusal(chat.read, chat.customer) is None:
        yield "unlock", _("Unlock on trust")
    if promises.promisable(chat.read, chat.customer):
        yield "promise", _("Promise a payment")
    if found.late and chat.offers("already-paid"):
        yield "already-paid", _("I already paid")
    if found.status is Status.BLOCKED:
        yield "human", _("Talk to a person")


def _said(chat: Chat, found: Situation) -> Text:
    if found.status is Status.CANCELLED:
        return _(
            "Your contract is cancelled, so there is no service to be unlocked. Your invoices and their"
            " second copies stay here for you."
        )
    if not found.late:
        return _not_late(found)
    lines = [_head(found), _which(chat, found), *_rule(chat, found), *_word(chat, found)]
    text = lines[0]
    for line in lines[1:]:
        text = _("{before}\n{line}", before=text, line=line)
    return text


def _not_late(found: Situation) -> Text:
    if found.status is Status.BLOCKED:
        return _(
            "Your service is **blocked**, but nothing of yours is late. It may be opened soon, if you"
            " paid just now; else our team decided it, and can tell you why."
        )
    return _("You are **not blocked**: nothing of yours is late. 🎉")


def _head(found: Situation) -> Text:
    if found.unlock is not None:
        return _(
            "Your service is open **on trust** until {day}, the end of that day.",
            day=found.unlock.last_day,
        )
    if found.has_access:
        return _("You are **not blocked**, but something is late.")
    if found.status is Status.ACTIVE:
        return _("You have **no access** for now, because something is late.")
    return _("Your service is **blocked**.")


def _which(chat: Chat, found: Situation) -> Text:
    oldest = found.late[0]
    total = invoices.charges_today(oldest, chat.brand.terms, chat.today).total
    line = ngettext(
        "Invoice {number} was due on {due} and is {count} day late: {total} today.",
        "Invoice {number} was due on {due} and is {count} days late: {total} today.",
        days_late(oldest.due_on, chat.today),
        number=oldest.number, due=oldest.due_on, total=total,
    )  # fmt: skip
    if oldest.paid_in_part:
        line = _(
            "{before} Of its {amount}, {paid} is paid.",
            before=line, amount=oldest.amount, paid=oldest.received,
        )  # fmt: skip
    more = len(found.late) - 1
    if not more:
        return line
    others = ngettext("{count} more invoice is late.", "{count} more invoices are late.", more)
    return _("{before} {others}", before=line, others=others)


def _rule(chat: Chat, found: Situation) -> Iterator[Text]:
    allowed = chat.brand.trust.block_after_days
    if allowed:
        yield ngettext(
            "The rule: access ends when an invoice is more than {count} day late.",
            "The rule: access ends when an invoice is more than {count} days late.",
            allowed,
        )
    else:
        yield _("The rule: access ends when an invoice is late.")
    if found.status is Status.ACTIVE and found.standing is Standing.ADIMPLENTE:
        day = blocked_from(found.late[0].due_on, allowed)
        yield _("If it is not paid, access ends on {day}.", day=day)
        return
    if chat.brand.payments.confirms:
        yield _("To unlock: pay what is late. It counts as soon as the payment is reported to us.")
    else:
        yield _("To unlock: pay what is late. It counts once our team has confirmed the payment.")
    if found.unlock is None:
        yield _("Until then it stays as it is.")


def _word(chat: Chat, found: Situation) -> Iterator[Text]:
    """What the customer's word is worth: a promise that runs, an unlock and when."""
    promised = promises.running(chat.read, chat.customer).get(found.late[0].id)
    if promised is not None:
        yield _("You promised to pay it by {day}.", day=promised)
    why = unlocks.refusal(chat.read, chat.customer)
    last = unlocks.last(chat.read, chat.customer)
    if why is None:
        yield ngettext(
            "You can also have it unlocked on trust for {count} day.",
            "You can also have it unlocked on trust for {count} days.",
            chat.brand.trust.unlock_days,
        )
    elif why is UnlockRefusal.TOO_SOON and last is not None:
        day = next_unlock(last, chat.brand.trust.unlock_every_days)
        yield _(
            "You had a trust unlock on {given}; another is possible from {day} on.",
            given=last.given_on, day=day,
        )  # fmt: skip
