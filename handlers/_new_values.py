"""Asking for the new value of one field of a registration: what may be written, and what is said to a slip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import cast

from bot.core.brand import CustomField
from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.message import JSON, Inbound, Mail, Text, _
from bot.core.readers import Reader, words
from bot.domain.email import masked_email
from bot.domain.errors import Invalid
from bot.domain.fields import (
    NO,
    YES,
    CustomKind,
    parse_born_on,
    parse_custom,
    parse_registry_number,
)
from bot.domain.phone import parse_phone
from bot.domain.postal_code import parse_postal_code, state_of
from handlers import _codes
from handlers._readers import EMAIL, email_in
from handlers._registration import in_one_line, name_of
from storage import customers, lookups, proofs, registration
from storage.codes import Proof
from storage.registration import Registered

PATIENCE = timedelta(seconds=lookups.PATIENCE)
CLEAR = "-"
"""What empties a field that may be empty."""


class Unchanged(Exception):
    """No new value came of it; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.source)
        self.reason = reason


def ask(chat: Chat, known: Registered, field: str, key: str) -> JSON:
    """The new value of a field, as `registration.save` takes it. Raises Unchanged.

    `key` makes the questions of this round others than those of the round before.
    """
    who = known.customer
    own = registration.custom_field(chat.brand, field)
    if own is not None:
        return _ask_own(chat, own, key)
    match field:
        case "email":
            return new_email(chat, key, known=[each.value for each in known.contacts])
        case "phone":
            return new_phone(chat, key, known=who.phone)
        case "address":
            return _ask_address(chat, key)
        case "born_on":
            text = _("What is the date? Write it like 31/12/1990.")
            return chat.ask(
                key,
                text,
                _value(lambda t: parse_born_on(t, chat.today, who.kind).isoformat(), _DATES),
            )
        case "registry_number":
            text = (
                _("What is the RG? Write - to leave it empty.")
                if who.kind == "PF"
                else _(
                    "What is the state registration? Write EXEMPT (isento) if there is none, or - to leave it empty."
                )
            )
            return chat.ask(
                key,
                text,
                _value(lambda t: parse_registry_number(t, who.kind), _REGISTRY, clears=True),
            )
        case _:
            text = _("What shall stand at **{field}**?", field=name_of(chat, who, field))
            return chat.ask(key, text, words(at_most=120, at_least=2))


# ------------------------------------------------------------------ what is proved


def new_email(chat: Chat, key: str, *, known: list[str]) -> JSON:
    """A new e-mail, proved by a code that was sent to it: `{"value", "proof"}`. Raises Unchanged."""
    email = chat.ask(key, _("What is the new e-mail?"), EMAIL)
    for attempt in count():
        if email in known:
            raise Unchanged(_("That e-mail is in your registration already."))
        asked = chat.do(
            f"{key}-request{attempt}", proofs.request, chat.customer, email, _mail(chat, email)
        )
        if asked["result"] == Proof.PAUSED:
            raise Unchanged(_codes.paused(chat, asked["until"]))
        outcome = chat.secret(
            f"{key}-code{attempt}",
            _(
                "I sent a code to {email}. Please write its 6 digits here, or the e-mail again if it"
                " has a mistake. The new e-mail counts once you did and saved.",
                email=masked_email(email),
            ),
            _codes.check(asked["proof"], email_in, proofs.check),
        )
        if outcome["result"] == Proof.OK:
            return {"value": email, "proof": asked["proof"]}
        if outcome["result"] != _codes.OTHER:
            raise Unchanged(_codes.ended(chat, outcome))
        email = outcome["value"]
    raise AssertionError("counting ends never")


def new_phone(chat: Chat, key: str, *, known: str | None) -> JSON:
    """A new phone: `{"value", "proof"}`, the proof None where no channel proves it. Raises Unchanged."""
    whose = "other"
    if chat.limits.contact or chat.visitor.phone is not None:
        whose = chat.choose(
            f"{key}-whose",
            _("Which phone shall it be?"),
            [("mine", _("The number of this chat")), ("other", _("Another number"))],
        )
    if whose == "mine":
        phone = chat.contact(key, _("Please share your own phone number with the button below."))
        if phone == known:
            raise Unchanged(_("That phone is in your registration already."))
        proof = chat.do(f"{key}-proof", proofs.by_channel, chat.customer, phone)
        return {"value": phone, "proof": proof}
    phone = chat.ask(
        key,
        _(
            "What is the new phone, with its area code? From here I cannot check whose it is, so our"
            " team will, and then it counts."
        ),
        PHONE,
    )
    if phone == known:
        raise Unchanged(_("That phone is in your registration already."))
    return {"value": phone, "proof": None}


def _mail(chat: Chat, email: str) -> Callable[[int], Mail]:
    who = customers.get(chat.read, chat.customer)

    def mail(proof: int) -> Mail:
        return Mail(
            template="new-email", to=email, locale=chat.locale, purpose="codes", code=proof,
            values={
                "customer_name": who.name if who else None,
                "first_name": who.first_name if who else None,
            },
        )  # fmt: skip

    return mail


# ------------------------------------------------------------------ what is only written


