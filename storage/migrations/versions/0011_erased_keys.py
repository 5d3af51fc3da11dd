"""Whom no import may bring back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erased_key",
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_erased_key_customer_customer"
        ),
        sa.PrimaryKeyConstraint("brand", "hash", name="pk_erased_key"),
    )
    op.create_index("ix_erased_key_customer", "erased_key", ["customer"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
