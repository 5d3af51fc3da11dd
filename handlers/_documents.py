"""How documents are listed, named and described, wherever a flow shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.chat import Chat
from bot.core.message import Text, _
from bot.core.question import Option
from handlers._companies import listed
from storage import customer_documents, sent_documents
from storage.customer_documents import Document
from storage.sent_documents import Sent

SEND = 0
"""Stands for sending one of one's own, among the ids of documents."""


class NoDocuments(Exception):
    """There is no document for this customer yet, so there is none to choose."""


class Documents:
    """A customer's documents as a list to choose from; what a turn has looked up, it looks up once."""

    def __init__(self, chat: Chat, *, of_all: bool = True, sending: bool = False) -> None:
        """`of_all` False: of the company at hand alone, though lists show those of every company.

        `sending`: the list begins with `SEND`.
        """
        self._sending = sending
        self._chat = chat
        self._companies = listed(chat) if of_all else {}
        self._whose: int | list[int] = list(self._companies) or chat.customer
        self._known: dict[int, Document | None] = {}
        self._senders: dict[int, str] = {}

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        """The newest first. Raises NoDocuments if there is nothing to choose at all."""
        first, whose = int(self._sending and offset == 0), self._whose
        offset = max(0, offset - int(self._sending))
        found = customer_documents.page(self._chat.read, whose, offset, limit - first)
        if not found and offset == 0 and not self._sending:
            raise NoDocuments
        if self._sending:
            self._senders = sent_documents.senders(self._chat.read, [each.id for each in found])
        return [*[_SENDING][:first], *self._options(found)]

    def get(self, id: int) -> Option[int] | None:
        if id == SEND:
            return _SENDING if self._sending else None
        found = self.row(id)
        return self._option(found) if found else None

    def find(self, text: str) -> Sequence[Option[int]]:
        return self._options(customer_documents.find(self._chat.read, self._whose, text))

    def row(self, id: int) -> Document | None:
        """A document of this customer, or of one whose documents the list shows; else None."""
        if id not in self._known:
            self._known[id] = customer_documents.get(self._chat.read, id, self._whose)
        return self._known[id]

    @property
    def empty(self) -> bool:
        """Whether there is no document yet."""
        return not customer_documents.page(self._chat.read, self._whose, 0, 1)

    def _options(self, found: Iterable[Document]) -> list[Option[int]]:
        return [self._option(each) for each in found]

    def _option(self, document: Document) -> Option[int]:
        self._known[document.id] = document
        company, when = self._companies.get(document.customer), dated(document)
        if sender := self._senders.get(document.id):
            when = _("{when} · sent by {name}", when=when, name=sender)
        return Option(
            document.id,
            document.title,
            _("{company} · {when}", company=company, when=when) if company else when,
        )


_SENDING = Option(SEND, _("📎 Send a document"))


def dated(document: Document) -> Text:
    """The month a document is of, 11/2026, or else the day it was issued."""
    if document.period is None:
        return _("{day}", day=document.issued_on)
    year, month = document.period.split("-")
    return _("{period}", period=f"{month}/{year}")


def described(document: Document, sent: Sent | None = None) -> Text:
    """Title, number, month, day, what kind of file it is; and who sent it, if a customer did."""
    text = _("**{title}**", title=document.title)
    if document.number:
        text = _("{before}\nNumber: {number}", before=text, number=document.number)
    if document.period:
        text = _("{before}\nMonth: {period}", before=text, period=dated(document))
    if sent is not None:
        seen = (
            _("looked at by our team") if sent.seen_at else _("waiting for our team to look at it")
        )
        name = sent.by or _("somebody of yours")
        text = _("{before}\nSent by: {name}, {seen}", before=text, name=name, seen=seen)
    return _(
        "{before}\nIssued on: {day}\nFile: {kind}, {size}",
        before=text,
        day=document.issued_on,
        kind=document.file_name.rpartition(".")[2].upper(),
        size=said_size(document),
    )


def said_size(document: Document) -> str:
    """How large a file is, in words every language reads: 312 KB, 4 MB."""
    if document.size < 1_000_000:
        return f"{max(1, round(document.size / 1000))} KB"
    return f"{round(document.size / 1_000_000)} MB"
