"""Payments: what came in for an invoice, and what that makes of it.

Every change of a payment settles its invoice anew by the rules of `bot.domain.payments`, with the
invoice locked: it is marked once, and told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select, update

from bot.core.ports import Read, Write
from bot.domain.payments import (
    NOTHING,
    Charge,
    ChargeState,
    News,
    Payment,
    Settlement,
    news,
    settle,
)
from storage import pending, promises, receipts, releases
from storage.changes import record_payment
from storage.invoices import Invoice
from storage.prepared import Prepared
from storage.receipts import Told
from storage.tables import charge, invoice, payment, payment_claim

BY_HAND = "hand"
"""The gateway of what staff confirmed."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as its row holds it; money in reais."""

    id: int
    invoice: int
    gateway: str
    """The account's name, or `hand`: confirmed by staff."""
    ref: str
    method: str
    """boleto · pix · card · any · hand; as staff says it also cash · transfer"""
    amount: Decimal
    paid_on: date
    refunded: Decimal
    state: str
    """stands · disputed · undone"""
    created_at: datetime

    @property
    def counted(self) -> Payment:
        return Payment(self.amount, self.paid_on, self.refunded, self.state == "stands")


class Confirmed(StrEnum):
    """What became of a confirmation by hand."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    """The customer has no such invoice."""
    AGAIN = "again"
    """This payment was confirmed before."""


_COLUMNS = tuple(payment.c[name] for name in Paid.__slots__)
_CLAIMED = Prepared(
    lambda _dialect: select(payment_claim.c.id).where(
        payment_claim.c.invoice == bindparam("invoice"),
        payment_claim.c.brand == bindparam("brand"),
        payment_claim.c.state == literal_column("'waiting'"),
    )
)
_INVOICE = select(
    invoice.c.id, invoice.c.customer, invoice.c.number, invoice.c.amount, invoice.c.due_on,
    invoice.c.state,
)  # fmt: skip


# ------------------------------------------------------------------------- to look


def of_invoice(read: Read, invoice_id: int) -> list[Paid]:
    """Every payment of an invoice of this brand, also undone ones, in the order they came."""
    rows = read.all(
        select(*_COLUMNS)
        .where(payment.c.invoice == invoice_id, payment.c.brand == read.brand.id)
        .order_by(payment.c.id)
    )
    return [Paid(**row._mapping) for row in rows]


def parts_of(read: Read, of: Invoice) -> list[Paid]:
    """What was paid in part of an open invoice, the earliest first; nothing of any other.

    One that no part was paid of asks the database nothing.
    """
    if not of.paid_in_part:
        return []
    counting = (each for each in of_invoice(read, of.id) if each.counted.kept)
    return sorted(counting, key=lambda each: each.paid_on)


def is_claimed(read: Read, invoice_id: int) -> bool:
    """Whether its customer said that it is paid, and nobody has looked at that yet."""
    return read.scalar(_CLAIMED(invoice=invoice_id, brand=read.brand.id)) is not None


def of_customer(read: Read, customer_id: int, first: date, last: date) -> list[Paid]:
    """What a customer paid from `first` to `last`, both included, by the day of payment."""
    rows = read.all(
        select(*_COLUMNS)
        .where(
            payment.c.customer == customer_id,
            payment.c.brand == read.brand.id,
            payment.c.paid_on.between(first, last),
        )
        .order_by(payment.c.paid_on, payment.c.id)
    )
    return [Paid(**row._mapping) for row in rows]


def settlement(read: Read, invoice_id: int) -> Settlement | None:
    """What the payments of an invoice come to: missing, short, surplus. None: no such invoice."""
    row = read.one(_INVOICE.where(invoice.c.id == invoice_id, invoice.c.brand == read.brand.id))
    return None if row is None else _settle(read, row, of_invoice(read, invoice_id))


# ------------------------------------------------------------------------- by a gateway


def from_charge(write: Write, gateway: str, invoice_id: int, seen: Charge) -> News:
    """Book what a gateway says of a charge that was just read there.

    The same reading twice changes nothing. A charge that staff confirmed as cash is the payment
    that staff confirmed here, if there is one.
    """
    row = _locked(write, invoice_id)
    before = of_invoice(write, invoice_id)
    known = next((p for p in before if (p.gateway, p.ref) == (gateway, seen.ref)), None)
    values = _booked(seen, known, write.today)
    if values is None:
        return News.NONE
    if known is None:
        by_hand = any(p.gateway == BY_HAND and p.state == "stands" for p in before)
        if seen.by_hand and by_hand:
            return News.NONE
        id = _insert(write, row, gateway, seen.ref, values)
    else:
        id = known.id
        if all(getattr(known, name) == value for name, value in values.items()):
            return News.NONE
        _change(write, known, values)
    return _settled(write, row, before, id)


def _booked(seen: Charge, known: Paid | None, today: date) -> dict[str, Any] | None:
    """The columns of the payment a charge means; None if it means none."""
    came_in = {
        ChargeState.PAID: "stands",
        ChargeState.REFUNDED: "stands",
        ChargeState.DISPUTED: "disputed",
    }
    state = came_in.get(seen.state)
    if state is None:
        return None if known is None else {"state": "undone"}
    amount = seen.paid if seen.paid is not None else seen.amount
    return {
        "state": state,
        "amount": amount,
        "refunded": _returned(seen, amount),
        "paid_on": seen.paid_on or (known.paid_on if known else today),
        "method": "hand" if seen.by_hand else seen.method.value,
    }


def _returned(seen: Charge, amount: Decimal) -> Decimal:
    return amount if seen.state is ChargeState.REFUNDED else min(seen.refunded, amount)


# ------------------------------------------------------------------------- by hand


def confirm(
    write: Write, invoice_id: int, customer_id: int, *, amount: Decimal, on: date, ref: str,
    method: str = BY_HAND,
) -> Confirmed:  # fmt: skip
    """Staff says that an invoice was paid outside every gateway: cash, an informal charge.

    `ref` names this payment (the command's event): confirmed twice, it is one. `method` is how it
    was paid, as far as staff knows. The caller has checked who may.
    """
    mine = _INVOICE.where(
        invoice.c.id == invoice_id,
        invoice.c.customer == customer_id,
        invoice.c.brand == write.brand.id,
    ).with_for_update(key_share=True)
    row = write.one(mine)
    if row is None:
        return Confirmed.UNKNOWN
    ref = f"{write.brand.id}:{ref}"[:100]
    before = of_invoice(write, invoice_id)
    if any(p.gateway == BY_HAND and p.ref == ref for p in before):
        return Confirmed.AGAIN
    values = {"state": "stands", "amount": amount, "refunded": NOTHING, "paid_on": on,
              "method": method}  # fmt: skip
    _settled(write, row, before, _insert(write, row, BY_HAND, ref, values))
    return Confirmed.TAKEN


def undo(write: Write, payment_id: int) -> bool:
    """Staff takes a confirmation by hand back; False if it is none, or was taken back before."""
    found = write.one(
        select(*_COLUMNS).where(
            payment.c.id == payment_id,
            payment.c.brand == write.brand.id,
            payment.c.gateway == BY_HAND,
        )
    )
    if found is None:
        return False
    row = _locked(write, found.invoice)
    before = of_invoice(write, found.invoice)
    known = next(p for p in before if p.id == payment_id)
    if known.state == "undone":
        return False
    _change(write, known, {"state": "undone"})
    _settled(write, row, before, payment_id)
    return True


# ------------------------------------------------------------------------- inside


def _locked(write: Write, invoice_id: int) -> Any:
    row = write.one(
        _INVOICE.where(
            invoice.c.id == invoice_id, invoice.c.brand == write.brand.id
        ).with_for_update(key_share=True)
    )
    if row is None:
        raise LookupError("no such invoice of this brand")
    return row


def _insert(write: Write, row: Any, gateway: str, ref: str, values: dict[str, Any]) -> int:
    ((id,),) = write.run(
        insert(payment)
        .values(
            brand=write.brand.id, customer=row.customer, invoice=row.id, gateway=gateway, ref=ref,
            created_at=write.now, changed_at=write.now, **values,
        )
        .returning(payment.c.id)
    )  # fmt: skip
    write.audit("payment.noted", f"invoice:{row.id}", after={"payment": id, **_plain(values)})
    return int(id)


def _change(write: Write, known: Paid, values: dict[str, Any]) -> None:
    write.run(
        update(payment).where(payment.c.id == known.id).values(changed_at=write.now, **values)
    )
    before = {name: getattr(known, name) for name in values}
    write.audit(
        "payment.changed", f"invoice:{known.invoice}",
        before={"payment": known.id, **_plain(before)}, after=_plain(values),
    )  # fmt: skip


def _settled(write: Write, row: Any, before: Sequence[Paid], payment_id: int) -> News:
    """Mark the invoice by what its payments come to now, with what follows, and tell what is new."""
    stood = releases.lock(write, row.customer)
    after = of_invoice(write, row.id)
    was, now = _settle(write, row, before), _settle(write, row, after)
    what = news(was, now)
    (changed,) = (p for p in after if p.id == payment_id)
    counts = now.received - now.surplus
    if now.received != was.received:
        write.run(update(invoice).where(invoice.c.id == row.id).values(received=now.received))
    if now.paid_on is not None and row.state == "open":
        by = "staff" if changed.gateway == BY_HAND else "gateway"
        record_payment(write, row.id, on=now.paid_on, amount=counts, proved_by=by)
        _withdraw_others(write, row.id, changed.ref)
    elif row.state == "paid" and not was.paid:
        what = News.NONE  # a file had told so before, and the payment is no second one
    elif row.state == "paid" and now.paid:
        write.run(
            update(invoice)
            .where(invoice.c.id == row.id)
            .values(paid_on=now.paid_on, paid_amount=counts)
        )
    if what is News.REOPENED:
        _reopen(write, row)
    if what in (News.PARTLY, News.LESS, News.REOPENED):
        whole = what is News.REOPENED
        _charge_rest(write, row.id, payment_id, whole=whole, by_hand=changed.gateway == BY_HAND)
    if what is News.TWICE:
        write.audit("payment.surplus", f"invoice:{row.id}", after={"surplus": str(now.surplus)})
    followed = releases.follow(write, row.customer, stood)
    kept = promises.kept_by(write, row.id, now.paid_on) if what is News.PAID else None
    again = any(p.id == payment_id for p in before)
    receipts.tell(write, Told(what, row, changed, now, followed, kept, again))
    return what


def _withdraw_others(write: Write, invoice_id: int, ref: str) -> None:
    """Other charges that still wait shall not be paid too."""
    for each in write.all(
        select(charge.c.gateway, charge.c.ref).where(
            charge.c.invoice == invoice_id, charge.c.state == "waiting", charge.c.ref != ref
        )
    ):
        pending.withdraw(write, each.gateway, each.ref)


def _charge_rest(
    write: Write, invoice_id: int, payment_id: int, *, whole: bool, by_hand: bool
) -> None:
    """What a gateway asked for is not what is missing any more: its codes go, and the rest is charged.

    `whole`: the invoice is open again. A charge that waits again then stays as it is; and where money was
    given back or is disputed nothing new is asked for, since only staff knows whether it is owed.
    Codes of a billing system's own stay, and are not handed out while they ask for more
    (`Invoice.codes_hold`).
    """
    charges = write.all(
        select(charge.c.gateway, charge.c.ref, charge.c.state).where(charge.c.invoice == invoice_id)
    )
    waiting = [each for each in charges if each.state == "waiting"]
    if not charges or (whole and waiting and not by_hand):
        return
    write.run(update(invoice).where(invoice.c.id == invoice_id).values(barcode=None, pix_code=None))
    for each in waiting:
        pending.withdraw(write, each.gateway, each.ref)
    if write.brand.payments.confirms and (by_hand or not whole):
        pending.post(
            write, "issue", {"invoice": invoice_id}, subject=f"invoice:{invoice_id}",
            dedup=f"rest:{invoice_id}:{payment_id}:{write.now.isoformat()}", patience=6 * 3600,
        )  # fmt: skip


def _reopen(write: Write, row: Any) -> None:
    opened = write.run(
        update(invoice)
        .where(invoice.c.id == row.id, invoice.c.state == "paid")
        .values(state="open", paid_on=None, paid_amount=None, paid_here_at=None)
        .returning(invoice.c.id)
    )
    if opened:
        write.audit(
            "invoice.reopened", f"invoice:{row.id}",
            before={"state": "paid"}, after={"state": "open"},
        )  # fmt: skip


def _settle(read: Read, row: Any, payments: Sequence[Paid]) -> Settlement:
    terms = read.brand.terms
    return settle(
        row.amount,
        row.due_on,
        [each.counted for each in payments],
        fine_percent=terms.fine_percent,
        interest_percent_month=terms.interest_percent_month,
        rounding=terms.rounding,
        owed=row.state != "cancelled",
    )


def _plain(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
