"""How it is paid: charges at gateways, payments, cards, changes under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "payer",
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_payer_customer_customer"),
        sa.PrimaryKeyConstraint("customer", "gateway", name="pk_payer"),
    )
    op.create_table(
        "charge",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("invoice", BIG_ID, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("slip_url", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("method IN ('boleto', 'pix', 'card', 'any')", name="ck_charge_method"),
        sa.CheckConstraint(
            "state IN ('waiting', 'paid', 'refunded', 'disputed', 'gone')", name="ck_charge_state"
        ),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_charge_invoice_invoice"),
        sa.PrimaryKeyConstraint("id", name="pk_charge"),
        sa.UniqueConstraint("gateway", "ref", name="uq_charge_gateway_ref"),
    )
    op.create_index("ix_charge_invoice", "charge", ["invoice"])
    waits = sa.text("state = 'waiting'")
    op.create_index(
        "ix_charge_waiting", "charge", ["brand"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "payment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("invoice", BIG_ID, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('stands', 'disputed', 'undone')", name="ck_payment_state"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_payment_customer_customer"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_payment_invoice_invoice"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("gateway", "ref", name="uq_payment_gateway_ref"),
    )
    op.create_index("ix_payment_invoice", "payment", ["invoice"])
    op.create_index("ix_payment_customer_paid_on", "payment", ["customer", "paid_on"])
    op.create_table(
        "card",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("autopay", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.CheckConstraint("kind IN ('credit', 'debit')", name="ck_card_kind"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_card_customer_customer"),
        sa.PrimaryKeyConstraint("id", name="pk_card"),
    )
    op.create_index("ix_card_customer", "card", ["customer"])
    one_default = sa.text("is_default AND removed_at IS NULL")
    op.create_index(
        "uq_card_default",
        "card",
        ["customer"],
        unique=True,
        sqlite_where=one_default,
        postgresql_where=one_default,
    )
    op.create_table(
        "pending_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text()),
        sa.Column("told", sa.Text()),
        sa.Column("ref", sa.String(length=100)),
        sa.Column("result", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_pending_change_customer_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pending_change"),
    )
    op.create_index("ix_pending_change_customer", "pending_change", ["customer"])
    op.create_index(
        "uq_pending_change_open",
        "pending_change",
        ["brand", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    known = sa.text("ref IS NOT NULL")
    op.create_index(
        "ix_pending_change_ref",
        "pending_change",
        ["ref"],
        sqlite_where=known,
        postgresql_where=known,
    )
    _his_word()


def _his_word() -> None:
    """Trust unlocks, promises, and payments that a customer says he made."""
    op.create_table(
        "trust_unlock",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_trust_unlock_customer_customer"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_trust_unlock_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_trust_unlock"),
        sa.UniqueConstraint("customer", "given_on", name="uq_trust_unlock_customer_given_on"),
    )
    op.create_table(
        "payment_promise",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("invoice", BIG_ID, nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("promised_for", sa.Date(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_payment_promise_customer_customer"
        ),
        sa.ForeignKeyConstraint(
            ["invoice"], ["invoice.id"], name="fk_payment_promise_invoice_invoice"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_payment_promise_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_promise"),
    )
    op.create_index("ix_payment_promise_invoice", "payment_promise", ["invoice"])
    op.create_index("ix_payment_promise_customer", "payment_promise", ["customer"])
    op.create_table(
        "payment_claim",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("invoice", BIG_ID, nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text()),
        sa.Column("file", sa.Text()),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'dismissed')", name="ck_payment_claim_state"
        ),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_payment_claim_customer_customer"
        ),
        sa.ForeignKeyConstraint(
            ["invoice"], ["invoice.id"], name="fk_payment_claim_invoice_invoice"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_payment_claim_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_claim"),
    )
    waits = sa.text("state = 'waiting'")
    op.create_index(
        "uq_payment_claim_waiting",
        "payment_claim",
        ["invoice"],
        unique=True,
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_index("ix_payment_claim_customer", "payment_claim", ["customer"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
