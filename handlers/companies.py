"""Companies: which of those one speaks for is at hand, and whether lists show them all."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import Text, _
from bot.core.question import Option
from handlers._companies import names, spoken_for
from storage import companies as rows
from storage.members import Spoken

_ALL = 0


@flow(
    "companies",
    title=_("Companies"),
    needs=VERIFIED,
    menu=65,
    phrases=_(
        "companies | my companies | another company | switch company | change company | branch"
        " | head office | all companies"
    ),
)
def companies(chat: Chat) -> None:
    """Choose the company at hand, or have lists show what belongs to each."""
    spoken = spoken_for(chat)
    if len(spoken) < 2:
        return chat.say(_("You speak for one company only, so there is nothing to choose."))
    called = names(spoken)
    chosen = chat.choose(
        "company",
        _("Which company is it about? With all, lists show what belongs to each."),
        list(_options(chat, spoken)),
    )
    if chosen == _ALL:
        chat.do("all", rows.show_all)
        chat.say(
            _(
                "✅ Lists show all your companies now, and name them. What you choose in a list makes"
                " its company the one at hand."
            )
        )
    elif chat.do("turn", rows.turn_to, chosen):
        chat.say(_("✅ It is about **{company}** now.", company=called[chosen]))
    else:
        return chat.say(_("You do not speak for that company any more."))
    chat.switch("menu", greeted=True)


def _options(chat: Chat, spoken: tuple[Spoken, ...]) -> Iterator[Option[int]]:
    everything = chat.visitor.all_companies
    yield Option(_ALL, _("All companies"), _("chosen now") if everything else "")
    called = names(spoken)
    for each in spoken:
        now = each.customer == chat.visitor.customer and not everything
        yield Option(each.customer, called[each.customer], _("chosen now") if now else _kind(each))


def _kind(each: Spoken) -> Text:
    return _("head office") if each.is_main else _("branch")
