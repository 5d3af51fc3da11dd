"""Delete my data: what goes, what law has us keep and how long, a yes, and a day by which it is answered."""

from __future__ import annotations

from datetime import date

from bot.core.chat import Chat
from bot.core.flow import FRESH, feature, flow
from bot.core.message import Text, _
from bot.domain.privacy import ACCESS_MONTHS, ANSWER_DAYS, FISCAL_YEARS
from storage import erasures
from storage.erasures import Wish


@flow(
    "erase-me",
    title=_("Delete my data"),
    needs=FRESH,
    when=feature("privacy"),
    phrases=_("delete my data | erase my data | forget me | delete my account"),
)
def erase_me(chat: Chat) -> None:
    """Ask to be erased, see that one has asked, or take it back."""
    wish = erasures.waiting(chat.read, chat.customer, chat.visitor.person)
    if chat.seed("waits"):
        return _asked_before(chat, wish)
    if wish is not None and not chat.seed("sure"):
        chat.switch("erase-me", waits=True)  # whatever becomes of it meanwhile
    subject = erasures.subject_of(chat.read, chat.customer, chat.visitor.person)
    if subject is None:
        return chat.say(
            _("You do not speak for this customer any more, so I have nothing to show.")
        )
    whole = subject.startswith("customer:")
    evidence = chat.consent("sure", _terms(chat) if whole else _own_terms())
    outcome = chat.do("ask", erasures.ask, chat.customer, evidence)
    day = date.fromisoformat(outcome["answer_by"])
    return chat.say(
        _(
            "✅ Your wish is noted. Our team answers it by {day}, at the latest. Until then nothing is"
            " deleted, and you can take it back here: write “delete my data”.",
            day=day,
        )
    )


def _asked_before(chat: Chat, wish: Wish | None) -> None:
    ways = [("keep", _("Leave it as it is")), ("withdraw", _("Take it back"))]

    def question() -> Text:
        if wish is None:
            return _("There is no such wish of yours any more.")
        return _(
            "You asked on {asked} to have your data deleted. Our team answers by {day}, at the latest.",
            asked=wish.asked_at.astimezone(chat.brand.zone).date(),
            day=wish.answer_by,
        )

    if chat.choose("again", question, ways) == "keep":
        return chat.say(_("All right! Write whenever you need me."))
    if chat.do("withdraw", erasures.withdraw, chat.customer):
        return chat.say(_("✅ Taken back: nothing is deleted."))
    return chat.say(_("There is no such wish of yours any more."))


def _terms(chat: Chat) -> Text:
    """What an erasure of the whole customer takes and leaves; it names nobody (docs/privacy.md)."""
    return _(
        "**Deleted** would be: name, contacts, addresses and all other fields of your registration; the"
        " people with access; this chat and what was written in it and by e-mail; words of contracts"
        " and confirmations; your documents; your cards here.\n"
        "**Kept**, because law demands it (LGPD art. 16): invoices, payments, tax papers, and your"
        " CPF or CNPJ with them, for {years} years from the next 1st of January (CTN art. 173, 174);"
        " records of access, for {months} months (Marco Civil art. 15); and, without their words, that"
        " something was agreed to or changed, and when.\n"
        "What you owe stays owed, your contract is not cancelled by this, and afterwards **{brand}**"
        " does not know you in the chat any more. It cannot be undone. A person of our team looks at"
        " it and answers within {days} days (LGPD art. 19).\n"
        "Do you want all this deleted?",
        years=FISCAL_YEARS,
        months=ACCESS_MONTHS,
        days=ANSWER_DAYS,
        brand=chat.brand.name,
    )


def _own_terms() -> Text:
    """The same of a collaborator: the company's own data is not theirs to delete."""
    return _(
        "**Deleted** would be: your name, this chat and what was written in it, and your access to the"
        " company.\n"
        "**Kept**, because law demands it (LGPD art. 16): records of access, for {months} months"
        " (Marco Civil art. 15); and, without their words, that something was agreed to or changed,"
        " and when. The company's own data stays: its administrators decide about it.\n"
        "It cannot be undone. A person of our team looks at it and answers within {days} days (LGPD"
        " art. 19).\n"
        "Do you want all this deleted?",
        months=ACCESS_MONTHS,
        days=ANSWER_DAYS,
    )


__all__ = ["erase_me"]
