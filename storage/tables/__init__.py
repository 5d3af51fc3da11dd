"""Every table, a file a subject. Instants are UTC, money is centavos, tax ids bare, phones E.164."""

from storage.tables.base import metadata
from storage.tables.conversation import code, inbound, session, throttle
from storage.tables.documents import (
    contract,
    contract_acceptance,
    contract_model,
    document,
    document_body,
    document_link,
)
from storage.tables.files import field_change, import_row, import_run
from storage.tables.happened import audit, audit_body
from storage.tables.leaving import lane, message, message_body
from storage.tables.owed import invoice, invoice_line
from storage.tables.payments import (
    card,
    charge,
    payer,
    payment,
    payment_claim,
    payment_promise,
    pending_change,
    trust_unlock,
)
from storage.tables.people import approval, link
from storage.tables.privacy import consent, erased_key, erasure, preference
from storage.tables.received import received_file, received_file_body
from storage.tables.registration import (
    confirmation,
    confirmation_ask,
    confirmation_body,
    contact_change,
    contact_proof,
    custom_value,
)
from storage.tables.staff import staff_decision
from storage.tables.who import address, contact, customer, membership, person

__all__ = [
    "address",
    "approval",
    "audit",
    "audit_body",
    "card",
    "charge",
    "code",
    "confirmation",
    "confirmation_ask",
    "confirmation_body",
    "consent",
    "contact",
    "contact_change",
    "contact_proof",
    "contract",
    "contract_acceptance",
    "contract_model",
    "custom_value",
    "customer",
    "document",
    "document_body",
    "document_link",
    "erased_key",
    "erasure",
    "field_change",
    "import_row",
    "import_run",
    "inbound",
    "invoice",
    "invoice_line",
    "lane",
    "link",
    "membership",
    "message",
    "message_body",
    "metadata",
    "payer",
    "payment",
    "payment_claim",
    "payment_promise",
    "pending_change",
    "person",
    "preference",
    "received_file",
    "received_file_body",
    "session",
    "staff_decision",
    "throttle",
    "trust_unlock",
]
