"""A file that still names who was erased: that row is left out and said, the rest goes in."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage import erased_keys, erasing, import_runs
from storage.comparing import ERASED
from storage.import_runs import ImportBusy
from storage.tables import customer, erased_key
from tests.importing.office import ANA, BILLS, BRUNO, CARLA, HEADER, PEOPLE, Office


async def erase(office: Office, tax: str) -> int:
    id = office.who(tax).id
    await office.database.play(
        office.desk.brand.id, lambda tx: erasing.erase(tx, id, reason="asked for it")
    )
    return id


async def lift(office: Office, tax: str) -> bool:
    return await office.database.play(
        office.desk.brand.id, lambda tx: erased_keys.lift(tx, tax, reason="a new contract")
    )


async def test_the_row_is_left_out_and_reported_and_the_others_go_in(office: Office) -> None:
    await office.take(PEOPLE)
    id = await erase(office, ANA)

    more = f"3;{CARLA};Carla Dias;10;;;\n"
    outcome = await office.take(PEOPLE.replace("Itu", "Salto") + more)

    assert outcome.counts == {
        "added": 1, "changed": 1, "unchanged": 0, "left out": 1, "kept": 0,
    }  # fmt: skip
    assert [(row["result"], row["line"], row["why"]) for row in office.report_rows()] == [
        ("left out", "2", ERASED)
    ]
    assert "Ana" not in str(office.everything())
    assert office.who(BRUNO).city == "Salto"
    (row,) = office.desk.rows(select(customer.c.name, customer.c.tax_id).where(customer.c.id == id))
    assert row == ("", f"-{id}")
    assert ANA not in str(office.desk.rows(select(erased_key)))


@pytest.mark.parametrize(
    "row", [f"8;{ANA};Ana Prado;10;;;\n", f"1;{CARLA};Ana de novo;10;;;\n"], ids=["cpf", "code"]
)
async def test_either_id_is_enough(office: Office, row: str) -> None:
    await office.take(PEOPLE)
    await erase(office, ANA)
    outcome = await office.take(HEADER + row)
    assert outcome.counts["left out"] == 1
    assert "Ana" not in str(office.everything())


async def test_what_law_keeps_goes_on_counting_and_what_is_gone_is_left_out(office: Office) -> None:
    """Ana's invoice keeps her row; Carla had none, so there is nothing here for a bill of hers."""
    await office.take(PEOPLE + f"3;{CARLA};Carla Dias;10;;;\n")
    await office.take(BILLS, "invoices.csv")
    await erase(office, ANA)
    await erase(office, CARLA)

    bills = BILLS.replace("Aberto", "Pago") + "T3;F-3;3;2026-12-05;10.00;Aberto\n"
    outcome = await office.take(bills, "invoices.csv")

    assert outcome.counts == {
        "added": 0, "changed": 1, "unchanged": 1, "left out": 1, "kept": 0,
    }  # fmt: skip
    assert office.told == [(4, "", ERASED)]
    assert office.invoice("F-1").state == "paid"


async def test_who_is_a_customer_again_comes_in_once_that_is_said(office: Office) -> None:
    await office.take(PEOPLE)
    await erase(office, ANA)
    assert not await lift(office, BRUNO)
    assert await lift(office, ANA)

    await office.take(PEOPLE)
    assert office.who(ANA).name == "Ana Prado"


async def test_nobody_is_erased_while_an_import_is_at_work(office: Office) -> None:
    """It may hold rows of who is to go, and would write them afterwards."""
    await office.take(PEOPLE)
    brand = office.desk.brand.id
    await office.database.maintain(
        lambda begun: import_runs.begin(begun, brand, "customers", "x.csv", "another")
    )
    with pytest.raises(ImportBusy):
        await erase(office, ANA)
    assert office.who(ANA).name == "Ana Prado"
