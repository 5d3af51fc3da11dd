"""What happened: the audit."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("person", BigId),
    Column("customer", BigId),
    Column("address", BigId),
    Column("through", String(60)),  # the account, or the part of the machine that did it
    Column("staff", String(80)),  # who of the business did it
    Index(None, "subject"),
    Index(None, "customer", "at"),
)

audit_body = Table(
    "audit_body",
    metadata,
    Column("audit", BigId, ForeignKey("audit.id"), primary_key=True),
    Column("before", Json),
    Column("after", Json),
)
