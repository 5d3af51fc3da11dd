"""People who speak for a customer: what waits for one's yes, and the links that let others in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, text

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

approval = Table(
    "approval",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(60), nullable=False, server_default=text("''")),
    Column("change", Json),  # NULL: erased
    Column("words", Json),
    Column("waits_for", String(15), nullable=False),
    Column("state", String(10), nullable=False),
    Column("asked_by", BigId, ForeignKey("person.id")),
    Column("asked_from", BigId, ForeignKey("address.id")),
    Column("asked_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("decided_by", BigId, ForeignKey("person.id")),
    Column("decided_at", Instant),
    CheckConstraint("waits_for IN ('administrator', 'staff')", name="waits_for"),
    CheckConstraint("state IN ('waiting', 'approved', 'denied', 'expired')", name="state"),
    Index(None, "customer", "state"),
    Index(
        "uq_approval_waiting",  # one of a kind and subject at a time
        "customer",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

link = Table(
    "link",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("created_by", BigId, ForeignKey("person.id")),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", BigId, ForeignKey("person.id")),
    Column("revoked_at", Instant),
    Index(None, "customer", "purpose"),
    sqlite_autoincrement=True,  # its token is derived from the id, which must not come again
)
