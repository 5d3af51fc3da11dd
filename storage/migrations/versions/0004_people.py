"""People: approvals, links, and since when somebody is let in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("membership", sa.Column("activated_at", INSTANT))
    op.add_column(
        "membership",
        sa.Column("invited", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute("UPDATE membership SET activated_at = created_at WHERE active")
    op.add_column(
        "address",
        sa.Column("all_companies", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "approval",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), server_default=sa.text("''"), nullable=False),
        sa.Column("change", sa.Text()),
        sa.Column("words", sa.Text()),
        sa.Column("waits_for", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", BIG_ID),
        sa.Column("asked_from", BIG_ID),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("decided_by", BIG_ID),
        sa.Column("decided_at", INSTANT),
        sa.CheckConstraint("waits_for IN ('administrator', 'staff')", name="ck_approval_waits_for"),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'denied', 'expired')", name="ck_approval_state"
        ),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_approval_customer_customer"
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name="fk_approval_asked_by_person"),
        sa.ForeignKeyConstraint(
            ["asked_from"], ["address.id"], name="fk_approval_asked_from_address"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name="fk_approval_decided_by_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_customer_state", "approval", ["customer", "state"])
    op.create_index(
        "uq_approval_waiting",
        "approval",
        ["customer", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "link",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("created_by", BIG_ID),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("used_by", BIG_ID),
        sa.Column("revoked_at", INSTANT),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_link_customer_customer"),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name="fk_link_created_by_person"),
        sa.ForeignKeyConstraint(["used_by"], ["person.id"], name="fk_link_used_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_link_customer_purpose", "link", ["customer", "purpose"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
