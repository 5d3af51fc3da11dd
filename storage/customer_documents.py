"""Documents of a customer: filed, listed, mailed, handed over. Another customer's give nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, insert, literal, select, update

from bot.core.message import JSON, DocumentRef, Mail, Notice
from bot.core.message import Document as File
from bot.core.ports import Read, Write
from bot.core.words import match_label
from bot.domain.documents import (
    MOST_BYTES,
    login_required,
    media_type_of,
    parse_period,
    safe_file_name,
)
from bot.domain.errors import Invalid
from storage import customers
from storage.dispatches import mailed_just_now
from storage.document_access import Means, note_access
from storage.finding import matching
from storage.people import here
from storage.tables import contact, customer, document, document_body, document_link

_MOST_SEARCHED = 600
"""Documents one customer's words are matched against: a month's handful for many years."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its row holds it, without its bytes."""

    id: int
    customer: int
    kind: str
    """The business's own word for it."""
    title: str
    file_name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str
    issued_on: date
    number: str | None = None
    period: str | None = None
    """The month it is of, "2026-11"."""
    login_required: bool | None = None
    """What it says itself; `needs_login` says what counts."""

    @property
    def ref(self) -> DocumentRef:
        """How the delivery is told of it: of this file, and of none that takes its place later."""
        return DocumentRef("document", self.id, self.file_name, self.media_type, self.sha256[:16])


class Mailed(StrEnum):
    """What became of a wish for a document by e-mail."""

    QUEUED = "queued"
    ALREADY = "already"
    """It was asked for a moment ago and is on its way."""
    UNKNOWN = "unknown"
    """The customer has no such document."""
    NO_EMAIL = "no-email"
    BAD_EMAIL = "bad-email"
    """Mail to the registered address came back."""


_DOCUMENT = select(*(document.c[name] for name in Document.__slots__)).where(
    document.c.removed_at.is_(None)
)
_ORDER = (document.c.issued_on.desc(), document.c.id.desc())


# ------------------------------------------------------------------------- filed


def add_document(
    write: Write,
    customer_id: int,
    *,
    title: str,
    file_name: str,
    content: bytes,
    kind: str = "document",
    number: str | None = None,
    period: str | None = None,
    issued_on: date | None = None,
    login_required: bool | None = None,
) -> int:
    """File a document with its bytes; the row's id.

    `period` is a month ("11/2026" or "2026-11"), `issued_on` today if it is not given, `login_required`
    None: as the customer says, or else the brand. What the file is, its ending says.
    Raises LookupError for another brand's customer, `Invalid` for an empty title or file ("empty"), an
    ending that is not taken ("format"), more than `MOST_BYTES` ("too_long") or no month ("format").
    """
    if customers.get(write, customer_id) is None:
        raise LookupError("no such customer of this brand")
    id = _add(
        write, customer_id, title, kind=kind, number=number, login_required=login_required,
        period=parse_period(period) if period else None, issued_on=issued_on or write.today,
        **_file(file_name, content),
    )  # fmt: skip
    write.run(insert(document_body).values(document=id, content=content))
    return id


def adopt_file(
    write: Write,
    customer_id: int,
    *,
    title: str,
    kind: str,
    file: Mapping[str, Any],
    body: Select[Any],
) -> int:
    """File bytes that are in the database already; the row's id. They never leave it.

    `file` has file_name, media_type, size and sha256; `body` selects the one content.
    """
    id = _add(write, customer_id, title, kind=kind, issued_on=write.today, **file)
    content = body.subquery()
    write.run(
        insert(document_body).from_select(
            ["document", "content"], select(literal(id), *content.columns)
        )
    )
    return id


def replace_file(
    write: Write, id: int, customer_id: int, *, file_name: str, content: bytes
) -> bool:
    """Another file under the same document; False for another's. Raises `Invalid` as `add_document` does."""
    before = get(write, id, customer_id)
    if before is None:
        return False
    file = _file(file_name, content)
    write.run(update(document).where(document.c.id == id).values(**file))
    write.run(update(document_body).where(document_body.c.document == id).values(content=content))
    write.audit(
        "document.changed",
        f"document:{id}",
        before={"file_name": before.file_name, "sha256": before.sha256},
        after={"file_name": file["file_name"], "sha256": file["sha256"]},
    )
    return True


