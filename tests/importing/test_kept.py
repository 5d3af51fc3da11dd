"""What a customer proved at the counter stays until the billing system knows it."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.importing.handing_over import export_changes
from storage.changes import record_change
from storage.tables import contact
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
