"""What a customer proved at the counter stays until the billing system knows it."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.importing.handing_over import export_changes
from storage.changes import record_change, record_payment
from storage.invoices import InvoiceState
from storage.tables import contact, customer
from tests.importing.office import ANA, PEOPLE, Office

NEW = "ana.nova@example.org"


def change_email(office: Office) -> None:
    """What a flow's action does when a new address was proved by a code."""
    id = office.who(ANA).id
    with office.desk.begin() as tx:
        tx.run(
            update(contact)
            .where(contact.c.customer == id, contact.c.kind == "email")
            .values(value=NEW)
        )
        record_change(tx, id, "email", before="ana@example.com", after=NEW, proved_by="code")


async def test_a_proved_field_is_kept_and_reported_while_the_rest_is_taken(
    office: Office,
) -> None:
    await office.take(PEOPLE)
    change_email(office)

    outcome = await office.take(PEOPLE.replace("Atibaia", "Jarinu"))

    assert outcome.counts == {"added": 0, "changed": 1, "unchanged": 1, "kept": 1}
    assert office.who(ANA).email == NEW
    assert office.who(ANA).city == "Jarinu"
    (row,) = office.report_rows()
    assert (row["result"], row["line"], row["column"]) == ("kept", "2", "email")
    assert row["held"] == "ana@example.com"


async def test_it_is_kept_as_often_as_the_file_comes_without_it(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)

    for _ in range(3):
        outcome = await office.take(PEOPLE)

    assert outcome.counts["kept"] == 1
    assert office.who(ANA).email == NEW


async def test_once_the_file_brings_it_back_the_file_counts_again(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)
    await office.take(PEOPLE.replace("ana@example.com", NEW))

    outcome = await office.take(PEOPLE.replace("ana@example.com", "third@example.com"))

    assert outcome.counts["kept"] == 0
    assert office.who(ANA).email == "third@example.com"


async def test_handed_over_it_yields_to_a_third_value_but_not_to_the_old_one(
    office: Office,
) -> None:
    await office.take(PEOPLE)
    change_email(office)
    await export_changes(office.database, office.desk.brand, office.folder / "out.csv", mark=True)

    assert (await office.take(PEOPLE)).counts["kept"] == 1
    assert office.who(ANA).email == NEW

    younger = PEOPLE.replace("ana@example.com", "younger@example.com")
    assert (await office.take(younger)).counts["kept"] == 0
    assert office.who(ANA).email == "younger@example.com"


async def test_not_handed_over_it_does_not_yield_at_all(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)

    outcome = await office.take(PEOPLE.replace("ana@example.com", "third@example.com"))

    assert outcome.counts["kept"] == 1
    assert office.who(ANA).email == NEW


async def test_changes_are_handed_over_as_csv_and_json(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)
    table, tree = office.folder / "out.csv", office.folder / "out.json"

    assert await export_changes(office.database, office.desk.brand, table) == 1
    assert await export_changes(office.database, office.desk.brand, tree) == 1

    with table.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert [row] == json.loads(tree.read_text(encoding="utf-8"))
    assert (row["external_id"], row["tax_id"], row["field"]) == ("1", ANA, "email")
    assert (row["before"], row["after"], row["proved_by"]) == ("ana@example.com", NEW, "code")


async def test_only_what_was_marked_counts_as_handed_over(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)
    out, brand = office.folder / "out.json", office.desk.brand

    assert await export_changes(office.database, brand, out) == 1
    assert await export_changes(office.database, brand, out, mark=True) == 1
    assert await export_changes(office.database, brand, out) == 0
    yesterday = office.desk.now - timedelta(days=1)
    assert await export_changes(office.database, brand, out, since=yesterday) == 1


async def test_a_file_that_cannot_be_written_marks_nothing(office: Office) -> None:
    await office.take(PEOPLE)
    change_email(office)
    brand = office.desk.brand

    with pytest.raises(OSError):
        await export_changes(office.database, brand, office.folder / "no" / "out.csv", mark=True)

    assert await export_changes(office.database, brand, office.folder / "out.csv") == 1


async def test_a_change_is_recorded_of_known_fields_and_own_customers_alone(
    office: Office,
) -> None:
    await office.take(PEOPLE)
    id = office.who(ANA).id
    with office.desk.begin() as tx:
        with pytest.raises(ValueError):
            record_change(tx, id, "tax_id", before="", after="", proved_by="code")
        with pytest.raises(LookupError):
            record_change(tx, 10**9, "email", before="", after="", proved_by="code")


