"""Who are you: CPF or CNPJ, and a code to the registered e-mail or a phone the channel proves.

The answer to an unknown CPF is the same, word for word and in time, as to a known one.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import Text, _
from handlers._codes import OTHER, check, code_mail, ended, paused
from handlers._outside import outside
from handlers._people import OUTSIDE
from handlers._readers import TAX_ID, tax_id_in
from storage import codes, customers
from storage.codes import Proof
from storage.joining import Standing


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
    outside(chat)
    ways = _ways(chat)
    if not ways:
        chat.say(_("I cannot find out safely who you are here, so please talk to our team."))
        chat.switch("human")
    chat.say(_("To show you only what is yours, I need to know who you are."))
    tax_id = chat.ask("tax_id", _("What is the CPF or CNPJ of your registration?"), TAX_ID)
    if len(ways) > 1:
        how = chat.choose("how", _("How do you want to prove who you are?"), ways)
    else:
        how = ways[0][0]
    if how == "phone":
        _prove_by_phone(chat, tax_id)
    else:
        _prove_by_code(chat, tax_id)


def _ways(chat: Chat) -> list[tuple[str, Text]]:
    """By what this person can prove it here: a phone, a code, or nothing."""
    ways = list[tuple[str, Text]]()
    if chat.limits.contact or chat.visitor.phone is not None:
        ways.append(("phone", _("My phone number")))
    if chat.brand.has("mail"):
        ways.append(("code", _("Code by e-mail")))
    return ways


def _prove_by_phone(chat: Chat, tax_id: str) -> None:
    phone = chat.contact(
        "phone", _("Now please share your own phone number with the button below.")
    )
    proof = chat.do("prove", codes.prove_by_phone, tax_id, phone)
    if proof["result"] == Proof.OK:
        return _welcome(chat)
    if proof["result"] == Proof.WAITING:
        return chat.say(OUTSIDE[Standing.WAITING])
    if proof["result"] == Proof.PAUSED:
        _not_proved(chat, tax_id, paused(chat, proof["until"]), proof["until"])
    _not_proved(
        chat, tax_id, _("This phone and this CPF or CNPJ are not in the same registration.")
    )


def _prove_by_code(chat: Chat, tax_id: str) -> None:
    asked = chat.do("request", codes.request_code, tax_id, "identify", code_mail(chat.locale))
    if asked["result"] == Proof.PAUSED:
        _not_proved(chat, tax_id, paused(chat, asked["until"]), asked["until"])
    outcome = chat.secret(
        "code",
        _(
            "If it is registered with an e-mail, a code is on its way. Please write its 6 digits"
            " here.\nNothing came? Look in the spam folder, write the CPF or CNPJ again, or write"
            " **human**."
        ),
        check(asked["code"], tax_id_in),
    )
    if outcome["result"] == Proof.OK:
        return _welcome(chat)
    if outcome["result"] == Proof.WAITING:
        return chat.say(OUTSIDE[Standing.WAITING])
    if outcome["result"] == OTHER:
        chat.switch("identify", how="code", tax_id=outcome["value"])
    _not_proved(chat, tax_id, ended(chat, outcome), outcome["until"])


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
