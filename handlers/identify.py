"""Who are you: CPF or CNPJ, and a code to the registered e-mail or a phone the channel proves.

The answer to an unknown CPF is the same, word for word and in time, as to a known one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import JSON, Mail, Text, _
from bot.core.ports import Write
from bot.core.question import Retry
from handlers._readers import TAX_ID
from storage import codes
from storage.codes import Proof
from storage.customers import Customer


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
    chat.say(_("To show you only what is yours, I need to know who you are."))
    by_phone = _by_phone(chat)
    tax_id = chat.ask("tax_id", _("What is the CPF or CNPJ of the registration?"), TAX_ID)
    if by_phone:
        phone = chat.visitor.phone or chat.contact(
            "phone", _("Now please share your own phone number with the button below.")
        )
        proof = chat.do("prove", codes.prove_by_phone, tax_id, phone)
        if proof["result"] == Proof.OK:
            return chat.say(_("Thank you, it is you."))
        if proof["result"] == Proof.PAUSED:
            return chat.say(_paused(proof["until"]))
        chat.say(_("This phone and this CPF or CNPJ are not registered together."))
        after = chat.choose(
            "after",
            _("How shall we go on?"),
            [
                ("code", _("Code by e-mail")),
                ("again", _("Try again")),
                ("human", _("Talk to a person")),
            ],
        )
        if after == "code":
            chat.switch("identify", how="code", tax_id=tax_id)
        return _go_on(chat, after)
    asked = chat.do("request", codes.request_code, tax_id, "identify", _code_mail(chat))
    if asked["result"] == Proof.PAUSED:
        return chat.say(_paused(asked["until"]))
    outcome = chat.secret(
        "code",
        _(
            "If it is registered with an e-mail, a code is on its way. Please write its 6 digits here."
            " Nothing came? Write **human**."
        ),
        _check(asked["code"]),
    )
    if outcome == Proof.OK:
        return chat.say(_("Thank you, it is you."))
    after = chat.choose(
        "after",
        _ended(outcome),
        [("again", _("Send a new code")), ("human", _("Talk to a person"))],
    )
    if after == "again":
        chat.switch("identify", how="code", tax_id=tax_id)
    return _go_on(chat, after)


def _by_phone(chat: Chat) -> bool:
    can_prove = chat.limits.contact or chat.visitor.phone is not None
    if not can_prove or chat.seed("how") == "code":
        return False
    if not chat.brand.has("mail"):
        return True
    how = chat.choose(
        "how",
        _("How do you want to prove it?"),
        [("phone", _("By my phone number")), ("code", _("By a code to my e-mail"))],
    )
    return how == "phone"


def _go_on(chat: Chat, after: str) -> None:
    if after == "human":
        chat.switch("human")
    chat.again()


def _code_mail(chat: Chat) -> Callable[[Customer, int], Mail]:
    locale = chat.locale

    def mail(customer: Customer, _code: int) -> Mail:
        return Mail(template="code", to="", locale=locale, values={"customer": customer.name})

    return mail


def _check(code: JSON) -> Callable[[Write, str], JSON | Retry]:
    """What the secret question does with a word: counted, compared, never kept."""

    def check(write: Write, typed: str) -> JSON | Retry:
        found = codes.check_code(write, code, typed)
        if found["result"] == Proof.WRONG:
            return Retry(
                _(
                    "That is not the code. Please look again: it has 6 digits. Tries left: {left}.",
                    left=found["left"],
                )
            )
        return found["result"]

    return check


def _ended(outcome: JSON) -> Text:
    if outcome == Proof.EXPIRED:
        return _("That code is older than 10 minutes and does not count any more.")
    if outcome == Proof.PAUSED:
        return _("There were too many tries here. Please wait a little before the next one.")
    return _("That code does not count any more: it was used, replaced or tried too often.")


def _paused(until: str) -> Text:
    return _(
        "There were many tries in a short time. For everybody's safety, please try again after"
        " {until}, or write human.",
        until=datetime.fromisoformat(until),
    )
