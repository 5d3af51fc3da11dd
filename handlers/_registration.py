"""How a registration is named and shown, field by field, wherever a flow does: masked, PF and PJ apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from bot.core.brand import Brand, CustomField
from bot.core.chat import Chat
from bot.core.message import JSON, Text, Value, _
from bot.domain.fields import (
    EXEMPT,
    NO,
    YES,
    CustomKind,
    masked_date,
    masked_registry_number,
    stored_value,
)
from bot.domain.permissions import Way
from bot.domain.postal_code import format_postal_code
from bot.domain.tax_id import masked_tax_id
from storage import registration
from storage.contacts import masked
from storage.customers import Customer
from storage.registration import CONTACTS, Registered

_NAMES: Mapping[str, tuple[Text, Text]] = {
    "tax_id": (_("CPF"), _("CNPJ")),
    "name": (_("Name"), _("Registered name")),
    "trade_name": (_("Trade name"), _("Trade name")),
    "born_on": (_("Birth date"), _("Opening date")),
    "registry_number": (_("RG"), _("State registration")),
    "email": (_("E-mail"), _("E-mail")),
    "phone": (_("Phone"), _("Phone")),
    "address": (_("Address"), _("Address")),
    "contacts": (_("Other contacts"), _("Other contacts")),
}
"""By field: what it is called for a person, and for a company."""

EMPTY = _("not informed")


def mine(chat: Chat) -> Registered:
    """The registration at hand."""
    known = registration.get(chat.read, chat.customer)
    if known is None:
        raise LookupError("a proved customer that is in no row")
    return known


def label(brand: Brand, kind: str, field: str, locale: str) -> Text | str:
    """What a field is called, for a kind of customer (PF, PJ) and in a language."""
    own = registration.custom_field(brand, field)
    if own is not None:
        return own.called(locale)
    if field not in _NAMES:
        return field  # the brand took a field of its own away
    person, company = _NAMES[field]
    return person if kind == "PF" else company


def name_of(chat: Chat, known: Customer, field: str) -> Text | str:
    """What a field is called, for this customer and in this language."""
    return label(chat.brand, known.kind, field, chat.locale)


def shown(chat: Chat, known: Customer, field: str, value: JSON) -> Value:
    """A value of a field as it may be shown: what is personal is masked."""
    if not value:
        return EMPTY
    own = registration.custom_field(chat.brand, field)
    if own is not None:
        return _own(own, value)
    match field:
        case "tax_id":
            return masked_tax_id(value)
        case "email" | "phone":
            return masked(field, value["value"] if isinstance(value, dict) else value)
        case "born_on":
            day = date.fromisoformat(value)
            return masked_date(day) if known.kind == "PF" else day
        case "registry_number":
            return _("exempt") if value == EXEMPT else masked_registry_number(value)
        case "address":
            return in_one_line(value) or EMPTY
        case "contacts":
            return ", ".join(masked("email" if "@" in each else "phone", each) for each in value)
        case _:
            return str(value)


def in_one_line(address: Mapping[str, str | None]) -> str:
    """A postal address in one line, without what is not known."""
    city = " - ".join(p for p in (address["city"], address["state"]) if p)
    code = format_postal_code(address["postal_code"]) if address["postal_code"] else None
    parts = (address["street"], address["street_number"], address["complement"],
             address["district"], city, code)  # fmt: skip
    return ", ".join(part for part in parts if part)


def value_of(chat: Chat, known: Registered, edits: Mapping[str, JSON], field: str) -> Text:
    """What a field holds, or will hold, as it may be shown."""
    value = edits[field] if field in edits else known.value(field)
    return Text("{value}", {"value": shown(chat, known.customer, field, value)})


def lines(chat: Chat, known: Registered, edits: Mapping[str, JSON], fields: Iterable[str]) -> Text:
    """Fields with their values, one a line; those of `edits` as they will be."""
    text = Text("")
    for field in fields:
        line = _(
            "**{label}:** {value}",
            label=name_of(chat, known.customer, field),
            value=value_of(chat, known, edits, field),
        )
        text = Text("{before}\n{line}", {"before": text, "line": line}) if text.source else line
    return text


def whole(chat: Chat, known: Registered) -> Text:
    """All that this customer may see."""
    return lines(chat, known, {}, registration.fields_of(chat.brand, known.customer))


def editable(chat: Chat, known: Registered) -> list[str]:
    """The fields this person may change, at once or with somebody's yes."""
    return [
        field
        for field in registration.fields_of(chat.brand, known.customer)
        if registration.way_of(chat.read, chat.visitor.person, known.customer, field)
        is not Way.REFUSED
    ]


def missing(chat: Chat, known: Registered) -> list[str]:
    """Fields of the brand's own that have to be filled in and are not."""
    shown_ones = registration.fields_of(chat.brand, known.customer)
    return [
        each.key
        for each in chat.brand.registration.custom
        if each.required and each.key in shown_ones and not known.custom.get(each.key)
    ]


def words(chat: Chat, known: Registered, edits: Mapping[str, JSON]) -> dict[str, Text]:
    """Each edit as whoever decides it reads it."""
    return {field: lines(chat, known, edits, [field]) for field in edits}


def _own(own: CustomField, value: str) -> Value:
    typed = stored_value(value, cast("CustomKind", own.kind))
    if own.kind == "yes-no":
        return {YES: _("Yes"), NO: _("No")}[value]
    return typed


__all__ = [
    "CONTACTS", "EMPTY", "editable", "in_one_line", "label", "lines", "mine", "missing", "name_of", "shown",
    "value_of", "whole", "words",
]  # fmt: skip
