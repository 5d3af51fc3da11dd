"""The billing system's files: imports, and changes to hand back."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

field_change = Table(  # what a customer changed here, until the billing system knows it too
    "field_change",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("field", String(40), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("at", Instant, nullable=False),
    Column("proved_by", String(20), nullable=False),
    Column("exported_at", Instant),
    Column("settled_at", Instant),  # a file brought it back, or a later value
    Index(None, "brand", "at"),
    Index(
        "ix_field_change_unsettled",
        "customer",
        sqlite_where=text("settled_at IS NULL"),
        postgresql_where=text("settled_at IS NULL"),
    ),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("what", String(10), nullable=False),  # customers, invoices
    Column("source", Text, nullable=False),
    Column("state", String(10), nullable=False),  # checking, merging, done, dropped
    Column("owner", String(40), nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("counts", Json),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(
        "uq_import_run_open",  # one at a time
        "brand",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

import_row = Table(  # checked rows that an import has still to merge
    "import_row",
    metadata,
    Column("run", BigId, ForeignKey("import_run.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("record", Json, nullable=False),
)
