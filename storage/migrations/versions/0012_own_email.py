"""A person's own e-mail, for codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("email", sa.Text()))


def downgrade() -> None:
    raise NotImplementedError("restore the copy that was made before this revision")
