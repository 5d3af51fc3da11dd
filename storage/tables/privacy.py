"""Privacy: what somebody agreed to, which messages they want, and what they asked to have erased."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)

from storage.tables.base import metadata
from storage.types import BigId, Instant

consent = Table(
    "consent",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id"), nullable=False),
    Column("address", BigId, ForeignKey("address.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("words", Text, nullable=False),  # exactly what was agreed to; names nobody
    Column("digest", String(64), nullable=False),
    Column("locale", String(10), nullable=False),
    Column("through", String(60), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index(None, "customer", "given_at"),
)

preference = Table(  # what differs from the default alone
    "preference",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),  # NULL: the mails to the customer
    Column("kind", String(20), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("through", String(60), nullable=False),  # the chat's account, or "mail"
    Column("changed_at", Instant, nullable=False),
    Index(
        "uq_preference_customer",
        "customer",
        "kind",
        unique=True,
        sqlite_where=text("person IS NULL"),
        postgresql_where=text("person IS NULL"),
    ),
    Index(
        "uq_preference_person",
        "customer",
        "person",
        "kind",
        unique=True,
        sqlite_where=text("person IS NOT NULL"),
        postgresql_where=text("person IS NOT NULL"),
    ),
)

erasure = Table(  # the wish to have everything deleted, and what became of it
    "erasure",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("subject", String(60), nullable=False),  # "customer:12", or "person:3" of that customer
    Column("person", BigId, ForeignKey("person.id")),  # who asked; NULL: the business itself
    Column("address", BigId, ForeignKey("address.id")),
    Column("through", String(60), nullable=False),
    Column("words", Text, nullable=False),  # what was said of it when it was asked; names nobody
    Column("digest", String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(200)),  # of the business, in its own words
    Column("ended_at", Instant),
    CheckConstraint("state IN ('waiting', 'withdrawn', 'done', 'denied')", name="state"),
    Index(None, "customer", "asked_at"),
    Index(
        "uq_erasure_waiting",  # one of each at a time
        "customer",
        "subject",
        unique=True,
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

erased_key = Table(  # whom no import may bring back; of their ids keyed hashes alone
    "erased_key",
    metadata,
    Column("brand", String(40), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("erased_at", Instant, nullable=False),
    Index(None, "customer"),
)
