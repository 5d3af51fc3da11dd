"""Payments in part, and what a payment opens again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    # Not by `batch_alter_table`, which would copy the longest tables there are.
    for name in ("received", "coded_after"):
        op.add_column(
            "invoice", sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))
        )
    op.add_column("customer", sa.Column("released_at", INSTANT))
    op.add_column("trust_unlock", sa.Column("kept_on", sa.Date()))
    # Their codes ask for the whole amount: `coded_after` stays 0.
    op.execute(
        "UPDATE invoice SET received = (SELECT SUM(amount - refunded) FROM payment"
        " WHERE payment.invoice = invoice.id AND payment.state = 'stands')"
        " WHERE state = 'open' AND id IN (SELECT invoice FROM payment WHERE state = 'stands')"
    )


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
