"""Links to one document: a secret in an address, for a time, and for that document alone.

The token is derived by HMAC from the server's key and the row's id when the link leaves; the row
holds its hash, so that nobody who reads the database can open anything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.message import Document as File
from bot.core.message import Mail
from bot.core.ports import Read, Write
from storage import customer_documents, customers
from storage.customer_documents import Document
from storage.document_access import Means, note_access
from storage.tables import document, document_link

_TOKEN = re.compile(r"[0-9a-f]{40}", re.A)
"""160 bits, in signs that any address and any deep link can carry."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still opens its document."""

    id: int
    document: Document
    login_required: bool
    expires_at: datetime


def token_of(keyed_hash: Callable[[str, str], str], id: int) -> str:
    """The token of a link's row; `keyed_hash(purpose, text)` gives hexadecimal digits."""
    return keyed_hash("document-link", str(id))[:40]


def make_link(write: Write, document_id: int, customer_id: int) -> int | None:
    """A new link to a document of this customer, for as long as the brand says; None for another's."""
    if customer_documents.get(write, document_id, customer_id) is None:
        return None
    days = timedelta(days=write.brand.documents.link_days)
    ((id,),) = write.run(
        insert(document_link)
        .values(
            brand=write.brand.id, document=document_id, created_at=write.now,
            expires_at=write.now + days,
        )
        .returning(document_link.c.id)
    )  # fmt: skip
    hashed = _hash(token_of(write.keyed_hash, id))
    write.run(update(document_link).where(document_link.c.id == id).values(hash=hashed))
    write.audit("document.linked", f"document:{document_id}", after={"link": id})
    return int(id)


def end_links(write: Write, document_id: int, customer_id: int) -> int:
    """End every link to a document of this customer; how many there were."""
    if customer_documents.get(write, document_id, customer_id) is None:
        return 0
    ended = write.run(
        update(document_link)
        .where(document_link.c.document == document_id, document_link.c.ended_at.is_(None))
        .values(ended_at=write.now)
        .returning(document_link.c.id)
    )
    if ended:
        write.audit("document.unlinked", f"document:{document_id}", before={"links": len(ended)})
    return len(ended)


def find(read: Read, token: str) -> Link | None:
    """What a token opens; None if it is none of ours, ran out or was ended, or the document is gone."""
    if not _TOKEN.fullmatch(token):
        return None
    return _link(read, document_link.c.hash == _hash(token))


def get(read: Read, id: int) -> Link | None:
    """A link by its row, for a chat that came by its token; None as for `find`."""
    return _link(read, document_link.c.id == id)


def expiry(read: Read, id: int) -> datetime | None:
    """Until when a link counts, for the mail that carries it; None if there is no such link."""
    until: datetime | None = read.scalar(
        select(document_link.c.expires_at).where(
            document_link.c.id == id, document_link.c.brand == read.brand.id
        )
    )
    return until


def open_by_link(write: Write, token: str, came_from: str) -> File | None:
    """The file behind a link that needs no login; on record with when and from where. Else None."""
    found = find(write, token)
    if found is None or found.login_required:
        return None
    file = customer_documents.content(write, found.document.id)
    if file is not None:
        note_access(write, found.document.id, Means.LINK, came_from=came_from)
    return file


def open_in_chat(write: Write, id: int, *, name: str | None, proved: int | None) -> bool:
    """Note that a link's document is handed over in this chat; False if it may not be.

    `proved` is the customer that somebody proved for this document alone, `name` what he is called;
    without either it must be one that needs no login.
    """
    found = get(write, id)
    if found is None or (found.login_required and proved != found.document.customer):
        return False
    means = Means.LINK if proved is None else Means.ENTRANCE
    note_access(write, found.document.id, means, name=name)
    return True


def mail_link(write: Write, document_id: int, customer_id: int) -> int | None:
    """Tell the customer by e-mail that a document is there, with a link to it; the message's row.

    None where there is no such document, or no e-mail that takes mails.
    """
    owner = customers.get(write, customer_id)
    if owner is None or owner.email is None or not owner.can_be_mailed:
        return None
    link = make_link(write, document_id, customer_id)
    if link is None:
        return None
    mail = Mail(
        template="document",
        to=owner.email,
        locale=write.brand.locale,
        values={"document": document_id, "link": link},
    )
    subject = f"document-link:{link}"
    return write.post(mail, dedup=f"{subject}:mail", subject=subject)


def _link(read: Read, which: Any) -> Link | None:
    row = read.one(
        select(document_link.c.id, document_link.c.expires_at, document.c.id.label("document"),
               document.c.customer)
        .join(document, document.c.id == document_link.c.document)
        .where(
            which,
            document_link.c.brand == read.brand.id,
            document_link.c.expires_at > read.now,
            document_link.c.ended_at.is_(None),
        )
    )  # fmt: skip
    of = customer_documents.get(read, row.document, row.customer) if row is not None else None
    if row is None or of is None:
        return None
    return Link(row.id, of, customer_documents.needs_login(read, of), row.expires_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
