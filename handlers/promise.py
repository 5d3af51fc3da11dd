"""Payment promise: the day on which a late invoice will be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, Gate, flow
from bot.core.message import Text, _
from bot.core.question import Option
from bot.domain.dates import parse_date
from bot.domain.errors import Invalid
from bot.domain.trust import PromiseRefusal, promise_days
from handlers._owed import Owed
from handlers._payment import company_seed, of_one_company
from storage import invoices, promises, situations


def _is_taken(gate: Gate) -> bool:
    return gate.brand.trust.promise_days > 0


_BEYOND = "beyond:"
"""Begins the id of a day that was written and may not be promised."""


class Days:
    """The days that may be promised, by their date; one can be written as people write dates."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._days = promise_days(chat.today, chat.brand.trust.promise_days)

    def page(self, offset: int, limit: int) -> Sequence[Option[str]]:
        return [_day(each) for each in self._days[offset : offset + limit]]

    def get(self, id: str) -> Option[str] | None:
        if id.startswith(_BEYOND):
            return Option(id, "")
        return next((_day(each) for each in self._days if each.isoformat() == id), None)

    def find(self, text: str) -> Sequence[Option[str]]:
        try:
            said = parse_date(text, self._chat.today)
        except Invalid:
            return ()
        if said not in self._days:
            return [Option(f"{_BEYOND}{said.isoformat()}", text)]
        return [_day(said)]


def _day(day: date) -> Option[str]:
    return Option(day.isoformat(), _("{day}", day=day))


@flow(
    "promise",
    title=_("Promise a payment"),
    needs=VERIFIED,
    when=_is_taken,
    phrases=_(
        "promise | payment promise | promise a payment | promise to pay | i will pay later"
        " | i need more time to pay | i can only pay later"
    ),
    start="promise",
)
def promise(chat: Chat) -> None:
    """Choose a late invoice and a day, and agree to what follows."""
    of_one_company(chat, "promise")
    owed = Owed(chat, lambda: promises.promisable(chat.read, chat.customer))
    if not promises.promisable(chat.read, chat.customer):
        return chat.say(_nothing(chat))
    chosen = chat.choose(
        "invoice", _("Which invoice will you pay? Late ones can be promised."), owed
    )
    invoice = invoices.get(chat.read, chosen, chat.customer)
    if invoice is None:
        return chat.say(_("That invoice is not there any more."))
    why = promises.refusal(chat.read, chat.customer, invoice)
    if why is not None:
        return chat.say(_refused(chat, why, invoice.id))
    day = chat.choose("day", _("On which day will you pay it?"), Days(chat))
    if day.startswith(_BEYOND):
        allowed = promise_days(chat.today, chat.brand.trust.promise_days)
        chat.say(
            _(
                "A payment can be promised for {first} to {last}. Please choose a day between them.",
                first=allowed[0], last=allowed[-1],
            )
        )  # fmt: skip
        chat.switch("promise", invoice=invoice.id, **company_seed(chat))
    promised_for = date.fromisoformat(day)
    evidence = chat.consent(
        "sure",
        _(
            "You promise to pay invoice {number} ({amount}) by {day}?\nFine and interest go on until it"
            " is paid, and the promise alone does not unlock the service. If it is not paid by then, no"
            " other promise is taken for this invoice.",
            number=invoice.number, amount=invoice.missing, day=promised_for,
        ),
    )  # fmt: skip
    outcome = chat.do("make", promises.make, chat.customer, invoice.id, day, evidence)
    match outcome:
        case "made":
            text = _(
                "✅ Saved: you pay invoice {number} by {day}. Thank you! Write PAY whenever you want"
                " its PIX or boleto.",
                number=invoice.number, day=promised_for,
            )  # fmt: skip
            chat.say(text)
            return chat.say(_("I remind you on that day, if it is not paid by then."))
        case "unknown":
            text = _("That invoice is not open any more, so there is nothing to promise.")
        case "day":
            text = _("That day is too far or over by now. Please choose another one.")
        case _:
            text = _refused(chat, PromiseRefusal(outcome), invoice.id)
    return chat.say(text)


def _nothing(chat: Chat) -> Text:
    """There is nothing to promise: why."""
    found = situations.of(chat.read, chat.customer)
    if found is not None and found.late:
        oldest = found.late[0]
        why = promises.refusal(chat.read, chat.customer, oldest)
        if why is not None:
            return _refused(chat, why, oldest.id)
    return _("None of your invoices is late, so there is nothing to promise.")


def _refused(chat: Chat, why: PromiseRefusal, invoice: int) -> Text:
    match why:
        case PromiseRefusal.OPEN:
            day = promises.running(chat.read, chat.customer)[invoice]
            return _("You promised to pay it by {day} already. That counts until then.", day=day)
        case PromiseRefusal.BROKEN:
            return _(
                "It was promised once and not paid by that day, so no other promise can be taken for it."
                " To find a way together, write /human."
            )
        case PromiseRefusal.NOT_LATE:
            return _("That invoice is not late, so there is nothing to promise.")
        case PromiseRefusal.CANCELLED:
            return _("Your contract is cancelled, so no promise can be taken. Please write /human.")
        case _:
            return _("No promises are taken here.")
