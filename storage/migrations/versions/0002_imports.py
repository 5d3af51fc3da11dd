"""What imports and exports need: runs, rows to merge, changes made at the counter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "field_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("proved_by", sa.String(length=20), nullable=False),
        sa.Column("exported_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_field_change_customer_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_field_change"),
    )
    op.create_index("ix_field_change_brand_at", "field_change", ["brand", "at"])
    op.create_index(
        "ix_field_change_unsettled",
        "field_change",
        ["customer"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=False),
        sa.Column("counts", sa.Text()),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index(
        "uq_import_run_open",
        "import_run",
        ["brand"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "import_row",
        sa.Column("run", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["import_run.id"], name="fk_import_row_run_import_run"),
        sa.PrimaryKeyConstraint("run", "position", name="pk_import_row"),
    )
    op.add_column("invoice", sa.Column("paid_here_at", INSTANT))
    op.create_index(
        "ix_invoice_external_id",
        "invoice",
        ["brand", "external_id"],
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
