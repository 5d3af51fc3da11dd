"""Somebody comes by the link of one document: it is opened, and nothing else with it.

Where a login is required, who comes proves to be the customer's by a code to the registered e-mail.
That counts for this document and this once: no invoice, no registration is shown for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.errors import Misread
from bot.core.flow import feature, flow
from bot.core.message import JSON, Inbound, Mail, Text, _
from bot.core.ports import Write
from bot.core.question import Retry
from bot.core.readers import Reader
from handlers._companies import spoken_for, take_up
from handlers._readers import TAX_ID
from storage import codes, document_links
from storage.codes import Proof
from storage.customers import Customer
from storage.document_links import Link

_DEAD = _("That link does not work any more. Please ask for a new one.")
_MOST = 80
"""Characters of a name."""


def _name(event: Inbound) -> str:
    name = " ".join((event.text or "").split())
    if not 2 <= len(name) <= _MOST or not any(c.isalpha() for c in name):
        raise Misread(_("Please write your name, with at most {most} characters.", most=_MOST))
    return name


NAME: Reader[str] = Reader(_name, lambda name: name, str)


@flow("document-link", title=_("A document for you"), when=feature("documents"), start="doc")
def document_link(chat: Chat) -> None:
    """What the link opens. Its token is in no session: the row's id goes on from here."""
    found = document_links.find(chat.read, str(chat.seed("start") or ""))
    if found is None:
        return chat.say(_DEAD)
    chat.switch("one-document", link=found.id)


@flow("one-document", title=_("A document for you"), when=feature("documents"))
def one_document(chat: Chat) -> None:
    """Hand out the one document of a link, after a proof where one is required."""
    link = document_links.get(chat.read, int(chat.seed("link") or 0))
    if link is None:
        return chat.say(_DEAD)
    whose, spoken = link.document.customer, {each.customer for each in spoken_for(chat)}
    if chat.visitor.customer is not None and whose in spoken:
        take_up(chat, whose, "documents", document=link.document.id)
        chat.switch("documents", document=link.document.id)
    if link.document.size > chat.limits.files_out:
        return chat.say(_("This document is too large for this chat. Please ask for it by e-mail."))
    name, proved = (None, None) if not link.login_required else _prove(chat, link)
    if not chat.do("opened", document_links.open_in_chat, link.id, name=name, proved=proved):
        return chat.say(_DEAD)
    chat.document(link.document.ref, _("{title}", title=link.document.title))
    chat.say(
        _(
            "This link opens this document alone. For everything else, write **menu** and identify yourself."
        )
    )
    return None


def _prove(chat: Chat, link: Link) -> tuple[str, int]:
    """The name somebody gives, and the customer whose registered e-mail he reads."""
    if not chat.brand.has("mail"):
        chat.say(_("I cannot find out safely who you are here, so please talk to our team."))
        chat.switch("human")
    chat.say(
        _(
            "**{title}** is for you. Before I open it, I need to know who you are.",
            title=link.document.title,
        )
    )
    name = chat.ask(
        "name", _("What is your name? It is noted down with the date, as who opened it."), NAME
    )
    tax_id = chat.ask(
        "tax_id", _("What is the CPF or CNPJ of the registration it belongs to?"), TAX_ID
    )
    asked = chat.do("request", codes.request_code, tax_id, "document", _code_mail(chat.locale))
    if asked["result"] == Proof.PAUSED:
        _not_proved(chat, link, _paused(chat, asked["until"]))
    outcome = chat.secret(
        "code",
        _(
            "If it is registered with an e-mail, a code is on its way. Please write its 6 digits"
            " here.\nNothing came? Look in the spam folder, or write **human**."
        ),
        _check(asked["code"], link),
    )
    if outcome["result"] == Proof.OK:
        return name, outcome["customer"]
    if outcome["result"] == _ANOTHERS:
        _not_proved(chat, link, _("This document belongs to another registration."))
    if outcome["until"] is not None:
        _not_proved(chat, link, _paused(chat, outcome["until"]))
    _not_proved(chat, link, _("That code does not count any more."))


_ANOTHERS = "anothers"
"""The code was right, and proved another customer than the document's."""


def _check(code: JSON, link: Link) -> Callable[[Write, str], JSON | Retry]:
    """What the secret question does with a word: counted, compared, never kept."""

    def check(write: Write, typed: str) -> JSON | Retry:
        found = codes.check_code(write, code, typed, enters=False)
        if found["result"] == Proof.OK and found["customer"] != link.document.customer:
            return {**found, "result": _ANOTHERS}
        if found["result"] != Proof.WRONG:
            return found
        if sum(c.isdigit() for c in typed) != codes.DIGITS:
            return Retry(_("That is no code: it has 6 digits, like 012345."))
        return Retry(
            _(
                "That is not the code. Please compare it with the e-mail. Tries left: {left}.",
                left=found["left"],
            )
        )

    return check


def _not_proved(chat: Chat, link: Link, reason: Text) -> NoReturn:
    """It did not work: once more from the beginning, or a person."""
    ways = [("again", _("Try again")), ("human", _("Talk to a person"))]
    if chat.choose("after", reason, ways) == "again":
        chat.switch("one-document", link=link.id)
    chat.switch("human")


def _code_mail(locale: str) -> Callable[[Customer, int], Mail]:
    def mail(customer: Customer, _code: int) -> Mail:
        values = {"customer_name": customer.name, "first_name": customer.first_name}
        return Mail(template="code", to="", locale=locale, values=values)

    return mail


def _paused(chat: Chat, until: str) -> Text:
    """Times of the day alone: the longest pause is an hour."""
    time = datetime.fromisoformat(until).astimezone(chat.brand.zone)
    return _(
        "There were many tries in a short time. For everybody's safety, please try again after"
        " {time}, or talk to our team.",
        time=f"{time:%H:%M}",
    )
