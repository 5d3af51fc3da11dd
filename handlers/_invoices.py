"""How invoices are listed, named and described, wherever a flow shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.core.chat import Chat
from bot.core.message import Text, _, ngettext
from bot.core.question import Option
from bot.domain.calendar import last_day_without_charges
from bot.domain.charges import days_late
from handlers._companies import listed
from storage import invoices, payments
from storage.invoices import Invoice, InvoiceState


class NoInvoices(Exception):
    """The customer has no invoice yet, so there is none to choose."""


class Invoices:
    """A customer's invoices as a list to choose from; what a turn has looked up, it looks up once."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._known: dict[int, Invoice | None] = {}
        self._companies = listed(chat)
        self.owes: bool | None = None
        """Whether any is open; open ones stand first, so only the first page tells."""

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        """Open ones first, then paid and cancelled. Raises NoInvoices if there are none at all."""
        read, companies = self._chat.read, list(self._companies)
        if companies:
            found = invoices.page_of(read, companies, offset, limit)
        else:
            found = invoices.page(read, self._chat.customer, "all", offset, limit)
        if not found and offset == 0:
            raise NoInvoices
        self.owes = found[0].state is InvoiceState.OPEN if offset == 0 else None
        return self._options(found)

    def get(self, id: int) -> Option[int] | None:
        found = self.row(id)
        return self._option(found) if found else None

    def find(self, text: str) -> Sequence[Option[int]]:
        if self._companies:
            return self._options(invoices.find_of(self._chat.read, list(self._companies), text))
        return self._options(invoices.find(self._chat.read, self._chat.customer, text))

    def row(self, id: int) -> Invoice | None:
        """An invoice of this customer, or of one whose invoices the list shows; else None."""
        if id not in self._known:
            read, companies = self._chat.read, list(self._companies)
            self._known[id] = (
                invoices.get_of(read, id, companies)
                if companies
                else invoices.get(read, id, self._chat.customer)
            )
        return self._known[id]

    def _options(self, found: Iterable[Invoice]) -> list[Option[int]]:
        return [self._option(each) for each in found]

    def _option(self, invoice: Invoice) -> Option[int]:
        self._known[invoice.id] = invoice
        state = short_state(invoice, self._chat.today)
        company = self._companies.get(invoice.customer)
        return Option(
            invoice.id,
            label(invoice),
            _("{company} · {state}", company=company, state=state) if company else state,
        )


def period(invoice: Invoice) -> str:
    """The month an invoice is for, as it is said everywhere: 11/2026."""
    year, month = invoice.period.split("-")
    return f"{month}/{year}"


def label(invoice: Invoice) -> Text:
    """An invoice in a list: its month, and its amount or what is missing of it."""
    amount = invoice.missing if invoice.paid_in_part else invoice.amount
    return _("{period} · {amount}", period=period(invoice), amount=amount)


def short_state(invoice: Invoice, today: date) -> Text:
    """What there is to know of an invoice in a list."""
    if invoice.paid_in_part:
        return _("{paid} paid · {state}", paid=invoice.received, state=_short_state(invoice, today))
    return _short_state(invoice, today)


def _short_state(invoice: Invoice, today: date) -> Text:
    match invoice.state:
        case InvoiceState.PAID:
            return _("paid")
        case InvoiceState.CANCELLED:
            return _("cancelled")
        case _ if days_late(invoice.due_on, today):
            return _("overdue since {due}", due=invoice.due_on)
        case _:
            return _("due {due}", due=invoice.due_on)


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
    if invoice.paid_in_part:
        head = Text("{head}\n{parts}", {"head": head, "parts": _parts(chat, invoice)})
    charges = invoices.charges_today(invoice, chat.brand.terms, chat.today)
    if not charges.days_late:
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


def _parts(chat: Chat, invoice: Invoice) -> Text:
    """What was paid of an open invoice and when, what is missing, and what its old boleto is worth."""
    lines = [
        _("Paid in part: {amount} on {day}", amount=each.counted.kept, day=each.paid_on)
        for each in payments.parts_of(chat.read, invoice)
    ]
    lines.append(_("**Still missing: {missing}**", missing=invoice.missing))
    if invoice.barcode is not None and invoices.boleto_of(invoice) is None:
        if invoice.has_pix(chat.brand):
            lines.append(_("Its boleto asks for all of it, so please pay what is missing by PIX."))
        else:
            lines.append(
                _(
                    "Its boleto asks for all of it: please write /human for one over what is missing."
                )
            )
    return under_each_other(*lines)


def under_each_other(*lines: Text) -> Text:
    """Texts as lines of one."""
    text = lines[0]
    for line in lines[1:]:
        text = Text("{before}\n{line}", {"before": text, "line": line})
    return text


def _state(chat: Chat, invoice: Invoice) -> Text:
    if invoice.state is InvoiceState.PAID and invoice.paid_on:
        paid = invoice.paid_amount if invoice.paid_amount is not None else invoice.amount
        return _("Paid: {amount} on {day}", amount=paid, day=invoice.paid_on)
    if invoice.state is InvoiceState.PAID:
        return _("Paid")
    if invoice.state is InvoiceState.CANCELLED:
        return _("Cancelled: there is nothing to pay")
    state = _open_state(chat, invoice)
    if payments.is_claimed(chat.read, invoice.id):
        return _("{state} · awaiting confirmation: you told us that it is paid", state=state)
    return state


def _open_state(chat: Chat, invoice: Invoice) -> Text:
    free_until = last_day_without_charges(invoice.due_on)
    if chat.today > free_until:
        late = (chat.today - invoice.due_on).days
        return ngettext("Open, {count} day late", "Open, {count} days late", late)
    if free_until > invoice.due_on:
        return _(
            "Open. It is due when banks are closed: pay by {day} without fine or interest.",
            day=free_until,
        )
    return _("Open, due today") if chat.today == invoice.due_on else _("Open")
