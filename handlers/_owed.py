"""Open invoices of the customer at hand, to choose one of: to promise it, or to say it is paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.chat import Chat
from bot.core.question import Option
from handlers._invoices import label, short_state
from storage import invoices
from storage.invoices import Invoice, InvoiceState


class Owed:
    """Open invoices, the oldest due first; only those that `offered` lets pass."""

    def __init__(self, chat: Chat, offered: Callable[[], Sequence[Invoice]]) -> None:
        self._chat = chat
        self._offered = offered

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        return [self._option(each) for each in self._offered()[offset : offset + limit]]

    def get(self, id: int) -> Option[int] | None:
        """One that is open; whether it is offered is said by what follows."""
        found = invoices.get(self._chat.read, id, self._chat.customer)
        return self._option(found) if found and found.state is InvoiceState.OPEN else None

    def find(self, text: str) -> Sequence[Option[int]]:
        found = invoices.find(self._chat.read, self._chat.customer, text)
        return [self._option(each) for each in found if each.state is InvoiceState.OPEN]

    def _option(self, invoice: Invoice) -> Option[int]:
        return Option(
            invoice.id,
            label(invoice),
            short_state(invoice, self._chat.today),
        )
