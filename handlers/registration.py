"""My registration: see it, masked, and change it field by field; several changes are saved in one go."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, feature, flow
from bot.core.message import JSON, Text, _
from bot.core.question import Option
from bot.domain.permissions import Permission
from handlers._new_values import Unchanged, ask
from handlers._registration import editable, lines, mine, name_of, value_of, whole, words
from storage import confirmations
from storage import registration as rows
from storage.confirmations import State
from storage.registration import Registered

_DISCARDED = _("Discarded: nothing of your registration was changed.")


@flow(
    "registration",
    title=_("My registration"),
    needs=VERIFIED,
    when=feature("registration"),
    menu=40,
    phrases=_(
        "my registration | my data | my registration data | see my data | my address | my phone"
        " | my e-mail"
    ),
    start="registration",
)
def registration(chat: Chat) -> None:
    """Show all that is registered, and what of it can be changed here."""
    known = mine(chat)
    fields = editable(chat, known)
    chat.say(_("This is your registration:\n{lines}", lines=whole(chat, known)))
    if (standing := _confirmed(chat, known)) is not None:
        chat.say(standing)
    if not fields:
        return chat.say(_READ_ONLY)
    ways: list[tuple[str, Text]] = []
    if set(fields) - {"contacts"}:
        ways.append(("edit", _("Change something")))
    if "contacts" in fields:
        ways.append(("contacts", _("Other contacts")))
    ways.append(("done", _("It is all right")))
    match chat.choose("what", _("What would you like to do?"), ways):
        case "edit":
            chat.switch("registration-edit")
        case "contacts":
            chat.switch("contacts")
    return chat.say(_("All right! Write whenever you need me."))


def _confirmed(chat: Chat, known: Registered) -> Text | None:
    """Whether it is confirmed, and since when; None where the brand does not ask for it."""
    state = confirmations.state_of(chat.read, chat.customer)
    latest = confirmations.last(chat.read, chat.customer)
    if state is State.OFF:
        return None
    if latest is None:
        return _("Nobody has confirmed it yet.")
    day = latest.at.astimezone(chat.brand.zone).date()
    if state is State.EXPIRED:
        return _("It was confirmed on {day}: that is a while ago, so I will ask again.", day=day)
    if latest.version != confirmations.version(known, chat.brand):
        return _("Confirmed on {day}, and changed since.", day=day)
    return _("Confirmed on {day}.", day=day)


@flow(
    "registration-edit",
    title=_("Change my registration"),
    needs=FRESH,
    when=feature("registration"),
    phrases=_(
        "change my registration | update my registration | update my data | change my data"
        " | change my phone | change my e-mail | change my address | i moved | new phone | new e-mail"
    ),
    stays=_DISCARDED,
)
def registration_edit(chat: Chat) -> None:
    """Collect new values, then save them all at once."""
    known = mine(chat)
    fields = [field for field in editable(chat, known) if field != "contacts"]
    if not fields:
        return chat.say(_READ_ONLY)
    edits: dict[str, JSON] = dict(chat.seed("edits") or {})
    wanted = chat.seed("field")
    for turn in count():
        field = (
            wanted if turn == 0 and wanted in fields else _next(chat, known, fields, edits, turn)
        )
        if field == _SAVE:
            break
        if field == _DISCARD:
            return chat.say(_DISCARDED)
        try:
            value = ask(chat, known, field, f"{field}{turn}")
        except Unchanged as unchanged:
            chat.say(unchanged.reason)
            continue
        if value == known.value(field):
            edits.pop(field, None)
            chat.say(_("That is how it stands already."))
        else:
            edits[field] = value
    return _save(chat, known, edits)


_SAVE, _DISCARD = "save", "discard"


def _next(
    chat: Chat, known: Registered, fields: list[str], edits: Mapping[str, JSON], turn: int
) -> str:
    """Which field comes next, or the end of it."""
    who = known.customer
    options = [Option(f, name_of(chat, who, f), value_of(chat, known, edits, f)) for f in fields]
    if not edits:
        text = _("What do you want to change?")
    else:
        options = [
            Option(_SAVE, _("Save")),
            *options,
            Option(_DISCARD, _("Discard the changes")),
        ]
        text = _(
            "Not saved yet:\n{lines}\n\nSave it, or change something else?",
            lines=lines(chat, known, edits, edits),
        )
    return chat.choose(f"field{turn}", text, options)


def _save(chat: Chat, known: Registered, edits: Mapping[str, JSON]) -> None:
    outcome = chat.do("save", rows.save, chat.customer, edits, words=words(chat, known, edits))
    if outcome["result"] == "stale":
        chat.say(_("That took a while, so I have to ask once more who you are. Nothing is lost."))
        chat.switch("registration-edit", edits=dict(edits), then=chat.seed("then"))
    named = {
        name: _listed(chat, known, outcome[name])
        for name in ("saved", "administrator", "staff", "refused")
        if outcome[name]
    }
    if "saved" in named:
        chat.say(_("✅ Saved: {fields}. Your registration is up to date.", fields=named["saved"]))
    if "administrator" in named:
        chat.say(
            _(
                "{fields}: an administrator of your registration has to approve it. I asked, and"
                " tell you the answer here.",
                fields=named["administrator"],
            )
        )
    if "staff" in named:
        chat.say(_("{fields}: our team will check it, and then it counts.", fields=named["staff"]))
    if "refused" in named:
        chat.say(
            _(
                "{fields}: that could not be saved. It may wait for an answer already, or may not be"
                " changed here any more.",
                fields=named["refused"],
            )
        )
    if chat.seed("then"):
        chat.switch(chat.seed("then"), how="all")


def _listed(chat: Chat, known: Registered, fields: list[str]) -> Text | str:
    """Names of fields, one after the other."""
    names = [name_of(chat, known.customer, field) for field in fields]
    text: Text | str = names[0]
    for name in names[1:]:
        text = Text("{before}, {name}", {"before": text, "name": name})
    return text


_READ_ONLY = _(
    "Here you can see your registration, but not change it. If something is wrong, write **human**."
)


@flow(
    "new-email", title=_("Update my e-mail"), needs=VERIFIED, when=feature("registration", "mail")
)
def new_email(chat: Chat) -> None:
    """A new e-mail for who has none that works, and so no code: it is proved, and staff says yes."""
    known = mine(chat)
    if rows.allowed(chat.brand, known.customer, "email") not in (
        Permission.EDIT,
        Permission.APPROVAL,
    ):
        chat.switch("human", about="email")
    if known.customer.can_be_mailed:
        chat.switch("registration-edit", field="email")
    try:
        edits = {"email": ask(chat, known, "email", "email")}
    except Unchanged as unchanged:
        return chat.say(unchanged.reason)
    outcome = chat.do(
        "save", rows.save, chat.customer, edits, words=words(chat, known, edits), to_staff=True
    )
    if outcome["staff"]:
        chat.say(
            _("Thank you! Our team will check it, and from then on this is your e-mail with us.")
        )
    else:
        chat.say(_("That could not be saved: another e-mail of yours is being checked already."))
    return None
