"""Every table, a file a subject. Instants are UTC, money is centavos, tax ids bare, phones E.164."""

from storage.tables.base import metadata
from storage.tables.conversation import code, inbound, session, throttle
from storage.tables.files import field_change, import_row, import_run
from storage.tables.happened import audit, audit_body
from storage.tables.leaving import lane, message, message_body
from storage.tables.owed import invoice, invoice_line
from storage.tables.who import address, contact, customer, membership, person

__all__ = [
    "address",
    "audit",
    "audit_body",
    "code",
    "contact",
    "customer",
    "field_change",
    "import_row",
    "import_run",
    "inbound",
    "invoice",
    "invoice_line",
    "lane",
    "membership",
    "message",
    "message_body",
    "metadata",
    "person",
    "session",
    "throttle",
]
