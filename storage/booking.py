"""What a gateway said of a charge, booked: its row, the codes that pay the invoice, the payment.

A reading counts only if no other was booked since it was begun; what was read before asking is the
charge's revision.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.ports import Read, Write
from bot.domain.payments import NOTHING, Charge, ChargeState, Codes
from storage import charges, payments, pending
from storage.tables import charge, invoice, payer


class Booked(StrEnum):
    """What became of a reading."""

    DONE = "done"
    NOT_OURS = "not-ours"
    STALE = "stale"
    """Another was booked since this one was begun: the gateway is to be asked again."""


def revisions(read: Read, invoice_id: int) -> dict[str, int]:
    """How often each charge of an invoice was booked, by the gateway's id; to be read before asking."""
    rows = read.all(
        select(charge.c.ref, charge.c.revision).where(
            charge.c.invoice == invoice_id, charge.c.brand == read.brand.id
        )
    )
    return {row.ref: row.revision for row in rows}


def revision(read: Read, gateway: str, ref: str) -> int:
    """How often a charge was booked; 0: never."""
    return (
        read.scalar(
            select(charge.c.revision).where(
                charge.c.gateway == gateway, charge.c.ref == ref, charge.c.brand == read.brand.id
            )
        )
        or 0
    )


def issued(
    write: Write,
    gateway: str,
    invoice_id: int,
    made: Charge,
    codes: Codes,
    known_as: str,
    revision: int,
    received: Decimal = NOTHING,
) -> Booked:
    """A charge was made or changed: its row, the payer's, and the codes that pay the invoice now.

    `known_as` is the payer's id at the gateway, `revision` the charge's before the gateway was
    asked, `received` what had been paid of the invoice when it was made (`Wanted.received`). If the invoice was paid or cancelled meanwhile, the charge is withdrawn.
    """
    row = write.one(
        select(
            invoice.c.customer, invoice.c.state, invoice.c.barcode, invoice.c.pix_code,
            invoice.c.coded_after,
        )
        .where(invoice.c.id == invoice_id, invoice.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )  # fmt: skip
    if row is None:
        raise LookupError("no such invoice of this brand")
    write.run(
        insert(payer)
        .values(
            customer=row.customer, gateway=gateway, ref=known_as, created_at=write.now
        )
        .on_conflict_do_update(
            index_elements=[payer.c.customer, payer.c.gateway], set_={"ref": known_as}
        )
    )  # fmt: skip
    if not _note(write, gateway, invoice_id, made, revision):
        return Booked.STALE
    if made.state is not ChargeState.WAITING:
        payments.from_charge(write, gateway, invoice_id, made)
        return Booked.DONE
    if row.state != "open":
        pending.withdraw(write, gateway, made.ref)
        return Booked.DONE
    if (row.barcode, row.pix_code, row.coded_after) != (codes.barcode, codes.pix, received):
        write.run(
            update(invoice)
            .where(invoice.c.id == invoice_id)
            .values(barcode=codes.barcode, pix_code=codes.pix, coded_after=received)
        )
    write.audit(
        "charge.issued", f"invoice:{invoice_id}",
        after={"ref": made.ref, "method": made.method.value, "amount": str(made.amount)},
    )  # fmt: skip
    return Booked.DONE


def seen(write: Write, gateway: str, charge_seen: Charge, revision: int) -> Booked:
    """Book what a gateway says of a charge; `revision` is the charge's before it was asked."""
    invoice_id = write.scalar(
        select(charge.c.invoice).where(
            charge.c.gateway == gateway,
            charge.c.ref == charge_seen.ref,
            charge.c.brand == write.brand.id,
        )
    )
    if invoice_id is None:
        mine, numbers = charges.number_in(charge_seen.reference)
        for number in numbers if mine == write.brand.id else ():
            invoice_id = invoice_id or write.scalar(
                select(invoice.c.id).where(invoice.c.brand == mine, invoice.c.number == number)
            )
    if invoice_id is None:
        return Booked.NOT_OURS
    if not _note(write, gateway, invoice_id, charge_seen, revision):
        return Booked.STALE
    payments.from_charge(write, gateway, invoice_id, charge_seen)
    if charge_seen.state in (ChargeState.GONE, ChargeState.REFUNDED):
        _forget_codes(write, invoice_id)
    return Booked.DONE


def gone(write: Write, gateway: str, ref: str, revision: int) -> Booked:
    """The gateway knows no such charge (any more): the invoice can be charged anew."""
    if revision == 0:
        return Booked.NOT_OURS
    rows = write.run(
        update(charge)
        .where(
            charge.c.gateway == gateway,
            charge.c.ref == ref,
            charge.c.brand == write.brand.id,
            charge.c.revision == revision,
        )
        .values(state=ChargeState.GONE.value, revision=revision + 1, seen_at=write.now)
        .returning(charge.c.invoice)
    )
    if not rows:
        return Booked.STALE
    _forget_codes(write, rows[0].invoice)
    return Booked.DONE


def _forget_codes(write: Write, invoice_id: int) -> None:
    """The codes of a charge that is over pay nothing; those of a paid invoice stay as they were."""
    waits = write.scalar(
        select(charge.c.id).where(
            charge.c.invoice == invoice_id, charge.c.state == ChargeState.WAITING.value
        )
    )
    if waits is None:
        write.run(
            update(invoice)
            .where(invoice.c.id == invoice_id, invoice.c.state == "open")
            .values(barcode=None, pix_code=None)
        )


def _note(write: Write, gateway: str, invoice_id: int, seen: Charge, revision: int) -> bool:
    """Write a charge's row; False if another reading was booked since this one was begun."""
    state: dict[str, Any] = {
        "method": seen.method.value,
        "state": seen.state.value,
        "amount": seen.amount,
        "due_on": seen.due_on,
        "url": seen.url,
        "slip_url": seen.slip_url,
        "revision": revision + 1,
        "seen_at": write.now,
    }
    made = insert(charge).values(
        brand=write.brand.id, invoice=invoice_id, gateway=gateway, ref=seen.ref,
        created_at=write.now, **state,
    )  # fmt: skip
    return bool(
        write.run(
            made.on_conflict_do_update(
                index_elements=[charge.c.gateway, charge.c.ref],
                set_=state,
                where=charge.c.revision == revision,
            ).returning(charge.c.id)
        )
    )
