"""The conversation: sessions, events played, codes, throttles."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

session = Table(
    "session",
    metadata,
    Column("address", BigId, ForeignKey("address.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("data", Json, nullable=False),
    Column("seen_at", Instant),
    Index(None, "seen_at"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("account", String(60), primary_key=True),
    Column("event", String(200), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("incident", String(20)),
    Index(None, "at"),
)

code = Table(
    "code",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("address", BigId, ForeignKey("address.id"), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id")),  # NULL: a tax id nobody has
    Column("purpose", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "address"),
    Index(None, "expires_at"),
    sqlite_autoincrement=True,  # its digits are derived from the id, which must not come again
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String(90), primary_key=True),  # "<purpose>:<keyed hash>"
    Column("count", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Index(None, "since"),
)
