"""What is filed and agreed: documents with their bytes and links, contracts and their acceptance."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.base import metadata
from storage.types import BigId, Instant

document = Table(
    "document",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("kind", String(20), nullable=False),  # the business's own word: tax, payroll, report
    Column("title", Text, nullable=False),
    Column("number", String(60)),
    Column("file_name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("period", String(7)),  # 2026-11
    Column("issued_on", Date, nullable=False),
    Column("login_required", Boolean),  # NULL: as the customer says, or else the brand
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Index(None, "customer", "issued_on"),
    sqlite_autoincrement=True,  # the access log names the id, which must not come again
)

document_body = Table(  # apart, so that lists do not read it and it can be erased
    "document_body",
    metadata,
    Column("document", BigId, ForeignKey("document.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

document_link = Table(
    "document_link",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("document", BigId, ForeignKey("document.id"), nullable=False),
    Column("hash", String(64), unique=True),  # of a token that is derived from the id, in no row
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "document"),
    sqlite_autoincrement=True,  # its token is derived from the id, which must not come again
)

contract_model = Table(
    "contract_model",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("brand", "name", "version"),
)

contract = Table(
    "contract",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("model", BigId, ForeignKey("contract_model.id"), nullable=False),
    Column("title", String(120), nullable=False),
    Column("text", Text, nullable=False),  # as offered, filled in; never changed
    Column("sha256", String(64), nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("withdrawn_at", Instant),
    Index(None, "customer", "offered_at"),
)

contract_acceptance = Table(
    "contract_acceptance",
    metadata,
    Column("contract", BigId, ForeignKey("contract.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person", BigId, ForeignKey("person.id"), nullable=False),
    Column("person_name", Text, nullable=False),
    Column("address", BigId, ForeignKey("address.id"), nullable=False),
    Column("through", String(60), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the text that was agreed to
    Column("words", Text, nullable=False),  # the question as it stood on the screen
    Column("locale", String(10), nullable=False),
)
