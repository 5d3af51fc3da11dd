"""Registration: values of the brand's own fields, confirmations, new contacts to prove, changes to undo."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata
from storage.types import BigId, Instant, Json

custom_value = Table(
    "custom_value",
    metadata,
    Column("customer", BigId, ForeignKey("customer.id"), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),  # as bot.domain.fields.parse_custom stores it
    Column("changed_at", Instant, nullable=False),
)

contact_proof = Table(  # a new e-mail or phone, from its being typed to its being saved
    "contact_proof",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("address", BigId, ForeignKey("address.id"), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("kind", String(5), nullable=False),  # email, phone
    Column("value", Text, nullable=False),
    Column("by", String(10), nullable=False),  # code, channel
    Column("hash", String(64), nullable=False, server_default=text("''")),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("proved_at", Instant),
    Column("used_at", Instant),
    Index(None, "address"),
    Index(None, "created_at"),
    sqlite_autoincrement=True,  # its digits are derived from the id, which must not come again
)

contact_change = Table(  # what the old contact may undo
    "contact_change",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("kind", String(5), nullable=False),  # email, phone
    Column("address", BigId, ForeignKey("address.id")),  # where it was changed
    Column("before", Json, nullable=False),  # every contact of that kind as it was
    Column("shown", Text, nullable=False),  # the new value, masked
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(10)),  # link, chat
    Index(None, "customer", "kind"),
    Index(None, "until"),
    sqlite_autoincrement=True,  # its link is derived from the id, which must not come again
)

confirmation = Table(
    "confirmation",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("brand", String(40), nullable=False),
    Column("customer", BigId, ForeignKey("customer.id"), nullable=False),
    Column("person", BigId, ForeignKey("person.id")),
    Column("address", BigId, ForeignKey("address.id")),
    Column("through", String(60), nullable=False),
    Column("at", Instant, nullable=False),
    Column("version", String(64), nullable=False),  # of the whole registration as it was confirmed
    Column("digest", String(64), nullable=False),  # of the text that was agreed to
    Index(None, "customer", "at"),
    Index(None, "brand", "at"),
)

confirmation_body = Table(
    "confirmation_body",
    metadata,
    Column("confirmation", BigId, ForeignKey("confirmation.id"), primary_key=True),
    Column("words", Text, nullable=False),  # exactly what was on the screen
)

confirmation_ask = Table(  # when a customer was asked last, whatever came of it
    "confirmation_ask",
    metadata,
    Column("customer", BigId, ForeignKey("customer.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)
