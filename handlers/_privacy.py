"""How the kinds of messages are called, wherever one chooses among them or ends them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.message import Text, _
from bot.domain.privacy import Kind

NAMES: Mapping[Kind, Text] = {
    Kind.INVOICES: _("Invoices and due dates"),
    Kind.PAYMENTS: _("Payments and receipts"),
    Kind.SECURITY: _("Security: codes, changes, access"),
    Kind.CONTRACT: _("Contract, documents and the service"),
    Kind.REMINDERS: _("Reminders before the due date"),
    Kind.NEWS: _("Offers and news"),
}
"""What each kind of message is called."""
