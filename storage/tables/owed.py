"""What is owed: invoices and their lines."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.base import metadata
from storage.types import BigId, Centavos, Instant

invoice = Table(
    "invoice",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("number", String(40), nullable=False),
    Column("period", String(7), nullable=False),  # 2026-11
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount", Centavos, nullable=False),
    Column("state", String(10), nullable=False),
    Column("paid_on", Date),
    Column("paid_amount", Centavos),
    Column("cancelled_on", Date),
    Column("paid_here_at", Instant),  # by the counter's own record, until a file says it too
    Column("barcode", String(44)),
    Column("received", Centavos, nullable=False, server_default=text("0")),  # what payments come to
    Column("coded_after", Centavos, nullable=False, server_default=text("0")),  # as codes were made
    Column("pix_code", Text),  # a gateway's dynamic code; without it one of the brand's key is made
    Column("external_id", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("brand", "number"),
    CheckConstraint("state IN ('open', 'paid', 'cancelled')", name="state"),
    Index(None, "customer", "state", "due_on"),
    Index(
        "ix_invoice_external_id",
        "brand",
        "external_id",
        sqlite_where=text("external_id IS NOT NULL"),
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index(None, "barcode"),
    Index(
        "ix_invoice_pix_code",  # "is this yours?" of a gateway's code
        "pix_code",
        sqlite_where=text("pix_code IS NOT NULL"),
        postgresql_where=text("pix_code IS NOT NULL"),
    ),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("invoice", BigId, ForeignKey("invoice.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("description", Text, nullable=False),
    Column("amount", Centavos, nullable=False),
)
