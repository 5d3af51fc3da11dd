"""What customers send: files with their bytes, and what each one is for."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from storage.tables.base import metadata
from storage.types import BigId, Instant

received_file = Table(
    "received_file",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("address", BigId, ForeignKey("address.id"), nullable=False),  # who sent it
    Column("customer", BigId, ForeignKey("customer.id")),  # NULL until it is handed in
    Column("person", BigId, ForeignKey("person.id")),
    Column("account", String(60), nullable=False),  # the channel it came by
    Column("ref", Text),  # what the channel calls it; NULL: its bytes came to us at once
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),  # as the channel says, until the bytes are here
    Column("sha256", String(64)),
    Column("state", String(10), nullable=False),
    Column("error", String(60)),  # why it could not be fetched, in one word
    Column("claim", BigId, ForeignKey("payment_claim.id")),  # it is the receipt of this claim
    Column("document", BigId, ForeignKey("document.id")),  # it is filed, and its bytes are there
    Column("title", Text),  # of the document it is to be
    Column("kind", String(20)),
    Column("created_at", Instant, nullable=False),
    Column("kept_at", Instant),
    Column("seen_at", Instant),  # the office has looked at it
    CheckConstraint("state IN ('loose', 'waiting', 'kept', 'failed', 'gone')", name="state"),
    Index(None, "customer"),
    Index(None, "address"),
    Index(None, "claim"),
    Index(None, "document"),
    Index(
        "ix_received_file_loose",
        "created_at",
        sqlite_where=text("state = 'loose'"),
        postgresql_where=text("state = 'loose'"),
    ),
    sqlite_autoincrement=True,  # a page names the id, which must not come again
)

received_file_body = Table(  # apart, so that lists do not read it and it can be erased
    "received_file_body",
    metadata,
    Column("file", BigId, ForeignKey("received_file.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
