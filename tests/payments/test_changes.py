"""Changes asked of a gateway from a conversation: done there first, then in the record; or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain import pix
from storage import charges, collecting
from storage.changes import record_payment
from storage.tables import customer, field_change, pending_change
from tests.payments.fake_asaas import FakeAsaas
from tests.payments.fake_wire import Trouble
from tests.payments.office import Office


async def form_of(office: Office, who: str = "ana") -> str:
    found = select(customer.c.payment_form).where(customer.c.id == office.ids[who])
    return str(await office.reads(lambda read: read.scalar(found)))


async def asks(office: Office, form: str) -> list[str]:
    await office.says("menu")
    await office.says("How I pay")
    return await office.says(form)


async def test_a_change_is_made_there_then_here_and_told(office: Office, fake: FakeAsaas) -> None:
    heard = await asks(office, "pix")

    assert heard == ["One moment.", "Now by pix."]
    assert await form_of(office) == "pix"
    (row,) = fake.made("curral:A-0013")
    assert (row["billingType"], row["value"]) == ("PIX", Decimal("99.90"))
    found = await office.row_of("A-0013")
    assert found.barcode is None
    assert pix.decode(found.pix_code).amount == Decimal("99.90")
    changes = await office.reads(lambda read: read.all(select(field_change)))
    assert [(c.field, c.before, c.after) for c in changes] == [("payment_form", "boleto", "pix")]


async def test_what_is_due_already_stays_as_it_is(office: Office, fake: FakeAsaas) -> None:
    before = await office.row_of("A-0012")
    await asks(office, "pix")
    assert fake.made("curral:A-0012") == []
    assert await office.row_of("A-0012") == before


async def test_a_change_back_is_an_edit_with_new_codes(office: Office, fake: FakeAsaas) -> None:
    await asks(office, "pix")
    before = await office.row_of("A-0013")
    assert await asks(office, "boleto") == ["One moment.", "Now by boleto."]
    (row,) = fake.made("curral:A-0013")
    after = await office.row_of("A-0013")
    assert row["billingType"] == "BOLETO"
    assert after.barcode is not None
    assert after.pix_code != before.pix_code


@pytest.mark.parametrize("kind", ["cut", "lost", "status", "garbage"])
async def test_trouble_on_the_way_is_tried_again_and_makes_no_charge_twice(
    office: Office, fake: FakeAsaas, kind: str
) -> None:
    fake.trouble.append(Trouble(kind, "POST", "/payments"))  # type: ignore[arg-type]
    assert await asks(office, "pix") == ["One moment."]
    assert await form_of(office) == "boleto"

    assert await office.later(seconds=10) == ["Now by pix."]

    assert len(fake.made("curral:A-0013")) == 1
    assert await form_of(office) == "pix"


async def test_what_is_refused_there_changes_nothing_here_and_is_told(
    office: Office, fake: FakeAsaas
) -> None:
    before = await office.row_of("A-0013")
    fake.trouble.append(Trouble("status", "POST", "/payments", 400))

    assert await asks(office, "pix") == ["One moment.", "Not changed: refused."]

    assert await form_of(office) == "boleto"
    assert await office.row_of("A-0013") == before
    assert fake.made("curral:A-0013") == []
    assert fake.made("curral:A-0014") == []


async def test_refused_half_way_what_was_changed_is_put_back(
    office: Office, fake: FakeAsaas
) -> None:
    await asks(office, "pix")
    fake.trouble.append(
        Trouble("status", "PUT", f"/payments/{fake.made('curral:A-0014')[0]['id']}", 400)
    )

    assert await asks(office, "boleto") == ["One moment.", "Not changed: refused."]

    assert await form_of(office) == "pix"
    assert {each["billingType"] for each in fake.payments.values()} == {"PIX"}
    found = await office.row_of("A-0013")
    (row,) = fake.made("curral:A-0013")
    assert f"e{row['_edition']}" in found.pix_code


async def test_given_up_after_its_patience_the_record_stays_and_it_is_told(
    office: Office, fake: FakeAsaas
) -> None:
    fake.trouble = [Trouble("status", path="/customers", status=503) for _ in range(20)]
    heard = await asks(office, "pix")
    for _ in range(8):
        heard += await office.later(minutes=4)
    assert heard[0] == "One moment."
    assert heard[-1] == "Not changed: gave_up."
    assert await form_of(office) == "boleto"
    (row,) = await office.reads(lambda read: read.all(select(pending_change)))
    assert row.result == {"ok": False, "why": "gave_up"}


async def test_who_went_on_to_something_else_is_told_all_the_same(
    office: Office, fake: FakeAsaas
) -> None:
    fake.trouble.append(Trouble("status", path="/customers", status=503))
    await asks(office, "pix")
    await office.says("menu")

    assert await office.later(seconds=10) == ["Changed to pix after all."]
    assert await form_of(office) == "pix"


async def test_a_second_wish_while_one_is_under_way_is_refused(
    office: Office, fake: FakeAsaas
) -> None:
    fake.trouble.append(Trouble("status", path="/customers", status=503))
    await asks(office, "pix")
    assert await office.reads(lambda read: charges.under_way(read, office.ids["ana"]))
    assert await asks(office, "pix") == ["One moment.", "Not changed: pending."]


@pytest.mark.parametrize(("form", "why"), [("boleto", "same"), ("card", "no-card")])
async def test_what_cannot_be_wished_is_answered_without_the_gateway(
    office: Office, fake: FakeAsaas, form: str, why: str
) -> None:
    assert await asks(office, form) == ["One moment.", f"Not changed: {why}."]
    assert fake.asked == []


async def test_one_invoice_is_made_payable_now(office: Office, fake: FakeAsaas) -> None:
    await office.says("menu")
    await office.says("This one now")
    heard = await office.says("A-0012")

    assert "'ok': True" in heard[-1]
    assert "https://sandbox.asaas.com/i/" in heard[-1]
    found = await office.row_of("A-0012")  # overdue: due today, fine and interest in it
    assert pix.decode(found.pix_code).amount == Decimal("102.23")
    (row,) = fake.made("curral:A-0012")
    assert row["dueDate"] == date(2026, 11, 20).isoformat()


async def test_paid_there_already_it_is_booked_and_said(office: Office, fake: FakeAsaas) -> None:
    await office.says("menu")
    await office.says("This one now")
    await office.says("A-0013")
    fake.paid(fake.made("curral:A-0013")[0]["id"])  # and its event is lost

    await office.says("menu")
    await office.says("This one now")
    heard = await office.says("A-0013")

    assert "'why': 'not-open'" in " ".join(heard)
    assert (await office.row_of("A-0013")).state == "paid"


async def test_did_you_get_it_is_asked_at_the_gateway(office: Office, fake: FakeAsaas) -> None:
    async def asked(number: str) -> str:
        await office.says("menu")
        await office.says("Did you get it")
        return "\n".join(await office.says(number))  # the receipt may come before or after

    await office.says("menu")
    await office.says("This one now")
    await office.says("A-0013")
    assert "'ok': True, 'paid': False" in await asked("A-0013")

    fake.paid(fake.made("curral:A-0013")[0]["id"])  # and its event is lost
    await office.says("menu")
    assert "'ok': True, 'paid': True" in await asked("A-0013")
    assert "'no-charge'" in await asked("A-0014")
    assert "'unknown'" in await asked("B-0020")


async def test_a_lost_webhook_is_made_up_for_about_the_due_date(
    office: Office, fake: FakeAsaas
) -> None:
    await office.says("menu")
    await office.says("This one now")
    await office.says("A-0013")
    await office.later(days=20)
    (row,) = fake.made("curral:A-0013")
    fake.paid(row["id"], on=date(2026, 12, 10))
    await office.writes(lambda tx: collecting.tend(tx, 10))
    assert (await office.row_of("A-0013")).state == "open"
    await office.later(days=1)
    for _ in range(2):
        await office.writes(lambda tx: collecting.tend(tx, 10))

    assert fake.asked.count(f"GET /payments/{row['id']}") == 1
    found = await office.row_of("A-0013")
    assert (found.state, found.paid_on) == ("paid", date(2026, 12, 10))


async def test_anothers_invoice_is_not_made_payable(office: Office, fake: FakeAsaas) -> None:
    await office.says("menu")
    await office.says("This one now")
    heard = await office.says("B-0020")
    assert "'why': 'unknown'" in heard[-1]
    assert fake.asked == []


async def test_paid_meanwhile_by_a_file_the_new_charge_is_withdrawn(
    office: Office, fake: FakeAsaas
) -> None:
    await office.says("menu")
    await office.says("This one now")
    await office.says("A-0012")
    await office.later(days=1)

    id = await office.id_of("A-0012")
    await office.writes(
        lambda tx: record_payment(
            tx, id, on=date(2026, 11, 20), amount=Decimal("99.90"), proved_by="staff"
        )
    )
    await office.writes(lambda tx: collecting.tend(tx, 10))

    assert fake.made("curral:A-0012") == []
    assert await office.reads(lambda read: charges.of_invoice(read, id)) is None
