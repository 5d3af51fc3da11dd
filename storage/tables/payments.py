"""How it is paid: charges at gateways, payments that came in, cards, and changes under way."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
from storage.types import BigId, Centavos, Instant, Json

payer = Table(  # a customer, as a gateway knows him
    "payer",
    metadata,
    Column("customer", BigId, ForeignKey("customer.id"), primary_key=True),
    Column("gateway", String(40), primary_key=True),  # the account's name in the configuration
    Column("ref", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
)

charge = Table(  # an invoice, as a gateway asks for it
    "charge",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("invoice", BigId, ForeignKey("invoice.id"), nullable=False),
    Column("gateway", String(40), nullable=False),
    Column("ref", String(100), nullable=False),
    Column("method", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("amount", Centavos, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("url", Text),
    Column("slip_url", Text),
    Column(
        "revision", Integer, nullable=False
    ),  # a reading that was begun before the last is stale
    Column("seen_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("gateway", "ref"),
    CheckConstraint("method IN ('boleto', 'pix', 'card', 'any')", name="method"),
    CheckConstraint("state IN ('waiting', 'paid', 'refunded', 'disputed', 'gone')", name="state"),
    Index(None, "invoice"),
    Index(
        "ix_charge_waiting",
        "brand",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

payment = Table(
    "payment",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("invoice", BigId, ForeignKey("invoice.id"), nullable=False),
    Column("gateway", String(40), nullable=False),  # "hand": confirmed by staff
    Column("ref", String(100), nullable=False),
    Column("method", String(10), nullable=False),
    Column("amount", Centavos, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("refunded", Centavos, nullable=False, server_default=text("0")),
    Column("state", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("gateway", "ref"),
    CheckConstraint("state IN ('stands', 'disputed', 'undone')", name="state"),
    Index(None, "invoice"),
    Index(None, "customer", "paid_on"),
)

card = Table(
    "card",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("gateway", String(40), nullable=False),
    Column("kind", String(6), nullable=False),
    Column("scheme", String(20), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("token", Text),  # worth something only with the gateway's key
    Column("is_default", Boolean, nullable=False),
    Column("autopay", Boolean, nullable=False),  # of the default one: it is charged on the due date
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
    CheckConstraint("kind IN ('credit', 'debit')", name="kind"),
    Index(None, "customer"),
    Index(
        "uq_card_default",
        "customer",
        unique=True,
        sqlite_where=text("is_default AND removed_at IS NULL"),
        postgresql_where=text("is_default AND removed_at IS NULL"),
    ),
)

trust_unlock = Table(  # access on a customer's word; it runs until its last day is over
    "trust_unlock",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),
    Column("given_on", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("kept_on", Date),  # the day what was late was paid: it runs no more
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("customer", "given_on"),
)

payment_promise = Table(  # kept when the invoice is paid by its day: derived, never stored
    "payment_promise",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("invoice", BigId, ForeignKey("invoice.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),
    Column("promised_for", Date, nullable=False),
    Column("consent", Json, nullable=False),  # the words on the screen, and when the yes came
    Column("created_at", Instant, nullable=False),
    Index(None, "invoice"),
    Index(None, "customer"),
)

payment_claim = Table(  # "I already paid": for staff to look at; marks nothing as paid
    "payment_claim",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("invoice", BigId, ForeignKey("invoice.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),
    Column("account", String(60), nullable=False),  # the channel whose `file` reference it is
    Column("words", Text),
    Column("file", Json),  # ref, name, media type, size: the channel keeps the file itself
    Column("state", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    CheckConstraint("state IN ('waiting', 'confirmed', 'dismissed')", name="state"),
    Index(
        "uq_payment_claim_waiting",
        "invoice",
        unique=True,
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(None, "customer"),
)

pending_change = Table(  # asked of a gateway; the record changes only when it has said yes
    "pending_change",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", Json, nullable=False),
    Column("ticket", Json),  # who waits: address, run, key
    Column("told", Json),  # the words for whoever waits no more
    Column("ref", String(100)),  # of the hosted page
    Column("result", Json),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(
        "uq_pending_change_open",  # one a subject
        "brand",
        "subject",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_pending_change_ref",
        "ref",
        sqlite_where=text("ref IS NOT NULL"),
        postgresql_where=text("ref IS NOT NULL"),
    ),
    Index(None, "customer"),
)
