"""Alembic's entry: runs revisions on the connection and inside the transaction that it is handed."""

from typing import Any, Literal

from alembic import context

from storage.tables import metadata
from storage.types import Centavos, Instant, Json

_FROZEN = {
    Instant: "sa.DateTime(timezone=True).with_variant(sa.Text(), 'sqlite')",
    Centavos: "sa.BigInteger()",
    Json: "sa.Text()",
}


def plain_type(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """A revision names what a column is in the database, for our own types may change later."""
    return _FROZEN.get(type(item), False) if kind == "type" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain_type,
    compare_server_default=True,
)
context.run_migrations()