HEAD = "numero;codigo_cliente;vencimento;valor;situacao;pagamento;valor_pago\n"
OWED = HEAD + "F-1;1;10/11/2026;10,00;aberto;;\n"


def pay(office: Office) -> None:
    """What a gateway's callback, or staff, does."""
    id = office.invoice("F-1").id
    with office.desk.begin() as tx:
        day, amount = date(2026, 11, 9), Decimal("10.00")
        assert record_payment(tx, id, on=day, amount=amount, proved_by="gateway")


@pytest.mark.parametrize("state", ["aberto", "cancelado"])
async def test_an_invoice_paid_here_stays_paid_while_the_rest_of_its_row_is_taken(
    office: Office, state: str
) -> None:
    await office.take(PEOPLE)
    await office.take(OWED, "invoices.csv")
    pay(office)

    for _ in range(2):
        stale = OWED.replace("aberto", state).replace("10/11/2026", "12/11/2026")
        outcome = await office.take(stale, "invoices.csv")
        (row,) = office.report_rows()
        assert (row["result"], row["line"], row["column"]) == ("kept", "2", "state")
        assert row["why"] == "it was paid here"
        assert outcome.counts["kept"] == 1

    assert outcome.counts["unchanged"] == 1
    found = office.invoice("F-1")
    assert (found.state, found.paid_on) == (InvoiceState.PAID, date(2026, 11, 9))
    assert found.paid_amount == Decimal("10.00")
    assert found.due_on == date(2026, 11, 12)


async def test_a_file_without_a_state_does_not_take_a_payment_back(office: Office) -> None:
    await office.take(PEOPLE)
    await office.take(OWED, "invoices.csv")
    pay(office)

    await office.take(
        "numero;codigo_cliente;vencimento;valor;pagamento\nF-1;1;10/11/2026;10,00;\n",
        "invoices.csv",
    )

    assert office.invoice("F-1").paid_on == date(2026, 11, 9)


async def test_once_the_file_says_paid_too_the_file_counts_again(office: Office) -> None:
    await office.take(PEOPLE)
    await office.take(OWED, "invoices.csv")
    pay(office)
    paid = HEAD + "F-1;1;10/11/2026;10,00;pago;08/11/2026;10,00\n"

    confirmed = await office.take(paid, "invoices.csv")
    assert (confirmed.counts["changed"], confirmed.counts["kept"]) == (1, 0)
    assert office.invoice("F-1").paid_on == date(2026, 11, 8)
    assert (await office.take(paid, "invoices.csv")).counts["unchanged"] == 1

    await office.take(OWED, "invoices.csv")
    assert office.invoice("F-1").state is InvoiceState.OPEN


async def test_only_what_is_open_can_be_paid(office: Office) -> None:
    await office.take(PEOPLE)
    await office.take(OWED, "invoices.csv")
    pay(office)
    id = office.invoice("F-1").id

    with office.desk.begin() as tx:
        again = record_payment(
            tx, id, on=date(2026, 11, 20), amount=Decimal("1.00"), proved_by="staff"
        )

    assert not again
    assert office.invoice("F-1").paid_amount == Decimal("10.00")
    assert office.audited().count("invoice.paid") == 1


async def test_a_birth_date_and_an_rg_come_by_file_and_stay_as_the_customer_changed_them(
    office: Office,
) -> None:
    head, ana, *_rest = PEOPLE.splitlines()
    file = f"{head};nascimento;rg;grupo_permissao\n{ana};10/02/1990;12.345.678-9;small\n"
    await office.take(file)
    known = office.who(ANA)
    assert (str(known.born_on), known.registry_number, known.permission_group) == (
        "1990-02-10", "12.345.678-9", "small",
    )  # fmt: skip

    with office.desk.begin() as tx:
        tx.run(update(customer).where(customer.c.id == known.id).values(registry_number="98765"))
        record_change(
            tx, known.id, "registry_number",
            before="12.345.678-9", after="98765", proved_by="code",
        )  # fmt: skip
    outcome = await office.take(file)

    assert outcome.counts["kept"] == 1
    assert office.who(ANA).registry_number == "98765"
