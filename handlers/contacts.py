"""Further e-mails and phones: add, name, delete, or make one the first that is used."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import FRESH, feature, flow
from bot.core.message import JSON, Text, _
from bot.core.question import Option
from bot.core.readers import words
from handlers._new_values import Unchanged, new_email, new_phone
from handlers._registration import editable, mine
from storage import registration
from storage.contacts import masked
from storage.customers import Contact
from storage.registration import Registered

_NAME = words(at_most=40)
_ADD = {"add-email": _("Add an e-mail"), "add-phone": _("Add a phone")}


@flow(
    "contacts",
    title=_("Other contacts"),
    needs=FRESH,
    when=feature("registration"),
    phrases=_("my contacts | add a contact | add an e-mail | add a phone | second e-mail"),
    stays=_("Discarded: nothing of your registration was changed."),
)
def contacts(chat: Chat) -> None:
    """The list of contacts, and what can be done with one; each change is saved at once."""
    known = mine(chat)
    if "contacts" not in editable(chat, known):
        return chat.say(_("Your contacts can only be seen here. To change them, write **human**."))
    by_id = {str(each.id): each for each in known.contacts}
    options = [Option(id, _named(each), _detail(each)) for id, each in by_id.items()]
    options += [Option(id, label) for id, label in _ADD.items()]
    options.append(Option("done", _("It is all right")))
    chosen = chat.choose(
        "contact", _("These are your contacts. Choose one to change it, or add another."), options
    )
    if chosen == "done":
        return chat.say(_("All right! Write whenever you need me."))
    if chosen in _ADD:
        _add(chat, known, chosen.removeprefix("add-"))
    else:
        _change(chat, by_id.get(chosen))
    chat.again()


def _add(chat: Chat, known: Registered, kind: str) -> None:
    values = [each.value for each in known.contacts]
    try:
        if kind == "email":
            new = new_email(chat, "new", known=values)
        else:
            new = new_phone(chat, "new", known=known.customer.phone)
    except Unchanged as unchanged:
        return chat.say(unchanged.reason)
    label = chat.ask(
        "label", _("What shall I call it? For example: accounts, mother, reception."), _NAME
    )
    wish = {"op": "add", "value": new["value"], "label": label}
    told = _("Add {contact}", contact=f"{masked(kind, new['value'])} ({label})")
    _carry_out(chat, kind, wish, told, proof=new["proof"])
    return None


def _change(chat: Chat, one: Contact | None) -> None:
    """What to do with a contact that is there; one that was just deleted is not there any more."""
    if one is None:
        return chat.say(_("That contact is not there any more."))
    ways: list[tuple[str, Text]] = []
    if not one.is_primary:
        ways.append(("primary", _("Use it first")))
    ways += [("label", _("Another name")), ("delete", _("Delete"))]
    what = chat.choose("what", _("What shall I do with {contact}?", contact=_named(one)), ways)
    wish: dict[str, JSON] = {"op": what, "id": one.id}
    match what:
        case "primary":
            told = _("Use {contact} first", contact=_named(one))
        case "label":
            wish["label"] = chat.ask("label", _("What shall I call it?"), _NAME)
            told = _("Call {contact} {name}", contact=_named(one), name=wish["label"])
        case _:
            chat.consent("sure", _("Delete {contact} from your registration?", contact=_named(one)))
            told = _("Delete {contact}", contact=_named(one))
    _carry_out(chat, one.kind, wish, told)
    return None


def _carry_out(chat: Chat, kind: str, wish: JSON, told: Text, *, proof: int | None = None) -> None:
    outcome = chat.do(
        "save", registration.contact_wish, chat.customer, kind, wish, proof=proof, words=told
    )
    chat.say(_OUTCOMES.get(outcome, _OUTCOMES["refused"]))


_OUTCOMES = {
    "saved": _("✅ Saved: your contacts are up to date."),
    "same": _("That is how it stands already."),
    "gone": _("That contact is not there any more."),
    "last": _(
        "That is your only e-mail, and we need one. Add another first, then delete this one."
    ),
    "administrator": _(
        "An administrator of your registration has to approve it. I asked, and tell you the answer here."
    ),
    "staff": _("Our team will check it, and then it counts."),
    "waiting": _("A change of your contacts is waiting for an answer already."),
    "stale": _("That took a while, so nothing was changed. Please try once more."),
    "refused": _("That could not be saved. Please try again, or write **human**."),
}


def _named(one: Contact) -> str:
    value = masked(one.kind, one.value)
    return f"{value} ({one.label})" if one.label else value


def _detail(one: Contact) -> Text:
    if one.bad:
        return _("messages to it come back")
    if one.is_primary:
        return _("used first")
    return _("e-mail") if one.kind == "email" else _("phone")
