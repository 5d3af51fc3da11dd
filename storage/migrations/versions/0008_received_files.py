"""Files that customers send: what each is for, and its bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=f"fk_received_file_{column}_{table}"
    )


def upgrade() -> None:
    op.create_table(
        "received_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("address", BIG_ID, nullable=False),
        sa.Column("customer", BIG_ID),
        sa.Column("person", BIG_ID),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.String(length=60)),
        sa.Column("claim", BIG_ID),
        sa.Column("document", BIG_ID),
        sa.Column("title", sa.Text()),
        sa.Column("kind", sa.String(length=20)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("kept_at", INSTANT),
        sa.Column("seen_at", INSTANT),
        sa.CheckConstraint(
            "state IN ('loose', 'waiting', 'kept', 'failed', 'gone')",
            name="ck_received_file_state",
        ),
        _to("address", "address"),
        _to("customer", "customer"),
        _to("person", "person"),
        _to("claim", "payment_claim"),
        _to("document", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_received_file"),
        sqlite_autoincrement=True,
    )
    for column in ("customer", "address", "claim", "document"):
        op.create_index(f"ix_received_file_{column}", "received_file", [column])
    op.create_index(
        "ix_received_file_loose",
        "received_file",
        ["created_at"],
        sqlite_where=sa.text("state = 'loose'"),
        postgresql_where=sa.text("state = 'loose'"),
    )
    op.create_table(
        "received_file_body",
        sa.Column("file", BIG_ID, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"], ["received_file.id"], name="fk_received_file_body_file_received_file"
        ),
        sa.PrimaryKeyConstraint("file", name="pk_received_file_body"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
