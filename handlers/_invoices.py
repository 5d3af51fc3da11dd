"""How invoices are named and described, wherever a flow shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.core.chat import Chat
from bot.core.message import Text, _, ngettext
from bot.core.question import Option
from bot.domain.calendar import last_day_without_charges
from storage import invoices
from storage.invoices import Filter, Invoice, InvoiceState


class Invoices:
    """A customer's invoices as a list to choose from, page by page."""

    def __init__(self, chat: Chat, which: Filter = "all") -> None:
        self._chat = chat
        self._which: Filter = which

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        chat = self._chat
        found = invoices.page(chat.read, chat.customer, self._which, offset, limit)
        return [self._option(each) for each in found]

    def get(self, id: int) -> Option[int] | None:
        found = invoices.get(self._chat.read, id, self._chat.customer)
        return self._option(found) if found and self._which in ("all", found.state) else None

    def find(self, text: str) -> Sequence[Option[int]]:
        found = invoices.find(self._chat.read, self._chat.customer, text)
        return [self._option(each) for each in found if self._which in ("all", each.state)]

    def _option(self, invoice: Invoice) -> Option[int]:
        return Option(
            invoice.id,
            _(
                "{period} · {amount} · {state}",
                period=period(invoice),
                amount=invoice.amount,
                state=short_state(invoice, self._chat.today),
            ),
        )


def period(invoice: Invoice) -> str:
    """The month an invoice is for, as it is said everywhere: 11/2026."""
    year, month = invoice.period.split("-")
    return f"{month}/{year}"


def short_state(invoice: Invoice, today: date) -> Text:
    match invoice.state:
        case InvoiceState.PAID:
            return _("paid")
        case InvoiceState.CANCELLED:
            return _("cancelled")
        case _:
            late = today > last_day_without_charges(invoice.due_on)
            return _("overdue") if late else _("due {due}", due=invoice.due_on)


def described(chat: Chat, invoice: Invoice) -> Text:
    """Number, due date, amount and state; and what is owed today, charge by charge."""
    head = _(
        "**Invoice {number}** ({period})\nDue: {due}\nAmount: {amount}\n{state}",
        number=invoice.number,
        period=period(invoice),
        due=invoice.due_on,
        amount=invoice.amount,
        state=_state(chat, invoice),
    )
    charges = invoices.charges_today(invoice, chat.brand.terms, chat.today)
    if not charges.fine and not charges.interest:
        return head
    return _(
        "{head}\n\nFine: {fine}\n{interest_line}\n**Total today: {total}**",
        head=head,
        fine=charges.fine,
        interest_line=ngettext(
            "Interest ({count} day): {interest}",
            "Interest ({count} days): {interest}",
            charges.days_late,
            interest=charges.interest,
        ),
        total=charges.total,
    )


def _state(chat: Chat, invoice: Invoice) -> Text:
    if invoice.state is InvoiceState.PAID and invoice.paid_on:
        paid = invoice.paid_amount if invoice.paid_amount is not None else invoice.amount
        return _("Paid: {amount} on {day}", amount=paid, day=invoice.paid_on)
    if invoice.state is InvoiceState.PAID:
        return _("Paid")
    if invoice.state is InvoiceState.CANCELLED:
        return _("Cancelled: nothing to pay")
    free_until = last_day_without_charges(invoice.due_on)
    if chat.today > free_until:
        return ngettext(
            "Open, {count} day late", "Open, {count} days late", (chat.today - invoice.due_on).days
        )
    if chat.today >= invoice.due_on and free_until > invoice.due_on:
        return _("Open; no charges if paid until {day}", day=free_until)
    if chat.today == invoice.due_on:
        return _("Open, due today")
    return _("Open")
