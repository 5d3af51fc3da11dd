"""A merge writes what was thought out before it held the lock, and looks anew at what has changed since."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from bot.core.ports import Read
from storage import import_customers, import_invoices
from storage.changes import record_change
from storage.staging import Record, Staging
from storage.tables import contact, customer
from tests.importing.office import ANA, BILLS, BRUNO, PEOPLE, Office
from tests.importing.people import many

NEW = "ana.nova@example.org"


async def merge_after(office: Office, records: list[Record], meanwhile: str) -> None:
    """Plan a merge, let a customer change a field, then merge."""
    brand = office.desk.brand

    def think(read: Read) -> list[import_customers.Plan]:
        return import_customers.plan(read, records)

    plans = await office.database.read(brand.id, think)
    id = office.who(ANA).id
    with office.desk.begin() as tx:
        if meanwhile == "email":
            mine = (contact.c.customer == id) & (contact.c.kind == "email")
            tx.run(update(contact).where(mine).values(value=NEW))
            record_change(tx, id, "email", before="ana@example.com", after=NEW, proved_by="code")
        else:
            tx.run(update(customer).where(customer.c.id == id).values(external_id="77"))
    await office.database.maintain(lambda begun: import_customers.merge(begun, brand, plans))


def ana(**changed: object) -> Record:
    return {
        "external_id": "1", "tax_id": ANA, "kind": "PF", "name": "Ana Prado", "due_day": 10,
        "email": ["ana@example.com"], "phone": ["+5511900000001"], "city": "Atibaia",
    } | changed  # fmt: skip


async def test_what_a_customer_proves_between_plan_and_merge_stays(office: Office) -> None:
    await office.take(PEOPLE)

    new = ana(email=["third@example.com"], city="Jarinu")
    await merge_after(office, [new], "email")

    assert (office.who(ANA).email, office.who(ANA).city) == (NEW, "Jarinu")


async def test_a_row_that_came_into_conflict_after_the_plan_is_left_out_and_noted(
    office: Office,
) -> None:
    await office.take(PEOPLE)

    await merge_after(office, [ana(city="Jarinu")], "external_id")

    assert office.who(ANA).city == "Atibaia"
    assert office.audited()[-1] == "import.left_out"


async def test_a_merge_that_is_played_again_does_the_same(office: Office) -> None:
    """A transaction may be rolled back and played once more, with the same plan."""
    await office.take(PEOPLE)
    brand = office.desk.brand
    records: list[Record] = [
        {"number": "F-7", "customer": "1", "due_on": "2026-11-10", "amount": "10.00"}
    ]
    plans = await office.database.read(brand.id, lambda read: import_invoices.plan(read, records))

    class Interrupted(Exception):
        pass

    def fail(begun: object) -> None:
        import_invoices.merge(begun, brand, plans)  # type: ignore[arg-type]
        raise Interrupted

    with pytest.raises(Interrupted):
        await office.database.maintain(fail)
    await office.database.maintain(lambda begun: import_invoices.merge(begun, brand, plans))

    assert office.invoice("F-7").customer == office.who(ANA).id


async def test_an_invoice_says_the_plan_of_its_customer_and_else_its_number(
    office: Office,
) -> None:
    await office.take(
        f"codigo;cpf;nome;dia_vencimento;plano\n1;{ANA};A;5;Fibra 500\n2;{BRUNO};B;5;\n"
    )

    await office.take(BILLS, "invoices.csv")

    lines = sorted(office.everything()["invoice_line"], key=str)
    assert [line[2] for line in lines] == ["Fibra 500", "F-2"]  # type: ignore[index]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
async def test_postgresql_measures_tables_that_have_grown(office: Office) -> None:
    """Else it reads them from end to end for each foreign key, by plans it made while they were empty."""
    await office.take(many(700))

    count = office.desk.rows(text("SELECT reltuples FROM pg_class WHERE relname = 'customer'"))
    assert count[0].reltuples >= 500


def test_who_claims_a_name_second_is_told_whoever_claimed_it_first() -> None:
    def row(line: int, id: str) -> tuple[int, Record, list[tuple[str, str]]]:
        return line, {"external_id": id}, [("external_id", id)]

    with Staging() as staging:
        assert staging.put([row(2, "a"), row(3, "b")]) == []
        told = [
            (each.line, each.before)
            for each in staging.put([row(4, "c"), row(5, "a"), row(6, "c")])
        ]

    assert told == [(5, 2), (6, 4)]
