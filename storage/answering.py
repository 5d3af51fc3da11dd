"""Answers of staff: told in the chat that was asked from, else in another of theirs, else by mail."""

from __future__ import annotations

from enum import StrEnum

from bot.core.message import Mail, Notice, NoticeButton, Text
from bot.core.ports import Read, Write
from storage import customers, members
from storage.customers import Customer
from storage.reached import last_chat_of_customer
from storage.receipts import SAID

TEMPLATE = "answer"


class Reach(StrEnum):
    """How somebody is told."""

    CHAT = "chat"
    MAIL = "mail"
    """At the registered e-mail of the customer."""
    NOBODY = "nobody"
    """No chat of theirs is proved, and there is no e-mail that takes mails."""


def reach_of(read: Read, customer_id: int) -> Reach:
    """How a customer is told of a payment (`storage.receipts`)."""
    if last_chat_of_customer(read, customer_id) is not None:
        return Reach.CHAT
    return Reach.NOBODY if _mailed(read, customer_id) is None else Reach.MAIL


def answer(
    write: Write,
    customer_id: int,
    person: int | None,
    text: Text,
    *buttons: NoticeButton,
    account: str | None,
    dedup: str,
    subject: str,
    by_mail: bool = True,
) -> Reach:
    """Tell whoever asked, once: `person` by `account`, or wherever else they are proved just now.

    Where no chat of theirs is, the customer is mailed, unless it is nothing for the customer's mailbox.
    """
    chats = members.chats_of(write, person, account=account) if person is not None else ()
    if not chats and person is not None:
        chats = members.chats_of(write, person)
    last = last_chat_of_customer(write, customer_id) if person is None else None
    for chat in chats if last is None else (last,):
        notice = Notice(text, buttons, person=person)
        write.post(notice, dedup=f"{dedup}:told:{chat}", address=chat, subject=subject)
    if chats or last is not None:
        return Reach.CHAT
    known = _mailed(write, customer_id) if by_mail else None
    if known is None or known.email is None:
        return Reach.NOBODY
    values = {
        "customer_name": known.name, "first_name": known.first_name, SAID: text.dump(),
    }  # fmt: skip
    mail = Mail(TEMPLATE, known.email, write.brand.locale, values)
    write.post(mail, dedup=f"{dedup}:mailed", subject=subject)
    return Reach.MAIL


def _mailed(read: Read, customer_id: int) -> Customer | None:
    """The customer, if mails reach them."""
    known = customers.get(read, customer_id) if read.brand.has("mail") else None
    return known if known is not None and known.can_be_mailed else None
