"""What is missing of an invoice that was paid in part is a charge of its own, with codes that ask for no more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from storage import invoices, payments
from tests.payments.fake_asaas import FakeAsaas
from tests.payments.office import Office

from .test_webhook import Hook, charged, hook

__all__ = ["hook"]
REST = "curral:A-0013#6000"


async def offered(office: Office) -> Any:
    """The invoice as its customer sees it."""
    id = await office.id_of("A-0013")
    return await office.reads(lambda read: invoices.get(read, id, office.ids["ana"]))


async def test_a_part_paid_there_makes_a_charge_of_the_rest(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    first = (await offered(office)).pix_code
    await hook.posts(fake.paid(ref, value="60.00"))
    await office.later(seconds=1)

    (rest,) = fake.made(REST)
    assert (rest["value"], rest["status"]) == (Decimal("39.90"), "PENDING")
    found = await offered(office)
    assert found.missing == Decimal("39.90")
    assert found.codes_hold
    assert found.pix_code not in (None, first)

    await hook.posts(fake.paid(rest["id"]))
    said = await office.later(seconds=1)
    assert said[-1].startswith("Payment received: R$39.90")
    assert (await office.row_of("A-0013")).state == "paid"


async def test_a_part_confirmed_by_hand_takes_the_whole_one_s_place(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    id = await office.id_of("A-0013")
    await office.writes(
        lambda tx: payments.confirm(
            tx, id, office.ids["ana"], amount=Decimal("60.00"), on=date(2026, 11, 20), ref="r"
        )
    )
    await office.later(seconds=1)

    assert fake.payments[ref]["deleted"]
    (rest,) = fake.made(REST)
    assert rest["value"] == Decimal("39.90")
    assert (await offered(office)).codes_hold

    # Taken back: the whole amount is asked for again, and no code of the rest is left.
    (part,) = await office.reads(lambda read: payments.of_invoice(read, id))
    await office.writes(lambda tx: payments.undo(tx, part.id))
    await office.later(seconds=1)
    assert fake.made(REST) == []
    (whole,) = fake.made("curral:A-0013")
    assert whole["value"] == Decimal("99.90")
    assert (await offered(office)).codes_hold
