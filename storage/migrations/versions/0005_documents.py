"""Documents with their bytes and links, contract models, contracts and their acceptance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("customer") as customer:
        customer.add_column(sa.Column("document_login", sa.Boolean()))
    op.create_table(
        "document",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=60)),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7)),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("login_required", sa.Boolean()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_document_customer_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_customer_issued_on", "document", ["customer", "issued_on"])
    op.create_table(
        "document_body",
        sa.Column("document", BIG_ID, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], name="fk_document_body_document_document"
        ),
        sa.PrimaryKeyConstraint("document", name="pk_document_body"),
    )
    op.create_table(
        "document_link",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("document", BIG_ID, nullable=False),
        sa.Column("hash", sa.String(length=64)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], name="fk_document_link_document_document"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_document_link"),
        sa.UniqueConstraint("hash", name="uq_document_link_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_link_document", "document_link", ["document"])
    op.create_table(
        "contract_model",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contract_model"),
        sa.UniqueConstraint(
            "brand", "name", "version", name="uq_contract_model_brand_name_version"
        ),
    )
    op.create_table(
        "contract",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("customer", BIG_ID, nullable=False),
        sa.Column("model", BIG_ID, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT),
        sa.Column("withdrawn_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_contract_customer_customer"
        ),
        sa.ForeignKeyConstraint(
            ["model"], ["contract_model.id"], name="fk_contract_model_contract_model"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contract"),
    )
    op.create_index("ix_contract_customer_offered_at", "contract", ["customer", "offered_at"])
    op.create_table(
        "contract_acceptance",
        sa.Column("contract", BIG_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("address", BIG_ID, nullable=False),
        sa.Column("through", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract"], ["contract.id"], name="fk_contract_acceptance_contract_contract"
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["person.id"], name="fk_contract_acceptance_person_person"
        ),
        sa.ForeignKeyConstraint(
            ["address"], ["address.id"], name="fk_contract_acceptance_address_address"
        ),
        sa.PrimaryKeyConstraint("contract", name="pk_contract_acceptance"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