def remove_document(write: Write, id: int, customer_id: int) -> bool:
    """Take a document out: its bytes are erased and its links end; that it was there stays on record."""
    removed = write.run(
        update(document)
        .where(*_mine(write, customer_id), document.c.id == id, document.c.removed_at.is_(None))
        .values(removed_at=write.now)
        .returning(document.c.title)
    )
    if not removed:
        return False
    write.run(delete(document_body).where(document_body.c.document == id))
    write.run(
        update(document_link)
        .where(document_link.c.document == id, document_link.c.ended_at.is_(None))
        .values(ended_at=write.now)
    )
    write.audit("document.removed", f"document:{id}", before={"title": removed[0].title})
    return True


def set_login(write: Write, customer_id: int, required: bool | None) -> bool:
    """Whether one must be known to open this customer's documents; None: as the brand says.

    A document that says it itself is not changed. False for another brand's customer.
    """
    mine = (customer.c.id == customer_id, customer.c.brand == write.brand.id)
    row = write.one(select(customer.c.document_login).where(*mine))
    if row is None:
        return False
    write.run(update(customer).where(*mine).values(document_login=required))
    write.audit(
        "customer.document-login",
        f"customer:{customer_id}",
        before={"required": row.document_login},
        after={"required": required},
    )
    return True


# ------------------------------------------------------------------------- looked at


def page(read: Read, of: int | Sequence[int], offset: int = 0, limit: int = 8) -> list[Document]:
    """Some of the documents of a customer, or of several, the newest first."""
    statement = _DOCUMENT.where(*_mine(read, of)).order_by(*_ORDER)
    return _all(read, statement.offset(offset).limit(limit))


def get(read: Read, id: int, of: int | Sequence[int]) -> Document | None:
    """A document of this customer, or of one of these; None for another's, as for none at all."""
    found = _all(read, _DOCUMENT.where(*_mine(read, of), document.c.id == id))
    return found[0] if found else None


def find(read: Read, of: int | Sequence[int], text: str) -> list[Document]:
    """The documents that words mean: by a month, a date, a number or a part of the title.

    Words that say both ("balancete de outubro") name what fits both; the newest first.
    """
    mine = page(read, of, limit=_MOST_SEARCHED)
    by_title = [mine[i] for i in match_label(text, [each.title for each in mine])]
    dated = {each.of.id for each in matching([_Dated(each) for each in mine], text, read.today)}
    if not by_title:
        words = [word for word in text.split() if len(word) > 3]
        titles = [each.title for each in mine]
        said = {i for word in words for i in match_label(word, titles)}
        both = [each for i, each in enumerate(mine) if i in said and each.id in dated]
        return both or [each for each in mine if each.id in dated]
    return [each for each in by_title if each.id in dated] or by_title


def needs_login(read: Read, of: Document) -> bool:
    """Whether one must be known to open it: by its own word, else the customer's, else the brand's."""
    said = read.scalar(select(customer.c.document_login).where(customer.c.id == of.customer))
    return login_required(
        document=of.login_required, customer=said, brand=read.brand.documents.login_required
    )


def content(read: Read, id: int, which: str = "") -> File | None:
    """A document with its bytes, for the delivery of what an action has decided to hand over.

    `which` is the beginning of its SHA-256; empty: whatever it is by now. It is not scoped by
    customer, and no flow calls it. None: it was removed, or erased, or is another file by now.
    """
    row = read.one(
        select(document.c.file_name, document.c.media_type, document_body.c.content)
        .join(document_body, document_body.c.document == document.c.id)
        .where(
            document.c.id == id,
            document.c.brand == read.brand.id,
            document.c.removed_at.is_(None),
            document.c.sha256.startswith(which, autoescape=True),
        )
    )
    return None if row is None else File(row.file_name, row.media_type, bytes(row.content))


# ------------------------------------------------------------------------- handed over


def note_opened(write: Write, id: int, customer_id: int) -> bool:
    """Note that a document was handed to who is here; False for another's."""
    if get(write, id, customer_id) is None:
        return False
    note_access(write, id, Means.CHAT)
    return True


