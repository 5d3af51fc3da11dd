"""What leaves: the ledger of messages, and its lanes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

message = Table(
    "message",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("kind", String(10), nullable=False),  # reply, notice, mail, call
    Column("brand", String(40), nullable=False),
    Column("lane", String(60), nullable=False),
    Column("dedup", String(250), nullable=False, unique=True),
    Column("address", BigId, ForeignKey("address.id")),  # of a mail: who asked for it
    Column("subject", String(60), nullable=False, server_default=text("''")),
    Column("state", String(10), nullable=False),
    Column("repeatable", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("owner", String(40)),
    Column("lease_until", Instant),
    Column("ref", Text),
    Column("error", String(60)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("delivered_at", Instant),
    Column("read_at", Instant),
    Column("used_at", Instant),
    Index(
        "ix_message_due",
        "lane",
        "due_at",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index(
        "ix_message_leased",
        "lease_until",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(
        "ix_message_waiting",
        "address",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index(None, "address", "id"),
    Index(
        "ix_message_subject",
        "subject",
        sqlite_where=text("subject <> ''"),
        postgresql_where=text("subject <> ''"),
    ),
    Index(
        "ix_message_ref",
        "ref",
        sqlite_where=text("ref IS NOT NULL"),
        postgresql_where=text("ref IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # buttons of notices name the id, which must not come again
)

message_body = Table(
    "message_body",
    metadata,
    Column("message", BigId, ForeignKey("message.id"), primary_key=True),
    Column("body", Json, nullable=False),
)

lane = Table(
    "lane",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("refilled_at", Instant, nullable=False),
)
