"""Who: customers, their contacts, their people, and where those can be reached."""

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
    false,
    text,
)

from storage.tables.base import metadata
from storage.types import BigId, Instant

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
    Column("released_at", Instant),  # paid here since the block, which a file may not know yet
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
    Column("born_on", Date),  # of a PJ: when it was opened
    Column("registry_number", String(30)),  # RG of a PF, inscrição estadual (or ISENTO) of a PJ
    Column(
        "permission_group", String(40)
    ),  # which of the brand's groups of permissions; none: all's
    Column("external_id", Text),
    Column("created_at", Instant, nullable=False),
    Column("document_login", Boolean),  # NULL: as the brand says
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
    Column("email", Text),  # their own, proved: an administrator's codes go there
    Column("created_at", Instant, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("person", BigId, ForeignKey("person.id"), primary_key=True),
    Column("customer", BigId, ForeignKey("customer.id"), primary_key=True),
    Column("role", String(15), nullable=False),  # administrator, collaborator
    Column("active", Boolean, nullable=False),
    Column("activated_at", Instant),  # NULL: nobody let them in yet
    Column("invited", Boolean, nullable=False, server_default=false()),  # by a link, not a contact
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
    Column("all_companies", Boolean, nullable=False, server_default=false()),  # lists show each's
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
