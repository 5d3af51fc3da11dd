"""Send a document to the office; rename or withdraw one that was sent."""

from __future__ import annotations

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, _
from bot.core.readers import words
from handlers._files import FILE
from handlers._payment import of_one_company
from storage import sent_documents
from storage.sent_documents import Changing, Sending

TITLE = words(at_least=3, at_most=80)
_GONE = _("That document is not there any more.")


@flow(
    "send-document",
    title=_("Send a document"),
    needs=VERIFIED,
    when=feature("documents", "send_documents"),
    phrases=_(
        "send a document | i want to send a document | send you a document | send a file | attach a document"
        " | deliver a document | i have a document for you"
    ),
    start="send-document",
)
def send_document(chat: Chat) -> None:
    """A PDF or picture with a title and a kind; filed among the documents, and the office is told."""
    of_one_company(chat, "send-document")
    if not chat.limits.files_in:
        return chat.say(_elsewhere(chat))
    if not sent_documents.may_send(chat.read, chat.visitor.person, chat.customer):
        return chat.say(_("Only people with access to this company can send documents for it."))
    file = chat.ask(
        "file", _("Please send the document here: a PDF or a picture of at most 10 MB."), FILE
    )
    title = chat.ask(
        "title", _('What is it? Two or three words, for example "Articles of association".'), TITLE
    )
    kinds = chat.brand.documents.kinds
    kind = ""
    if kinds:
        kind = chat.choose(
            "kind", _("Which kind of document is it?"), [(each, each) for each in kinds]
        )
    chat.consent("sure", _sure(file.name, title, kind))
    outcome = chat.do(
        "send", sent_documents.send, chat.customer, title=title, kind=kind or "sent",
        file=FILE.dump(file), request=chat.event,
    )  # fmt: skip
    match outcome:
        case Sending.FILED:
            text = _(
                "✅ Thank you! **{title}** is filed among your documents, and our team has been told. Until"
                " they have looked at it you can rename or withdraw it there.",
                title=title,
            )
        case Sending.COMING:
            text = _(
                "Thank you! I am fetching the file of **{title}** and tell you here as soon as it is filed.",
                title=title,
            )
        case Sending.MANY:
            text = _(
                "Many of your documents are still waiting for our team, so I did not take this one. Please"
                " try again when they have looked at them."
            )
        case Sending.GONE:
            chat.say(_("The file is not there any more. Please send it once more."))
            chat.again()
        case _:
            text = _("Only people with access to this company can send documents for it.")
    return chat.say(text)


@flow("sent-document", title=_("A document you sent"), needs=VERIFIED, when=feature("documents"))
def sent_document(chat: Chat) -> None:
    """Rename or withdraw a document that was sent, as long as the office has not looked at it."""
    id, wish = chat.seed("document"), chat.seed("wish")
    sent = sent_documents.of(chat.read, id) if id is not None else None
    if wish == "rename":
        before = sent.title if sent else ""
        title = chat.ask(
            "title", _("What shall **{title}** be called from now on?", title=before), TITLE
        )
        outcome = chat.do("rename", sent_documents.rename, id, chat.customer, title)
        said = _("✅ Done: it is called **{title}** now.", title=title)
    else:
        if sent is None:
            chat.say(_GONE)
            chat.switch("documents")
        chat.consent(
            "sure",
            _("Withdraw **{title}**? Its file is erased, and our team is told.", title=sent.title),
        )
        outcome = chat.do(
            "withdraw", sent_documents.withdraw, id, chat.customer, request=chat.event
        )
        said = _("✅ Done: it is withdrawn, and its file is erased.")
    match outcome:
        case Changing.DONE:
            chat.say(said)
        case Changing.SEEN:
            chat.say(
                _(
                    "Our team has looked at it already, so it stays as it is. Write /human if something is"
                    " wrong with it."
                )
            )
        case Changing.NOT_YOURS:
            chat.say(_("Only who sent it, or an administrator, can change it."))
        case _:
            chat.say(_GONE)
    if outcome == Changing.DONE and wish == "rename":
        chat.switch("documents", document=id, brief=True)


def _sure(name: str, title: str, kind: str) -> Text:
    if kind:
        return _(
            "Send **{title}** ({kind}, {name}) to our team?", title=title, kind=kind, name=name
        )
    return _("Send **{title}** ({name}) to our team?", title=title, name=name)


def _elsewhere(chat: Chat) -> Text:
    """Where a document can go from a channel that takes no files."""
    if chat.brand.email:
        return _(
            "This channel takes no files, I am sorry. Please send the document to {email}, or come to our"
            " chat on the web.",
            email=chat.brand.email,
        )
    return _(
        "This channel takes no files, I am sorry. Please come to our chat on the web with it, or write"
        " /human."
    )
