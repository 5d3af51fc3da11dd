"""Files that customers send: taken in, fetched from their channel, kept with their bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.core.message import JSON, Address, Call, DocumentRef, FileIn
from bot.core.ports import Read, Write
from bot.domain.received import LARGEST, kept_name, media_type_of
from storage.people import here
from storage.tables import address, document_body, received_file, received_file_body

OURS = "received:"
"""Begins the reference of a file whose bytes are here already; no channel's own holds a colon."""
_REF = re.compile(rf"{OURS}([1-9][0-9]{{0,17}})", re.ASCII)
LANE = "files:"
"""Fetching is a `Call` to "files:<account>": a lane of its own for each channel."""
PATIENCE = 6 * 3600
"""Seconds after which fetching is given up; the customer is told and can send it again."""
MOST_LOOSE = 5
"""Uploads of one address that wait for a question to take them; one more drops the oldest."""
MOST_LOOSE_BYTES = 512 * 2**20
"""Of a whole brand: no more is taken in until housekeeping has been, or they were taken."""


class State(StrEnum):
    """Where a file is."""

    LOOSE = "loose"
    """Uploaded, and no question has taken it; gone after a day."""
    WAITING = "waiting"
    """To be fetched from its channel."""
    KEPT = "kept"
    FAILED = "failed"
    """It could not be fetched, or is nothing that is taken; `error` says why."""
    GONE = "gone"
    """Its bytes were erased: withdrawn, or a deletion request."""


class Unwanted(Exception):
    """An upload that is not taken; `code`: "stranger", "kind", "too_large", "empty" or "busy"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Received:
    """A file as its row holds it, without its bytes."""

    id: int
    customer: int | None
    person: int | None
    address: int
    account: str
    ref: str | None
    name: str
    media_type: str
    size: int
    sha256: str | None
    state: str
    error: str | None
    claim: int | None
    document: int | None
    title: str | None
    kind: str | None
    created_at: datetime

    @property
    def document_ref(self) -> DocumentRef:
        """How a mail names it as its attachment."""
        return DocumentRef("received-file", self.id, self.name, self.media_type)


_RECEIVED = select(*(received_file.c[name] for name in Received.__slots__))


def get(read: Read, id: int) -> Received | None:
    """A file of this brand, whoever's; for staff and the delivery, and no flow calls it."""
    row = read.one(
        _RECEIVED.where(received_file.c.id == id, received_file.c.brand == read.brand.id)
    )
    return None if row is None else Received(**row._mapping)


def of_claim(read: Read, claim: int) -> list[Received]:
    """The receipts of a claim that are here, in the order they came; for staff, and no flow calls it."""
    rows = read.all(
        _RECEIVED.where(
            received_file.c.claim == claim,
            received_file.c.brand == read.brand.id,
            received_file.c.state == State.KEPT,
        ).order_by(received_file.c.id)
    )
    return [Received(**row._mapping) for row in rows]


def content(read: Read, id: int) -> bytes | None:
    """The bytes of a file; None while they are not here, and once they are gone.

    Not scoped by customer: it is for the delivery and for staff, and no flow calls it.
    """
    found: bytes | None = read.scalar(
        select(func.coalesce(received_file_body.c.content, document_body.c.content))
        .select_from(received_file)
        .outerjoin(received_file_body, received_file_body.c.file == received_file.c.id)
        .outerjoin(document_body, document_body.c.document == received_file.c.document)
        .where(received_file.c.id == id, received_file.c.brand == read.brand.id)
    )
    return None if found is None else bytes(found)


# ------------------------------------------------------------------------- uploaded


def may_upload(read: Read, at: Address) -> bool:
    """Whether files are taken from an address: somebody is proved there."""
    return _place(read, at) is not None


def put_down(write: Write, at: Address, name: str, content: bytes) -> FileIn:
    """Take in an upload, until a question of that address takes it. Raises Unwanted.

    What it is, its first bytes say. Of an address the newest `MOST_LOOSE` are kept.
    """
    place = _place(write, at)
    if place is None:
        raise Unwanted("stranger")
    if not content:
        raise Unwanted("empty")
    if len(content) > LARGEST:
        raise Unwanted("too_large")
    kind = media_type_of(content)
    if kind is None:
        raise Unwanted("kind")
    loose = received_file.c.state == State.LOOSE
    lying = write.scalar(
        select(func.coalesce(func.sum(received_file.c.size), 0)).where(
            loose, received_file.c.brand == write.brand.id
        )
    )
    if int(lying or 0) + len(content) > MOST_LOOSE_BYTES:
        raise Unwanted("busy")
    name = kept_name(name, kind)
    ((id,),) = write.run(
        insert(received_file)
        .values(
            brand=write.brand.id, address=place, account=at.account, name=name, media_type=kind,
            state=State.LOOSE.value, created_at=write.now, **_measured(content),
        )
        .returning(received_file.c.id)
    )  # fmt: skip
    write.run(insert(received_file_body).values(file=id, content=content))
    older = write.all(
        select(received_file.c.id)
        .where(loose, received_file.c.address == place)
        .order_by(received_file.c.id.desc())
        .offset(MOST_LOOSE)
    )
    drop(write, [row.id for row in older])
    return FileIn(f"{OURS}{id}", name, kind, len(content))


