"""Every table. Instants are UTC, money is centavos, tax ids bare, phones E.164."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import BigId, Centavos, Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ---------------------------------------------------------------- who

customer = Table(
    "customer",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("kind", String(2), nullable=False),  # PF, PJ
    Column("name", Text, nullable=False),
    Column("trade_name", Text),
    Column("tax_id", String(14), nullable=False),
    Column("status", String(10), nullable=False, server_default="active"),
    Column("blocked_at", Instant),
    Column("main_customer", BigId, ForeignKey("customer.id")),  # the matriz, of a filial
    Column("due_day", Integer, nullable=False),
    Column("payment_form", String(10), nullable=False, server_default="boleto"),
    Column("plan", Text),
    Column("postal_code", String(8)),
    Column("street", Text),
    Column("street_number", Text),
    Column("complement", Text),
    Column("district", Text),
    Column("city", Text),
    Column("state", String(2)),
    Column("since", Date),
    Column("external_id", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("brand", "tax_id"),
    UniqueConstraint("brand", "external_id"),
    CheckConstraint("kind IN ('PF', 'PJ')", name="kind"),
    CheckConstraint("status IN ('active', 'blocked', 'cancelled')", name="status"),
    CheckConstraint("due_day BETWEEN 1 AND 31", name="due_day"),
    Index(None, "main_customer"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("kind", String(5), nullable=False),  # email, phone
    Column("value", Text, nullable=False),
    Column("label", Text),
    Column("is_primary", Boolean, nullable=False),
    Column("bad", String(40)),  # why nothing is sent there any more
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("customer", "kind", "value"),
    CheckConstraint("kind IN ('email', 'phone')", name="kind"),
    Index("ix_contact_value", "kind", "value"),
    Index(
        "uq_contact_primary",
        "customer",
        "kind",
        unique=True,
        sqlite_where=text("is_primary"),
        postgresql_where=text("is_primary"),
    ),
)

person = Table(
    "person",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("person", BigId, ForeignKey("person.id"), primary_key=True),
    Column("customer", BigId, ForeignKey("customer.id"), primary_key=True),
    Column("role", String(15), nullable=False),  # administrator, collaborator
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("role IN ('administrator', 'collaborator')", name="role"),
    Index(None, "customer"),
)

address = Table(
    "address",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account", String(60), nullable=False),
    Column("chat", Text, nullable=False),
    Column("brand", String(40), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),
    Column("customer", BigId, ForeignKey("customer.id")),
    Column("verified_until", Instant),
    Column("fresh_until", Instant),
    Column("phone", String(16)),
    Column("name", Text),
    Column("locale", String(10)),
    Column("bad", String(40)),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("account", "chat"),
    Index(None, "person"),
    Index(None, "customer"),
)

# ---------------------------------------------------------------- the conversation

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

# ---------------------------------------------------------------- what is owed

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
    Column("barcode", String(44)),
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

# ---------------------------------------------------------------- what leaves

message = Table(
    "message",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("kind", String(10), nullable=False),  # reply, notice, mail
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

# ---------------------------------------------------------------- what happened

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

# ---------------------------------------------------------------- the billing system's files

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
