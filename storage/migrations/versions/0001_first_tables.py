"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("customer", BIG_ID),
        sa.Column("address", BIG_ID),
        sa.Column("through", sa.String(length=60)),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_customer_at", "audit", ["customer", "at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "customer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trade_name", sa.Text()),
        sa.Column("tax_id", sa.String(length=14), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("blocked_at", INSTANT),
        sa.Column("main_customer", BIG_ID),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("payment_form", sa.String(length=10), server_default="boleto", nullable=False),
        sa.Column("plan", sa.Text()),
        sa.Column("postal_code", sa.String(length=8)),
        sa.Column("street", sa.Text()),
        sa.Column("street_number", sa.Text()),
        sa.Column("complement", sa.Text()),
        sa.Column("district", sa.Text()),
        sa.Column("city", sa.Text()),
        sa.Column("state", sa.String(length=2)),
        sa.Column("since", sa.Date()),
        sa.Column("external_id", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('PF', 'PJ')", name="ck_customer_kind"),
        sa.CheckConstraint(
            "status IN ('active', 'blocked', 'cancelled')", name="ck_customer_status"
        ),
        sa.CheckConstraint("due_day BETWEEN 1 AND 31", name="ck_customer_due_day"),
        sa.ForeignKeyConstraint(
            ["main_customer"], ["customer.id"], name="fk_customer_main_customer_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("brand", "external_id", name="uq_customer_brand_external_id"),
        sa.UniqueConstraint("brand", "tax_id", name="uq_customer_brand_tax_id"),
    )
    op.create_index("ix_customer_main_customer", "customer", ["main_customer"])
    op.create_table(
        "inbound",
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("incident", sa.String(length=20)),
        sa.PrimaryKeyConstraint("account", "event", name="pk_inbound"),
    )
    op.create_index("ix_inbound_at", "inbound", ["at"])
    op.create_table(
        "lane",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("refilled_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lane"),
    )
    op.create_table(
        "person",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=90), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
    )
    op.create_index("ix_throttle_since", "throttle", ["since"])
    op.create_table(
        "address",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("customer", BIG_ID),
        sa.Column("verified_until", INSTANT),
        sa.Column("fresh_until", INSTANT),
        sa.Column("phone", sa.String(length=16)),
        sa.Column("name", sa.Text()),
        sa.Column("locale", sa.String(length=10)),
        sa.Column("bad", sa.String(length=40)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_address_customer_customer"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_address_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("account", "chat", name="uq_address_account_chat"),
    )
    op.create_index("ix_address_customer", "address", ["customer"])
    op.create_index("ix_address_person", "address", ["person"])
    op.create_table(
        "audit_body",
        sa.Column("audit", BIG_ID, nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"], name="fk_audit_body_audit_audit"),
        sa.PrimaryKeyConstraint("audit", name="pk_audit_body"),
    )
    op.create_table(
        "contact",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("bad", sa.String(length=40)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name="ck_contact_kind"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_contact_customer_customer"),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.UniqueConstraint("customer", "kind", "value", name="uq_contact_customer_kind_value"),
    )
    op.create_index("ix_contact_value", "contact", ["kind", "value"])
    op.create_index(
        "uq_contact_primary",
        "contact",
        ["customer", "kind"],
        unique=True,
        sqlite_where=sa.text("is_primary"),
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "invoice",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("paid_on", sa.Date()),
        sa.Column("paid_amount", sa.BigInteger()),
        sa.Column("cancelled_on", sa.Date()),
        sa.Column("barcode", sa.String(length=44)),
        sa.Column("pix_code", sa.Text()),
        sa.Column("external_id", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'paid', 'cancelled')", name="ck_invoice_state"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_invoice_customer_customer"),
        sa.PrimaryKeyConstraint("id", name="pk_invoice"),
        sa.UniqueConstraint("brand", "number", name="uq_invoice_brand_number"),
    )
    op.create_index("ix_invoice_barcode", "invoice", ["barcode"])
    op.create_index("ix_invoice_customer_state_due_on", "invoice", ["customer", "state", "due_on"])
    op.create_index(
        "ix_invoice_pix_code",
        "invoice",
        ["pix_code"],
        sqlite_where=sa.text("pix_code IS NOT NULL"),
        postgresql_where=sa.text("pix_code IS NOT NULL"),
    )
    op.create_table(
        "membership",
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=15), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("role IN ('administrator', 'collaborator')", name="ck_membership_role"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_membership_customer_customer"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_membership_person_person"),
        sa.PrimaryKeyConstraint("person", "customer", name="pk_membership"),
    )
    op.create_index("ix_membership_customer", "membership", ["customer"])
    op.create_table(
        "code",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("address", BIG_ID, nullable=False),
        sa.Column("customer", BIG_ID),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name="fk_code_address_address"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_code_customer_customer"),
        sa.PrimaryKeyConstraint("id", name="pk_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_code_address", "code", ["address"])
    op.create_index("ix_code_expires_at", "code", ["expires_at"])
    op.create_table(
        "invoice_line",
        sa.Column("invoice", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice"], ["invoice.id"], name="fk_invoice_line_invoice_invoice"
        ),
        sa.PrimaryKeyConstraint("invoice", "position", name="pk_invoice_line"),
    )
    op.create_table(
        "message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("lane", sa.String(length=60), nullable=False),
        sa.Column("dedup", sa.String(length=250), nullable=False),
        sa.Column("address", BIG_ID),
        sa.Column("subject", sa.String(length=60), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("repeatable", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("owner", sa.String(length=40)),
        sa.Column("lease_until", INSTANT),
        sa.Column("ref", sa.Text()),
        sa.Column("error", sa.String(length=60)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("delivered_at", INSTANT),
        sa.Column("read_at", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name="fk_message_address_address"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("dedup", name="uq_message_dedup"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_address_id", "message", ["address", "id"])
    op.create_index(
        "ix_message_due",
        "message",
        ["lane", "due_at", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_message_leased",
        "message",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_message_ref",
        "message",
        ["ref"],
        sqlite_where=sa.text("ref IS NOT NULL"),
        postgresql_where=sa.text("ref IS NOT NULL"),
    )
    op.create_index(
        "ix_message_subject",
        "message",
        ["subject"],
        sqlite_where=sa.text("subject <> ''"),
        postgresql_where=sa.text("subject <> ''"),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["address", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "session",
        sa.Column("address", BIG_ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name="fk_session_address_address"),
        sa.PrimaryKeyConstraint("address", name="pk_session"),
    )
    op.create_index("ix_session_seen_at", "session", ["seen_at"])
    op.create_table(
        "message_body",
        sa.Column("message", BIG_ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"], ["message.id"], name="fk_message_body_message_message"
        ),
        sa.PrimaryKeyConstraint("message", name="pk_message_body"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
