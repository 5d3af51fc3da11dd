"""Which messages I get: kind by kind; those that the contract or law require are named as such."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _
from bot.core.question import Option
from bot.domain.privacy import BY_CONSENT, Kind
from handlers._privacy import NAMES
from storage import preferences
from storage.preferences import Standing


@flow(
    "messages",
    title=_("Which messages I get"),
    needs=VERIFIED,
    when=feature("privacy"),
    phrases=_(
        "which messages | my notifications | notifications | unsubscribe | stop messages"
        " | stop the ads | no more offers"
    ),
    start="messages",
)
def messages(chat: Chat) -> None:
    """Switch what is optional on and off; what is required only says so."""
    known = preferences.all_of(chat.read, chat.customer, chat.visitor.person or 0)
    options = [Option(each.kind.value, NAMES[each.kind], _state(each)) for each in known]
    options.append(Option("done", _("It is all right")))
    chosen = chat.choose("kind", lambda: _question(chat), options)
    if chosen == "done":
        return chat.say(_("All right! Write whenever you need me."))
    kind = Kind(chosen)
    standing = next(each for each in known if each.kind is kind)
    if standing.required:
        chat.say(
            _(
                "**{kind}** cannot be switched off: these messages belong to your contract or are"
                " demanded by law. They are never advertising.",
                kind=NAMES[kind],
            )
        )
        chat.switch("messages", brief=True)
    # Which way it goes was decided when it was asked, whatever it is switched to meanwhile.
    now_on = standing.chat or standing.mail
    wish = chat.choose(
        "switch",
        _("**{kind}**: {state}.", kind=NAMES[kind], state=_state(standing)),
        _ways(chat, now_on=now_on),
    )
    match wish:
        case "on":
            _switch_on(chat, kind)
        case "off":
            mails = chat.do("off", preferences.switch, chat.customer, kind, on=False)
            chat.say(
                _("✅ Switched off: {kind}, here and by e-mail.", kind=NAMES[kind])
                if mails
                else _("✅ Switched off for you: {kind}.", kind=NAMES[kind])
            )
    chat.switch("messages", brief=True)


def _ways(chat: Chat, *, now_on: bool) -> list[tuple[str, Text]]:
    said = chat.seed("switch")
    ways: list[tuple[str, Text]] = []
    if not now_on or said == "on":
        ways.append(("on", _("Turn on")))
    if now_on or said == "off":
        ways.append(("off", _("Turn off")))
    return [*ways, ("keep", _("Leave it as it is"))]


def _switch_on(chat: Chat, kind: Kind) -> None:
    evidence = None
    if kind in BY_CONSENT:
        evidence = chat.consent(
            "agree",
            _(
                "May **{brand}** send you offers and news, in this chat and by e-mail? You can withdraw"
                " this at any time, here or by the link in each e-mail, and nothing else changes.",
                brand=chat.brand.name,
            ),
            ends=False,
        )
        if evidence.get("no"):
            chat.say(_("All right, you get none."))
            return
    mails = chat.do(
        "on", preferences.switch, chat.customer, kind,
        on=True, evidence=evidence, locale=chat.locale,
    )  # fmt: skip
    chat.say(
        _("✅ Switched on: {kind}, here and by e-mail.", kind=NAMES[kind])
        if mails
        else _("✅ Switched on for you: {kind}.", kind=NAMES[kind])
    )


def _question(chat: Chat) -> Text:
    if chat.seed("brief"):
        return _("Any other messages?")
    return _(
        "These are the messages we send without being asked. Choose one to switch it on or off; those"
        " marked “required” belong to your contract or to law, and always come."
    )


def _state(each: Standing) -> Text:
    if each.required:
        return _("required")
    if each.chat and not each.mail:
        return _("on in the chat, off by e-mail")
    if each.mail and not each.chat:
        return _("off in the chat, on by e-mail")
    return _("on") if each.chat else _("off")
