"""Documents that customers send to the office: filed, looked at, renamed or withdrawn by who sent them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select, update

from bot.core.message import JSON, DocumentRef, Mail
from bot.core.ports import Read, Write
from bot.domain.roles import Deed, Leave, Role, leave
from storage import customer_documents, customers, members, received_files
from storage.people import here
from storage.received_files import Received, State
from storage.tables import document, person, received_file, received_file_body

MOST_WAITING = 30
"""Of one customer, that the office has not looked at."""


class Sending(StrEnum):
    """What became of a document that somebody sends."""

    FILED = "filed"
    COMING = "coming"
    """Its bytes are fetched from the channel first."""
    GONE = "gone"
    """The upload is not there any more."""
    MANY = "many"
    """Too many wait for the office already."""
    NOT_ALLOWED = "not-allowed"


class Changing(StrEnum):
    """What became of a wish to rename or withdraw."""

    DONE = "done"
    SEEN = "seen"
    """The office has looked at it: it is theirs now."""
    GONE = "gone"
    NOT_YOURS = "not-yours"


@dataclass(frozen=True, slots=True)
class Sent:
    """Who sent a document, and whether the office has looked at it."""

    document: int
    customer: int
    title: str
    person: int | None
    by: str
    """The name of who sent it; "" once it is erased."""
    sent_at: datetime
    seen_at: datetime | None


_SENT = (
    select(
        document.c.id.label("document"), document.c.customer, document.c.title,
        received_file.c.person, func.coalesce(person.c.name, "").label("by"),
        received_file.c.created_at.label("sent_at"), received_file.c.seen_at,
    )
    .select_from(received_file)
    .join(document, document.c.id == received_file.c.document)
    .outerjoin(person, person.c.id == received_file.c.person)
    .where(document.c.removed_at.is_(None))
)  # fmt: skip


def of(read: Read, document_id: int) -> Sent | None:
    """Who sent a document; None for one that the office filed."""
    row = read.one(
        _SENT.where(received_file.c.document == document_id, document.c.brand == read.brand.id)
    )
    return None if row is None else Sent(**row._mapping)


def senders(read: Read, document_ids: Sequence[int]) -> dict[int, str]:
    """Who sent these documents, by name; those that the office filed are not among them."""
    rows = read.all(_SENT.where(document.c.id.in_(document_ids)))
    return {row.document: row.by for row in rows}


def queue(read: Read, limit: int = 50) -> Sequence[Sent]:
    """What the office has still to look at, the oldest first."""
    rows = read.all(
        _SENT.where(document.c.brand == read.brand.id, received_file.c.seen_at.is_(None))
        .order_by(received_file.c.id)
        .limit(limit)
    )
    return [Sent(**row._mapping) for row in rows]


def may_send(read: Read, person_id: int | None, customer_id: int) -> bool:
    """Whether a person may send documents for a customer."""
    role = members.role_of(read, person_id, customer_id)
    return leave(role, Deed.SEND) is Leave.YES


def may_change(read: Read, person_id: int | None, sent: Sent) -> bool:
    """Whether a person may rename or withdraw it now: their own, an administrator any of the company."""
    role = members.role_of(read, person_id, sent.customer)
    own = person_id is not None and person_id == sent.person
    return sent.seen_at is None and role is not None and (own or role is Role.ADMINISTRATOR)


# ------------------------------------------------------------------------- sent


def send(
    write: Write, customer_id: int, *, title: str, kind: str, file: Sequence[JSON], request: str
) -> Sending:
    """File what somebody here sends among the customer's documents, and mail it to the brand.

    `file` is a `FileIn` as its fields. One that is still in its channel is filed once it is fetched.
    """
    visitor = here(write)
    if not may_send(write, visitor.person, customer_id):
        return Sending.NOT_ALLOWED
    lying = write.scalar(
        select(func.count())
        .select_from(received_file)
        .where(
            received_file.c.customer == customer_id,
            received_file.c.title.is_not(None),
            received_file.c.seen_at.is_(None),
            received_file.c.state.in_((State.WAITING, State.KEPT)),
        )
    )
    if int(lying or 0) >= MOST_WAITING:
        return Sending.MANY
    received = received_files.accept(write, customer_id, file, title=title, kind=kind)
    if received is None:
        return Sending.GONE
    if received.state == State.WAITING:
        return Sending.COMING
    file_it(write, received, dedup=f"document-sent:{request}")
    return Sending.FILED


def file_it(write: Write, received: Received, *, dedup: str) -> int:
    """File a kept file among its customer's documents, where its bytes go too; the document's id."""
    if received.state != State.KEPT or received.customer is None or received.title is None:
        raise LookupError("not a kept file that is to be a document")
    body = select(received_file_body.c.content).where(received_file_body.c.file == received.id)
    id = customer_documents.adopt_file(
        write,
        received.customer,
        title=received.title,
        kind=received.kind or "sent",
        file={
            "file_name": received.name,
            "media_type": received.media_type,
            "size": received.size,
            "sha256": received.sha256,
        },
        body=body,
    )
    write.run(
        update(received_file).where(received_file.c.id == received.id).values(document=id)
    )  # fmt: skip
    write.run(delete(received_file_body).where(received_file_body.c.file == received.id))
    _tell_staff(write, id, "sent", dedup=dedup)
    return id


# ------------------------------------------------------------------------- changed


def rename(write: Write, document_id: int, customer_id: int, title: str) -> Changing:
    """Another title for a document that was sent, until the office has looked at it."""
    sent = of(write, document_id)
    refused = _refused(write, sent, customer_id)
    if refused is not None or sent is None:
        return refused or Changing.GONE
    title = " ".join(title.split())[:200]
    write.run(update(document).where(document.c.id == document_id).values(title=title))
    write.audit(
        "document.renamed",
        f"document:{document_id}",
        before={"title": sent.title},
        after={"title": title},
    )
    return Changing.DONE


def withdraw(write: Write, document_id: int, customer_id: int, *, request: str) -> Changing:
    """Take a document back that was sent, with its bytes, until the office has looked at it."""
    refused = _refused(write, of(write, document_id), customer_id)
    if refused is not None:
        return refused
    _tell_staff(write, document_id, "withdrawn", dedup=f"document-withdrawn:{request}")
    customer_documents.remove_document(write, document_id, customer_id)
    write.run(
        update(received_file)
        .where(received_file.c.document == document_id)
        .values(state=State.GONE.value, name="", title=None)
    )
    return Changing.DONE


def note_seen(write: Write, document_id: int) -> bool:
    """The office has looked at it: from now on it stays as it is; False if it had, or nobody sent it."""
    rows = write.run(
        update(received_file)
        .where(
            received_file.c.document == document_id,
            received_file.c.brand == write.brand.id,
            received_file.c.state == State.KEPT,
            received_file.c.seen_at.is_(None),
        )
        .values(seen_at=write.now)
        .returning(received_file.c.id)
    )
    if rows:
        write.audit("document.seen", f"document:{document_id}")
    return bool(rows)


# ------------------------------------------------------------------------- inside


def _refused(write: Write, sent: Sent | None, customer_id: int) -> Changing | None:
    visitor = here(write)
    if sent is None or sent.customer != customer_id:
        return Changing.GONE
    if sent.seen_at is not None:
        return Changing.SEEN
    return None if may_change(write, visitor.person, sent) else Changing.NOT_YOURS


def _tell_staff(write: Write, document_id: int, what: str, *, dedup: str) -> None:
    if not (write.brand.email and write.brand.has("mail")):
        return
    row = write.one(
        select(
            document.c.customer, document.c.title, document.c.kind, document.c.file_name,
            document.c.media_type, document.c.sha256, received_file.c.account,
            received_file.c.address, person.c.name,
        )
        .join(received_file, received_file.c.document == document.c.id)
        .outerjoin(person, person.c.id == received_file.c.person)
        .where(document.c.id == document_id)
    )  # fmt: skip
    owner = customers.get(write, row.customer) if row is not None else None
    if row is None or owner is None:
        return
    ref = DocumentRef(
        "document", document_id, row.file_name, row.media_type, str(row.sha256)[:16]
    )  # fmt: skip
    write.post(
        Mail(
            template="document-sent",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "customer_name": owner.name,
                "first_name": owner.first_name,
                "customer": row.customer,
                "person_name": row.name,
                "channel": row.account,
                "document": document_id,
                "title": row.title,
                "kind": None if row.kind == "sent" else row.kind,
                "what": what,
                "reply_to": owner.email,
            },
            documents=(ref,) if what == "sent" else (),
            reply_to=owner.email,
        ),
        dedup=dedup,
        address=row.address,
        subject=f"document:{document_id}",
    )


__all__ = [
    "Changing", "Sending", "Sent", "file_it", "may_change", "may_send", "note_seen", "of", "queue",
    "rename", "send", "senders", "withdraw",
]  # fmt: skip
