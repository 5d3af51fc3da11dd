"""Staff: what was decided by somebody of the business, once for each thing that waited."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata
from storage.types import BigId, Instant

staff_decision = Table(
    "staff_decision",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("subject", String(60), nullable=False),  # "claim-12": what the queue calls it
    Column("approved", Boolean, nullable=False),
    Column("staff", String(80), nullable=False),  # who decided
    Column("note", Text),  # why, in their words; the customer was told it
    Column("at", Instant, nullable=False),
    UniqueConstraint("brand", "subject"),
    Index(None, "customer"),
)
