"""My documents: the list, one of them here or by e-mail, and who opened it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Notice, NoticeButton, Text, _
from bot.domain.email import masked_email
from handlers._companies import take_up
from handlers._documents import SEND, Documents, NoDocuments, described
from storage import customer_documents, customers, sent_documents
from storage.customer_documents import Document, Mailed
from storage.document_access import may_see_log
from storage.sent_documents import Sent

_LIST = _(
    "Here are your documents, the newest first. Choose one, or write its month or a part of its name."
)
_NONE = _("There are no documents for you yet. When there is one, it will be here.")
_GONE = _("That document is not there any more.")
_WISHES: Mapping[str, Text] = {
    "open": _("Open it here"),
    "mail": _("Send by e-mail"),
    "log": _("Who opened it"),
    "rename": _("Rename it"),
    "withdraw": _("Withdraw it"),
    "other": _("Another document"),
    "done": _("No, thank you"),
}


@flow(
    "documents",
    title=_("My documents"),
    needs=VERIFIED,
    when=feature("documents"),
    menu=50,
    phrases=_("my documents | documents | document | files | reports | balance sheet | payslip"),
    start="documents",
)
def documents(chat: Chat) -> None:
    """List the documents, the newest first, and hand out the chosen one."""
    mine = Documents(chat, sending=_sending(chat))
    try:
        chosen = chat.choose("document", lambda: _LIST if not mine.empty else _NONE, mine)
    except NoDocuments:
        return chat.say(_NONE)
    if chosen == SEND:
        chat.switch("send-document")
    document = mine.row(chosen)
    if document is None:
        return chat.say(_GONE)
    take_up(chat, document.customer, "documents", document=document.id)
    again = bool(chat.seed("brief"))
    sent = sent_documents.of(chat.read, document.id)
    text = _("Anything else about **{title}**?", title=document.title)
    offered = [*_offered(chat, document, sent, again=again)]
    wish = chat.choose(
        "what",
        text if again else described(document, sent),
        [(each, _WISHES[each]) for each in _WISHES if each in offered],
    )
    match wish:
        case "open":
            _open(chat, document)
        case "mail":
            _mail(chat, document)
        case "log":
            chat.switch("document-log", document=document.id)
        case "rename" | "withdraw":
            chat.switch("sent-document", document=document.id, wish=wish)
        case "done":
            return chat.say(_("All right! Write whenever you need me."))
        case _:
            chat.again()
    chat.switch("documents", document=document.id, brief=True)


def _sending(chat: Chat) -> bool:
    return chat.limits.files_in > 0 and chat.offers("send-document")


def _offered(chat: Chat, document: Document, sent: Sent | None, *, again: bool) -> Iterator[str]:
    """What one can have of a document here; asked `again`, one may have had enough."""
    if chat.limits.files_out >= document.size:
        yield "open"
    if chat.brand.has("mail"):
        yield "mail"
    if may_see_log(chat.read, chat.visitor.person, chat.customer):
        yield "log"
    if sent is not None and sent_documents.may_change(chat.read, chat.visitor.person, sent):
        yield "rename"
        yield "withdraw"
    yield "other"
    if again:
        yield "done"


def _open(chat: Chat, document: Document) -> None:
    if chat.do("opened", customer_documents.note_opened, document.id, chat.customer):
        chat.document(document.ref, _("{title}", title=document.title))
    else:
        chat.say(_GONE)


def _mail(chat: Chat, document: Document) -> None:
    """Ask for consent and queue the mail; where it cannot be, say why."""
    customer = customers.get(chat.read, chat.customer)
    if customer is None or customer.email is None:
        return chat.say(
            _("There is no e-mail in your registration, but you can open the document here.")
        )
    email = masked_email(customer.email)
    if not customer.can_be_mailed:
        return chat.say(
            _(
                "E-mails to {email} come back to us, but you can open the document here.",
                email=email,
            )
        )
    chat.consent("sure", _("Send **{title}** to {email}?", title=document.title, email=email))
    outcome = chat.do(
        "send",
        customer_documents.mail_document,
        document.id,
        chat.customer,
        request=chat.event,
        sent=_sent(document, email),
        failed=_unsent(document, email, for_good=True),
        unsent=_unsent(document, email, for_good=False),
        locale=chat.locale,
    )
    match outcome:
        case Mailed.QUEUED:
            chat.say(
                _("On its way to {email}. I will tell you here when it has been sent.", email=email)
            )
        case Mailed.ALREADY:
            chat.say(_("It is on its way already: you asked for it a moment ago."))
        case Mailed.NO_EMAIL | Mailed.BAD_EMAIL:
            chat.say(_("Your registered e-mail takes no mails."))
        case _:
            chat.say(_GONE)
    return None


def _sent(document: Document, email: str) -> Notice:
    return Notice(
        _(
            "✅ Sent: {title} went to {email}. Not in your inbox? Look in the spam folder.",
            title=document.title,
            email=email,
        )
    )


def _unsent(document: Document, email: str, *, for_good: bool) -> Notice:
    named = {"title": document.title, "email": email}
    text = (
        _("I could not send {title}: {email} does not take e-mails.", **named)
        if for_good
        else _("I could not send {title} to {email}: the mail server did not take it.", **named)
    )
    see = NoticeButton(_("Open it here"), "documents", {"document": document.id})
    return Notice(text, buttons=(see,))