def _ask_address(chat: Chat, key: str) -> JSON:
    """By CEP, where it can be looked up, and by hand; the state is the CEP's."""
    postal_code = chat.ask(f"{key}-cep", _("What is the CEP? It has 8 digits."), POSTAL_CODE)
    parts: dict[str, JSON] = {"postal_code": postal_code, "state": state_of(postal_code)}
    parts |= _looked_up(chat, key, postal_code)
    for name, text, most, clears in (
        ("street", _("Street, avenue or square?"), 120, False),
        ("street_number", _("Number? Write s/n if it has none."), 20, False),
        ("complement", _("Flat, block, house? Write - if there is none."), 60, True),
        ("district", _("District?"), 80, False),
        ("city", _("City?"), 80, False),
    ):
        if name in parts:
            continue
        reader = words(at_most=most)
        value = chat.ask(f"{key}-{name}", text, reader)
        parts[name] = None if clears and value.strip() == CLEAR else value
    return parts


def _looked_up(chat: Chat, key: str, postal_code: str) -> dict[str, JSON]:
    """What the CEP's service knows of the address, if the person says that it is right."""
    if not chat.brand.registration.looks_up:
        return {}
    answer = chat.wait(
        f"{key}-found",
        _("One moment, I am looking up that CEP… If nothing comes, just write anything."),
        lookups.look_up,
        PATIENCE,
        postal_code,
    )
    found: dict[str, JSON] = (answer or {}).get("found") or {}
    if not found:
        chat.say(_("I could not look it up, so please write the address here."))
        return {}
    known = {name: found.get(name) for name in registration.ADDRESS} | {"postal_code": postal_code}
    right = chat.choose(
        f"{key}-right",
        _("I found: {address}. Is that right?", address=in_one_line(known)),
        [("yes", _("Yes")), ("no", _("No, I write it"))],
    )
    return found if right == "yes" else {}


def _ask_own(chat: Chat, own: CustomField, key: str) -> JSON:
    label = own.called(chat.locale)
    kind = cast("CustomKind", own.kind)
    if kind == "yes-no":
        return chat.choose(
            key, _("**{field}**: yes or no?", field=label), [(YES, _("Yes")), (NO, _("No"))]
        )
    if kind == "choice":
        return chat.choose(
            key,
            _("What shall stand at **{field}**?", field=label),
            [(each, each) for each in own.choices],
        )
    text = _OWN[kind]
    question = _("**{field}**: {how}", field=label, how=text)
    if not own.required:
        question = _("{question} Write - to leave it empty.", question=question)

    def parse(typed: str) -> str:
        return parse_custom(typed, kind, today=chat.today)

    return chat.ask(key, question, _value(parse, _OWN_REASONS, clears=not own.required))


_OWN: Mapping[str, Text] = {
    "text": _("what shall stand there?"),
    "number": _("which number?"),
    "money": _("which amount? Write it like 1234,56."),
    "date": _("which date? Write it like 31/12/2026."),
}


def _value(
    parse: Callable[[str], str], reasons: Mapping[str, Text], *, clears: bool = False
) -> Reader[str | None]:
    """A rule of the domain as a reader of what a row or an edit holds."""

    def read(event: Inbound) -> str | None:
        typed = event.text or ""
        if clears and typed.strip() == CLEAR:
            return None
        try:
            return parse(typed)
        except Invalid as refusal:
            raise Misread(reasons.get(refusal.code, reasons[""])) from refusal

    return Reader(read, lambda value: value, lambda value: value)


def _postal_code(typed: str) -> str:
    bare = parse_postal_code(typed)
    if state_of(bare) is None:
        raise Invalid("value", "In no state's range.")
    return bare


_DATES: Mapping[str, Text] = {
    "no_such_date": _("There is no such day. Please check it."),
    "date_range": _("That day cannot be right: it lies ahead, or too long ago. Please check it."),
    "": _("Please write the whole date, day first, like 31/12/1990."),
}
_REGISTRY: Mapping[str, Text] = {
    "format": _("Only a company can be exempt. Please write the number, or - to leave it empty."),
    "length": _("That has too few digits, or too many. Please check it."),
    "": _("Please write its digits, with or without points and dashes."),
}
_OWN_REASONS: Mapping[str, Text] = {
    "no_such_date": _DATES["no_such_date"],
    "negative": _("An amount is not negative. Please check it."),
    "ambiguous": _("I could read that as two amounts. Please write it like 1234,56."),
    "too_long": _("That is too much. Please check it."),
    "format": _("I could not read that. Please write it as in the example."),
    "": _("I could not read that. Please check it and write it again."),
}
POSTAL_CODE: Reader[str] = cast(
    "Reader[str]",
    _value(
        _postal_code,
        {
            "value": _("No state of Brazil has that CEP. Please check it."),
            "length": _("A CEP has 8 digits, like 12940-000. Please check it."),
            "": _("Please write the 8 digits of the CEP, like 12940-000."),
        },
    ),
)
"""A CEP that lies in some state's range."""
PHONE: Reader[str] = cast(
    "Reader[str]",
    _value(
        parse_phone,
        {
            "area_code": _("Please write it with its area code (DDD), like (11) 90000-0012."),
            "ninth_digit": _("A mobile has nine digits, the first a 9. Please check it."),
            "service_number": _(
                "That is a service number. Please write one where you are reached."
            ),
            "": _("I could not read a phone there. Please write it like (11) 90000-0012."),
        },
    ),
)
"""A typed phone, as E.164."""

__all__ = ["PHONE", "POSTAL_CODE", "Unchanged", "ask", "new_email", "new_phone"]
