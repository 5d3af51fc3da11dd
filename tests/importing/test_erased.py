"""A file that still names who was erased: that row is left out and said, the rest goes in."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from bot.domain import tax_id
from storage import companies, erased_keys, erasing, import_runs
from storage.comparing import ERASED, MAIN_ERASED
from storage.import_runs import ImportBusy
from storage.tables import customer, erased_key
from tests.importing.office import ANA, BILLS, BRUNO, CARLA, FILIAL, HEADER, MATRIZ, PEOPLE, Office


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


# ------------------------------------------------------------------ a matriz that was erased

GROUP = "codigo;cnpj;nome;dia_vencimento;cidade;matriz\n"
MAIN_ROW = f"21;{MATRIZ};Matriz SA;5;Itu;\n"


async def erased_matriz(office: Office, *, filial: bool = False) -> None:
    row = f"22;{FILIAL};Filial;5;Itu;21\n" if filial else ""
    await office.take(GROUP + MAIN_ROW + row)
    await erase(office, MATRIZ)


@pytest.mark.parametrize("named", ["21", MATRIZ], ids=["code", "cnpj"])
@pytest.mark.parametrize("first", ["", MAIN_ROW], ids=["not in the file", "in the file"])
async def test_its_filial_goes_in_without_a_group_and_the_report_says_so(
    office: Office, named: str, first: str
) -> None:
    await erased_matriz(office)

    rows = f"{first}22;{FILIAL};Filial;5;Itu;{named}\n1;{ANA};Ana Prado;10;Itu;\n"
    outcome = await office.take(GROUP + rows)

    assert (outcome.refused, outcome.counts["added"]) == (0, 2)
    assert office.who(FILIAL).main_customer is None
    assert office.who(ANA).city == "Itu"
    line = 3 if first else 2
    assert (line, "main", MAIN_ERASED) in office.told
    (told,) = (row for row in office.report_rows() if row["column"] == "main")
    assert (told["result"], told["line"]) == ("left out", str(line))
    assert MATRIZ not in str(office.report_rows())
    assert "import.left_out" not in office.audited()


async def test_a_filial_that_stands_before_it_in_the_file_goes_in_too(office: Office) -> None:
    await erased_matriz(office)
    outcome = await office.take(GROUP + f"22;{FILIAL};Filial;5;Itu;21\n" + MAIN_ROW)
    assert (outcome.counts["added"], outcome.counts["left out"]) == (1, 1)
    assert office.told == [(2, "main", MAIN_ERASED), (3, "", ERASED)]


async def test_under_a_new_code_it_is_known_by_its_cnpj(office: Office) -> None:
    await erased_matriz(office)
    again = f"77;{MATRIZ};Matriz SA;5;Itu;\n"
    await office.take(GROUP + again + f"22;{FILIAL};Filial;5;Itu;77\n")
    assert office.who(FILIAL).main_customer is None
    assert (3, "main", MAIN_ERASED) in office.told


async def test_a_filial_is_in_no_group_once_its_matriz_is_erased(office: Office) -> None:
    await erased_matriz(office, filial=True)
    assert office.who(FILIAL).main_customer is None

    outcome = await office.take(GROUP + f"22;{FILIAL};Filial;5;Salto;21\n")
    assert outcome.counts["changed"] == 1
    assert (office.who(FILIAL).city, office.who(FILIAL).main_customer) == ("Salto", None)
    again = await office.take(GROUP + f"22;{FILIAL};Filial;5;Salto;21\n")
    assert again.counts["unchanged"] == 1


async def test_law_keeps_its_row_and_nobody_joins_it(office: Office) -> None:
    """What it owed keeps its CNPJ here, by which a filial would find it."""
    await office.take(GROUP + MAIN_ROW)
    bill = "id;numero;codigo_cliente;vencimento;valor;situacao\nT1;F-1;21;10/11/2026;10,00;Aberto\n"
    await office.take(bill, "invoices.csv")
    await erase(office, MATRIZ)
    assert office.who(MATRIZ).name == ""

    await office.take(GROUP + f"22;{FILIAL};Filial;5;Itu;{MATRIZ}\n")
    assert office.who(FILIAL).main_customer is None


async def test_the_group_it_has_here_by_now_stays(office: Office) -> None:
    await erased_matriz(office, filial=True)
    other = tax_id.generate_cnpj(Random(15), root="77DEF890")
    await office.take(GROUP + f"31;{other};Outra SA;5;Itu;\n")
    new = office.who(other).id
    filial = office.who(FILIAL).id
    joined = office.desk.turn(companies.join_group, filial, new)
    assert joined is companies.Grouped.DONE

    await office.take(GROUP + f"22;{FILIAL};Filial;5;Itu;21\n")
    assert office.who(FILIAL).main_customer == new


async def test_a_matriz_that_was_never_here_is_refused_as_before(office: Office) -> None:
    await erased_matriz(office)
    outcome = await office.take(GROUP + f"22;{FILIAL};Filial;5;Itu;99\n")
    assert outcome.refused == 1
