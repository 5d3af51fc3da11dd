"""Staff: what they decided, and who of them did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    # Not by `batch_alter_table`, which would copy the longest table there is.
    op.add_column("audit", sa.Column("staff", sa.String(length=80)))
    with op.batch_alter_table("erasure") as erasure:
        erasure.drop_constraint("ck_erasure_state", type_="check")
        erasure.create_check_constraint(
            "ck_erasure_state", "state IN ('waiting', 'withdrawn', 'done', 'denied')"
        )
    op.create_table(
        "staff_decision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_staff_decision_customer_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_decision"),
        sa.UniqueConstraint("brand", "subject", name="uq_staff_decision_brand_subject"),
    )
    op.create_index("ix_staff_decision_customer", "staff_decision", ["customer"])


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
