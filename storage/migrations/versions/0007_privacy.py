"""Privacy: consents, which messages are wanted, wishes to be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("address", BIG_ID, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("through", sa.String(length=60), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_consent_customer_customer"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_consent_person_person"),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name="fk_consent_address_address"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_customer_given_at", "consent", ["customer", "given_at"])
    op.create_table(
        "preference",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("through", sa.String(length=60), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_preference_customer_customer"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_preference_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_preference"),
    )
    op.create_index(
        "uq_preference_customer",
        "preference",
        ["customer", "kind"],
        unique=True,
        sqlite_where=sa.text("person IS NULL"),
        postgresql_where=sa.text("person IS NULL"),
    )
    op.create_index(
        "uq_preference_person",
        "preference",
        ["customer", "person", "kind"],
        unique=True,
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("person", BIG_ID),
        sa.Column("address", BIG_ID),
        sa.Column("through", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200)),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("state IN ('waiting', 'withdrawn', 'done')", name="ck_erasure_state"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_erasure_customer_customer"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_erasure_person_person"),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name="fk_erasure_address_address"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_customer_asked_at", "erasure", ["customer", "asked_at"])
    op.create_index(
        "uq_erasure_waiting",
        "erasure",
        ["customer", "subject"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