def uploaded(read: Read, at: Address, ref: str) -> FileIn | None:
    """An upload of this very address by its reference, as long as no question has taken it."""
    id = _id_in(ref)
    row = id and read.one(
        select(received_file.c.name, received_file.c.media_type, received_file.c.size)
        .join(address, address.c.id == received_file.c.address)
        .where(
            received_file.c.id == id,
            received_file.c.brand == read.brand.id,
            received_file.c.state == State.LOOSE,
            address.c.account == at.account,
            address.c.chat == at.chat,
        )
    )
    return FileIn(ref, *row) if row else None


def drop(write: Write, ids: Sequence[int]) -> None:
    """Rows that were for nothing, with their bytes."""
    write.run(delete(received_file_body).where(received_file_body.c.file.in_(ids)))
    write.run(delete(received_file).where(received_file.c.id.in_(ids)))


# ------------------------------------------------------------------------- handed in


def accept(
    write: Write,
    customer_id: int,
    file: Sequence[JSON] | FileIn,
    *,
    claim: int | None = None,
    title: str | None = None,
    kind: str | None = None,
) -> Received | None:
    """Take a file that somebody here hands in for a customer; what is to become of it, it says.

    `file` is a `FileIn`, or its fields. One of a channel is fetched after the commit; an upload is kept
    at once, if it is this address's and was not taken before: else None.
    """
    visitor, given = here(write), file if isinstance(file, FileIn) else FileIn(*file)
    purpose: dict[str, Any] = {
        "customer": customer_id, "person": visitor.person, "claim": claim, "title": title,
        "kind": kind,
    }  # fmt: skip
    if given.ref.startswith(OURS):
        rows = write.run(
            update(received_file)
            .where(
                received_file.c.id == _id_in(given.ref),
                received_file.c.brand == write.brand.id,
                received_file.c.address == visitor.address,
                received_file.c.state == State.LOOSE,
            )
            .values(state=State.KEPT.value, kept_at=write.now, **purpose)
            .returning(received_file.c.id)
        )
        if not rows:
            return None
        id = rows[0].id
    else:
        ((id,),) = write.run(
            insert(received_file)
            .values(
                brand=write.brand.id, address=visitor.address, account=visitor.at.account,
                ref=given.ref, name=given.name, media_type=given.media_type, size=given.size,
                state=State.WAITING.value, created_at=write.now, **purpose,
            )
            .returning(received_file.c.id)
        )  # fmt: skip
        write.post(
            Call(f"{LANE}{visitor.at.account}", "fetch", {"file": id}, PATIENCE),
            dedup=f"fetch:{id}", address=visitor.address, subject=f"customer:{customer_id}",
        )  # fmt: skip
    write.audit("file.received", f"file:{id}", after={"name": given.name})
    return get(write, id)


def waiting(read: Read, id: int) -> Received | None:
    """A file that is still to be fetched; None once it is here, given up or erased."""
    found = get(read, id)
    return found if found is not None and found.state == State.WAITING else None


def keep(write: Write, id: int, content: bytes) -> Received | None:
    """The bytes of a file that was fetched. Raises Unwanted if they are nothing that is taken.

    None if nobody waits for it any more: it is here already, or was erased.
    """
    found = waiting(write, id)
    if found is None:
        return None
    if len(content) > LARGEST:
        raise Unwanted("too_large")
    kind = media_type_of(content)
    if kind is None:
        raise Unwanted("kind" if content else "empty")
    write.run(
        update(received_file)
        .where(received_file.c.id == id)
        .values(
            state=State.KEPT.value, name=kept_name(found.name, kind), media_type=kind,
            kept_at=write.now, **_measured(content),
        )
    )  # fmt: skip
    write.run(insert(received_file_body).values(file=id, content=content))
    write.audit("file.kept", f"file:{id}")
    return get(write, id)


def fail(write: Write, id: int, error: str) -> Received | None:
    """A file cannot be had; None if nobody waits for it."""
    if waiting(write, id) is None:
        return None
    write.run(
        update(received_file)
        .where(received_file.c.id == id)
        .values(state=State.FAILED.value, error=error[:60])
    )
    write.audit("file.failed", f"file:{id}", after={"error": error})
    return get(write, id)


# ------------------------------------------------------------------------- inside


def _place(read: Read, at: Address) -> int | None:
    """The id of an address where somebody is proved; None if nobody is."""
    found: int | None = read.scalar(
        select(address.c.id).where(
            address.c.account == at.account,
            address.c.chat == at.chat,
            address.c.brand == read.brand.id,
            address.c.customer.is_not(None),
            address.c.verified_until > read.now,
        )
    )
    return found


def _id_in(ref: str) -> int | None:
    found = _REF.fullmatch(ref)
    return int(found[1]) if found else None


def _measured(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


__all__ = [
    "LANE", "MOST_LOOSE", "OURS", "Received", "State", "Unwanted", "accept", "content", "drop",
    "fail", "get", "keep", "may_upload", "of_claim", "put_down", "uploaded", "waiting",
]  # fmt: skip
