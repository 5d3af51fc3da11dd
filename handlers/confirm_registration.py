"""Is your registration still right? Asked when due, after the person's own task; a yes is kept as evidence."""

from __future__ import annotations

from typing import NoReturn

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, Gate, flow
from bot.core.message import Text, _
from handlers._registration import editable, lines, mine, missing, name_of, whole
from storage import confirmations, registration
from storage.registration import Registered


def _asked_for(gate: Gate) -> bool:
    brand = gate.brand
    return brand.has("registration") and brand.registration.confirm_every_months > 0


@flow(
    "confirm-registration",
    title=_("Confirm my registration"),
    needs=VERIFIED,
    when=_asked_for,
    menu=62,
    phrases=_("confirm my registration | confirm my data | my registration is right"),
    follows=confirmations.due,
)
def confirm_registration(chat: Chat) -> None:
    """At once or field by field; what is wrong is changed on the way, and then the new version confirmed."""
    known = mine(chat)
    chat.do("asked", confirmations.note_asked, chat.customer)
    how = chat.seed("how") or chat.choose(
        "way",
        _(
            "Is your registration with {brand} still right? A look takes a minute.",
            brand=chat.brand.name,
        ),
        [
            ("all", _("See it all at once")),
            ("each", _("Field by field")),
            ("later", _("Not now")),
        ],
    )
    if how == "later":
        return chat.say(_("All right, another time."))
    empty = [field for field in missing(chat, known) if field in editable(chat, known)]
    if empty:
        label = name_of(chat, known.customer, empty[0])
        chat.say(_("**{field}** is still missing in your registration.", field=label))
        _edit(chat, empty[0])
    if how == "each":
        _go_through(chat, known)
    _confirm_whole(chat, known)
    return None


def _go_through(chat: Chat, known: Registered) -> None:
    """Each field by itself; the first that is wrong is changed."""
    for field in registration.fields_of(chat.brand, known.customer):
        right = chat.consent(
            f"right-{field}",
            _("{line}\nStill right?", line=lines(chat, known, {}, [field])),
            ends=False,
        )
        if right.get("no"):
            _mend(chat, known, field)


def _confirm_whole(chat: Chat, known: Registered) -> None:
    version = confirmations.version(known, chat.brand)
    evidence = chat.consent("right", _declaration(chat, known, version), ends=False)
    if evidence.get("no"):
        _mend(chat, known, None)
    if chat.do("confirm", confirmations.confirm, chat.customer, version, evidence):
        chat.say(_("✅ Thank you, your registration is confirmed!"))
    else:
        chat.say(_("Your registration changed meanwhile, so it is not confirmed yet."))


def _declaration(chat: Chat, known: Registered, version: str) -> Text:
    """What is agreed to: the whole registration, and which version of it."""
    return _(
        "{lines}\n\nDo you confirm that all of this is right? (version {version})",
        lines=whole(chat, known),
        version=version[:8],
    )


def _mend(chat: Chat, known: Registered, field: str | None) -> NoReturn:
    """Change what is wrong, and come back to confirm the whole."""
    may = set(editable(chat, known)) - ({"contacts"} if field is None else set())
    if (field is not None and field not in may) or not may:
        chat.say(_("That cannot be changed here, but our team can."))
        chat.switch("human")
    if field == "contacts":
        chat.switch("contacts")
    _edit(chat, field)


def _edit(chat: Chat, field: str | None) -> NoReturn:
    chat.switch("registration-edit", field=field, then="confirm-registration")