def mail_document(
    write: Write,
    id: int,
    customer_id: int,
    *,
    request: str,
    sent: Notice | None,
    failed: Notice | None,
    unsent: Notice | None,
    locale: str,
) -> Mailed:
    """Mail a document to its customer's registered e-mail, and to nowhere else; on record as an access.

    `request` names this wish (the event that confirmed it): played twice, it is one mail. `sent`,
    `failed` and `unsent` are what this chat is told when the mail server has answered (see `Mail`).
    """
    # Locked, so that of two tabs that confirm at once one finds the other's mail.
    row = write.one(_MAILABLE.where(*_mine(write, customer_id), document.c.id == id))
    if row is None:
        return Mailed.UNKNOWN
    if row.email is None:
        return Mailed.NO_EMAIL
    if row.email_bad is not None:
        return Mailed.BAD_EMAIL
    subject = f"document:{id}"
    if mailed_just_now(write, subject):
        return Mailed.ALREADY
    visitor = here(write)
    mail = Mail(
        template="document",
        to=row.email,
        locale=locale,
        values={"document": id},
        documents=(DocumentRef("document", id, row.file_name, row.media_type),),
        tell=visitor.address,
        sent=sent,
        failed=failed,
        unsent=unsent,
    )
    dedup = f"{subject}:mail:{request}"
    if write.post(mail, dedup=dedup, address=visitor.address, subject=subject) is None:
        return Mailed.ALREADY
    note_access(write, id, Means.MAIL)
    return Mailed.QUEUED


def mail_values(read: Read, id: int) -> dict[str, JSON] | None:
    """The variables of the mail `document`, read when it leaves; None if the document is not there."""
    row = read.one(
        _DOCUMENT.add_columns(document.c.brand).where(
            document.c.id == id, document.c.brand == read.brand.id
        )
    )
    owner = customers.get(read, row.customer) if row is not None else None
    if row is None or owner is None:
        return None
    return {
        "customer_name": owner.name,
        "first_name": owner.first_name,
        "title": row.title,
        "issued_on": row.issued_on,
        "link": None,
        "link_until": None,
    }


_MAILABLE = (
    select(
        document.c.file_name,
        document.c.media_type,
        contact.c.value.label("email"),
        contact.c.bad.label("email_bad"),
    )
    .select_from(
        document.outerjoin(
            contact,
            (contact.c.customer == document.c.customer)
            & (contact.c.kind == "email")
            & contact.c.is_primary,
        )
    )
    .where(document.c.removed_at.is_(None))
    .with_for_update(of=document, key_share=True)
)


# ------------------------------------------------------------------------- inside


@dataclass(frozen=True, slots=True)
class _Dated:
    """A document as the words of dates and numbers are matched against it."""

    of: Document

    @property
    def number(self) -> str:
        return self.of.number or ""

    @property
    def period(self) -> str:
        return self.of.period or f"{self.of.issued_on:%Y-%m}"

    @property
    def due_on(self) -> date:
        return self.of.issued_on

    @property
    def amount(self) -> Decimal:
        return Decimal(-1)  # no word means it


def _add(write: Write, customer_id: int, title: str, **row: Any) -> int:
    tidy = _title(title)
    ((id,),) = write.run(
        insert(document)
        .values(
            brand=write.brand.id, customer=customer_id, created_at=write.now, title=tidy, **row
        )
        .returning(document.c.id)
    )  # fmt: skip
    write.audit("document.added", f"document:{id}", after={"title": tidy})
    return int(id)


def _title(title: str) -> str:
    tidy = " ".join(title.split())
    if not tidy:
        raise Invalid("empty", "a document needs a title")
    return tidy[:200]


def _file(file_name: str, content: bytes) -> dict[str, Any]:
    if not content:
        raise Invalid("empty", "the file is empty")
    if len(content) > MOST_BYTES:
        raise Invalid("too_long", f"a document has at most {MOST_BYTES // 1024**2} MB")
    name = safe_file_name(file_name)
    return {
        "file_name": name,
        "media_type": media_type_of(name),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _all(read: Read, statement: Select[Any]) -> list[Document]:
    return [Document(**row._mapping) for row in read.all(statement)]


def _mine(read: Read, of: int | Sequence[int]) -> Sequence[Any]:
    whose = document.c.customer
    return (
        document.c.brand == read.brand.id,
        whose == of if isinstance(of, int) else whose.in_(of),
    )


__all__ = [
    "Document", "Mailed", "add_document", "adopt_file", "content", "find", "get", "mail_document",
    "mail_values", "needs_login", "note_opened", "page", "remove_document", "replace_file",
    "set_login",
]  # fmt: skip
