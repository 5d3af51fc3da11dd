"""What I agreed to: each with its exact words, when and through what; what rests on consent can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _
from bot.core.question import Option
from bot.domain.privacy import Kind
from bot.domain.roles import Role
from handlers._privacy import NAMES
from storage import consents as rows
from storage import members, preferences
from storage.consents import Agreed, Of


@flow(
    "consents",
    title=_("What I agreed to"),
    needs=VERIFIED,
    when=feature("privacy"),
    phrases=_("my consents | what did i agree to | withdraw my consent | withdraw consent"),
)
def consents(chat: Chat) -> None:
    """List everything agreed to, show one, and take a consent back."""
    known = _known(chat)
    if not known:
        return chat.say(
            _(
                "You have agreed to nothing here so far: what we do rests on your contract and on law."
            )
        )
    options = [Option(key, _title(each), _state(chat, each)) for key, each in known.items()]
    chosen = known.get(chat.choose("which", _("This is what you agreed to. Which one?"), options))
    if chosen is None:  # settled by the withdrawal, and gone since
        return chat.say(_("That is not there any more."))
    chat.say(_described(chat, chosen))
    ways: list[tuple[str, Text]] = []
    mine = chosen.person == chat.visitor.person
    # What was chosen stays, though it has been withdrawn meanwhile.
    if (chosen.can_be_withdrawn and mine) or chat.seed("what") == "withdraw":
        ways.append(("withdraw", _("Withdraw it")))
    ways += [("other", _("Another one")), ("done", _("No, thank you"))]
    match chat.choose("what", _("Anything else?"), ways):
        case "withdraw":
            chat.do("withdraw", preferences.switch, chat.customer, Kind(chosen.title), on=False)
            return chat.say(
                _("✅ Withdrawn: {title}. From now on you get none of it.", title=_title(chosen))
            )
        case "other":
            chat.again()
    return chat.say(_("All right! Write whenever you need me."))


def _known(chat: Chat) -> Mapping[str, Agreed]:
    """An administrator sees what was agreed to for the customer, others what they agreed to themselves."""
    role = members.role_of(chat.read, chat.visitor.person, chat.customer)
    person = None if role is Role.ADMINISTRATOR else chat.visitor.person or 0
    return {each.key: each for each in rows.agreed(chat.read, chat.customer, person=person)}


def _title(of: Agreed) -> Text:
    match of.of:
        case Of.PURPOSE:
            return NAMES[Kind(of.title)]
        case Of.REGISTRATION:
            return _("That the registration is right")
        case _:
            return _("Contract: {title}", title=of.title)


def _state(chat: Chat, of: Agreed) -> Text:
    zone = chat.brand.zone
    if of.withdrawn_at is not None:
        return _("withdrawn on {day}", day=of.withdrawn_at.astimezone(zone).date())
    return _("{day}", day=of.at.astimezone(zone).date())


def _described(chat: Chat, of: Agreed) -> Text:
    told = _(
        "**{title}**\nAgreed on {at}, through {through}, by {name}.",
        title=_title(of),
        at=of.at,
        through=of.through,
        name=members.name_of(chat.read, of.person) or _("somebody whose name was deleted"),
    )
    if of.withdrawn_at is not None:
        told = _("{told}\nWithdrawn on {at}.", told=told, at=of.withdrawn_at)
    if of.words is None:
        return _(
            "{told}\nIts words were deleted; their hash stays: {code}", told=told, code=of.digest
        )
    return _("{told}\nThese were the words:\n\n{words}", told=told, words=of.words)
