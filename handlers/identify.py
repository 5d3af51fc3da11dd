"""Who are you: CPF or CNPJ, and a code to the registered e-mail or a phone the channel proves.

The answer to an unknown CPF is the same, word for word and in time, as to a known one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import JSON, Mail, Text, _
from bot.core.ports import Write
from bot.core.question import Retry
from handlers._readers import TAX_ID, tax_id_in
from storage import codes, customers
from storage.codes import Proof
from storage.customers import Customer

_OTHER = "other"
"""Not a code was written but the tax id again, since the first one had a slip."""


@flow(
    "identify",
    title=_("Identify myself"),
    grants=VERIFIED,
    menu=5,
    only_strangers=True,
    phrases=_("identify | log in | sign in | enter | my account | i am a customer"),
)
def identify(chat: Chat) -> None:
    """Prove which customer this person speaks for."""
    how = _how(chat)
    if how == "":
        chat.say(_("I cannot find out safely who you are here, so please talk to our team."))
        chat.switch("human")
    chat.say(_("To show you only what is yours, I need to know who you are."))
    tax_id = chat.ask("tax_id", _("What is the CPF or CNPJ of your registration?"), TAX_ID)
    if how == "phone":
        _prove_by_phone(chat, tax_id)
    else:
        _prove_by_code(chat, tax_id)


def _how(chat: Chat) -> str:
    """By what this person can prove it here: a phone, a code, the one of them that is chosen, or nothing."""
    by_phone = chat.limits.contact or chat.visitor.phone is not None
    by_code = chat.brand.has("mail")
    if by_phone and by_code and chat.seed("how") is None:
        return chat.choose(
            "how",
            _("How do you want to prove who you are?"),
            [("phone", _("My phone number")), ("code", _("Code by e-mail"))],
        )
    if by_code and chat.seed("how") != "phone":
        return "code"
    return "phone" if by_phone else ""


def _prove_by_phone(chat: Chat, tax_id: str) -> None:
    phone = chat.contact(
        "phone", _("Now please share your own phone number with the button below.")
    )
    proof = chat.do("prove", codes.prove_by_phone, tax_id, phone)
    if proof["result"] == Proof.OK:
        return _welcome(chat)
    if proof["result"] == Proof.PAUSED:
        _not_proved(chat, tax_id, _paused(chat, proof["until"]), proof["until"])
    _not_proved(
        chat, tax_id, _("This phone and this CPF or CNPJ are not in the same registration.")
    )


def _prove_by_code(chat: Chat, tax_id: str) -> None:
    asked = chat.do("request", codes.request_code, tax_id, "identify", _code_mail(chat.locale))
    if asked["result"] == Proof.PAUSED:
        _not_proved(chat, tax_id, _paused(chat, asked["until"]), asked["until"])
    outcome = chat.secret(
        "code",
        _(
            "If it is registered with an e-mail, a code is on its way. Please write its 6 digits"
            " here.\nNothing came? Look in the spam folder, write the CPF or CNPJ again, or write"
            " **human**."
        ),
        _check(asked["code"]),
    )
    if outcome["result"] == Proof.OK:
        return _welcome(chat)
    if outcome["result"] == _OTHER:
        chat.switch("identify", how="code", tax_id=outcome["tax_id"])
    _not_proved(chat, tax_id, _ended(chat, outcome), outcome["until"])


def _not_proved(chat: Chat, tax_id: str, reason: Text, until: str | None = None) -> NoReturn:
    """It did not work: another way, another number or a person; a new code once no pause holds it up."""
    ways = list[tuple[str, Text]]()
    if chat.brand.has("mail") and (until is None or datetime.fromisoformat(until) <= chat.now):
        ways.append(("code", _("New code by e-mail")))
    ways.append(("other", _("Another CPF or CNPJ")))
    ways.append(("human", _("Talk to a person")))
    match chat.choose("after", reason, ways):
        case "code":
            chat.switch("identify", how="code", tax_id=tax_id)
        case "other":
            chat.again()
        case _:
            chat.switch("human")


def _welcome(chat: Chat) -> None:
    """It is them: on with what they came for, or with what there is."""
    known = customers.get(chat.read, chat.customer)
    chat.say(_("Thank you, {name}! Now I know it is you.", name=known.first_name if known else ""))
    if chat.waiting is None:
        chat.switch("menu", greeted=True)


def _code_mail(locale: str) -> Callable[[Customer, int], Mail]:
    def mail(customer: Customer, _code: int) -> Mail:
        values = {"customer_name": customer.name, "first_name": customer.first_name}
        return Mail(template="code", to="", locale=locale, values=values)

    return mail


def _check(code: JSON) -> Callable[[Write, str], JSON | Retry]:
    """What the secret question does with a word: counted, compared, never kept."""

    def check(write: Write, typed: str) -> JSON | Retry:
        other = tax_id_in(typed)
        if other is not None:
            return {"result": _OTHER, "tax_id": other}
        found = codes.check_code(write, code, typed)
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

    return check


def _ended(chat: Chat, outcome: JSON) -> Text:
    if outcome["until"] is not None:
        return _paused(chat, outcome["until"])
    if outcome["result"] == Proof.EXPIRED:
        return _("That code is older than 10 minutes and does not count any more.")
    return _("That code does not count any more: it was used, replaced or tried too often.")


def _paused(chat: Chat, until: str) -> Text:
    """Times of the day alone: the longest pause is an hour."""
    time = datetime.fromisoformat(until).astimezone(chat.brand.zone)
    return _(
        "There were many tries in a short time. For everybody's safety, please try again after"
        " {time}, or talk to our team.",
        time=f"{time:%H:%M}",
    )
